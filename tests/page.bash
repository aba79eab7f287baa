# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# tests/page.bash - people in front of Chromium (tests/clients/page.mjs), for the
# tests of the page. After `load helper`; a test's setup says `pages_start`, its
# teardown `pages_end`. An error in a browser's console fails a test. With
# PARLEY_TEST_PICTURES=FOLDER, pictures of what people see are left there.

pages_start()
{
	command -v "${CHROMIUM:=/usr/bin/chromium}" >/dev/null || skip "no Chromium"
	export CHROMIUM
	suite_start PARLEY_RATE=off
}

pages_end()
{
	local verdict=0
	[ -z "${PAGES_PID:-}" ] || page clean || verdict=1
	[ -n "${BATS_TEST_COMPLETED:-}" ] || keep_pictures
	dismiss "${PAGES_PID:-}" "${PAGES[1]:-}"
	suite_stop && return "$verdict"
}

# page COMMAND WORD…: sets REPLY to what comes after `ok`.
page()
{
	local IFS=$'\t'
	if [ -z "${PAGES_PID:-}" ]; then
		coproc PAGES { exec node "$CLIENTS/page.mjs" 3>&- 4>&-; }
	fi
	exchange "${PAGES[0]}" "${PAGES[1]}" "$*" || return
	REPLY=${REPLY% }
}

# Of a test that failed, what those who were there saw at last.
keep_pictures()
{
	local name
	[ -n "${PARLEY_TEST_PICTURES:-}" ] || return 0
	for name in alice bob bea; do
		page shot "$name" "$PARLEY_TEST_PICTURES/failed-$name.png" || true
	done
}

# picture NAME FILE: for somebody to look at, if that was asked for.
picture()
{
	[ -z "${PARLEY_TEST_PICTURES:-}" ] ||
		page shot "$1" "$PARLEY_TEST_PICTURES/$2.png"
}

# comes PERSON [LOOK]: a new profile, and an account made on the page.
comes()
{
	page visit "$1" "$URL/" "${2:-}"
	page click "$1" '#login-switch'
	page fill "$1" '#login-name' "$1"
	page fill "$1" '#login-email' "$1@example.org"
	page fill "$1" '#login-password' "$1-has-a-password"
	page click "$1" '#login-submit'
	page sees "$1" '#blank h2' "Hello, $1"
}
