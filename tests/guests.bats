#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Guests of the lobby and their names: each name is one guest's at a time, over
# restarts of the daemons and over several gateways, and who stays is never told
# to have gone or come.

load helper

setup()
{
	if [[ $BATS_TEST_DESCRIPTION == 'two gateways'* ]]; then
		strict_start PARLEY_RATE=off PARLEY_GATEWAYS=2
		eventually 10 test -s "$PARLEY_RUN/gateway.2.listen"
	else
		strict_start PARLEY_RATE=off
	fi
	people alice
	room lobby alice
}

teardown()
{
	suite_stop
}


# wants CONNECTION [NAME]: asks for the name, which stands before the dot.
wants()
{
	local name=${2:-${1%%.*}}
	send "$1" "$(enter "$name")"
	send "$1" "$(chat "$name" "here is $1")"
}

# has CONNECTION [NAME [SECONDS]]: whoever hears the own words is in the room.
has()
{
	exactly "$1" "$(chat "${2:-${1%%.*}}" "here is $1")" "${3:-$WITHIN}"
}

# enters CONNECTION…
enters()
{
	local name
	for name in "$@"; do
		connect "$name" "$WS/ws/lobby" && wants "$name" && has "$name" || return
	done
}

says()
{
	send "$1" "$(chat "${1%%.*}" "$2")"
}

hears()
{
	exactly "$1" "$(chat "$2" "$3")" "${4:-$WITHIN}"
}

# is_taken NAME: somebody else who wants it is closed with 1008.
is_taken()
{
	connect "thief" "$WS/ws/lobby"
	wants thief "$1"
	closed thief 1008 10
	grep -q 'in use' <<<"$REPLY"
}

# --- over restarts --------------------------------------------------------------

# nobody_moved SECONDS: until then alice, a member, zoe and yan, guests, are told
# of nobody who comes or goes.
nobody_moved()
{
	never alice '{"<not>": {"type": "NewMessage"}}' "$1"
	for name in zoe yan; do
		never "$name" '{"message_type": "Enter"}' 0
		never "$name" '{"message_type": "Leave"}' 0
	done
}

# present COUNT: alice is told that so many are online.
present()
{
	local any
	any=$(printf ', "<uuid>"%.0s' $(seq "$1"))
	expect alice "{\"type\": \"PresenceUpdate\", \"room_id\": \"${ROOM[lobby]}\", \"online_users\": [${any#, }]}" 8
}

two_guests()
{
	online alice
	present 1
	enters zoe yan
	exactly zoe "$(enter yan)"
	present 3
	exactly zoe "$(chat yan "here is yan")"
}

# names_outlive NAME…: these, killed at once.
names_outlive()
{
	two_guests
	kill_daemon "$@"
	says zoe "am I still zoe?"
	hears yan zoe "am I still zoe?" 10
	is_taken ZOE
	nobody_moved 7
	is_taken zoe
	send yan "$(private zoe yan psst)"
	exactly zoe "$(private zoe yan psst)"
	exactly yan "$(private zoe yan psst)"
	send zoe "$(leave zoe)"
	exactly yan "$(leave zoe)"
	enters zoe.second
	exactly yan "$(enter zoe)"
}

@test "names stay their guests' while presence is killed, and nobody is told of it" {
	names_outlive presence
}

@test "names stay their guests' while the router is killed, and nobody is told of it" {
	names_outlive router
}

@test "names stay their guests' while all back daemons are killed, and nobody is told of it" {
	names_outlive store router presence auth
}

@test "while presence is away guests talk on, and who wants a name is closed with 1013 after 2 s" {
	two_guests
	hang run
	kill -KILL "$(pid_of presence)"
	says zoe hello
	hears yan zoe hello
	connect xan "$WS/ws/lobby"
	wants xan
	never xan '{}' 1
	cast open xan
	closed xan 1013 4
	recover
	eventually 10 enters xan.second
	exactly yan "$(enter xan)"
	cast open zoe
}

@test "a guest who goes while presence is away is told gone when it is back, and the name is free" {
	two_guests
	hang run
	kill -KILL "$(pid_of presence)"
	cast close zoe
	never yan "$(leave zoe)" 1
	recover
	exactly yan "$(leave zoe)" 12
	enters zoe
	exactly yan "$(enter zoe)"
	never yan "$(leave zoe)"
}

@test "a name that was left while presence is away is the next one's who wants it" {
	two_guests
	hang run
	kill -KILL "$(pid_of presence)"
	send zoe "$(leave zoe)"
	recover
	eventually 10 enters zoe.second
	is_taken zoe
	wants zoe
	closed zoe 1008
	cast open zoe.second
}

@test "of two who want one name while presence is killed one has it at most, and the name is whole" {
	two_guests
	kill -KILL "$(pid_of presence)"
	connect xan.a "$WS/ws/lobby"
	connect xan.b "$WS/ws/lobby"
	wants xan.a
	wants xan.b
	eventually 10 one_is_closed xan.a xan.b
	eventually 10 one_has_it xan.a xan.b
	is_taken xan
}

one_is_closed()
{
	! cast open "$1" || ! cast open "$2"
}

# one_has_it CONNECTION…: or somebody has who comes now.
one_has_it()
{
	local name
	for name in "$@"; do
		! cast open "$name" || has "$name" || return
		! cast open "$name" || return 0
	done
	enters xan
}

@test "a gateway killed ends its guests, whose names are free at once when it is back" {
	enters zoe yan
	kill_daemon gateway
	closed zoe 1006
	closed yan 1006
	enters yan zoe
	exactly yan "$(enter zoe)"
	never yan "$(leave zoe)" 6
	never yan "$(leave yan)" 0
}

# --- over two gateways ------------------------------------------------------------

# listen_for_names: from now on presence's tap tells who binds what where.
listen_for_names()
{
	BOUND=$BATS_TEST_TMPDIR/bound
	tap "$BOUND" --daemons presence in.gateway.bind in.gateway-2.bind
	eventually 10 is_listening
}

is_listening()
{
	enters probe && cast close probe && [ -s "$BOUND" ]
}

# sits CONNECTION GATEWAY: it is one of this gateway's, and has no name yet. The
# kernel shares them out, so it takes as many as it takes.
sits()
{
	local name
	[ -n "${BOUND:-}" ] || listen_for_names
	for name in seat-{1..40}; do
		connect "$1" "$WS/ws/lobby"
		wants "$1" "$name.$1" && has "$1" "$name.$1" || return
		eventually 5 was_bound "$name.$1"
		send "$1" "$(leave "$name.$1")"
		[ "$(gateway_of "$name.$1")" != "$2" ] || return 0
		cast close "$1"
	done
	return 1
}

gateway_of()
{
	jq -r "select(.frame.name == \"$1\") | .peer" "$BOUND" | tail -n 1
}

was_bound()
{
	[ -n "$(gateway_of "$1")" ]
}

# at GATEWAY CONNECTION
at()
{
	sits "$2" "$1" && wants "$2" && has "$2"
}

@test "two gateways: guests hear each other, come, go and whisper as at one" {
	at gateway zoe
	at gateway-2 yan
	exactly zoe "$(enter yan)"
	says zoe "from one"
	hears yan zoe "from one"
	says yan "from two"
	hears zoe yan "from two"
	send zoe "$(private yan zoe "psst from one")"
	exactly yan "$(private yan zoe "psst from one")"
	exactly zoe "$(private yan zoe "psst from one")"
	send yan "$(private ZOE yan "psst from two")"
	expect zoe '{"message_type": "PrivateChat", "message_body": {"sender_username": "yan", "content": "psst from two"}}'
	expect yan '{"message_type": "PrivateChat", "message_body": {"sender_username": "yan", "content": "psst from two"}}'
	never zoe '{"message_type": "PrivateChat"}'
	never yan '{"message_type": "PrivateChat"}' 0
	cast drop yan
	exactly zoe "$(leave yan)" 1.5
	send zoe "$(private yan zoe "too late")"
	closed zoe 1008
}

@test "two gateways: a name in use at one is refused at the other, and free when it is left" {
	at gateway zoe
	sits zoe.second gateway-2
	wants zoe.second
	closed zoe.second 1008
	sits zoe.third gateway-2
	send zoe "$(leave zoe)"
	wants zoe.third
	has zoe.third
	wants zoe
	closed zoe 1008
}

@test "two gateways: of two who want one name at once one has it, and the other is closed" {
	local round winner loser
	at gateway yan
	for round in 1 2 3; do
		sits one gateway
		sits two gateway-2
		wants one "name-$round"
		wants two "name-$round"
		winner=one loser=two
		if cast closed one 2 1008; then
			winner=two loser=one
		fi
		closed "$loser" 1008
		has "$winner" "name-$round"
		cast open "$winner"
		exactly yan "$(enter "name-$round")"
		exactly yan "$(chat "name-$round" "here is $winner")"
		cast close "$winner"
		exactly yan "$(leave "name-$round")"
		never yan '{}' 0.3
	done
}

@test "two gateways: names stay their guests' while presence is killed" {
	at gateway zoe
	at gateway-2 yan
	exactly zoe "$(enter yan)"
	kill_daemon presence
	# A presence that has not heard of her yet gives the name away, and takes it
	# back when it has.
	is_taken zoe || is_taken zoe
	is_taken yan
	never zoe '{"message_type": "Leave"}' 7
	never yan '{"message_type": "Leave"}' 0
	never zoe '{"message_type": "Enter"}' 0
	send zoe "$(private yan zoe psst)"
	exactly yan "$(private yan zoe psst)"
}

@test "two gateways: a gateway killed takes its guests along, and their names are free at once" {
	at gateway zoe
	at gateway-2 yan
	exactly zoe "$(enter yan)"
	kill_daemon gateway.2
	closed yan 1006
	enters yan.second
	exactly zoe "$(leave yan)" 10
	exactly zoe "$(enter yan)"
	is_taken yan
	is_taken zoe
	never zoe '{"message_type": "Leave"}' 6
	cast open zoe
}

@test "two gateways: the guests of a gateway that was killed are told gone" {
	at gateway zoe
	at gateway-2 yan
	exactly zoe "$(enter yan)"
	hang run
	kill -KILL "$(pid_of gateway.2)"
	exactly zoe "$(leave yan)" 10
	recover
	never zoe '{"message_type": "Enter"}' 3
	never zoe '{"message_type": "Leave"}' 0
}

# one_name_twice: presence has forgotten zoe, whose gateway hangs, and gives the
# name to zoe.second; then that gateway goes on.
one_name_twice()
{
	at gateway yan
	at gateway-2 zoe
	sits zoe.second gateway
	hang gateway.2
	kill_daemon presence
	wants zoe.second
	has zoe.second
	recover
}

@test "two gateways: after a restart of presence the older claim of a name wins, the younger guest is closed with 1013" {
	one_name_twice
	closed zoe.second 1013 10
	says zoe "still me"
	hears yan zoe "still me"
	is_taken zoe
	cast open zoe
}

@test "two gateways: when the younger of one name is closed, the elder is not told gone" {
	one_name_twice
	closed zoe.second 1013 10
	never yan "$(leave zoe)" 7
}
