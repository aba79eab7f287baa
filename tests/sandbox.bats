#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Each daemon does what it needs to, and nothing else. Most is tried from inside
# the real daemons (tests/clients/sandbox_probe.c).

load helper

BIN=${PARLEY_BUILD:-$ROOT/build}/bin
DAEMONS=(store auth router presence hooks gateway)

setup()
{
	suite_environment
	PROBE=$BATS_FILE_TMPDIR/probe.so
}

setup_file()
{
	cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -shared -fPIC \
		-o "$BATS_FILE_TMPDIR/probe.so" \
		"$BATS_TEST_DIRNAME/clients/sandbox_probe.c" -ldl
}

teardown()
{
	[ -z "${DAEMON:-}" ] || kill -KILL "$DAEMON" 2>/dev/null || true
	suite_stop
}

# There is no sandbox for a daemon that was built with sanitizers.
needs_sandbox()
{
	! is_sanitized || skip "built with sanitizers"
}

# probe NAME [VARIABLE=VALUE…]: runs one daemon with the probe in it, its log in
# LOG, until its threads have tried all; or to its end, which is then STATUS.
probe()
{
	local name=$1
	shift
	LOG=$BATS_TEST_TMPDIR/$name
	env LD_PRELOAD="$PROBE" "$@" "$BIN/$name" >"$LOG" 2>&1 3>&- 4>&- &
	DAEMON=$!
	eventually 10 has_tried
	kill -TERM "$DAEMON" 2>/dev/null || true
	STATUS=0
	wait "$DAEMON" || STATUS=$?
	DAEMON=
	cat "$LOG"
}

# A ping wakes the threads of ZeroMQ.
has_tried()
{
	is_dead "$DAEMON" && return
	"$BIN/parley-ping" --run "$PARLEY_RUN" --timeout 300 "${LOG##*/}" >/dev/null 2>&1
	grep -q 'probe=main end' "$LOG" && grep -q 'probe=other end' "$LOG"
}

# outcome WHAT ERRNO: as each of the threads had it that tried, main and others.
outcome()
{
	local found
	found=$(sed -n "s,^probe=\([a-z]*\) $1=,\1 ,p" "$LOG" | sort -u | paste -s -d ' ')
	assert_equal "$1: $found" "$1: main $2 other $2"
}

@test "every thread of every daemon has given up privileges and system calls" {
	local name task
	needs_sandbox
	suite_start
	for name in "${DAEMONS[@]}"; do
		for task in "/proc/$(pid_of "$name")"/task/*; do
			echo "$name $task"
			grep -qP '^NoNewPrivs:\t1$' "$task/status"
			grep -qP '^Seccomp:\t2$' "$task/status"
		done
		grep -qE '^Max core file size +0 +0' "/proc/$(pid_of "$name")/limits"
	done
	run ! grep -h level=warn "$PARLEY_RUN"/*.log
}

@test "a daemon that needs no files opens none, and none opens a network" {
	local name what
	needs_sandbox
	mkdir -p "$PARLEY_DATA"
	echo secret >"$PARLEY_DATA/jwt.secret"
	for name in router presence; do
		probe "$name" PROBE_PATHS="/etc/passwd $PARLEY_DATA/jwt.secret $PARLEY_RUN/$name.pid"
		for what in tcp udp raw code kill /etc/passwd "$PARLEY_DATA/jwt.secret" \
			"$PARLEY_RUN/$name.pid"; do
			outcome "$what" EPERM
		done
		outcome unix OK
		assert_equal "$STATUS" 0
	done
}

@test "auth and the store open the data folder, and nothing beside it" {
	local name what
	needs_sandbox
	for name in auth store; do
		probe "$name" PROBE_PATHS="/etc/passwd /dev/null $BATS_TEST_TMPDIR $PARLEY_DATA"
		for what in tcp udp raw code kill; do
			outcome "$what" EPERM
		done
		grep -q no_landlock "$LOG" || {
			outcome /etc/passwd EACCES
			outcome /dev/null EACCES
			outcome "$BATS_TEST_TMPDIR" EACCES
		}
		outcome "$PARLEY_DATA" OK
		assert_equal "$STATUS" 0
	done
}

@test "the gateway opens neither databases nor secrets, and no other network" {
	local what
	needs_sandbox
	mkdir -p "$PARLEY_DATA"
	echo secret >"$PARLEY_DATA/jwt.secret"
	probe gateway PROBE_PATHS="/etc/passwd $PARLEY_DATA/jwt.secret $PARLEY_DATA"
	for what in tcp udp raw code kill; do
		outcome "$what" EPERM
	done
	grep -q no_landlock "$LOG" || {
		outcome /etc/passwd EACCES
		outcome "$PARLEY_DATA/jwt.secret" EACCES
		outcome "$PARLEY_DATA" EACCES
	}
	assert_equal "$STATUS" 0
}

@test "hooks opens the network, and neither databases nor secrets" {
	needs_sandbox
	mkdir -p "$PARLEY_DATA"
	echo secret >"$PARLEY_DATA/jwt.secret"
	probe hooks PROBE_PATHS="/etc/passwd $PARLEY_DATA/jwt.secret $PARLEY_DATA /etc/hosts"
	outcome tcp OK
	outcome udp OK
	outcome raw EPERM
	outcome code EPERM
	outcome kill EPERM
	grep -q no_landlock "$LOG" || {
		outcome /etc/passwd EACCES
		outcome "$PARLEY_DATA/jwt.secret" EACCES
		outcome "$PARLEY_DATA" EACCES
	}
	outcome /etc/hosts OK
	assert_equal "$STATUS" 0
}

@test "a daemon that runs a program, or makes itself another, is killed" {
	local name call
	needs_sandbox
	for name in "${DAEMONS[@]}"; do
		for call in execve fork ptrace mount setuid; do
			probe "$name" PROBE_PATHS=/etc/passwd PROBE_DEADLY="$call"
			assert_equal "$name $call $STATUS" "$name $call $((128 + $(kill -l SYS)))"
		done
	done
}

@test "a store whose database lies elsewhere reaches that folder alone" {
	local elsewhere=$BATS_TEST_TMPDIR/elsewhere
	needs_sandbox
	mkdir -p "$elsewhere" "$PARLEY_DATA"
	echo secret >"$PARLEY_DATA/jwt.secret"
	probe store DATABASE_URL="sqlite:$elsewhere/chat.db" \
		PROBE_PATHS="$elsewhere/chat.db $PARLEY_DATA/jwt.secret"
	outcome "$elsewhere/chat.db" OK
	grep -q no_landlock "$LOG" || outcome "$PARLEY_DATA/jwt.secret" EACCES
	assert_equal "$STATUS" 0
	suite_start DATABASE_URL="sqlite:$elsewhere/chat.db"
	people alice
	room den alice
	post alice den hello
	kill_daemon store
	rest GET "/api/rooms/${ROOM[den]}/messages" alice
	answered 200 '[.messages[].content] == ["hello"]'
}

@test "a certificate that is replaced by renaming is read at SIGHUP" {
	local tls=$BATS_TEST_TMPDIR/tls
	mkdir -p "$tls"
	certificate "$tls" first
	mv "$tls/new.crt" "$tls/here.crt" && mv "$tls/new.key" "$tls/here.key"
	suite_start PARLEY_TLS_CERT="$tls/here.crt" PARLEY_TLS_KEY="$tls/here.key"
	shows first
	certificate "$tls" second
	mv "$tls/new.crt" "$tls/here.crt" && mv "$tls/new.key" "$tls/here.key"
	kill -HUP "$(pid_of gateway)"
	eventually 5 shows second
}

# certificate FOLDER NAME: makes FOLDER/new.crt and new.key.
certificate()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj "/CN=$2" -keyout "$1/new.key" -out "$1/new.crt" 2>/dev/null &&
		chmod 600 "$1/new.key"
}

shows()
{
	openssl s_client -connect "$HOST" </dev/null 2>/dev/null |
		grep -q "subject=CN = $1"
}

@test "folders are 0700; databases, secrets and sockets are their owner's alone" {
	local file
	unset JWT_SECRET
	suite_start JWT_SECRET=
	register alice
	for file in "$PARLEY_DATA" "$PARLEY_RUN"; do
		assert_equal "$file $(stat -c %a "$file")" "$file 700"
	done
	for file in "$PARLEY_DATA"/{jwt.secret,*.db*} "$PARLEY_RUN"/*.pid; do
		[ "$file" = "$PARLEY_RUN/run.pid" ] ||
			assert_equal "$file $(stat -c %a "$file")" "$file 600"
	done
	for file in "$PARLEY_RUN"/*.{sock,tap}; do
		assert_equal "$file $(stat -c %A "$file" | cut -c 5-)" "$file ------"
	done
}

@test "PARLEY_SANDBOX=off leaves all open, and warns" {
	local name
	suite_start PARLEY_SANDBOX=off
	for name in "${DAEMONS[@]}"; do
		grep -qP '^Seccomp:\t0$' "/proc/$(pid_of "$name")/status"
		grep -q 'level=warn .*event=sandbox_off why="PARLEY_SANDBOX=off"' \
			"$PARLEY_RUN/$name.log"
	done
	run -2 "$BIN/router" --sandbox maybe
	assert_output --partial "--sandbox cannot be 'maybe'"
}

@test "on a kernel that has neither landlock nor seccomp, a daemon says so once and runs" {
	local name
	needs_sandbox
	for name in "${DAEMONS[@]}"; do
		probe "$name" PROBE_PATHS=/etc/passwd PROBE_OLD_KERNEL=yes
		assert_equal "$(grep -c 'level=warn .*event=no_landlock' "$LOG")" 1
		assert_equal "$(grep -c 'level=warn .*event=no_seccomp' "$LOG")" 1
		outcome /etc/passwd OK
		assert_equal "$STATUS" 0
	done
}

@test "a build with sanitizers has no sandbox, and says so" {
	local name
	is_sanitized || skip "built without sanitizers"
	suite_start
	for name in "${DAEMONS[@]}"; do
		grep -q 'event=sandbox_off why="built with a sanitizer"' "$PARLEY_RUN/$name.log"
	done
}
