/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/amounts.c - see amounts.h. */
#include "tools/parleyctl/amounts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Beyond it, neighbours are no longer told apart, and columns burst. */
#define COUNT_MAX 999999999999999.0

static const char *
tell_unknown(char into[AMOUNT_BYTES])
{
	return strcpy(into, "-");
}

/* Digits in threes. */
static void
write_grouped(char into[AMOUNT_BYTES], double number)
{
	char digits[AMOUNT_BYTES];
	size_t n = (size_t)snprintf(digits, sizeof digits, "%.0f", number);

	for (size_t i = 0; i < n; i++) {
		*into++ = digits[i];
		if ((n - i) % 3 == 1 && i + 1 < n)
			*into++ = ',';
	}
	*into = '\0';
}

const char *
amount_count(char into[AMOUNT_BYTES], double number)
{
	if (isnan(number) || number < 0)
		return tell_unknown(into);
	if (number < 99.95 && fabs(number - round(number)) >= 0.05)
		snprintf(into, AMOUNT_BYTES, "%.1f", number);
	else
		write_grouped(into, fmin(number, COUNT_MAX));
	return into;
}

const char *
amount_rate(char into[AMOUNT_BYTES], double number)
{
	if (isnan(number) || number < 0)
		return tell_unknown(into);
	if (number > 0 && number < 9.95)
		snprintf(into, AMOUNT_BYTES, "%.1f", number);
	else
		write_grouped(into, fmin(number, COUNT_MAX));
	return into;
}

const char *
amount_bytes(char into[AMOUNT_BYTES], double bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;

	if (isnan(bytes) || bytes < 0)
		return tell_unknown(into);
	while (bytes >= 1023.95 && unit + 1 < sizeof units / sizeof *units) {
		bytes /= 1024;
		unit++;
	}
	snprintf(into, AMOUNT_BYTES, unit == 0 ? "%.0f %s" : "%.1f %s",
		 fmin(bytes, COUNT_MAX), units[unit]);
	return into;
}

const char *
amount_delay(char into[AMOUNT_BYTES], double seconds)
{
	double ms = seconds * 1000;

	if (isnan(seconds) || seconds < 0)
		return tell_unknown(into);
	if (ms >= 999.5)
		snprintf(into, AMOUNT_BYTES, "%.2f s",
			 fmin(seconds, COUNT_MAX));
	else
		snprintf(into, AMOUNT_BYTES,
			 ms < 9.995   ? "%.2f ms"
			 : ms < 99.95 ? "%.1f ms"
				      : "%.0f ms",
			 ms);
	return into;
}

const char *
amount_age(char into[AMOUNT_BYTES], double seconds)
{
	unsigned long long s;

	if (isnan(seconds) || seconds < 0)
		return tell_unknown(into);
	s = (unsigned long long)fmin(seconds, COUNT_MAX);
	if (s < 60)
		snprintf(into, AMOUNT_BYTES, "%llus", s);
	else if (s < 3600)
		snprintf(into, AMOUNT_BYTES, "%llum %llus", s / 60, s % 60);
	else if (s < 86400)
		snprintf(into, AMOUNT_BYTES, "%lluh %llum", s / 3600,
			 s / 60 % 60);
	else
		snprintf(into, AMOUNT_BYTES, "%llud %lluh", s / 86400,
			 s / 3600 % 24);
	return into;
}

const char *
amount_percent(char into[AMOUNT_BYTES], double part_of_100)
{
	if (isnan(part_of_100) || part_of_100 < 0)
		return tell_unknown(into);
	snprintf(into, AMOUNT_BYTES, part_of_100 < 9.95 ? "%.1f%%" : "%.0f%%",
		 fmin(part_of_100, COUNT_MAX));
	return into;
}
