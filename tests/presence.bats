#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Who is online where.

load helper

setup()
{
	suite_start
	people alice bob carol
	room den alice bob
	DEN=${ROOM[den]}
}

teardown()
{
	suite_stop
}

# sees PERSON SECONDS OTHER…: PERSON is told that just these are online.
sees()
{
	local who=$1 seconds=$2 ids=() name
	shift 2
	for name in "$@"; do
		ids+=("\"${ID[$name]}\"")
	done
	expect "$who" "{\"type\": \"PresenceUpdate\", \"room_id\": \"$DEN\", \"online_users\": {\"<set>\": [$(IFS=, && echo "${ids[*]}")]}}" "$seconds"
}

@test "a new connection is told at once who is online in each of its rooms" {
	room attic alice
	online alice
	expect alice "{\"type\": \"PresenceUpdate\", \"room_id\": \"$DEN\"}"
	cast close alice
	online alice
	expect alice "{\"type\": \"PresenceUpdate\", \"room_id\": \"${ROOM[attic]}\"}"
}

@test "coming and going is told to the room" {
	online alice
	sees alice 5 alice
	online bob
	sees alice 5 alice bob
	cast close bob
	sees alice 8 alice
}

@test "going is announced only after 2 s, so that a brief reconnect does not flap" {
	online alice bob
	sees alice 5 alice bob
	cast drop bob
	online bob
	never alice "{\"type\": \"PresenceUpdate\", \"online_users\": [\"${ID[alice]}\"]}" 6
}

@test "a user is online while one of several connections lives" {
	online alice
	connect bob "$WS/ws/campfire?token=${TOKEN[bob]}"
	connect bob.phone "$WS/ws/campfire?token=${TOKEN[bob]}"
	sees alice 5 alice bob
	cast close bob
	never alice "{\"type\": \"PresenceUpdate\", \"online_users\": [\"${ID[alice]}\"]}" 6
	cast close bob.phone
	sees alice 8 alice
}

@test "who is no member is not shown, and is told nothing" {
	online alice carol
	sees alice 5 alice
	never carol '{"type": "PresenceUpdate"}'
}

@test "while presence is away the room talks on, and its return makes nobody flap" {
	online alice bob
	sees alice 5 alice bob
	kill_daemon presence
	post bob den "still here"
	expect alice '{"type": "NewMessage", "message": {"content": "still here"}}'
	never alice "{\"type\": \"PresenceUpdate\", \"online_users\": [\"${ID[alice]}\"]}" 7
}

@test "comings and goings while presence was away are told on its return" {
	online alice bob
	sees alice 5 alice bob
	kill -KILL "$(pid_of presence)"
	cast close bob
	sees alice 15 alice
}
