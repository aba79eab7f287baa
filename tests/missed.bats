#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What moderators did while a gateway could not hear of it: it takes effect on
# connections as soon as the gateway has caught up, and is told once.

load helper
load roles

setup()
{
	den_start
}

teardown()
{
	suite_stop
}

# unheard: no router tells anything any more, until `recover`.
unheard()
{
	hang run
	kill -KILL "$(pid_of router)"
}

# done_to PERSON ACTION [FIELDS]: by the store alone.
done_to()
{
	tool store moderate "\"action\": $2, \"user\": \"${ID[$1]}\", \"user_number\": ${NUMBER[$1]}, \"user_name\": \"$1\"${3:+, $3}"
	holds '.frame == "moderated"'
}

updated()
{
	printf '{"type": "MemberUpdated", "room_id": "%s", "user_id": "%s", "change": "%s"%s}' \
		"$DEN" "${ID[$1]}" "$2" "${3:+, $3}"
}

@test "roles and mutes that were missed are told once, the reason to whom it concerns" {
	two alice bob carol
	unheard
	done_to bob 1 '"role": 2'
	done_to carol 5 '"reason": "too loud"'
	done_to bob 4
	recover run
	local name
	for name in alice bob carol; do
		expect "$name" "$(updated bob role '"role": "moderator", "by": null')" 10
	done
	expect carol "$(updated carol muted '"reason": "too loud"')"
	expect bob "$(updated carol muted '"reason": null')"
	expect alice "$(updated carol muted '"reason": null')"
	for name in alice bob carol; do
		expect "$name" "$(updated bob unbanned)"
	done
	says alice "all is well again"
	for name in alice bob carol; do
		hears "$name" "all is well again"
		never "$name" '{"type": "MemberUpdated"}' 0
	done
	kill_daemon router
	says alice "and again"
	hears bob "and again"
	never bob '{"type": "MemberUpdated"}' 0
}

@test "a room that was renamed and slowed down unheard has its new name everywhere, told once" {
	two alice bob
	several dave hub
	unheard
	tool store change_room '"what": 1, "name": "cave"'
	tool store change_room '"what": 9, "name": "lair", "slow_s": 2'
	holds '.frame == "room_changed"'
	recover run
	expect alice '{"type": "RoomUpdated", "room": {"name": "lair", "slow_seconds": 2, "visibility": "public"}}' 10
	expect bob '{"type": "RoomUpdated", "room": {"name": "lair"}}'
	says alice "welcome to the lair"
	local i
	for i in 1 2 3 4 5; do
		expect "dave.hub.$i" '{"type": "message", "data": {"room": "lair", "content": "welcome to the lair"}}'
	done
	never alice '{"type": "RoomUpdated"}' 0
	never bob '{"type": "RoomUpdated"}' 0
	send dave.hub.1 '{"type": "message", "room": "lair", "content": "nice"}'
	expect dave.hub.1 '{"type": "message", "data": {"room": "lair", "content": "nice"}}'
}

@test "who was kicked unheard loses membership and visits of before, and none of after" {
	two alice bob
	several bob hub
	several dave hub
	unheard
	done_to bob 2 '"reason": "enough"'
	done_to dave 2 '"reason": "shouting"'
	recover run
	local i
	for i in 1 2 3 4 5; do
		expect "dave.hub.$i" '{"type": "error", "data": {"message": "den: you were removed from the room: shouting"}}' 10
		expect "bob.hub.$i" '{"type": "error", "data": {"message": "den: you were removed from the room: enough"}}'
	done
	expect bob "$(updated bob kicked '"reason": "enough"')"
	expect bob "{\"type\": \"UserLeft\", \"user_id\": \"${ID[bob]}\", \"room_id\": \"$DEN\"}"
	expect alice "$(updated bob kicked '"reason": null')"
	expect alice "{\"type\": \"UserLeft\", \"user_id\": \"${ID[bob]}\", \"room_id\": \"$DEN\"}"
	expect alice "$(updated dave kicked)"
	send dave.hub.1 '{"type": "join", "room": "den"}'
	expect dave.hub.1 '{"type": "join_ack"}'
	kill_daemon router
	says alice "still with us"
	expect dave.hub.1 '{"type": "message", "data": {"content": "still with us"}}' 10
	never dave.hub.1 '{"type": "error"}' 0
	never dave.hub.2 '{"type": "message"}' 0
	never alice '{"type": "MemberUpdated"}' 0
	never bob '{"type": "NewMessage"}' 0
}

@test "who was kicked and let in again, all of it unheard, is a member and told what happened" {
	two alice bob
	unheard
	done_to bob 2
	tool store moderate "\"action\": 7, \"user\": \"${ID[bob]}\", \"user_number\": ${NUMBER[bob]}, \"user_name\": \"bob\""
	holds '.frame == "joined"'
	recover run
	expect alice "$(updated bob kicked)" 10
	expect alice "{\"type\": \"UserLeft\", \"user_id\": \"${ID[bob]}\"}"
	expect alice "{\"type\": \"UserJoined\", \"user_id\": \"${ID[bob]}\"}"
	says alice "you are back"
	hears bob "you are back"
	says bob "I never was away"
	hears alice "I never was away"
}

@test "a ban reaches a gateway that hung while its router died" {
	two alice
	several bob campfire
	several dave simple
	several dave hub
	hang gateway gateway.2
	tool router moderate "\"action\": 3, \"user\": \"${ID[dave]}\", \"user_number\": ${NUMBER[dave]}, \"user_name\": \"dave\", \"reason\": \"spam\""
	holds '.frame == "moderated"'
	tool router moderate "\"action\": 3, \"user\": \"${ID[bob]}\", \"user_number\": ${NUMBER[bob]}, \"user_name\": \"bob\""
	kill_daemon router
	recover
	local i
	for i in 1 2 3 4 5; do
		closed "dave.simple.$i" 4502 10
		exactly "dave.hub.$i" '{"type": "error", "data": {"message": "den: you were banned from the room: spam"}}'
		expect "bob.campfire.$i" "{\"type\": \"UserLeft\", \"user_id\": \"${ID[bob]}\", \"room_id\": \"$DEN\"}"
	done
	expect alice "$(updated dave banned)"
	expect alice "$(updated bob banned)"
	says alice "peace"
	hears alice "peace"
	never alice '{"type": "MemberUpdated"}' 0
	never dave.hub.1 '{"type": "error"}' 0
	never bob.campfire.1 '{"type": "NewMessage"}' 0
}

# enters_too_late: dave is let into the den, and banned before his gateway hears
# it. 0 once he is told so; 1 if the gateway gave up before that.
enters_too_late()
{
	local found
	rest DELETE /api/rooms/den/bans/dave alice
	found=$(grep -c '"den"' "$FOUND" || true)
	hang router
	send dave '{"type": "join", "room": "den"}'
	eventually 5 is_found "$found"
	done_to dave 3
	recover router
	expect dave '{"type": "error", "data": {"message": "<string>"}}' && holds '.data.message | test("you were banned from the room")'
}

# The tap hears the store.
is_listening()
{
	rest GET /api/rooms/den alice
	[ -s "$FOUND" ]
}

# is_found N: the store said more often than that what the den is.
is_found()
{
	(($(grep -c '"den"' "$FOUND") > $1))
}

@test "who was let in a moment before the ban does not outstay it" {
	FOUND=$BATS_TEST_TMPDIR/found
	tap "$FOUND" --daemons store out.gateway.rooms out.gateway-2.rooms
	eventually 10 is_listening
	connect dave "$WS/ws/hub?token=${TOKEN[dave]}"
	eventually 20 enters_too_late
	says_over_rest "not for dave"
	never dave '{"type": "message"}'
}

says_over_rest()
{
	rest POST /api/rooms/den/messages alice "{\"content\": \"$1\"}"
	answered 201
}

# waiting N: so many writes wait in the router for the store.
waiting()
{
	is_metric "$1" parley_router_waiting
}

# did ACTION…: all that was done to members of the den, in its order.
did()
{
	local wanted=$*
	tool store get_changes '"after": 0, "limit": 100' gateway
	holds "[.changes[] | select(.action > 0) | .action] == [${wanted// /, }]"
}

@test "what a moderator asks is done once, though the router dies with the answer" {
	two alice bob carol
	hang run store
	send alice "{\"type\": \"Mute\", \"request_id\": 1, \"room_id\": \"$DEN\", $(whom bob)}"
	send alice "{\"type\": \"Kick\", \"request_id\": 2, \"room_id\": \"$DEN\", $(whom carol)}"
	eventually 5 waiting 2
	hang router
	recover store
	eventually 5 did 5 2
	kill -KILL "${HUNG[router]}"
	recover run
	expect bob "$(updated bob muted)"
	expect bob "$(updated carol kicked)"
	expect carol "$(updated carol kicked)"
	says alice "once"
	hears bob "once"
	did 5 2
	never bob '{"type": "MemberUpdated"}' 0
	never carol '{"type": "MemberUpdated"}' 0
}

@test "what is asked for twice under one id is done and told once" {
	local nonce
	nonce=$(cat /proc/sys/kernel/random/uuid)
	two alice bob
	for _ in 1 2; do
		tool router moderate "\"action\": 5, \"user\": \"${ID[bob]}\", \"user_number\": ${NUMBER[bob]}, \"user_name\": \"bob\", \"nonce\": \"$nonce\""
		holds '.frame == "moderated" and .action == 5'
	done
	expect bob "$(updated bob muted)"
	says alice "once"
	hears bob "once"
	never bob '{"type": "MemberUpdated"}' 0
	did 5
}
