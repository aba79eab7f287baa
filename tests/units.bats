#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The units for systemd, judged by its own tools: well-formed, closed in, and no
# closer than the daemons can live with.
# Plain builds only: it reads files of deploy.

load helper
load services

BUILD=${PARLEY_BUILD:-$ROOT/build}
[[ $BUILD == /* ]] || BUILD=$ROOT/$BUILD
BIN=$BUILD/bin
DAEMONS=(store auth router presence hooks gateway)

setup_file()
{
	export PLACE=$BATS_FILE_TMPDIR/place UNITS=$BATS_FILE_TMPDIR/place/lib/systemd/system
	local build=${PARLEY_BUILD:-$ROOT/build}
	[[ $build == /* ]] || build=$ROOT/$build
	ASAN_OPTIONS=detect_leaks=0 env -u MAKEFLAGS -u MFLAGS flock "$build/.install" \
		make -s -C "$ROOT" B="$build" PREFIX="$PLACE" SYSCONFDIR="$PLACE/etc" install 3>&- 4>&-
	cp "$UNITS/parley-gateway@.service" "$UNITS/parley-gateway@1.service"
}

teardown()
{
	background_ends
}

unit_of()
{
	case $1 in
	gateway) echo "$UNITS/parley-gateway@1.service" ;;
	*) echo "$UNITS/parley-$1.service" ;;
	esac
}

# settings UNIT KEY: the values, of what all have in common first.
settings()
{
	cat "$UNITS/parley-.service.d/common.conf" "$UNITS/${1/@1/@}" | sed -n "s/^$2=//p"
}

@test "systemd knows each key of the units, and finds what they start" {
	local unknown='RestartSteps|RestartMaxDelaySec' version
	version=$(systemd-analyze --version | sed -n '1s/[^0-9]*\([0-9]*\).*/\1/p')
	# Younger than 254: it says that it passes over these two.
	((version < 254)) || unknown=none
	run systemd-analyze verify --man=no "$UNITS"/parley.target "$UNITS"/parley-*.service
	assert_success
	run grep -vE "Unknown key.*'($unknown)'" <<<"$output"
	assert_output ""
}

@test "what a daemon is exposed to is below 2.0 of 10 for each unit" {
	local name
	for name in "${DAEMONS[@]}"; do
		run systemd-analyze security --no-pager --offline=true --threshold=20 "$(unit_of "$name")"
		assert_success
	done
	cp -R "$UNITS" "$BATS_TEST_TMPDIR/open"
	sed -i /^Protect/d "$BATS_TEST_TMPDIR/open/parley-.service.d/common.conf"
	run -1 systemd-analyze security --no-pager --offline=true --threshold=20 \
		"$BATS_TEST_TMPDIR/open/parley-gateway@1.service"
}

@test "each unit starts its daemon, is watched, and is started again for ever" {
	local name unit
	for name in "${DAEMONS[@]}"; do
		unit=$(basename "$(unit_of "$name")")
		settings "$unit" ExecStart | grep -q "^$PLACE/libexec/parley/$name\\b"
		assert_equal "$(settings "$unit" Type)" notify
		assert_equal "$(settings "$unit" Restart)" always
		assert_equal "$(settings "$unit" StartLimitIntervalSec)" 0
		assert_equal "$(settings "$unit" PartOf)" parley.target
		((WATCHDOG = $(settings "$unit" WatchdogSec))) && ((WATCHDOG == 10))
		{
			settings parley.target Also
			settings parley.target Wants
		} | grep -q "$unit"
	done
}

@test "only those that keep something see the data folder, and only auth the secret" {
	local name unit
	for name in "${DAEMONS[@]}"; do
		unit=$(basename "$(unit_of "$name")")
		case $name in
		store | auth) assert_equal "$(settings "$unit" StateDirectory)" parley ;;
		*) assert_equal "$(settings "$unit" InaccessiblePaths)" -%S/parley ;;
		esac
	done
	assert_equal "$(cd "$UNITS" && grep -l auth.env -- *.service *.d/*)" parley-auth.service
}

# The back-off of run.sh, in systemd's words.
@test "a daemon is started again as soon as by run.sh" {
	local common=$UNITS/parley-.service.d/common.conf
	assert_equal "RestartSec=$(sed -n 's/^PAUSE_MS=\([0-9]*\).*/\1/p' "$ROOT/run.sh")ms" \
		"$(grep ^RestartSec= "$common")"
	assert_equal "RestartMaxDelaySec=$(sed -n 's/^PAUSE_MAX_MS=\([0-9]*\)000.*/\1/p' "$ROOT/run.sh")s" \
		"$(grep ^RestartMaxDelaySec= "$common")"
}

# --- System calls -----------------------------------------------------------

# allowed: what SystemCallFilter lets through, each in a line, sorted.
allowed()
{
	local line word names
	: >"$BATS_TEST_TMPDIR/allowed"
	while read -r line; do
		names=$(for word in ${line#\~}; do
			members "$word"
		done | sort -u)
		if [[ $line == '~'* ]]; then
			comm -23 "$BATS_TEST_TMPDIR/allowed" <(echo "$names")
		else
			sort -u "$BATS_TEST_TMPDIR/allowed" - <<<"$names"
		fi >"$BATS_TEST_TMPDIR/allowed.new"
		mv "$BATS_TEST_TMPDIR/allowed.new" "$BATS_TEST_TMPDIR/allowed"
	done < <(sed -n 's/^SystemCallFilter=//p' "$UNITS/parley-.service.d/common.conf")
	cat "$BATS_TEST_TMPDIR/allowed"
}

members()
{
	local member
	[[ $1 == @* ]] || {
		echo "$1"
		return
	}
	for member in $(systemd-analyze syscall-filter --no-pager "$1" | sed -e 1d -e '/#/d'); do
		members "$member"
	done
}

# All daemons by themselves, each under strace.
start_traced()
{
	local name
	for name in "${DAEMONS[@]}"; do
		background strace -f -qq -o "$BATS_TEST_TMPDIR/$name.trace" "$BIN/$name" \
			>"$BATS_TEST_TMPDIR/$name.log" 2>&1
	done
	suite_appears
}

@test "the daemons make no system call that the units forbid" {
	local name pid
	! is_sanitized || skip "built with sanitizers"
	suite_environment
	start_traced
	register alice
	people bob
	room den alice bob
	online alice bob
	post alice den "hello"
	expect bob '{"type": "NewMessage", "message": {"content": "hello"}}'
	cast_leave
	unset CAST_PID
	for name in gateway hooks router presence auth store; do
		pid=$(pid_of "$name")
		kill "$pid"
		eventually 20 is_dead "$pid"
	done
	for name in "${DAEMONS[@]}"; do
		sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' "$BATS_TEST_TMPDIR/$name.trace" | sort -u
	done | sort -u >"$BATS_TEST_TMPDIR/made"
	# It was seen at all.
	grep -qx landlock_restrict_self "$BATS_TEST_TMPDIR/made"
	grep -qx fdatasync "$BATS_TEST_TMPDIR/made"
	run comm -23 "$BATS_TEST_TMPDIR/made" <(allowed)
	assert_output ""
}
