#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# run.sh: starting, watching, restarting and stopping the daemons.
#
# Plain builds only: what it tries is run.sh.

load helper

DAEMONS=(store auth router presence hooks gateway)

setup()
{
	suite_start
}

teardown()
{
	suite_stop
}

@test "--wait returns with every daemon up and ready" {
	local name
	is_ready
	for name in "${DAEMONS[@]}"; do
		lives "$(pid_of "$name")"
	done
}

@test "--wait returns with every gateway ready" {
	local i
	suite_again PARLEY_GATEWAYS=24
	for i in {2..24}; do
		grep -q event=started "$PARLEY_RUN/gateway.$i.log"
	done
}

@test "a daemon killed with -9 is back within 2 s, and the suite is ready again" {
	local name old
	for name in "${DAEMONS[@]}"; do
		old=$(pid_of "$name")
		kill -KILL "$old"
		eventually 2 has_successor "$name" "$old"
		eventually 5 is_ready
	done
}

@test "a restarted gateway binds the port that :0 chose" {
	local before=$HOST
	kill_daemon gateway
	suite_address
	assert_equal "$HOST" "$before"
	eventually 5 is_ready
}

@test "all daemons killed at once come back" {
	local name pids=()
	for name in "${DAEMONS[@]}"; do
		pids+=("$(pid_of "$name")")
	done
	kill -KILL "${pids[@]}"
	for name in "${!DAEMONS[@]}"; do
		eventually 5 has_successor "${DAEMONS[name]}" "${pids[name]}"
	done
	eventually 5 is_ready
}

@test "a daemon that hangs is killed and restarted" {
	local old
	eventually 6 has_lived_seconds router 4
	old=$(pid_of router)
	kill -STOP "$old"
	eventually 20 has_successor router "$old"
	eventually 5 is_ready
}

# The supervisor is more patient with a daemon that it has not yet heard, so the
# first ping must be over.
has_lived_seconds()
{
	(($(ps -o etimes= -p "$(pid_of "$1")") >= $2))
}

@test "/readyz names a daemon that is away" {
	kill -STOP "$(pid_of store)"
	eventually 6 names_store
	kill -CONT "$(pid_of store)"
	eventually 10 is_ready
}

names_store()
{
	rest GET /readyz
	[ "$STATUS" = 503 ] && [[ $BODY == *store* ]]
}

@test "status is a table; it ends with 1 when something is down, with 3 when nothing runs" {
	local name
	run parley_run status
	assert_success
	for name in "${DAEMONS[@]}"; do
		assert_line --regexp "^$name +$(pid_of "$name") +running +[0-9]+s +0$"
	done
	kill -STOP "$(pid_of store)"
	run parley_run status
	assert_failure 1
	kill -CONT "$(pid_of store)"
	parley_run stop
	run parley_run status
	assert_failure 3
}

@test "restart NAME ends a daemon gracefully and returns when its successor answers" {
	local old
	old=$(pid_of router)
	run parley_run restart router
	assert_success
	has_successor router "$old"
	eventually 5 is_ready
	run parley_run status # who asked for it is not alarmed
	assert_line --regexp '^router .* 0$'
	run parley_run restart nosuch
	assert_failure 1
}

@test "a restart of the back daemons drops no client" {
	local name
	people alice
	room den alice
	online alice
	for name in store auth router presence hooks; do
		run parley_run restart "$name"
		assert_success
	done
	eventually 5 is_ready
	cast open alice
	post alice den "still here"
	expect alice '{"type": "NewMessage", "message": {"content": "still here"}}'
}

@test "stop ends every process and leaves no address behind" {
	local name pids=("$(cat "$PARLEY_RUN/run.pid")")
	for name in "${DAEMONS[@]}"; do
		pids+=("$(pid_of "$name")")
	done
	run parley_run stop
	assert_success
	for name in "${pids[@]}"; do
		is_dead "$name"
	done
	[ ! -e "$PARLEY_RUN/listen" ]
	[ ! -e "$PARLEY_RUN/run.pid" ]
}

@test "SIGTERM to the supervisor stops all with exit status 0" {
	local supervisor
	parley_run stop
	parley_run >"$BATS_TEST_TMPDIR/out" 2>&1 &
	supervisor=$!
	eventually 20 grep -q 'open http://127.0.0.1:' "$BATS_TEST_TMPDIR/out"
	suite_address
	eventually 10 is_ready
	kill -TERM "$(cat "$PARLEY_RUN/run.pid")"
	wait "$supervisor"
}

@test "a second supervisor on the same folders is refused" {
	run parley_run
	assert_failure 1
	assert_output --partial "already running"
	run parley_run --wait
	assert_failure 1
	is_ready
}

@test "two suites with their own folders run side by side" {
	local first=$URL other=$BATS_TEST_TMPDIR/other
	run parley_run --data "$other" --run "$other/run" --wait
	assert_success
	[ "$(cat "$other/run/listen")" != "$HOST" ]
	curl -fs -o /dev/null "http://$(cat "$other/run/listen")/readyz"
	run parley_run --data "$other" --run "$other/run" stop
	assert_success
	curl -fs -o /dev/null "$first/readyz"
}

@test "a start over stale pid files and sockets works" {
	local name
	parley_run stop
	for name in run "${DAEMONS[@]}"; do
		echo $$ >"$PARLEY_RUN/$name.pid"
		rm -f "$PARLEY_RUN/$name.sock"
		: >"$PARLEY_RUN/$name.sock"
	done
	suite_start
	is_ready
}

@test "a start after a kill -9 of the supervisor ends the daemons it left" {
	local name old=()
	for name in "${DAEMONS[@]}"; do
		old+=("$(pid_of "$name")")
	done
	kill -KILL "$(cat "$PARLEY_RUN/run.pid")"
	run parley_run --wait
	assert_success
	for name in "${old[@]}"; do
		is_dead "$name"
	done
	suite_address
	is_ready
}

@test "several gateways share one port" {
	parley_run stop
	suite_start PARLEY_GATEWAYS=2
	eventually 10 test -s "$PARLEY_RUN/gateway.2.listen"
	assert_equal "$(cat "$PARLEY_RUN/gateway.2.listen")" "$(cat "$PARLEY_RUN/listen")"
	lives "$(pid_of gateway.2)"
	kill_daemon gateway.2
	is_ready
}

@test "PARLEY_WITHOUT leaves a daemon to somebody else" {
	local supervisor
	parley_run stop
	suite_environment
	export PARLEY_WITHOUT=presence
	parley_run >/dev/null 2>&1 &
	supervisor=$!
	eventually 10 test -s "$PARLEY_RUN/listen"
	run parley_run status
	refute_line --partial presence
	assert_line --partial router
	parley_run stop
	wait "$supervisor"
}

@test "a daemon that cannot start is named with its last word" {
	parley_run stop
	suite_environment
	PARLEY_LISTEN=192.0.2.1:80 run parley_run --wait
	assert_failure 1
	assert_output --partial gateway
	assert_output --partial 192.0.2.1
}

@test "hooks that cannot start is named as well, though clients would do without it" {
	parley_run stop
	suite_environment
	PARLEY_HOOKS_ALLOW=127.0.0.1/33 run parley_run --wait
	assert_failure 1
	assert_output --regexp 'hooks does not start: .*value=127.0.0.1/33'
	refute_output --partial 'open http'
}

@test "flags win over the environment, the environment over .env" {
	local file=$BATS_TEST_TMPDIR/settings
	parley_run stop
	cat >"$file" <<-END
		# a comment
		export PARLEY_DATA="$BATS_TEST_TMPDIR/from file"
		PARLEY_WITHOUT='gateway' # and another
		PARLEY_RUN=\$(touch $BATS_TEST_TMPDIR/executed)
	END
	PARLEY_DATA='' PARLEY_RUN=$BATS_TEST_TMPDIR/r PARLEY_ENV=$file run parley_run --wait
	assert_success
	[ -e "$BATS_TEST_TMPDIR/from file" ]
	[ ! -e "$BATS_TEST_TMPDIR/executed" ]
	[ ! -e "$BATS_TEST_TMPDIR/r/gateway.pid" ]
	run parley_run --run "$BATS_TEST_TMPDIR/r" stop
	assert_success
}

@test "a setting that nobody knows is told of, and stops nobody" {
	parley_run stop
	echo PARLEY_DATE=elsewhere >"$BATS_TEST_TMPDIR/settings"
	PARLEY_RATEE=1 PARLEY_SERVER=http://127.0.0.1 PARLEY_ENV=$BATS_TEST_TMPDIR/settings run parley_run --wait
	assert_success
	assert_line "run.sh: there is no setting PARLEY_DATE"
	assert_line "run.sh: there is no setting PARLEY_RATEE"
	refute_line --partial PARLEY_RUN
	refute_line --partial PARLEY_SERVER
}

@test "no settings file is needed to start in the background" {
	parley_run stop
	[ -e "$ROOT/.env" ] || unset PARLEY_ENV
	run parley_run --wait
	assert_success
}

@test "wrong usage ends with 2, --help and --version with 0" {
	run parley_run --nonsense
	assert_failure 2
	run parley_run dance
	assert_failure 2
	run parley_run --gateways none status
	assert_failure 2
	run parley_run --help
	assert_success
	assert_output --partial 'usage: ./run.sh'
	run parley_run --version
	assert_success
	assert_output --regexp '^parley [0-9]+\.[0-9]+\.[0-9]+$'
}

@test "logs prints what the daemons wrote, of one or of all" {
	run parley_run logs router
	assert_success
	assert_output --partial unit=router
	run parley_run logs
	assert_output --partial unit=gateway
	assert_output --partial unit=store
}

@test "no process of the suite is a zombie" {
	kill_daemon router
	run ps -o stat= --ppid "$(cat "$PARLEY_RUN/run.pid")"
	refute_line --regexp '^Z'
}

@test "the signing secret is in auth's environment alone" {
	local name
	for name in store router presence hooks gateway; do
		run grep -c JWT_SECRET "/proc/$(pid_of "$name")/environ"
		assert_output 0
	done
}
