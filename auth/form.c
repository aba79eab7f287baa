/* SPDX-License-Identifier: MIT */
/* auth/form.c - one check for each field. */
#include "auth/form.h"

#include "auth/passwords.h"
#include "auth/users.h"
#include "proto/names.h"

#define AGE_MAX  150
#define YEAR_MIN 1800

/* Only what every address has: whether it is somebody's, a mail alone can
 * tell. */
static bool
is_email(struct slice email)
{
	const char *at = memchr(email.at, '@', email.n);
	size_t local = at == NULL ? 0 : (size_t)(at - email.at);

	if (email.n > EMAIL_BYTES_MAX || local == 0 || local + 1 == email.n)
		return false;
	for (size_t i = 0; i < email.n; i++) {
		unsigned char c = (unsigned char)email.at[i];

		if (c <= ' ' || c == 0x7f || (c == '@' && i != local))
			return false;
	}
	return true;
}

struct slice
form_email_local(struct slice email)
{
	const char *at = memchr(email.at, '@', email.n);

	return (struct slice){ email.at,
			       at == NULL ? email.n : (size_t)(at - email.at) };
}

/* -1 if one of the characters is no digit. */
static int
read_digits(const char *at, size_t n)
{
	int number = 0;

	for (size_t i = 0; i < n; i++) {
		if (at[i] < '0' || at[i] > '9')
			return -1;
		number = number * 10 + (at[i] - '0');
	}
	return number;
}

static int
days_of_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && is_leap ? 29 : days[month - 1];
}

/* A day of the calendar as YYYY-MM-DD (RFC 3339 5.6, full-date). */
static bool
is_date(struct slice date)
{
	int year, month, day;

	if (date.n != 10 || date.at[4] != '-' || date.at[7] != '-')
		return false;
	year = read_digits(date.at, 4);
	month = read_digits(date.at + 5, 2);
	day = read_digits(date.at + 8, 2);
	return year >= YEAR_MIN && month >= 1 && month <= 12 && day >= 1 &&
	       day <= days_of_month(year, month);
}

/* What a person wrote is kept as it is, but as one line. */
static bool
is_line(struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
			return false;
	return true;
}

const char *
form_check(const struct frame_sign_up *form, const char **field)
{
	const struct {
		bool is_wrong;
		const char *field;
		const char *text;
	} checks[] = {
		{ form->username.n == 0 && form->email.n == 0, "username",
		  "a username or an e-mail address is needed" },
		{ form->username.n > 0 && !name_is_valid(form->username),
		  "username", "1 to 64 printable characters are needed" },
		{ form->email.n > 0 && !is_email(form->email), "email",
		  "this is no e-mail address" },
		{ !password_is_valid(form->password), "password",
		  "8 characters at least and 1,024 bytes at most are needed" },
		{ !is_line(form->full_name), "full_name",
		  "one line of text is needed" },
		{ form->age > AGE_MAX, "age", "0 to 150 is needed" },
		{ form->date_of_birth.n > 0 && !is_date(form->date_of_birth),
		  "date_of_birth", "a date as YYYY-MM-DD is needed" },
		{ !is_line(form->gender), "gender",
		  "one line of text is needed" },
		{ !is_line(form->phone_number), "phone_number",
		  "one line of text is needed" },
	};

	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		if (checks[i].is_wrong) {
			*field = checks[i].field;
			return checks[i].text;
		}
	}
	return NULL;
}
