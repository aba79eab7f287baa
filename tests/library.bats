#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The client library (gateway/web/parley.js), in Node and in Chromium, over real
# daemons: every method, and what it promises while connections come and go.
# Plain builds only: what it drives are Node and Chromium.

load helper

setup()
{
	suite_start PARLEY_RATE=off
	# Node takes no .js for a module on its own.
	LIBRARY=$BATS_TEST_TMPDIR/library/parley.js
	mkdir "${LIBRARY%/*}"
	echo '{"type": "module"}' >"${LIBRARY%/*}/package.json"
	fetch_module parley.js
}

# fetch_module FILE: as the gateway serves it, with what it imports.
fetch_module()
{
	local file=${LIBRARY%/*}/$1 name
	[ ! -e "$file" ] || return 0
	curl -fsS --noproxy '*' -o "$file" "$URL/$1" || return
	while IFS= read -r name; do
		fetch_module "$name" || return
	done < <(sed -n 's|.* from "\./\([a-z_]*\.js\)";$|\1|p' "$file")
}

teardown()
{
	local verdict=0
	[ -z "${USERS_PID:-}" ] || library clean || verdict=1
	recover 2>/dev/null || true
	dismiss "${USERS_PID:-}" "${USERS[1]:-}"
	suite_stop && return "$verdict"
}

# library COMMAND WORD…: sets REPLY to what comes after `ok`.
library()
{
	local IFS=$'\t'
	if [ -z "${USERS_PID:-}" ]; then
		# shellcheck disable=SC2086 # none, or several options
		coproc USERS { IFS=' ' && exec node ${NODE_FLAGS:-} "$CLIENTS/library.mjs" "$LIBRARY" 3>&- 4>&-; }
	fi
	exchange "${USERS[0]}" "${USERS[1]}" "$*" || return
	REPLY=${REPLY% }
}

# options PERSON [FIELDS]: what their client is made with, on one line.
options()
{
	jq -nc --arg url "$URL" --arg token "${TOKEN[$1]}" --arg id "${ID[$1]}" \
		"{url: \$url, token: \$token, userId: \$id, baseMs: 100} + {${2:-}}"
}

# in_node PERSON [FIELDS] and in_browser PERSON [FIELDS]: open and ready.
in_node()
{
	library node "$1" "$(options "$@")"
	library is "$1" ready
}

in_browser()
{
	command -v "${CHROMIUM:=/usr/bin/chromium}" >/dev/null || skip "no Chromium"
	export CHROMIUM
	library browser "$1" "$URL/healthz" "$(options "$@")"
	library is "$1" ready
}

# does PERSON METHOD ARGUMENT…: those that are no JSON are texts.
does()
{
	local words=() word
	for word in "${@:3}"; do
		[[ $word == [\{\[0-9]* && ! $word =~ ^[0-9a-f]{8}- ]] ||
			word=$(jq -nc --arg w "$word" '$w')
		words+=("$word")
	done
	library call "$1" "$2" "${words[@]}"
}

quoted()
{
	printf '"%s"' "$1"
}

# gateway_goes and gateway_returns: while it is away, nobody starts it again.
gateway_goes()
{
	GATEWAY=$(pid_of gateway)
	hang run
	kill -KILL "$GATEWAY"
}

gateway_returns()
{
	recover
	eventually 10 has_successor gateway "$GATEWAY"
}

# Everything that one can do, between ALICE and BOB, who are there already.
converse()
{
	local here direct message
	does alice createRoom den "where foxes talk"
	holds '.kind == "public" and .member and .description == "where foxes talk"'
	here=$(jq -r .id <<<"$REPLY")
	does bob rooms
	holds ".[] | select(.id == \"$here\") | .member == false"
	does bob join "$here"
	holds "contains([\"${ID[alice]}\", \"${ID[bob]}\"])"
	library sees alice joined "{\"room_id\": \"$here\", \"user_id\": \"${ID[bob]}\"}"
	library sees alice presence "{\"room_id\": \"$here\", \"online_users\": {\"<set>\": [\"${ID[alice]}\", \"${ID[bob]}\"]}}"
	library begin bob typing "$(quoted "$here")"
	library sees alice typing "{\"room_id\": \"$here\", \"user_id\": \"${ID[bob]}\", \"typing\": true}"
	library begin bob typing "$(quoted "$here")" false
	library sees alice typing '{"typing": false}'
	does bob send "$here" "hello alice"
	holds '.seq == 1 and .creator_name == "bob"'
	message=$(jq -r .id <<<"$REPLY")
	library sees bob pending '{"gone": false, "item": {"content": "hello alice", "state": "pending"}}'
	library sees bob pending '{"gone": true, "item": {"content": "hello alice"}}'
	does bob pending
	assert_equal "$REPLY" '[]'
	library sees alice message '{"content": "hello alice", "seq": 1}'
	does alice unread
	holds ".[] | select(.room_id == \"$here\") | .count == 1"
	does alice seen "$message"
	holds ".seq == 1 and .message_id == \"$message\""
	does bob edit "$message" "hello, Alice"
	holds '.content == "hello, Alice"'
	library sees alice edited '{"content": "hello, Alice", "seq": 1}'
	does alice send "$here" "a face: 😀 <b>"
	library sees bob message '{"content": "a face: 😀 <b>", "seq": 2}'
	does bob search "hello" "{\"roomId\": \"$here\", \"limit\": 5}"
	holds 'length == 1 and .[0].seq == 1'
	does alice history "$here" '{"after": 0, "limit": 1}'
	holds '.has_more and (.messages | length == 1) and .messages[0].seq == 1'
	does bob delete "$message"
	library sees alice deleted "{\"room_id\": \"$here\", \"message_id\": \"$message\"}"
	does bob direct '{"username": "alice"}'
	direct=$(jq -r . <<<"$REPLY")
	does bob send "$direct" "between us"
	library sees alice message "{\"room_id\": \"$direct\", \"content\": \"between us\"}"
	does alice me
	holds ".username == \"alice\" and .user_id == \"${ID[alice]}\""
	does alice places
	holds ".[\"$here\"] == 2 and .[\"$direct\"] == 1"
	does bob leave "$here"
	library sees alice left "{\"room_id\": \"$here\", \"user_id\": \"${ID[bob]}\"}"
	does bob places
	holds "has(\"$here\") | not"
	! does bob send "$here" "too late" || return 1
	holds '.code == "NOT_A_MEMBER"'
	library never alice error
	library never bob error
}

@test "who asks a room that refuses asks ever more slowly, until they are in it" {
	local here at i
	register alice
	register bob
	in_node alice
	in_node bob
	does alice createRoom den
	here=$(jq -r .id <<<"$REPLY")
	does alice send "$here" "one"
	at=${EPOCHREALTIME/./}
	for i in 1 2 3; do
		! does bob history "$here" || return 1
		holds '.code == "NOT_A_MEMBER"'
	done
	((${EPOCHREALTIME/./} - at >= 1500000))
	library begin bob history "$(quoted "$here")"
	i=$REPLY
	does bob join "$here"
	library outcome bob "$i" '{"value": {"messages": [{"content": "one"}]}}'
	does bob leave "$here"
	! does bob history "$here" || return 1
	library begin bob history "$(quoted "$here")"
	i=$REPLY
	does bob close
	library outcome bob "$i" '{"error": {"code": "CLOSED"}}'
}

@test "two people do in Node everything that one can do" {
	register alice
	register bob
	in_node alice
	in_node bob
	converse
}

@test "one in Node and one in Chromium do everything that one can do" {
	register alice
	register bob
	in_browser alice
	in_node bob
	converse
}

@test "where Node has no global crypto, as in Debian 12, ids are made all the same" {
	NODE_FLAGS=--no-experimental-global-webcrypto
	people alice
	room den alice
	in_node alice
	does alice send "${ROOM[den]}" "one"
	holds '.client_message_id[14:15] == "7"'
}

# A gateway dies twice while both talk without a pause.
babble_through_kills()
{
	local here=${ROOM[den]} old count n
	library babble alice "$here" alice
	library babble bob "$here" bob
	for n in 1 2; do
		library sees alice message "{\"content\": \"bob $((n * 40))\"}"
		old=$(pid_of gateway)
		kill -KILL "$old"
		eventually 10 has_successor gateway "$old"
		library is alice ready
		library is bob ready
	done
	library hush alice
	count=$REPLY
	library hush bob
	count=$((count + REPLY))
	library agrees alice "$here"
	library agrees bob "$here"
	does alice history "$here" '{"limit": 1}'
	holds ".messages[0].seq == $count"
	library never alice gap
	library never bob gap
}

@test "a gateway that dies while both talk loses nothing, doubles nothing, turns nothing around" {
	people alice bob
	room den alice bob
	in_node alice
	in_node bob
	babble_through_kills
}

@test "the same, when one of them is in Chromium" {
	people alice bob
	room den alice bob
	in_browser alice
	in_node bob
	babble_through_kills
}

@test "what is said while the gateway is away is pending, then sent: once, in order" {
	local here text
	people alice bob
	room den alice bob
	here=${ROOM[den]}
	in_node alice
	in_node bob
	gateway_goes
	library is alice waiting
	for text in one two three; do
		library begin alice send "$(quoted "$here")" "$(quoted "$text")"
		library sees alice pending "{\"gone\": false, \"item\": {\"content\": \"$text\"}}"
	done
	does alice pending "$here"
	holds '[.[].content] == ["one", "two", "three"] and all(.[]; .state == "pending")'
	library begin alice rooms
	gateway_returns
	library outcome alice 0 '{"value": {"content": "one", "seq": 1}}'
	library outcome alice 2 '{"value": {"content": "three", "seq": 3}}'
	library outcome alice 3 '{"value": "<any>"}'
	library reads alice "$here" one two three
	library reads bob "$here" one two three
}

@test "what others say while one is away arrives on return, in rooms without a word before too" {
	local here there
	people alice bob
	room den alice bob
	room attic bob
	here=${ROOM[den]} there=${ROOM[attic]}
	post bob den "before alice came"
	in_node alice
	does alice join "$there"
	does alice close
	library is alice closed
	post bob den "two" "three"
	post bob attic "first"
	library begin alice open
	library reads alice "$here" two three
	library reads alice "$there" first
	post bob den "four"
	library reads alice "$here" two three four
}

@test "a membership that was made elsewhere meanwhile begins where it began" {
	people alice bob
	room attic bob
	post bob attic "before"
	in_node alice
	does alice close
	join_room alice "${ROOM[attic]}"
	post bob attic "one" "two"
	library begin alice open
	library reads alice "${ROOM[attic]}" one two
}

@test "a program that starts again goes on where it was, and sends what it had not sent" {
	local here
	people alice bob
	room den alice bob
	here=${ROOM[den]}
	in_node alice 'storage: "disk"'
	in_node bob
	does bob send "$here" "one"
	library reads alice "$here" one
	gateway_goes
	library is alice waiting
	library begin alice send "$(quoted "$here")" '"from the first"'
	does alice close
	library outcome alice 0 '{"error": {"code": "CLOSED"}}'
	gateway_returns
	library is bob ready
	does bob send "$here" "two"
	library again alice
	library reads alice "$here" one two "from the first"
	library reads bob "$here" one two "from the first"
}

@test "a page that is loaded again sends what it had not sent" {
	local here
	people alice bob
	room den alice bob
	here=${ROOM[den]}
	in_browser alice 'storage: true'
	in_node bob
	gateway_goes
	library is alice waiting
	library begin alice send "$(quoted "$here")" '"from the first"'
	does alice close
	library again alice
	does alice pending "$here"
	holds '.[0].content == "from the first"'
	gateway_returns
	library reads bob "$here" "from the first"
	library reads alice "$here" "from the first"
	does alice pending
	assert_equal "$REPLY" '[]'
}

@test "who missed more than the server brings is told so, and reads on if asked to" {
	local here
	people alice bob carol
	room den alice bob carol
	here=${ROOM[den]}
	in_node alice
	in_node carol 'fillGaps: true'
	in_node bob
	does bob send "$here" "before"
	library reads alice "$here" before
	library reads carol "$here" before
	does alice close
	does carol close
	library babble bob "$here" word 1100
	library babbled bob
	assert_equal "$REPLY" 1100
	library begin alice open
	library sees alice gap "{\"room_id\": \"$here\", \"after\": 1, \"before\": 102, \"isFilled\": false}"
	library sees alice message '{"seq": 102}'
	library sees alice message '{"seq": 1101}'
	library never alice message '{"seq": 101}'
	library begin carol open
	library sees carol gap '{"after": 1, "before": 102, "isFilled": true}'
	library sees carol message '{"seq": 1101}'
	library agrees carol "$here"
}

@test "who starts with the unread gets what was never marked as seen, and nothing before" {
	people alice bob
	room den alice bob
	post bob den one two
	rest GET "/api/rooms/${ROOM[den]}/messages?limit=2" alice
	in_node bob
	in_node alice 'start: "unread"'
	library reads alice "${ROOM[den]}" one two
	does alice seen "$(body '.messages[0].id')"
	does alice close
	library again alice
	library is alice ready
	library sees alice message '{"content": "two"}'
	library sees alice message '{"content": "two"}'
	library reads alice "${ROOM[den]}" one two two
}

@test "a token that ends, ends the coming back, until there is a new one" {
	people alice bob
	room den alice bob
	cast token "$JWT_SECRET" "{\"sub\": \"${ID[alice]}\", \"username\": \"alice\", \"exp\": $((EPOCHSECONDS - 22))}"
	library node alice "$(options alice "token: \"$REPLY\"")"
	library sees alice status '{"state": "ready"}'
	library sees alice status '{"state": "closed", "reason": "token", "code": 4401}'
	! does alice rooms || return 1
	holds '.code == "CLOSED"'
	library begin alice send "$(quoted "${ROOM[den]}")" '"kept"'
	library begin alice open "$(quoted "${TOKEN[alice]}")"
	library is alice ready
	library reads alice "${ROOM[den]}" kept
}

@test "why a connection is refused is told apart, and ends the trying" {
	people alice
	library node nowhere "$(options alice "url: \"$URL/ws/nowhere\"")"
	library sees nowhere status '{"state": "closed", "reason": "not-found", "code": 404}'
	library node foreign "$(options alice 'origin: "http://elsewhere.example"')"
	library sees foreign status '{"state": "closed", "reason": "forbidden", "code": 403}'
	library node alice "$(options alice 'token: "not-a-token"')"
	library sees alice status '{"state": "closed", "reason": "token", "code": 401}'
}

@test "a page, which sees no status, finds out that its token is not good" {
	people alice bob
	in_browser alice
	library browser bob "$URL/healthz" "$(options bob 'token: "not-a-token"')"
	library sees bob status '{"state": "closed", "reason": "token", "code": 401}'
}

messages_heard()
{
	metric parley_gateway_messages_received_total
}

were_heard()
{
	(($(messages_heard) >= $1))
}

@test "a link that is dead without a word is found, and what was missed arrives" {
	local heard
	people alice bob
	room den alice bob
	in_node alice 'idleMs: 200, timeoutMs: 500'
	# Nobody says a word, and yet the link is found to live time and again.
	heard=$(messages_heard)
	eventually 10 were_heard $((heard + 5))
	library never alice status '{"state": "waiting"}'
	hang gateway
	library sees alice status '{"state": "waiting", "code": 1006}'
	recover
	library is alice ready
	post bob den "are you there?"
	library reads alice "${ROOM[den]}" "are you there?"
}

@test "a gateway that stops in order is come back to after a while, not at once" {
	local old
	people alice
	in_node alice
	old=$(pid_of gateway)
	kill -TERM "$old"
	library sees alice status '{"state": "waiting", "code": 1001}'
	holds '.retryInMs >= 100'
	eventually 10 has_successor gateway "$old"
	library is alice ready
}

@test "what is refused for good is rejected; it is kept for another try if asked to" {
	local there one two
	people alice bob
	room attic bob
	there=${ROOM[attic]}
	in_node alice 'maxPending: 2, keepFailed: true'
	library begin alice send "$(quoted "$there")" '"one"'
	library outcome alice 0 '{"error": {"code": "NOT_A_MEMBER"}}'
	library begin alice send "$(quoted "$there")" '"two"'
	library outcome alice 1 '{"error": {"code": "NOT_A_MEMBER"}}'
	does alice pending
	holds '[.[] | [.content, .state, .code]] == [["one", "failed", "NOT_A_MEMBER"], ["two", "failed", "NOT_A_MEMBER"]]'
	one=$(jq -r '.[0].client_message_id' <<<"$REPLY")
	two=$(jq -r '.[1].client_message_id' <<<"$REPLY")
	! does alice send "$there" "three" || return 1
	holds '.code == "FULL"'
	! does alice send "$there" "$(times 40961 x)" || return 1
	holds '.code == "TOO_LONG"'
	! does alice send not-an-id "four" || return 1
	holds '.code == "INVALID_FIELD"'
	does alice discard "$two"
	does alice join "$there"
	does alice resend "$one"
	holds ".content == \"one\" and .client_message_id == \"$one\""
	does alice pending
	assert_equal "$REPLY" '[]'
}

@test "a post that is given the id of an earlier one resolves to that one, and is not told again" {
	local id=11111111-2222-4333-8444-555555555555 here
	people alice bob
	room den alice bob
	here=${ROOM[den]}
	in_node alice
	does alice send "$here" one "{\"clientMessageId\": \"$id\"}"
	does alice send "$here" two
	does alice send "$here" three "{\"clientMessageId\": \"$id\"}"
	holds '.content == "one" and .seq == 1'
	does alice send "$here" four
	library reads alice "$here" one two four
}

@test "who talks too much is slowed down, and everything is said in order" {
	local here n wanted=()
	parley_run stop
	suite_start PARLEY_RATE=5:5
	people alice bob
	room den alice bob
	here=${ROOM[den]}
	in_node alice
	for n in {1..12}; do
		library begin alice send "$(quoted "$here")" "$(quoted "word $n")"
		wanted+=("word $n")
	done
	library reads alice "$here" "${wanted[@]}"
	library never alice status '{"state": "waiting"}'
}

@test "when the store is away, a post waits for it" {
	people alice bob
	room den alice bob
	in_node alice
	hang store
	library begin alice send "$(quoted "${ROOM[den]}")" '"patience"'
	! does alice rooms || return 1
	holds '.code == "SERVICE_UNAVAILABLE"'
	recover
	library outcome alice 0 '{"value": {"content": "patience"}}'
	library reads alice "${ROOM[den]}" patience
}

# ends_by_itself CASE URL TOKEN
ends_by_itself()
{
	HUNG["gateway"]=$(pid_of gateway) # by the client itself
	run timeout 5 node "$CLIENTS/library_exit.mjs" "$LIBRARY" "$@" \
		"${ROOM[den]}" "${HUNG["gateway"]}" 3>&- 4>&-
	assert_success
	assert_output "closed: closed"
}

@test "a client that is closed leaves nothing that keeps a program alive" {
	people alice
	room den alice
	ends_by_itself ready "$URL" "${TOKEN[alice]}"
	ends_by_itself asking "$URL" "${TOKEN[alice]}"
	ends_by_itself connecting "$URL" "${TOKEN[alice]}"
	ends_by_itself waiting http://127.0.0.1:1 "${TOKEN[alice]}"
	ends_by_itself stopped "$URL" not-a-token
	ends_by_itself hung "$URL" "${TOKEN[alice]}"
}

@test "before a server that is played: copies, holes, changes, closes and silence" {
	run node "$CLIENTS/library_alone.mjs" "$LIBRARY"
	assert_success
	refute_output --partial "not ok"
}
