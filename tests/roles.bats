#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Roles and moderation: what owners and moderators do to members, visitors and
# rooms holds at once, in every dialect, at every gateway, over restarts and a
# killed store. What a client hears that its dialect does not name fails the
# test.

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

# --- who may do what ----------------------------------------------------------

@test "who makes a room owns it, names moderators, and nobody reaches up" {
	two alice bob carol
	denied bob NOT_ALLOWED Kick "$(whom carol)"
	asks alice SetRole "$(whom bob), \"role\": \"moderator\"" MemberUpdated '"change": "role", "role": "moderator"'
	expect carol "{\"type\": \"MemberUpdated\", \"room_id\": \"$DEN\", \"user_id\": \"${ID[bob]}\", \"username\": \"bob\", \"change\": \"role\", \"role\": \"moderator\", \"until\": null, \"reason\": null, \"by\": \"${ID[alice]}\"}"
	denied bob NOT_ALLOWED Kick "$(whom alice)"
	denied bob NOT_ALLOWED SetRole "$(whom carol), \"role\": \"moderator\""
	denied bob NOT_ALLOWED UpdateRoom '"name": "lair"'
	denied alice NOT_ALLOWED SetRole "$(whom alice), \"role\": \"member\""
	asks bob Kick '"username": "carol"' MemberUpdated '"change": "kicked", "role": null'
	rest GET /api/rooms/den/members alice
	answered 200 '.next == null and ([.members[] | {username, role}] | sort_by(.username) == [{username: "alice", role: "owner"}, {username: "bob", role: "moderator"}])'
	rest PATCH /api/rooms/den/members/bob alice '{"role": "member"}'
	answered 200 '.change == "role" and .role == "member"'
	denied bob NOT_ALLOWED Mute "$(whom dave)"
}

@test "roles outlive a store that is killed right after the answer" {
	two alice bob
	asks alice SetRole "$(whom bob), \"role\": \"moderator\""
	kill_daemon store
	asks bob Ban "$(whom carol)" MemberUpdated '"change": "banned"'
	kill_daemon store
	rest GET /api/rooms/den/bans bob
	answered 200 "[.bans[].user_id] == [\"${ID[carol]}\"]"
	kill_daemon store router presence auth
	rest GET /api/rooms/den alice
	answered 200 '.role == "owner"'
	suite_again PARLEY_GATEWAYS=2
	rest GET /api/rooms/den bob
	answered 200 '.role == "moderator" and .member'
	rest POST /api/rooms/den/messages carol '{"content": "still here?"}'
	answered 403
}

# --- kicks and bans -----------------------------------------------------------

@test "a kick ends membership and visits in every dialect, everywhere, at once" {
	two alice carol
	several bob campfire
	several bob hub
	several bob simple
	connect watcher "$WS/ws/simple?token=${TOKEN[dave]}&room=den"
	expect watcher '{"message": "system: dave joined"}'
	asks alice Kick "$(whom bob), \"reason\": \"too loud\"" MemberUpdated '"change": "kicked"'
	local i
	for i in 1 2 3 4 5; do
		expect "bob.campfire.$i" "{\"type\": \"UserLeft\", \"user_id\": \"${ID[bob]}\", \"room_id\": \"$DEN\"}"
		exactly "bob.hub.$i" '{"type": "error", "data": {"message": "den: you were removed from the room: too loud"}}'
		exactly "bob.simple.$i" '{"message": "system: you were removed from the room", "timestamp": "<number>"}'
		closed "bob.simple.$i" 4501
	done
	exactly carol "{\"type\": \"UserLeft\", \"user_id\": \"${ID[bob]}\", \"room_id\": \"$DEN\"}"
	expect carol "{\"type\": \"PresenceUpdate\", \"online_users\": {\"<set>\": [\"${ID[alice]}\", \"${ID[carol]}\", \"${ID[dave]}\"]}}"
	exactly watcher '{"message": "system: bob left", "timestamp": "<number>"}'
	send bob.hub.1 '{"type": "message", "room": "den", "content": "hm"}'
	expect bob.hub.1 '{"type": "error", "data": {"message": "message: join the room first"}}'
	says alice "peace"
	hears alice "peace"
	never bob.hub.2 '{"type": "message"}'
	never bob.campfire.2 '{"type": "NewMessage"}' 0
	send bob.hub.1 '{"type": "join", "room": "den"}'
	expect bob.hub.1 '{"type": "join_ack"}'
	rest GET /api/rooms/den bob
	answered 200 '.member == false and .role == null'
}

@test "a banned one can neither join, visit, post nor read, in any dialect, until the end" {
	two alice
	several dave hub
	asks alice Ban "$(whom dave), \"seconds\": 3600, \"reason\": \"soup\"" MemberUpdated '"change": "banned", "until": "<time>", "reason": "soup"'
	local i
	rest GET /api/rooms/den dave
	answered 200 '.member == false and .banned.reason == "soup" and (.banned.until | sub("\\.[0-9]+"; "") | fromdateiso8601) > now + 3000'
	rest GET /api/rooms/den alice
	answered 200 'has("banned") | not'
	for i in 1 2 3 4 5; do
		expect "dave.hub.$i" '{"type": "error", "data": {"message": "den: you were banned from the room: soup"}}'
	done
	send dave.hub.1 '{"type": "join", "room": "den"}'
	expect dave.hub.1 '{"type": "error", "data": {"message": "join: you are banned from this room"}}'
	send dave.hub.1 '{"type": "room_history", "room": "den"}'
	expect dave.hub.1 '{"type": "error", "data": {"message": "room_history: you are banned from this room"}}'
	connect dave.simple "$WS/ws/simple?token=${TOKEN[dave]}&room=den"
	exactly dave.simple '{"message": "system: you are banned from this room", "timestamp": "<number>"}'
	closed dave.simple 4502
	QUERY='&v=2' online dave
	send dave "{\"type\": \"JoinRoom\", \"request_id\": 1, \"room_id\": \"$DEN\"}"
	expect dave '{"type": "Error", "request_id": 1, "code": "NOT_ALLOWED", "message": "<string>", "retry_after": "<number>"}'
	rest POST /api/rooms/den/messages dave '{"content": "let me in"}'
	answered 403
	send dave "{\"type\": \"GetRoom\", \"request_id\": 2, \"room_id\": \"$DEN\"}"
	expect dave '{"type": "Room", "request_id": 2, "room": {"member": false, "banned": {"until": "<time>", "reason": "soup"}}}'
	rest DELETE /api/rooms/den/bans/dave alice
	answered 204
	rest GET /api/rooms/den dave
	answered 200 'has("banned") | not'
	send dave.hub.1 '{"type": "join", "room": "den"}'
	expect dave.hub.1 '{"type": "join_ack"}'
	rest PUT /api/rooms/den/bans/dave alice '{"seconds": 1}'
	answered 200 '.change == "banned" and .reason == null'
	expect dave.hub.1 '{"type": "error", "data": {"message": "den: you were banned from the room"}}'
	eventually 5 rejoins dave
}

rejoins()
{
	send "$1" '{"type": "JoinRoom", "room_id": "'"$DEN"'"}'
	expect "$1" '{"type": "PresenceUpdate", "room_id": "'"$DEN"'"}' 1
}

@test "who is banned while no router can tell it does not outstay the ban" {
	several dave hub
	in_simple dave dave.simple
	hang run
	kill -KILL "$(pid_of router)"
	tool store moderate "\"action\": 3, \"user\": \"${ID[dave]}\", \"user_number\": ${NUMBER[dave]}, \"user_name\": \"dave\""
	holds '.frame == "moderated"'
	recover run
	closed dave.simple 4502 10
	local i
	for i in 1 2 3 4 5; do
		expect "dave.hub.$i" '{"type": "error", "data": {"message": "den: you were banned from the room"}}'
	done
}

@test "in the lobby, account holders and guests are removed after a word to the others" {
	room lobby alice bob
	connect alice "$WS/ws/campfire?v=2&token=${TOKEN[alice]}"
	connect ann "$WS/ws/lobby"
	send ann "$(enter ann)"
	connect ben "$WS/ws/lobby"
	send ben "$(enter ben)"
	expect ann '{"message_type": "Enter", "message_body": {"sender_username": "ben"}}'
	send alice "{\"type\": \"Ban\", \"request_id\": 1, \"room_id\": \"${ROOM[lobby]}\", \"username\": \"ben\"}"
	expect alice '{"type": "Error", "request_id": 1, "code": "NOT_ALLOWED"}'
	send alice "{\"type\": \"Kick\", \"request_id\": 2, \"room_id\": \"${ROOM[lobby]}\", \"username\": \"ben\"}"
	expect alice '{"type": "MemberUpdated", "request_id": 2, "change": "kicked"}'
	closed ben 4501
	expect ann '{"message_type": "Leave", "message_body": {"sender_username": "ben"}}'
}

# --- mutes and slow mode --------------------------------------------------------

@test "the muted are not heard in any dialect until they may speak again" {
	two alice bob
	in_hub bob bob.hub
	in_simple bob bob.simple
	hears bob "hello from simple"
	asks alice Mute "$(whom bob), \"seconds\": 600, \"reason\": \"sleep\"" MemberUpdated '"change": "muted", "until": "<time>"'
	expect bob '{"type": "MemberUpdated", "change": "muted", "reason": "sleep"}'
	says bob "can you hear me"
	expect bob '{"type": "Error", "request_id": 9, "code": "NOT_ALLOWED", "retry_after": "<number>"}'
	send bob.hub '{"type": "message", "room": "den", "content": "can you"}'
	expect bob.hub '{"type": "error", "data": {"message": "message: you are muted in this room; 10 min to go"}}'
	send bob.simple 'hear me'
	expect bob.simple '{"message": "system: you are muted in this room; 10 min to go"}'
	rest POST /api/rooms/den/messages bob '{"content": "now"}'
	answered 403
	[[ $(header retry-after) -gt 500 ]]
	rest GET /api/rooms/den/mutes alice
	answered 200 '.mutes[0].username == "bob" and .mutes[0].reason == "sleep" and (.mutes | length) == 1'
	kill_daemon store
	says bob "still"
	expect bob '{"type": "Error", "request_id": 9, "code": "NOT_ALLOWED"}'
	rest DELETE "/api/rooms/den/mutes/${ID[bob]}" alice
	answered 204
	says bob "thanks"
	hears alice "thanks"
}

types()
{
	send "$1" "{\"type\": \"StartTyping\", \"room_id\": \"$DEN\"}"
}

# typing PERSON Start|Stop
typing()
{
	printf '{"type": "Typing%s", "user_id": "%s", "room_id": "%s"}' "$2" "${ID[$1]}" "$DEN"
}

@test "typing of the muted is shown to nobody, on no device, and of others it is" {
	two alice carol
	several bob campfire
	types bob.campfire.1
	expect carol "$(typing bob Start)"
	asks alice Mute "$(whom bob)" MemberUpdated '"change": "muted"'
	expect carol "$(typing bob Stop)"
	local i
	for i in 1 2 3 4 5; do
		types "bob.campfire.$i"
	done
	connect bob.new "$WS/ws/campfire?token=${TOKEN[bob]}"
	types bob.new
	expect bob.new "{\"type\": \"PresenceUpdate\", \"room_id\": \"$DEN\"}"
	types bob.new
	send bob.new "{\"type\": \"LeaveRoom\", \"room_id\": \"$DEN\"}"
	expect carol "{\"type\": \"UserLeft\", \"user_id\": \"${ID[bob]}\"}"
	send bob.new "{\"type\": \"JoinRoom\", \"room_id\": \"$DEN\"}"
	expect bob.new "{\"type\": \"PresenceUpdate\", \"room_id\": \"$DEN\"}"
	types bob.new
	never carol "$(typing bob Start)"
	never alice "$(typing bob Start)" 0
	types alice
	expect carol "$(typing alice Start)"
	asks alice Unmute "$(whom bob)" MemberUpdated '"change": "unmuted"'
	types bob.new
	expect carol "$(typing bob Start)"
	asks alice Mute "$(whom bob), \"seconds\": 1" MemberUpdated '"change": "muted"'
	expect carol "$(typing bob Stop)"
	eventually 5 shows_typing bob.new carol
}

shows_typing()
{
	types "$1"
	expect "$2" "$(typing bob Start)" 0.2
}

@test "a slow room lets members speak now and then, moderators at any time" {
	two alice bob
	rest PATCH /api/rooms/den alice '{"slow_seconds": 600}'
	answered 200 '.slow_seconds == 600'
	expect bob '{"type": "RoomUpdated", "room": {"name": "den", "slow_seconds": 600}}'
	says bob "one"
	hears alice "one"
	says bob "two"
	expect bob '{"type": "Error", "request_id": 9, "code": "RATE_LIMITED", "retry_after": "<number>"}'
	rest POST /api/rooms/den/messages bob '{"content": "three"}'
	answered 429
	says alice "I may"
	says alice "at any time"
	hears bob "I may"
	hears bob "at any time"
	kill_daemon store
	says bob "four"
	expect bob '{"type": "Error", "request_id": 9, "code": "RATE_LIMITED"}'
	asks alice UpdateRoom '"slow_seconds": 0' RoomUpdated
	says bob "five"
	hears alice "five"
}

@test "a moderator takes back what a member said, and no more than that" {
	two alice bob carol
	says carol "rude words"
	hears bob "rude words"
	local said
	said=$(jq -r .message.id <<<"$REPLY")
	send bob "{\"type\": \"DeleteMessage\", \"request_id\": 5, \"message_id\": \"$said\"}"
	expect bob '{"type": "Error", "request_id": 5, "code": "NOT_ALLOWED"}'
	asks alice SetRole "$(whom bob), \"role\": \"moderator\""
	send bob "{\"type\": \"DeleteMessage\", \"request_id\": 6, \"message_id\": \"$said\"}"
	expect carol "{\"type\": \"MessageDeleted\", \"message_id\": \"$said\"}"
	says alice "owners' words"
	hears bob "owners' words"
	said=$(jq -r .message.id <<<"$REPLY")
	send bob "{\"type\": \"DeleteMessage\", \"request_id\": 7, \"message_id\": \"$said\"}"
	expect bob '{"type": "Error", "request_id": 7, "code": "NOT_ALLOWED"}'
}

# --- what a room is -------------------------------------------------------------

@test "a room that turns private keeps its members and loses its visitors and its place in the lists" {
	two alice bob
	several dave hub
	in_simple dave dave.simple
	asks alice UpdateRoom '"visibility": "private"' RoomUpdated '"room": {"kind": "private", "visibility": "private"}'
	local i
	for i in 1 2 3 4 5; do
		expect "dave.hub.$i" '{"type": "error", "data": {"message": "den: the room is for members now"}}'
	done
	closed dave.simple 4501
	send dave.hub.1 '{"type": "join", "room": "den"}'
	expect dave.hub.1 '{"type": "error", "data": {"message": "join: there is no such room"}}'
	rest GET /api/rooms/den dave
	answered 404
	rest GET "/api/rooms/$DEN/members" dave
	answered 404
	rest GET /api/rooms dave
	answered 200 '[.rooms[].name] | index("den") == null'
	says bob "among us"
	hears alice "among us"
	rest PUT /api/rooms/den/members/dave bob
	answered 403
	rest PUT /api/rooms/den/members/dave alice
	answered 204
	expect bob "{\"type\": \"UserJoined\", \"user_id\": \"${ID[dave]}\"}"
	send dave.hub.1 '{"type": "join", "room": "den"}'
	expect dave.hub.1 '{"type": "join_ack"}'
}

@test "an invite opens a room to whoever shows it, until it is over or revoked" {
	two alice
	local code lasting
	asks alice UpdateRoom '"visibility": "invite"' RoomUpdated
	asks alice CreateInvite '"seconds": 1' InviteCreated '"invite": {"id": "<uuid>", "code": "<string>", "until": "<time>"}'
	code=$(jq -r .invite.code <<<"$REPLY")
	rest POST /api/rooms/den/invites alice
	answered 201 '.until == null'
	lasting=$(body .code)
	local id
	id=$(body .id)
	QUERY='&v=2' online dave
	send dave "{\"type\": \"JoinRoom\", \"request_id\": 1, \"room_id\": \"$DEN\"}"
	expect dave '{"type": "Error", "request_id": 1, "code": "ROOM_NOT_FOUND"}'
	eventually 5 is_over "$code"
	send dave "{\"type\": \"AcceptInvite\", \"request_id\": 2, \"code\": \"$lasting\"}"
	expect dave "{\"type\": \"PresenceUpdate\", \"request_id\": 2, \"room_id\": \"$DEN\"}"
	expect alice "{\"type\": \"UserJoined\", \"user_id\": \"${ID[dave]}\"}"
	rest DELETE "/api/rooms/den/invites/$id" dave
	answered 403
	asks alice GetInvites '' Invites "\"invites\": [{\"id\": \"$id\", \"until\": null, \"by\": \"${ID[alice]}\"}]"
	kill_daemon store
	asks alice RevokeInvite "\"invite_id\": \"$id\"" InviteRevoked
	kill_daemon store
	people erin
	rest POST /api/invites/accept erin "{\"code\": \"$lasting\"}"
	answered 404
	rest POST /api/invites/accept erin '{"code": "no invite"}'
	answered 400 '.field == "code"'
}

# is_over CODE: of a person who is new each time.
is_over()
{
	people "late$RANDOM" || return
	rest POST /api/invites/accept "${!TOKEN[*]}" '{}' || true
	local name
	name=$(printf '%s\n' "${!TOKEN[@]}" | grep -m 1 '^late')
	rest POST /api/invites/accept "$name" "{\"code\": \"$1\"}"
	[ "$STATUS" = 404 ]
}

@test "an archived room is read-only and in no listing until it is taken out again" {
	two alice bob
	says bob "the last word"
	hears alice "the last word"
	asks alice UpdateRoom '"archived": true' RoomUpdated '"room": {"archived": true}'
	says bob "another"
	expect bob '{"type": "Error", "request_id": 9, "code": "NOT_ALLOWED"}'
	rest POST /api/rooms/den/messages bob '{"content": "another"}'
	answered 409
	rest GET /api/rooms/den/messages bob
	answered 200 '.messages[-1].content == "the last word"'
	rest GET /api/rooms bob
	answered 200 '[.rooms[].name] | index("den") == null'
	rest GET '/api/rooms?archived=1&details=1' bob
	answered 200 '.rooms[0] | .name == "den" and .archived and .role == "member"'
	in_hub_refused dave 'join: the room is archived'
	kill_daemon store
	says bob "now?"
	expect bob '{"type": "Error", "request_id": 9, "code": "NOT_ALLOWED"}'
	rest PATCH /api/rooms/den bob '{"archived": false}'
	answered 403
	rest PATCH /api/rooms/den alice '{"archived": false}'
	answered 200 '.archived == false'
	says bob "we are back"
	hears alice "we are back"
}

in_hub_refused()
{
	connect "$1.hub" "$WS/ws/hub?token=${TOKEN[$1]}"
	send "$1.hub" '{"type": "join", "room": "den"}'
	expect "$1.hub" "{\"type\": \"error\", \"data\": {\"message\": \"$2\"}}"
}

@test "a room gets another name and another description, told to those who asked for that" {
	two alice bob
	in_campfire carol carol
	asks alice UpdateRoom '"name": "lair", "description": "where we hide"' RoomUpdated
	exactly bob "{\"type\": \"RoomUpdated\", \"room\": {\"id\": \"$DEN\", \"name\": \"lair\", \"description\": \"where we hide\", \"kind\": \"public\", \"created_at\": \"<time>\", \"visibility\": \"public\", \"slow_seconds\": 0, \"archived\": false}}"
	never carol '{"type": "RoomUpdated"}'
	rest GET /api/rooms/lair carol
	answered 200 '.description == "where we hide"'
	room attic bob
	rest PATCH /api/rooms/lair alice '{"name": "Attic"}'
	answered 409 '.field == "name"'
	rest PATCH /api/rooms/lair alice '{"slow_seconds": -1}'
	answered 400 '.field == "slow_seconds"'
	rest PATCH /api/rooms/lair alice '{}'
	answered 400
	rest DELETE /api/rooms/lair alice
	answered 405
	[[ $(header allow) == 'GET, HEAD, PATCH' ]]
}

# --- administration -----------------------------------------------------------

@test "administration names an owner where there is none, and a gateway cannot act as it" {
	two alice bob
	send alice "{\"type\": \"LeaveRoom\", \"request_id\": 1, \"room_id\": \"$DEN\"}"
	expect alice '{"type": "UserLeft", "request_id": 1}'
	tool router moderate "\"action\": 1, \"role\": 3, \"user\": \"${ID[bob]}\""
	holds '.frame == "moderated" and .role == 3 and .user_name == "bob"'
	expect bob "{\"type\": \"MemberUpdated\", \"change\": \"role\", \"role\": \"owner\", \"by\": null, \"user_id\": \"${ID[bob]}\"}"
	tool router change_room '"what": 1, "name": "hall"'
	holds '.frame == "room_changed" and .rooms[0].name == "hall"'
	expect bob '{"type": "RoomUpdated", "room": {"name": "hall"}}'
	asks bob Ban "$(whom alice), \"reason\": \"gone\""
	tool store get_bans '"limit": 10'
	holds '[.bans[] | {user_name, reason, actor_name}] == [{user_name: "alice", reason: "gone", actor_name: "bob"}]'
	tool store get_members '"limit": 10'
	holds '[.members[].role] | sort == [1, 3]'
	tool store get_members '"limit": 10' gateway
	holds '.code == "not_allowed"'
	tool router moderate "\"action\": 2, \"user\": \"${ID[bob]}\"" gateway
	holds '.code == "not_allowed"'
	tool router moderate "\"action\": 2, \"user\": \"${ID[bob]}\""
	holds '.frame == "moderated" and .ended'
	expect bob "{\"type\": \"UserLeft\", \"user_id\": \"${ID[bob]}\"}"
}

@test "direct rooms have no roles" {
	two alice bob
	send alice '{"type": "OpenDirect", "request_id": 1, "username": "bob"}'
	expect alice '{"type": "DirectOpened"}'
	DEN=$(jq -r .room_id <<<"$REPLY")
	denied alice NOT_ALLOWED Kick "$(whom bob)"
	denied alice NOT_ALLOWED UpdateRoom '"archived": true'
	QUERY='&v=2' online dave
	denied dave ROOM_NOT_FOUND Kick "$(whom bob)"
}
