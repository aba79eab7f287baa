#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Listening to what the daemons say to each other.

load helper

setup()
{
	suite_start PARLEY_RATE=off
	people alice bob
	room den alice bob
	DEN=${ROOM[den]}
	online bob
	LISTENERS=()
}

teardown()
{
	((${#LISTENERS[@]} == 0)) || kill "${LISTENERS[@]}" 2>/dev/null || true
	suite_stop
}

# listen FILE COMMAND…: in the background, until it is known to hear. It hears
# once the pings that go twice a second appear.
listen()
{
	local out=$BATS_TEST_TMPDIR/$1
	shift
	"$@" >"$out" 2>"$out.err" 3>&- 4>&- &
	LISTENERS+=($!)
	eventually 10 hears_all "$out"
}

hears_all()
{
	local name
	for name in gateway router presence store auth; do
		says_ping "$name" "$1" || return
	done
}

# One line of either listener: its pings name both ends.
says_ping()
{
	grep -q "\"daemon\":\"$1\".*ping" "$2" || grep -q "in.gateway.ping" "$2"
}

parley_tap()
{
	listen "$1" "${PARLEY_BUILD:-$ROOT/build}/bin/parley-tap" --run "$PARLEY_RUN" --pings yes "${@:2}"
}

# was_heard FILE DAEMON DIRECTION PEER FRAME
was_heard()
{
	jq -e -n --arg d "$2" --arg w "$3" --arg p "$4" --arg f "$5" \
		'[inputs | select(.daemon == $d and .direction == $w and .peer == $p and .frame.frame == $f)] | length > 0' \
		"$BATS_TEST_TMPDIR/$1" >/dev/null
}

@test "a post is shown at each of its hops, by name and with its content" {
	parley_tap heard
	post alice den "follow me"
	eventually 5 was_heard heard gateway in router message
	was_heard heard gateway out router post
	was_heard heard router in gateway post
	was_heard heard router out store post
	was_heard heard store in router post
	was_heard heard store out router message
	was_heard heard router in store message
	was_heard heard router out gateway message
	run jq -r 'select(.frame.frame == "post" or .frame.frame == "message") | .frame.text' "$BATS_TEST_TMPDIR/heard"
	assert_equal "$(sort -u <<<"$output")" "follow me"
}

@test "a tap's lines are JSON with a time, the daemon, the direction and the peer" {
	parley_tap heard
	post alice den hello
	eventually 5 was_heard heard gateway in router message
	jq -e -s 'all(.[]; (.ts | test("^[0-9-]{10}T[0-9:.]+Z$")) and (.direction == "in" or .direction == "out") and (.peer | length > 0) and (.frame.frame | length > 0))' \
		"$BATS_TEST_TMPDIR/heard" >/dev/null
}

@test "a listener in ten lines of Python follows a post too" {
	local hop
	listen heard "$PYTHON" "$CLIENTS/tap.py" "$PARLEY_RUN"
	post alice den "follow me"
	eventually 5 grep -q "in.router.message .*'text': 'follow me'" "$BATS_TEST_TMPDIR/heard"
	for hop in out.router.post in.gateway.post out.store.post in.router.post \
		out.router.message in.store.message out.gateway.message; do
		grep -q " $hop .*'text': 'follow me'" "$BATS_TEST_TMPDIR/heard"
	done
}

@test "a tap can be narrowed to daemons and to subjects, and ends after a count" {
	run timeout 20 "${PARLEY_BUILD:-$ROOT/build}/bin/parley-tap" \
		--run "$PARLEY_RUN" --pings yes --daemons store --count 2 in.router.ping
	assert_success
	assert_equal "$(jq -r '[.daemon, .direction, .peer, .frame.frame] | join(" ")' <<<"$output" | sort -u)" \
		"store in router ping"
	run parley_run tap --pings yes --count 1
	assert_success
}

@test "who hears everything counts without a gap" {
	local n counting texts=()
	listen heard "$PYTHON" "$CLIENTS/tap.py" "$PARLEY_RUN"
	parley_tap told
	counts_on store &
	counting=$!
	for n in {1..30}; do
		texts+=("text $n")
	done
	post alice den "${texts[@]}"
	eventually 5 was_heard told gateway in router message
	eventually 5 grep -q "text 30" "$BATS_TEST_TMPDIR/heard"
	run cat "$BATS_TEST_TMPDIR/told.err"
	refute_output
	wait "$counting"
	counts_on router
}

# counts_on DAEMON: the running numbers of its tap alone.
counts_on()
{
	local out=$BATS_TEST_TMPDIR/$1.numbers
	"$PYTHON" - "$PARLEY_RUN" "$1" >"$out" <<-'END'
		import os, sys, zmq
		os.chdir(sys.argv[1])
		sub = zmq.Context().socket(zmq.SUB)
		sub.setsockopt(zmq.RCVTIMEO, 10000)
		sub.connect(f"ipc://{sys.argv[2]}.tap")
		sub.subscribe(b"")
		for _ in range(12):
		    print(sub.recv_multipart()[2].decode())
	END
	awk 'NR > 1 && $1 != last + 1 { exit 1 } { last = $1 }
		END { if (NR != 12) exit 1 }' "$out"
}

@test "a listener that comes later hears from then on" {
	parley_tap early
	post alice den "the first"
	eventually 5 was_heard early gateway in router message
	parley_tap late
	post alice den "the second"
	eventually 5 grep -q "the second" "$BATS_TEST_TMPDIR/late"
	run grep -c "the first" "$BATS_TEST_TMPDIR/late"
	assert_output 0
	grep -q "the first" "$BATS_TEST_TMPDIR/early"
}

@test "nothing is lost when a listener goes in the middle" {
	parley_tap heard
	post alice den one
	kill -KILL "${LISTENERS[0]}"
	LISTENERS=()
	post alice den two
	rest GET "/api/rooms/$DEN/messages" alice
	answered 200 '[.messages[].content] == ["one", "two"]'
}

@test "passwords and tokens are shown by no tap and stand in no log" {
	local session token
	suite_stop
	suite_start PARLEY_RATE=off PARLEY_LOG=debug
	parley_tap told
	listen heard "$PYTHON" "$CLIENTS/tap.py" "$PARLEY_RUN"
	register marker
	session=$(jq -r .session_token <<<"$BODY")
	token=${TOKEN[marker]}
	rest POST /auth/login '' '{"username": "marker", "password": "the-wrong-secret-word"}'
	answered 401
	rest GET /auth/me "$session"
	answered 200
	rest POST /auth/refresh "$token"
	answered 200
	connect marker "$WS/ws/campfire?token=$token"
	rest POST /auth/logout "$token"
	answered 204
	closed marker 4401
	eventually 5 was_heard told gateway out auth login
	eventually 5 was_heard told gateway out auth verify
	eventually 5 was_heard told gateway out auth logout
	eventually 5 grep -q in.auth.logged_in "$BATS_TEST_TMPDIR/heard"
	unheard marker-has-a-password
	unheard the-wrong-secret-word
	unheard "$session"
	unheard "$token"
	unheard "${token##*.}"
	unheard "$JWT_SECRET"
}

# unheard SECRET: neither on the taps nor in the logs.
unheard()
{
	[ ${#1} -ge 16 ]
	run grep -laF -- "$1" "$BATS_TEST_TMPDIR/told" "$BATS_TEST_TMPDIR/heard" \
		"$PARLEY_RUN"/*.log
	refute_output
}

@test "pings are left out unless they are asked for" {
	local tap
	coproc "${PARLEY_BUILD:-$ROOT/build}/bin/parley-tap" --run "$PARLEY_RUN" --count 3
	tap=$COPROC_PID
	exec {heard}<&"${COPROC[0]}"
	until ! kill -0 "$tap" 2>/dev/null; do
		post alice den hello
	done
	run cat <&"$heard"
	refute_output --partial '"ping"'
}

@test "tap without a suite says so" {
	parley_run stop
	run timeout 10 "$ROOT/run.sh" tap
	assert_failure 1
	assert_output --partial 'not running'
}
