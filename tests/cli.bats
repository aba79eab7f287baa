#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What every program has in common on the command line: help, settings, logs,
# exit statuses.

load helper

BIN=${PARLEY_BUILD:-$ROOT/build}/bin
DAEMONS=(gateway router presence store auth hooks)

setup()
{
	suite_environment
	FOLDER=$BATS_TEST_TMPDIR/own
	mkdir -p "$FOLDER"
	STARTED=()
}

teardown()
{
	((${#STARTED[@]} == 0)) || kill -KILL "${STARTED[@]}" 2>/dev/null || true
	[ ! -e "$PARLEY_RUN/run.pid" ] || suite_stop
}

programs()
{
	local path
	for path in "$BIN"/*; do
		echo "${path##*/}"
	done
}

# remember PID: teardown ends it.
remember()
{
	STARTED+=("$1")
}

# start_alone NAME [FLAG…]: a daemon by itself, in the background, in FOLDER.
start_alone()
{
	local name=$1
	shift
	"$BIN/$name" --data "$FOLDER" --run "$FOLDER/run" "$@" \
		>"$FOLDER/$name.log" 2>&1 3>&- 4>&- &
	remember $!
	eventually 10 grep -q started "$FOLDER/$name.log"
}

@test "--help says what each program does and names every flag, with status 0" {
	local name
	while read -r name; do
		run timeout 10 "$BIN/$name" --help
		assert_success
		assert_line --index 0 --regexp "^usage: $name"
		assert_line --regexp '^ +--help '
		assert_line --regexp '^ +--version '
	done < <(programs)
}

@test "--help of a daemon names each setting with its variable and default" {
	local name variable
	for name in "${DAEMONS[@]}"; do
		run timeout 10 "$BIN/$name" --help
		for variable in ENV DATA RUN INSTANCE LOG LOG_FORMAT CURVE_DIR "${name^^}"; do
			[ "$name" = gateway ] && [ "$variable" = GATEWAY ] && continue
			assert_output --partial "PARLEY_$variable"
		done
	done
	run timeout 10 "$BIN/gateway" --help
	for variable in PARLEY_LISTEN WS_BIND_ADDR 127.0.0.1:8080 PARLEY_MAX_CONNECTIONS \
		PARLEY_MAX_MESSAGE 16384 PARLEY_RATE 20:40 PARLEY_DEFLATE PARLEY_ORIGINS PARLEY_OUTBOX PARLEY_UNFINISHED \
		PARLEY_TRUST_PROXY PARLEY_ROUTER PARLEY_PRESENCE PARLEY_STORE PARLEY_AUTH; do
		assert_output --partial "$variable"
	done
}

@test "--version says the name and the version, with status 0" {
	local name version
	version=$(sed -n 's/^VERSION := //p' "$ROOT/Makefile")
	while read -r name; do
		run timeout 10 "$BIN/$name" --version
		assert_success
		assert_equal "${output:0:80}" "$name (parley) $version"
	done < <(programs)
}

@test "a wrong flag ends with 2 and says what was wrong" {
	local name
	while read -r name; do
		run timeout 10 "$BIN/$name" --nonsense
		assert_failure 2
		assert_output --partial nonsense
		assert_output --partial --help
	done < <(programs)
}

@test "a flag without its value, a word too much or a value out of range ends with 2" {
	local name
	for name in "${DAEMONS[@]}"; do
		run timeout 10 "$BIN/$name" --run
		assert_failure 2
		assert_output --partial run
		run timeout 10 "$BIN/$name" dance
		assert_failure 2
		assert_output --partial dance
		run timeout 10 "$BIN/$name" --log loud
		assert_failure 2
		assert_output --partial loud
		run timeout 10 "$BIN/$name" --instance 0
		assert_failure 2
		run timeout 10 "$BIN/$name" --log-format xml
		assert_failure 2
		assert_output --partial xml
	done
}

@test "a second daemon of a kind in the same run folder ends with 1 and says why" {
	local name
	for name in "${DAEMONS[@]}"; do
		start_alone "$name"
		run timeout 10 "$BIN/$name" --data "$FOLDER" --run "$FOLDER/run"
		assert_failure 1
		assert_output --partial "$name.pid"
		assert_output --partial 'hint="end the process whose number it has, or set PARLEY_RUN"'
		lives "${STARTED[-1]}"
	done
}

@test "another instance of a kind lives beside the first" {
	start_alone gateway --listen 127.0.0.1:0
	mv "$FOLDER/gateway.log" "$FOLDER/first.log"
	start_alone gateway --listen 127.0.0.1:0 --instance 2
	[ -s "$FOLDER/run/gateway.pid" ]
	[ -s "$FOLDER/run/gateway.2.pid" ]
	lives "${STARTED[0]}"
}

@test "a listen address that cannot be is named, with status 1" {
	local address
	for address in nonsense 127.0.0.1:99999 127.0.0.1:80x 192.0.2.1:0 \
		127.0.0.1:0=nosuch; do
		run timeout 10 "$BIN/gateway" --data "$FOLDER" --run "$FOLDER/run" --listen "$address"
		assert_failure 1
		assert_output --partial "${address%%:*}"
		assert_output --partial PARLEY_LISTEN
	done
}

@test "an address that is taken is named, with status 1" {
	local taken
	"$PYTHON" -c 'import socket, time
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
time.sleep(60)' >"$FOLDER/port" 3>&- 4>&- &
	remember $!
	eventually 10 test -s "$FOLDER/port"
	taken=$(cat "$FOLDER/port")
	run timeout 10 "$BIN/gateway" --data "$FOLDER" --run "$FOLDER/run" \
		--listen "127.0.0.1:$taken"
	assert_failure 1
	assert_output --partial "port=$taken"
	assert_output --partial PARLEY_LISTEN
}

@test "an address that a gateway of another suite has is taken as well" {
	local taken
	start_alone gateway
	read -r taken <"$FOLDER/run/gateway.listen"
	run timeout 10 "$BIN/gateway" --data "$FOLDER/b" --run "$FOLDER/b/run" \
		--listen "$taken"
	assert_failure 1
	assert_output --partial "port=${taken##*:}"
}

@test "a setting of the gateway that makes no sense is named, with status 1" {
	local name value
	while read -r name value; do
		run timeout 10 "$BIN/gateway" --data "$FOLDER" --run "$FOLDER/run" \
			--listen 127.0.0.1:0 "--$name" "$value"
		assert_failure 1
		assert_output --partial "$name"
		assert_output --partial "$value"
	done <<-'END'
		max-message 40961
		max-message 0
		max-connections many
		rate 0
		rate 5:x
		rate 1000001
		outbox 1
		ping 0
		ping 25:0
		ping 3601
		ping 5:soon
	END
}

@test "docs/frames.md is what parley-frames prints" {
	diff <("$BIN/parley-frames") "$ROOT/docs/frames.md"
}

@test "docs/metrics.md is what parley-metrics prints" {
	diff <("$BIN/parley-metrics") "$ROOT/docs/metrics.md"
}

@test "with --log-format json every line is JSON with time, level, unit and event" {
	suite_start PARLEY_LOG_FORMAT=json PARLEY_LOG=debug
	people alice
	room 'a \"quoted\" room' alice
	kill_daemon router
	run cat "$PARLEY_RUN"/{gateway,router,presence,store,auth,hooks}.log
	jq -e -s 'length > 10 and all(.[]; (.ts | test("^[0-9-]{10}T")) and (.level | length > 0) and (.unit | length > 0) and (.event | length > 0))' <<<"$output"
}

@test ".env is read, the environment wins over it, and a flag over both" {
	local env=$FOLDER/settings
	unset PARLEY_DATA PARLEY_RUN PARLEY_LISTEN
	cat >"$env" <<-END
		# settings
		export PARLEY_LOG_FORMAT="json"
		PARLEY_LISTEN=127.0.0.1:0
	END
	start_alone gateway --env "$env"
	jq -e '.event == "started" or true' "$FOLDER/gateway.log" >/dev/null
	stop_alone
	PARLEY_LOG_FORMAT=logfmt start_alone gateway --env "$env"
	grep -q 'event=started' "$FOLDER/gateway.log"
	stop_alone
	PARLEY_LOG_FORMAT=logfmt start_alone gateway --env "$env" --log-format json
	jq -e . "$FOLDER/gateway.log" >/dev/null
}

# stop_alone [SIGNAL]: it ends by itself, with status 0.
stop_alone()
{
	kill "-${1:-TERM}" "${STARTED[-1]}"
	wait "${STARTED[-1]}"
	unset 'STARTED[-1]'
}

@test "WS_BIND_ADDR stands for PARLEY_LISTEN where that is unset" {
	unset PARLEY_LISTEN
	WS_BIND_ADDR=127.0.0.2:0 start_alone gateway
	grep -q '^127.0.0.2:' "$FOLDER/run/gateway.listen"
}

@test "a .env file that cannot be read as one ends with 2 and names the line" {
	printf 'PARLEY_LOG=info\nthis is no setting\n' >"$FOLDER/settings"
	run timeout 10 "$BIN/router" --data "$FOLDER" --run "$FOLDER/run" --env "$FOLDER/settings"
	assert_failure 2
	assert_output --partial settings
	assert_output --partial 2
}

@test "each daemon ends with 0 on SIGTERM and on SIGINT, and takes its pid file along" {
	local name signal
	for signal in TERM INT; do
		for name in "${DAEMONS[@]}"; do
			start_alone "$name"
			stop_alone "$signal"
			[ ! -s "$FOLDER/run/$name.pid" ]
			rm "$FOLDER/$name.log"
		done
	done
}

@test "a run folder whose path is too long for a socket is no trouble" {
	local deep
	deep=$FOLDER/$(printf 'a-long-name-of-a-folder/%.0s' {1..8})
	mkdir -p "$deep"
	"$BIN/store" --data "$deep" --run "$deep/run" >"$FOLDER/store.log" 2>&1 3>&- 4>&- &
	remember $!
	eventually 10 grep -q started "$FOLDER/store.log"
	"$BIN/parley-ping" --run "$deep/run" store
}

@test "parley-ping tells of life by its status" {
	start_alone router
	run timeout 10 "$BIN/parley-ping" --run "$FOLDER/run" router
	assert_success
	run timeout 10 "$BIN/parley-ping" --run "$FOLDER/run" --timeout 200 store
	assert_failure 1
	run timeout 10 "$BIN/parley-ping" --run "$FOLDER/run"
	assert_failure 2
	run timeout 10 "$BIN/parley-ping" --run "$FOLDER/run" --timeout soon router
	assert_failure 2
}

@test "parley-ping waits for a daemon whose folder is not there yet" {
	timeout 20 "$BIN/parley-ping" --run "$FOLDER/run" --timeout 15000 router 3>&- 4>&- &
	local ping=$!
	start_alone router
	wait "$ping"
	run -1 timeout 10 "$BIN/parley-ping" --run "$FOLDER/nowhere" --timeout 100 router
	assert_output "parley-ping: $FOLDER/nowhere: No such file or directory"
}

@test "tools find the sockets below PARLEY_DATA or --data, unless they are told where" {
	start_alone store
	unset PARLEY_RUN
	export PARLEY_DATA=$FOLDER
	timeout 10 "$BIN/parley-ping" store
	run timeout 10 "$BIN/parley-tap" --room nowhere
	assert_output "parley-tap: there is no room nowhere"
	export PARLEY_DATA=/nonexistent
	timeout 10 "$BIN/parley-ping" --data "$FOLDER" store
	timeout 10 "$BIN/parley-ping" --run "$FOLDER/run" store
	PARLEY_RUN=$FOLDER/run timeout 10 "$BIN/parley-ping" store
	run timeout 10 "$BIN/parley-tap" --data "$FOLDER" --room nowhere
	assert_output "parley-tap: there is no room nowhere"
	run -1 timeout 10 "$BIN/parley-ping" store
	assert_output --partial /nonexistent/run
	run -1 timeout 10 "$BIN/parley-tap"
	assert_output --partial /nonexistent/run
}

@test "parley-tap of a daemon that does not exist says so, with status 2" {
	run timeout 10 "$BIN/parley-tap" --run "$FOLDER" --daemons "gateway nosuch"
	assert_failure 2
	assert_output "parley-tap: no daemon is called nosuch"
}

@test "parley-tap names what it cannot make sense of, with status 2" {
	run -2 timeout 10 "$BIN/parley-tap" --run "$FOLDER" store
	assert_output --partial "no subject begins with 'store'"
	run -2 timeout 10 "$BIN/parley-tap" --run "$FOLDER" --json --text
	run -2 timeout 10 "$BIN/parley-tap" --run "$FOLDER" --record - --json
	run -2 timeout 10 "$BIN/parley-tap" --run "$FOLDER" --json=yes
	run -2 timeout 10 "$BIN/parley-tap" --run "$FOLDER" replay
	assert_output --partial "FILE and DAEMON"
}

@test "parley-tap without daemons says so, with status 1" {
	mkdir -p "$FOLDER/empty"
	run timeout 10 "$BIN/parley-tap" --run "$FOLDER/empty"
	assert_failure 1
	assert_output --partial "$FOLDER/empty"
	run timeout 10 "$BIN/parley-tap" --run "$FOLDER/nowhere"
	assert_failure 1
	assert_output --partial nowhere
	run timeout 10 "$BIN/parley-tap" --count some
	assert_failure 2
}

@test "a test file that is not there is an error, not a success" {
	run -2 "$ROOT/tests/run" tests/cli.bats tests/nosuch.bats
	assert_output --partial tests/nosuch.bats
}
