#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What daemons say to each other, in a file: read again, and said again.
# shellcheck disable=SC2034 # BACKGROUND is the helper's

load helper

BIN=${PARLEY_BUILD:-$ROOT/build}/bin

setup()
{
	suite_start PARLEY_RATE=off
	RECORDING=$BATS_TEST_TMPDIR/recording
	FRESH=$BATS_TEST_TMPDIR/fresh
}

teardown()
{
	suite_stop
}

parley_tap()
{
	"$BIN/parley-tap" "$@"
}

# record: from when it is known to hear all.
record()
{
	background "$BIN/parley-tap" --run "$PARLEY_RUN" --record "$RECORDING" \
		2>"$RECORDING.err"
	RECORDER=$!
	eventually 15 grep -q "recording " "$RECORDING.err"
}

# recorded WORDS: these are in the recording, which ends by SIGINT, with status 0.
recorded()
{
	eventually 10 grep -qaF -- "$1" "$RECORDING"
	kill -INT "$RECORDER"
	wait "$RECORDER"
	unset "BACKGROUND[$RECORDER]"
}

# A conversation with all that a store can be told.
converse()
{
	local id
	people alice bob
	room den alice bob
	QUERY="&v=2" online alice bob
	post alice den "one" "two" "three, which is taken back"
	id=$(body .id)
	send alice "{\"type\": \"EditMessage\", \"message_id\": \"$id\", \"content\": \"three, changed\", \"request_id\": \"c\"}"
	expect alice '{"type": "MessageEdited", "request_id": "c"}'
	send bob "{\"type\": \"UpdateLastSeen\", \"message_id\": \"$id\", \"request_id\": \"a\"}"
	expect bob '{"type": "LastSeen", "seq": 3}'
	send bob "{\"type\": \"EditMessage\", \"message_id\": \"$id\", \"content\": \"no\", \"request_id\": \"b\"}"
	expect bob '{"type": "Error", "code": "NOT_ALLOWED"}'
	post bob den "four"
	rest GET "/api/rooms/${ROOM[den]}/messages" bob
	answered 200 '.messages | length == 4'
}

# start_fresh DAEMON…: by themselves, with nothing in their data folder.
start_fresh()
{
	local name
	mkdir -p "$FRESH"
	for name in "$@"; do
		background "$BIN/$name" --env /dev/null --data "$FRESH" --run "$FRESH/run" \
			2>"$FRESH/$name.log"
		eventually 10 "$BIN/parley-ping" --run "$FRESH/run" --timeout 1000 "$name" 2>/dev/null
	done
}

# history RUN-FOLDER: of the den, as a gateway gets it from the store there; without
# what is made anew each time.
history()
{
	"$PYTHON" "$CLIENTS/tool.py" "$1" store \
		"{\"frame\": \"get_history\", \"room\": \"${ROOM[den]}\", \"forward\": true, \"limit\": 100}" \
		gateway | jq -c '.messages[] | [.seq, .user, .user_name, .nonce, .text]'
}

@test "a recording tells what the taps told, and nobody else may read it" {
	record
	"$BIN/parley-tap" --run "$PARLEY_RUN" --pings yes >"$BATS_TEST_TMPDIR/live" &
	BACKGROUND[$!]=tap
	eventually 10 grep -q '"daemon":"store".*ping' "$BATS_TEST_TMPDIR/live"
	eventually 10 grep -q '"daemon":"gateway".*ping' "$BATS_TEST_TMPDIR/live"
	eventually 10 grep -q '"daemon":"router".*"peer":"gateway".*ping' "$BATS_TEST_TMPDIR/live"
	people alice
	room den alice
	post alice den "for the record"
	recorded "for the record"
	assert_equal "$(stat -c %a "$RECORDING")" 600
	assert_equal "$(head -n 1 "$RECORDING")" "parley recording 1"
	grep -q "frames are in $RECORDING" "$RECORDING.err"
	run parley_tap --read "$RECORDING" --daemons store 'in.*.post'
	jq -e '.daemon == "store" and .direction == "in" and .peer == "router" and .frame.text == "for the record"' <<<"$output"
	run parley_tap --read - --count 1 <"$RECORDING"
	assert_equal "${#lines[@]}" 1
	diff <(parley_tap --read "$RECORDING" '*.post' | jq -c '[.daemon, .direction, .frame]' | sort) \
		<(jq -c 'select(.frame.frame == "post") | [.daemon, .direction, .frame]' "$BATS_TEST_TMPDIR/live" | sort)
	parley_tap --read "$RECORDING" --record "$RECORDING.posts" '*.post'
	assert_equal "$(parley_tap --read "$RECORDING.posts" | wc -l)" 4
	parley_tap --read "$RECORDING" --record - '*.post' 2>/dev/null | cmp - "$RECORDING.posts"
}

@test "a message is followed in a recording by the id that the store gave it" {
	local id
	people alice bob
	room den alice bob
	online bob
	record
	post alice den "first" "second"
	id=$(body .id)
	recorded "second"
	run -0 parley_tap --read "$RECORDING" --follow "$id"
	jq -e '.whole and .seq == 2 and .gateways == 1 and (.hops | length) == 11' <<<"$output"
	run -0 parley_tap --read "$RECORDING" --follow next
	jq -e '.whole and .seq == 1' <<<"$output"
	parley_tap --read "$RECORDING" --record "$RECORDING.part" --daemons "gateway router" 2>/dev/null
	run -1 parley_tap --read "$RECORDING.part" --follow "$id"
	jq -e '(.whole | not) and ([.missing[].daemon] == ["store", "store"])' <<<"$output"
	run -1 parley_tap --read "$RECORDING" --follow 0123456789abcdef
}

@test "an earlier file is no longer there, unless there is nothing to record" {
	echo before >"$RECORDING"
	run -1 parley_tap --run "$PARLEY_RUN" --record "$RECORDING" --room nowhere
	assert_equal "$(cat "$RECORDING")" before
	chmod 644 "$RECORDING"
	record
	people alice
	room den alice
	recorded den
	assert_equal "$(stat -c %a "$RECORDING")" 600
	assert_equal "$(head -n 1 "$RECORDING")" "parley recording 1"
	run -2 parley_tap --read "$RECORDING" --record "$RECORDING"
	run -0 parley_tap --read "$RECORDING"
	run -1 parley_tap --run "$PARLEY_RUN" --record "$BATS_TEST_TMPDIR"
}

@test "a conversation said again to a fresh store gives the same history and the same answers" {
	record
	converse
	recorded four
	start_fresh store
	run -0 parley_tap --run "$FRESH/run" replay "$RECORDING" store --compare
	assert_output --partial "answers are as they were, 0 differ"
	refute_output --partial "lost"
	diff <(history "$PARLEY_RUN") <(history "$FRESH/run")
	assert_equal "$(history "$FRESH/run" | wc -l)" 4
}

@test "what a suite with data is told can be said again to its backup" {
	people alice bob
	room den alice bob
	post alice den "said before"
	"$BIN/parleyctl" backup "$BATS_TEST_TMPDIR/before.tar"
	record
	post alice den "one" "two"
	post bob den "three"
	rest GET "/api/rooms/${ROOM[den]}/messages" bob
	answered 200 '.messages | length == 4'
	recorded three
	"$BIN/parleyctl" restore "$BATS_TEST_TMPDIR/before.tar" --data "$FRESH"
	start_fresh store
	run -0 parley_tap --run "$FRESH/run" replay "$RECORDING" store --compare --force
	assert_output --partial "answers are as they were, 0 differ"
	diff <(history "$PARLEY_RUN") <(history "$FRESH/run")
	assert_equal "$(history "$FRESH/run" | wc -l)" 4
}

@test "rooms and users are found in a recording by name, with no suite beside it" {
	record
	people alice bob
	room den alice bob
	room attic bob
	post alice den "in the den"
	post bob attic "in the attic"
	recorded "in the attic"
	suite_stop
	run -0 parley_tap --run /nonexistent --read "$RECORDING" --room attic '*.post'
	assert_output --partial "in the attic"
	refute_output --partial "in the den"
	diff <(parley_tap --run /nonexistent --read "$RECORDING" --user ALICE) \
		<(parley_tap --run /nonexistent --read "$RECORDING" --user "${ID[alice]}")
	run -0 parley_tap --run /nonexistent --read "$RECORDING" --user alice '*.post'
	assert_output --partial "in the den"
	refute_output --partial "in the attic"
	parley_tap --run /nonexistent --read - --room "${ROOM[den]}" <"$RECORDING" >"$BATS_TEST_TMPDIR/den"
	parley_tap --run /nonexistent --read - --room den <"$RECORDING" | diff - "$BATS_TEST_TMPDIR/den"
	run -1 parley_tap --run /nonexistent --read "$RECORDING" --room cellar
	assert_output "parley-tap: room cellar: not found in what is read, and /nonexistent: No such file or directory (set --run or --data)"
	run -1 parley_tap --run /nonexistent --read "$RECORDING" --user carol
	assert_output --partial "user carol: not found in what is read"
}

@test "a store that answers otherwise is told, by what is different" {
	record
	converse
	recorded four
	start_fresh store
	parley_tap --run "$FRESH/run" replay "$RECORDING" store >"$BATS_TEST_TMPDIR/said" 2>&1
	grep '^{' "$BATS_TEST_TMPDIR/said" |
		jq -se 'any(.frame.frame == "message" and .daemon == "store" and .direction == "out")'
	# It refuses to write to one that has data.
	run -1 parley_tap --run "$FRESH/run" replay "$RECORDING" store --compare
	assert_output --partial "has rooms"
	assert_output --partial --force
	# There, what was new is known.
	run -1 parley_tap --run "$FRESH/run" replay "$RECORDING" store --compare --force
	assert_line --regexp '^store → router #[0-9]+: duplicate$'
	assert_line --regexp '^- .*"frame":"message".*"text":"one"'
	assert_line --regexp '^\+ .*"text":"one".*"duplicate":true'
	assert_equal "$(history "$FRESH/run" | wc -l)" 4
}

@test "a replay leaves a suite alone that people use" {
	record
	converse
	recorded four
	run -1 parley_tap --run "$PARLEY_RUN" replay "$RECORDING" store
	assert_output --partial "serves gateways"
	run -1 parley_tap --run "$PARLEY_RUN" replay "$RECORDING" presence
	run -1 parley_tap --run "$PARLEY_RUN" replay "$RECORDING" router
	post alice den five
	expect bob '{"type": "NewMessage", "message": {"content": "five"}}'
	assert_equal "$(history "$PARLEY_RUN" | wc -l)" 5
}

@test "what needs a secret is left out of a replay and counted" {
	record
	register ann
	people bob
	room den bob
	recorded den
	start_fresh auth
	run -1 parley_tap --run "$FRESH/run" replay "$RECORDING" auth
	assert_output --partial "nothing in it to say to auth"
	assert_output --partial "since they hold secrets"
	run grep -aF "ann-has-a-password" "$RECORDING"
	refute_output
}

@test "a replay can take its time, and ends when it is interrupted" {
	local begun status=0
	record
	converse
	eventually 10 grep -qaF four "$RECORDING"
	expect bob '{"type": "NewMessage", "message": {"content": "four"}}'
	never bob '{"type": "NewMessage"}' 2 # a silence to be replayed
	post alice den "after a while"
	recorded "after a while"
	start_fresh store
	begun=$SECONDS
	run -0 parley_tap --run "$FRESH/run" replay "$RECORDING" store --speed 1 --compare
	[ $((SECONDS - begun)) -ge 2 ]
	# An interrupted one ends long before its time, which is not over here.
	background "$BIN/parley-tap" --run "$FRESH/run" replay "$RECORDING" store \
		--speed 1 --force >"$BATS_TEST_TMPDIR/said" 2>&1
	eventually 10 grep -q '"frame":"message"' "$BATS_TEST_TMPDIR/said"
	begun=$!
	kill -INT "$begun"
	wait "$begun" || status=$?
	[ "$status" = 1 ]
	unset "BACKGROUND[$begun]"
	run ! grep -q "after a while" "$BATS_TEST_TMPDIR/said"
	run -2 parley_tap --run "$FRESH/run" replay "$RECORDING" store --speed fast
}

@test "a daemon that goes away, or is not there, ends a replay with status 1" {
	record
	people alice
	room den alice
	recorded den
	mkdir -p "$FRESH/run"
	run -1 timeout 30 "$BIN/parley-tap" --run "$FRESH/run" replay "$RECORDING" store --force --timeout 500
	assert_output --partial "did not greet us"
	run -1 parley_tap --run "$BATS_TEST_TMPDIR/nowhere" replay "$RECORDING" store
	run -1 parley_tap --run "$PARLEY_RUN" replay "$BATS_TEST_TMPDIR/nothing" store
	run -2 parley_tap --run "$PARLEY_RUN" replay "$RECORDING" gateway
	run -2 parley_tap --run "$PARLEY_RUN" replay "$RECORDING" nosuch
	run -2 parley_tap --run "$PARLEY_RUN" replay "$RECORDING"
}

@test "a recording that is cut off or damaged is read up to there and said to be" {
	local size
	record
	people alice
	room den alice
	post alice den one
	recorded one
	size=$(stat -c %s "$RECORDING")
	head -c $((size - 3)) "$RECORDING" >"$RECORDING.cut"
	run -1 parley_tap --read "$RECORDING.cut"
	assert_output --partial "cut off in the middle of a frame at byte"
	assert_equal "$(parley_tap --read "$RECORDING.cut" 2>/dev/null | wc -l)" \
		$(($(parley_tap --read "$RECORDING" | wc -l) - 1))
	"$PYTHON" -c 'import sys
b = bytearray(open(sys.argv[1], "rb").read())
b[len(b) // 2] ^= 4
open(sys.argv[2], "wb").write(b)' "$RECORDING" "$RECORDING.damaged"
	run -1 parley_tap --read "$RECORDING.damaged"
	assert_output --regexp "(damaged|cut off in the middle of a frame) at byte"
	start_fresh store
	run -1 parley_tap --run "$FRESH/run" replay "$RECORDING.damaged" store
	assert_output --partial "nothing of it was replayed"
	run "$BIN/parleyctl" rooms list --run "$FRESH/run"
	refute_output --partial den
	echo "parley recording 2" >"$RECORDING.later"
	run -1 parley_tap --read "$RECORDING.later"
	assert_output --partial version
	echo '{"ts": 1}' >"$RECORDING.none"
	run -1 parley_tap --read "$RECORDING.none"
	assert_output --partial "no recording"
	: >"$RECORDING.empty"
	run -1 parley_tap --read "$RECORDING.empty"
}

@test "a recording is read by the few lines of Python in its manual" {
	record
	people alice
	room den alice
	post alice den "read by others"
	recorded "read by others"
	sed -n '/^import msgpack/,/^\.Ed/p' "$ROOT/docs/man/parley-recording.5.in" |
		sed -e '/^\.Ed/d' -e 's/\\e/\\/g' >"$BATS_TEST_TMPDIR/script.py"
	"$PYTHON" "$BATS_TEST_TMPDIR/script.py" "$RECORDING" >"$BATS_TEST_TMPDIR/heard"
	grep -q "store in.router.post .*'text': 'read by others'" "$BATS_TEST_TMPDIR/heard"
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/heard")" "$(parley_tap --read "$RECORDING" | wc -l)"
}

@test "one who records and is killed leaves what was heard until then" {
	record
	people alice
	room den alice
	post alice den "before the end"
	eventually 10 grep -qaF "before the end" "$RECORDING"
	kill -KILL "$RECORDER"
	wait "$RECORDER" || true
	unset "BACKGROUND[$RECORDER]"
	parley_tap --read "$RECORDING" 2>/dev/null | grep -q "before the end"
}
