#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# One message's way through all daemons, with the time that each hop took.
# shellcheck disable=SC2034 # BACKGROUND is the helper's

load helper

TAP=${PARLEY_BUILD:-$ROOT/build}/bin/parley-tap

setup()
{
	suite_start PARLEY_RATE=off
	people alice bob
	room den alice bob
	DEN=${ROOM[den]}
	WAY=$BATS_TEST_TMPDIR/way
}

teardown()
{
	suite_stop
}

# following ID [ARGUMENT…]: from when it is known to hear all.
following()
{
	: >"$WAY.err" # what the one before said is not about this one
	"$TAP" --run "$PARLEY_RUN" --follow "$@" >"$WAY" 2>"$WAY.err" 3>&- 4>&- &
	FOLLOWER=$!
	BACKGROUND[$!]=$TAP
	eventually 15 grep -q "listening to" "$WAY.err"
}

# ends STATUS: by itself.
ends()
{
	local status=0
	eventually 20 is_dead "$FOLLOWER"
	wait "$FOLLOWER" || status=$?
	unset "BACKGROUND[$FOLLOWER]"
	cat "$WAY" "$WAY.err"
	[ "$status" = "$1" ]
}

way()
{
	jq -e "$1" "$WAY" >/dev/null || {
		echo "not so: $1: $(cat "$WAY")"
		return 1
	}
}

# hops: daemon, direction, peer and frame of each, a line each.
hops()
{
	jq -r '.hops[] | [.daemon, .direction, .peer, .frame] | join(" ")' "$WAY"
}

THROUGH="gateway out router post
router in gateway post
router out store post
store in router post
store out router message
router in store message"
# These two go side by side.
DELIVERED="router out gateway message
gateway in router message"
ANSWERED="router out gateway posted
gateway in router posted"

@test "a message that is delivered is followed through all its hops, with the time of each" {
	online alice bob
	expect bob '{"type": "PresenceUpdate"}'
	following next
	send alice "{\"type\": \"CreateMessage\", \"room_id\": \"$DEN\", \"content\": \"follow me\"}"
	expect bob '{"type": "NewMessage"}'
	ends 0
	assert_equal "$(hops | head -n 1)" "gateway in client "
	assert_equal "$(hops | sed -n 2,7p)" "$THROUGH"
	assert_equal "$(hops | tail -n +8 | grep message)" "$DELIVERED"
	assert_equal "$(hops | tail -n +8 | grep posted)" "$ANSWERED"
	way '.whole and .author == "alice" and .seq == 1 and .gateways == 1 and .missing == []'
	way '.message | test("^[0-9a-f-]{36}$")'
	way '[.hops[].at_us] | . == sort'
	way '.hops | all(.spent_us <= .at_us)'
	way '.total_us == (.hops | map(.at_us) | max)'
}

@test "one that nobody else is there to hear is followed to its author, and says so" {
	following next --text
	post alice den "is anybody here?"
	ends 0
	grep -q '^total .*, whole, 0 gateways told$' "$WAY"
	grep -q 'delivered to nobody' "$WAY"
	run ! grep ' $' "$WAY"
	grep -qE '^store     → router    message .* (µs|ms|s) +.*commits and syncs$' "$WAY"
}

@test "a message can be followed by the client's id, or by its end, and others are not" {
	local id
	id=$(cat /proc/sys/kernel/random/uuid)
	following "${id: -8}"
	post alice den "another one"
	rest POST "/api/rooms/$DEN/messages" alice \
		"{\"content\": \"this one\", \"client_message_id\": \"$id\"}"
	answered 201
	ends 0
	way ".whole and .client_message_id == \"$id\" and .seq == 2"
	following "$id"
	rest POST "/api/rooms/$DEN/messages" alice \
		"{\"content\": \"again\", \"client_message_id\": \"$id\"}"
	ends 0
	way '.whole and .duplicate and .seq == 2 and .gateways == 0'
}

@test "the next message can be that of a room or of a user" {
	room attic alice bob
	following next --room attic --user "${ID[bob]}"
	post alice den one
	post bob den two
	post alice attic three
	post bob attic four
	ends 0
	way ".whole and .author == \"bob\" and .room == \"${ROOM[attic]}\" and .seq == 2"
}

@test "a refusal is followed, too" {
	"${PARLEY_BUILD:-$ROOT/build}/bin/parleyctl" rooms mute den bob
	following next
	rest POST "/api/rooms/$DEN/messages" bob '{"content": "may I?"}'
	answered 403
	ends 0
	way '.whole and .refused == "muted" and .seq == 0'
	assert_equal "$(hops | tail -n 1)" "gateway in router refused"
}

@test "a message that a daemon does not get is followed as far as it came, with status 1" {
	following next --text
	hang store run
	rest POST "/api/rooms/$DEN/messages" alice '{"content": "lost?"}'
	answered 503
	ends 1
	recover
	grep -q '^store     ← router    post .* not heard$' "$WAY"
	grep -q ', not whole, ' "$WAY"
}

@test "hops whose taps are not listened to are missed, and said to be" {
	following next --daemons "gateway store" --text
	post alice den hello
	ends 1
	grep -q '^router    ← gateway   post .*its tap is not listened to' "$WAY"
	grep -q '^store     → router    message .* \(µs\|ms\)' "$WAY"
}

@test "following ends when nothing comes, or when it is interrupted" {
	following next --timeout 300
	ends 1
	grep -q 'nothing was said' "$WAY.err"
	following 0123456789abcdef
	kill -INT "$FOLLOWER"
	ends 1
	grep -q 'nothing was heard of a message 0123456789abcdef' "$WAY.err"
}

@test "what cannot be followed is wrong usage" {
	local arguments
	for arguments in "--follow last" "--follow 1234567" "--follow next in." \
		"--follow next --record x" "--follow next --timeout soon"; do
		# shellcheck disable=SC2086
		run -2 timeout 10 "$TAP" --run "$PARLEY_RUN" $arguments
		assert_output --partial --help
	done
	[ ! -e x ]
}
