#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Listening to what the daemons say to each other.

load helper

TAP=${PARLEY_BUILD:-$ROOT/build}/bin/parley-tap

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
# once the pings that go about once a second appear.
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
	for name in gateway router presence store auth hooks; do
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

# recorded: everything that is said from now on goes to the recording `all`.
recorded()
{
	background "$TAP" --run "$PARLEY_RUN" --record "$BATS_TEST_TMPDIR/all" \
		2>"$BATS_TEST_TMPDIR/all.err"
	RECORDER=$!
	eventually 10 grep -q recording "$BATS_TEST_TMPDIR/all.err"
}

# recorded_up_to WORDS: they are in the recording.
recorded_up_to()
{
	eventually 10 grep -qaF "$1" "$BATS_TEST_TMPDIR/all"
	kill -INT "$RECORDER"
	wait "$RECORDER"
	unset "BACKGROUND[$RECORDER]"
}

# frames ARGUMENT…: how many there are of each kind in the recording.
frames()
{
	"$TAP" --run "$PARLEY_RUN" --read "$BATS_TEST_TMPDIR/all" "$@" |
		jq -r '[.daemon, .direction, .peer, .frame.frame] | join(" ")' | sort | uniq -c
}

@test "what is shown can be narrowed to a room and to a user, by name or id" {
	room attic bob
	recorded
	post alice den "in the den"
	post bob attic "in the attic"
	post bob den "by bob"
	recorded_up_to "by bob"
	frames >"$BATS_TEST_TMPDIR/whole"
	grep -q auth "$BATS_TEST_TMPDIR/whole"
	[ "$(frames --room den '*.message' | awk '{ n += $1 } END { print n }')" = 8 ]
	diff <(frames --room den) <(frames --room "$DEN")
	run jq -r 'select(.frame.text) | .frame.text' < <("$TAP" --run "$PARLEY_RUN" \
		--read "$BATS_TEST_TMPDIR/all" --room den)
	assert_equal "$(sort -u <<<"$output")" "by bob"$'\n'"in the den"
	diff <(frames --user alice) <(frames --user "${ID[alice]}")
	run jq -r 'select(.frame.text) | .frame.text' < <("$TAP" --run "$PARLEY_RUN" \
		--read "$BATS_TEST_TMPDIR/all" --user alice)
	assert_equal "$(sort -u <<<"$output")" "in the den"
	# The answer names no user, and is shown with what it answers.
	frames --user alice | grep -q "router out gateway posted"
	frames --user alice | grep -q "auth in gateway verify" && false
	run jq -r 'select(.frame.text) | .frame.text' < <("$TAP" --run "$PARLEY_RUN" \
		--read "$BATS_TEST_TMPDIR/all" --user bob --room attic)
	assert_equal "$(sort -u <<<"$output")" "in the attic"
}

@test "a room or user that does not exist, or a daemon that does not say, is told" {
	run timeout 10 "$TAP" --run "$PARLEY_RUN" --room nowhere
	assert_failure 1
	assert_output --partial nowhere
	run timeout 10 "$TAP" --run "$PARLEY_RUN" --user nobody
	assert_failure 1
	assert_output --partial nobody
}

@test "a pattern of subjects shows those that fit it, from any peer" {
	coproc "$TAP" --run "$PARLEY_RUN" --count 2 'in.*.post'
	local tap=$COPROC_PID
	exec {heard}<&"${COPROC[0]}"
	until ! kill -0 "$tap" 2>/dev/null; do
		post alice den hello
	done
	run cat <&"$heard"
	assert_equal "$(jq -r '[.direction, .frame.frame] | join(" ")' <<<"$output" | sort -u)" "in post"
}

# on_a_terminal COMMAND…: what it prints there, with its codes; of 100 columns.
on_a_terminal()
{
	"$PYTHON" - "$@" <<-'END'
		import os, pty, sys, fcntl, termios, struct
		pid, fd = pty.fork()
		if pid == 0:
		    os.environ["TERM"] = "xterm"
		    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
		    os.execvp(sys.argv[1], sys.argv[1:])
		try:
		    while data := os.read(fd, 4096):
		        os.write(1, data)
		except OSError:
		    pass
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
}

@test "a terminal gets lines for people, a pipe gets JSON, and either can be forced" {
	recorded
	post alice den "hello there $(times 90 x)"
	recorded_up_to "hello there"
	local read=("$TAP" --read "$BATS_TEST_TMPDIR/all" --daemons store 'in.*.post')
	run "${read[@]}"
	jq -e '.frame.text | startswith("hello there")' <<<"$output"
	run "${read[@]}" --text
	assert_output --regexp '^[0-9:.]{12}  store     ← router         post              #[0-9]+ +user=alice text="hello there x+…" room=…[0-9a-f]{8} nonce=…[0-9a-f]{8}$'
	run on_a_terminal "${read[@]}"
	assert_output --partial $'\e[1mpost'
	assert_output --regexp 'text="[^"]*…'
	run on_a_terminal env NO_COLOR=1 "${read[@]}"
	refute_output --partial $'\e'
	# shellcheck disable=SC2030,SC2031
	[ "$(tr -d '\r' <<<"$output" | LC_ALL=C.UTF-8 wc -L)" -le 100 ]
	run on_a_terminal "${read[@]}" --json
	jq -e '.frame.text | startswith("hello there")' <<<"$output"
}

@test "what people say reaches no terminal as a command" {
	recorded
	post alice den $'red: \e[31m, turned: \u202e.'
	recorded_up_to "turned"
	run "$TAP" --read "$BATS_TEST_TMPDIR/all" --text '*.post'
	assert_output --partial 'red: [31m, turned: .'
	refute_output --partial $'\e'
	refute_output --partial $'\u202e'
}

@test "a frame whose secrets are hidden is shown with the rest of it" {
	recorded
	"${PARLEY_BUILD:-$ROOT/build}/bin/parleyctl" tokens bot robot >"$BATS_TEST_TMPDIR/token"
	rest POST "/api/rooms/$DEN/invites" alice '{}'
	answered 201
	recorded_up_to invited
	run "$TAP" --read "$BATS_TEST_TMPDIR/all" --json 'in.*.invite'
	assert_equal "$(jq -r .frame.code <<<"$output")" "(hidden)"
	run "$TAP" --read "$BATS_TEST_TMPDIR/all" --text '*'
	assert_output --partial 'code=(hidden)'
	assert_output --partial 'token=(hidden)'
	run grep -aFf "$BATS_TEST_TMPDIR/token" "$BATS_TEST_TMPDIR/all"
	refute_output
	run grep -aF "$(body .code)" "$BATS_TEST_TMPDIR/all"
	refute_output
}

@test "tap without a suite says so" {
	parley_run stop
	run timeout 10 "$ROOT/run.sh" tap
	assert_failure 1
	assert_output --partial 'not running'
}
