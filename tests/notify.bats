#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a daemon tells its service manager, by the protocol of sd_notify(3).

load helper

BIN=${PARLEY_BUILD:-$ROOT/build}/bin
DAEMONS=(store auth router presence hooks gateway)

setup()
{
	suite_environment
	HEARD=$BATS_TEST_TMPDIR/heard
}

teardown()
{
	# It outlives its manager.
	[ -z "${DAEMON:-}" ] || kill "$DAEMON" 2>/dev/null || true
	background_ends
}

# start_heard SOCKET NAME [VARIABLE=VALUE…]: a daemon whose service manager we
# are.
start_heard()
{
	local socket=$1 name=$2
	shift 2
	background env "$@" "$PYTHON" "$CLIENTS/notified.py" "$socket" \
		"$BIN/$name" >"$HEARD" 2>"$BATS_TEST_TMPDIR/$name.log"
	eventually 10 hears READY=1
	DAEMON=$(sed -n 's/^pid=//p' "$HEARD")
}

hears()
{
	grep -qx -- "$1" "$HEARD"
}

# hears_often LINE N
hears_often()
{
	(($(grep -cx -- "$1" "$HEARD") >= $2))
}

stop_heard()
{
	kill -TERM "$DAEMON"
	eventually 15 hears exit=0
}

@test "each daemon says when it is ready and when it stops, out of its sandbox" {
	local name
	for name in "${DAEMONS[@]}"; do
		start_heard "$BATS_TEST_TMPDIR/manager" "$name"
		# What was open before is in nobody's way.
		"$BIN/parley-ping" --run "$PARLEY_RUN" "$name"
		stop_heard
		hears STOPPING=1
		hears STATUS=draining
		run ! hears WATCHDOG=1
		rm "$BATS_TEST_TMPDIR/manager"
	done
}

@test "an abstract name will do as well" {
	start_heard "@parley-test-$BASHPID" router WATCHDOG_USEC=100000
	eventually 5 hears_often WATCHDOG=1 3
	stop_heard
}

@test "the status names the daemons that are waited for, as they come and go" {
	local store
	background "$BIN/store" >/dev/null 2>&1
	store=$!
	start_heard "$BATS_TEST_TMPDIR/manager" router
	eventually 10 hears STATUS=running
	kill -TERM "$store"
	wait "$store"
	unset "BACKGROUND[$store]"
	: >"$HEARD"
	eventually 10 hears "STATUS=running, waits for store"
	background "$BIN/store" >/dev/null 2>&1
	eventually 10 hears STATUS=running
	stop_heard
}

@test "a sign of life comes as often as is asked for" {
	start_heard "$BATS_TEST_TMPDIR/manager" gateway WATCHDOG_USEC=200000
	eventually 5 hears_often WATCHDOG=1 5
	stop_heard
}

@test "a watchdog that is meant for another process is not ours" {
	start_heard "$BATS_TEST_TMPDIR/manager" router WATCHDOG_USEC=1000 WATCHDOG_PID=1
	stop_heard
	run ! hears WATCHDOG=1
}

@test "a service manager that is not there keeps nobody from starting" {
	local log=$BATS_TEST_TMPDIR/log name pid
	for name in "$BATS_TEST_TMPDIR/nobody" nonsense "/$(times 200 x)"; do
		background env NOTIFY_SOCKET="$name" "$BIN/router" >"$log" 2>&1
		pid=$!
		eventually 10 grep -q event=started "$log"
		grep -q event=cannot_notify "$log"
		kill "$pid"
		wait "$pid"
		unset "BACKGROUND[$pid]"
	done
}
