#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The sealed dialect: encrypted rooms that one enters by key, without an account.
# A frame that its document does not name fails the test.

load helper

setup()
{
	strict_start
	declare -gA JOIN_KEY=() KEY=() SEALED=()
}

teardown()
{
	suite_stop
}

# strangers CONNECTION…: connected, and in no room yet.
strangers()
{
	local name
	for name in "$@"; do
		connect "$name" "$WS/ws/sealed${QUERY:-}"
	done
}

# info NAME PASSWORD? COUNT [JOIN-KEY]
info()
{
	printf '{"id": "<uuid>", "name": "%s", "description": "for the tests", "join_key": "%s", "has_password": %s, "created_at": "<number>", "participant_count": %s}' \
		"$1" "${4:-<string>}" "$2" "$3"
}

# create CONNECTION NAME [PASSWORD]: makes a room and remembers its keys. What
# follows a colon in NAME is for us alone.
create()
{
	local password=null
	[ -z "${3:-}" ] || password="\"$3\""
	send "$1" "{\"CreateRoom\": {\"name\": \"${2%%:*}\", \"description\": \"for the tests\", \"password\": $password}}"
	created "$1" "$2" "$([ -n "${3:-}" ] && echo true || echo false)"
}

# created CONNECTION NAME PASSWORD?
created()
{
	next "$1" "{\"RoomCreated\": {\"room_info\": $(info "${2%%:*}" "$3" 1), \"encryption_key\": \"<key>\"}}" || return
	JOIN_KEY[$2]=$(jq -r .RoomCreated.room_info.join_key <<<"$REPLY")
	KEY[$2]=$(jq -r .RoomCreated.encryption_key <<<"$REPLY")
	SEALED[$2]=$(jq -r .RoomCreated.room_info.id <<<"$REPLY")
}

# asks_in CONNECTION JOIN-KEY NAME [PASSWORD-JSON]
asks_in()
{
	send "$1" "{\"JoinRoom\": {\"join_key\": \"$2\", \"password\": ${4:-null}, \"name\": \"$3\"}}"
}

# is_in CONNECTION ROOM PASSWORD? PARTICIPANT…: told so, with just these there.
is_in()
{
	local who=$1 room=$2 password=$3 names
	shift 3
	names=$(printf ',"%s"' "$@")
	next "$who" "{\"RoomJoined\": {\"room_info\": $(info "${room%%:*}" "$password" $# "${JOIN_KEY[$room]}"), \"encryption_key\": \"${KEY[$room]}\", \"participants\": {\"<set>\": [${names#,}]}}}"
}

# members_are CONNECTION NAMES: what GetMembers says, a sorted list in JSON.
members_are()
{
	send "$1" '"GetMembers"'
	expect "$1" '{"RoomJoined": {}}' &&
		holds ".RoomJoined | (.participants | sort) == $2 and
			.room_info.participant_count == ($2 | length)"
}

# joins ROOM NAME…: strangers of these names join; who is there hears of it. The
# creator's connection has the name owner.
joins()
{
	local room=$1 name other here=(owner) names=(Owner)
	shift
	for name in "$@"; do
		strangers "$name"
		asks_in "$name" "${JOIN_KEY[$room]}" "$name"
		names+=("$name")
		is_in "$name" "$room" false "${names[@]}"
		for other in "${here[@]}"; do
			next "$other" "{\"ParticipantJoined\": {\"name\": \"$name\"}}"
		done
		here+=("$name")
	done
}

# says CONNECTION CONTENT: the content as it stands in JSON.
says()
{
	send "$1" "{\"ChatMessage\": {\"content\": \"$2\"}}"
}

hears()
{
	next "$1" "{\"ChatMessage\": {\"sender\": \"$2\", \"content\": \"$3\"}}" "${4:-}"
}

is_refused()
{
	next "$1" '{"Error": {"message": "<string>"}}' "${2:-}"
}

# --- making a room ----------------------------------------------------------

@test "a room is made without any account, and its creator is in it as Owner" {
	strangers owner
	create owner vault
	((${#JOIN_KEY[vault]} >= 16))
	holds ".RoomCreated.room_info.created_at |
		. == floor and (. - $EPOCHSECONDS | fabs) < 60"
	send owner '"GetMembers"'
	is_in owner vault false Owner
	says owner hello
	hears owner Owner hello
}

@test "a password that is null, missing or empty is none" {
	local password
	for password in ', "password": null' '' ', "password": ""'; do
		strangers owner
		send owner "{\"CreateRoom\": {\"name\": \"vault\", \"description\": \"for the tests\"$password}}"
		created owner vault false
		strangers bob
		asks_in bob "${JOIN_KEY[vault]}" bob
		is_in bob vault false Owner bob
	done
}

@test "a room with a password is entered by key and password" {
	strangers owner bob carol dave
	create owner vault secret
	asks_in bob "${JOIN_KEY[vault]}" bob '"secret"'
	is_in bob vault true Owner bob
	next owner '{"ParticipantJoined": {"name": "bob"}}'
	asks_in carol "${JOIN_KEY[vault]}" carol
	is_refused carol
	asks_in carol "${JOIN_KEY[vault]}" carol '""'
	is_refused carol
	asks_in carol "${JOIN_KEY[vault]}" carol '"Secret"'
	is_refused carol
	never owner '{}'
}

@test "a room without a password is entered by key, whatever stands for no password" {
	strangers owner bob carol dave
	create owner vault
	asks_in bob "${JOIN_KEY[vault]}" bob null
	is_in bob vault false Owner bob
	asks_in carol "${JOIN_KEY[vault]}" carol '""'
	is_in carol vault false Owner bob carol
	send dave "{\"JoinRoom\": {\"join_key\": \"${JOIN_KEY[vault]}\", \"name\": \"dave\"}}"
	is_in dave vault false Owner bob carol dave
}

@test "two rooms may have one name; each has its own key" {
	strangers owner other bob
	create owner vault:1
	create other vault:2
	[ "${JOIN_KEY[vault:1]}" != "${JOIN_KEY[vault:2]}" ]
	[ "${KEY[vault:1]}" != "${KEY[vault:2]}" ]
	[ "${SEALED[vault:1]}" != "${SEALED[vault:2]}" ]
	asks_in bob "${JOIN_KEY[vault:2]}" bob
	is_in bob vault:2 false Owner bob
	next other '{"ParticipantJoined": {"name": "bob"}}'
	never owner '{}'
}

@test "an empty description comes back as it was given" {
	strangers owner
	send owner '{"CreateRoom": {"name": "vault", "description": "", "password": null}}'
	next owner '{"RoomCreated": {"room_info": {"id": "<uuid>", "name": "vault", "description": "", "join_key": "<string>", "has_password": false, "created_at": "<number>", "participant_count": 1}, "encryption_key": "<key>"}}'
}

# --- who is let in ----------------------------------------------------------

@test "a wrong key and a wrong password are one and the same error" {
	local wrong_password
	strangers owner bob
	create owner vault secret
	asks_in bob "${JOIN_KEY[vault]}" bob '"not the password"'
	is_refused bob
	wrong_password=$REPLY
	asks_in bob AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA bob '"secret"'
	is_refused bob
	assert_equal "$REPLY" "$wrong_password"
	asks_in bob "${SEALED[vault]}" bob '"secret"'
	is_refused bob
	assert_equal "$REPLY" "$wrong_password"
	asks_in bob vault bob '"secret"'
	is_refused bob
	assert_equal "$REPLY" "$wrong_password"
	asks_in bob "$(times 2000 k)" bob '"secret"'
	is_refused bob
	assert_equal "$REPLY" "$wrong_password"
}

@test "after ten failures from an address its tries are refused, and talk goes on" {
	local i
	strangers owner bob eve
	create owner vault secret
	asks_in bob "${JOIN_KEY[vault]}" bob '"secret"'
	is_in bob vault true Owner bob
	for i in {1..10}; do
		asks_in eve "${JOIN_KEY[vault]}" eve "\"guess $i\""
		is_refused eve
	done
	asks_in eve "${JOIN_KEY[vault]}" eve '"secret"'
	is_refused eve
	strangers eve.again
	asks_in eve.again "${JOIN_KEY[vault]}" eve '"secret"'
	is_refused eve.again
	says bob "still here"
	hears bob bob "still here"
	create eve another
}

@test "a name that is taken in the room is refused, in any case of its letters" {
	strangers owner
	create owner vault
	joins vault bob
	strangers carol
	asks_in carol "${JOIN_KEY[vault]}" bob
	is_refused carol
	asks_in carol "${JOIN_KEY[vault]}" BoB
	is_refused carol
	asks_in carol "${JOIN_KEY[vault]}" carol
	is_in carol vault false Owner bob carol
}

@test "a name that is taken in one room is free in another" {
	strangers owner other
	create owner vault:1
	create other vault:2
	joins vault:1 bob
	strangers bob.two
	asks_in bob.two "${JOIN_KEY[vault:2]}" bob
	is_in bob.two vault:2 false Owner bob
}

@test "nobody else may be Owner, not even while the owner is away" {
	strangers owner
	create owner vault
	joins vault bob
	strangers carol
	asks_in carol "${JOIN_KEY[vault]}" Owner
	is_refused carol
	cast close owner
	asks_in carol "${JOIN_KEY[vault]}" Owner
	is_refused carol
	asks_in carol "${JOIN_KEY[vault]}" owner
	is_refused carol
	asks_in carol "${JOIN_KEY[vault]}" carol
	expect carol '{"RoomJoined": {"room_info": {"name": "vault"}}}'
	eventually 1 members_are carol '["bob", "carol"]'
}

@test "a name that is empty, too long or not printable is refused" {
	strangers owner
	create owner vault
	strangers bob
	asks_in bob "${JOIN_KEY[vault]}" ''
	is_refused bob
	asks_in bob "${JOIN_KEY[vault]}" "$(times 65 n)"
	is_refused bob
	asks_in bob "${JOIN_KEY[vault]}" 'a\u0007b'
	is_refused bob
	send bob '{"CreateRoom": {"name": "", "description": "x", "password": null}}'
	is_refused bob
	send bob '{"CreateRoom": {"name": "a\u0007b", "description": "x", "password": null}}'
	is_refused bob
	asks_in bob "${JOIN_KEY[vault]}" "$(times 64 n)"
	is_in bob vault false Owner "$(times 64 n)"
}

@test "ParticipantJoined goes to the others, not to the joiner" {
	strangers owner
	create owner vault
	joins vault bob carol
	never carol '{}'
	never bob '{}' 0
	never owner '{}' 0
}

# --- talking ----------------------------------------------------------------

@test "a message reaches all in the room, the sender included, and nobody else" {
	strangers owner other
	create owner vault:1
	create other vault:2
	joins vault:1 bob carol
	says bob "good morning"
	hears owner bob "good morning"
	hears bob bob "good morning"
	hears carol bob "good morning"
	never other '{}'
}

@test "content is passed on byte for byte" {
	local content
	strangers owner
	create owner vault
	joins vault bob
	while IFS= read -r content; do
		says owner "$content"
		hears bob Owner "$content"
		jq -e --argjson wanted "\"$content\"" '.ChatMessage.content == $wanted' <<<"$REPLY"
		hears owner Owner "$content"
	done <<-'END'
		q83vASNFZ4mrze8BI0Vnia+/==
		 spaces   stay 
		<b>\"q\"</b> \\ \/ é 🍵
		\u00e9 \ud83c\udf75 \n\t\r\b\f \u0001 \u007f \u2028 \ufeff
		e\u0301 is not \u00e9
		{\"ChatMessage\": {\"content\": \"x\"}}
	END
}

@test "one connection's messages keep their order" {
	local i
	strangers owner
	create owner vault
	joins vault bob
	for i in {1..30}; do
		says owner "number $i"
	done
	for i in {1..30}; do
		hears bob Owner "number $i"
	done
}

# talk_together HOST-COMMAND GUEST-COMMAND: what each has heard the other say.
talk_together()
{
	local -a maker joiner
	read -ra maker <<<"$1"
	read -ra joiner <<<"$2"
	client_starts "${maker[@]}" host "$WS/ws/sealed" "a quiet room" "$3" "welcome, Zoë 🍵"
	"${joiner[@]}" guest "$WS/ws/sealed" "$(jq -r .join_key "$CLIENT.out")" "$3" \
		Zoë "is anybody \"here\"?" >"$BATS_TEST_TMPDIR/guest"
	client_ends
	jq -e -n --slurpfile a "$CLIENT.out" --slurpfile b "$BATS_TEST_TMPDIR/guest" '
		$a[0].id == $b[0].id and $a[0].join_key == $b[0].join_key and
		$b[0].participant_count == 2 and $a[1:] == $b[1:] and $a[1:] == [
			{sender: "Zoë", text: "is anybody \"here\"?"},
			{sender: "Owner", text: "welcome, Zoë 🍵"}]'
}

@test "a Node and a Python client understand each other's AES-256-GCM" {
	talk_together "node $CLIENTS/sealed.mjs" "$PYTHON $CLIENTS/sealed.py" secret
}

@test "a Python and a Node client understand each other's AES-256-GCM" {
	talk_together "$PYTHON $CLIENTS/sealed.py" "node $CLIENTS/sealed.mjs" ''
}

@test "GetMembers has three spellings and one answer" {
	local spelling
	strangers owner
	create owner vault
	joins vault bob
	for spelling in '"GetMembers"' '{"GetMembers": null}' '{"GetMembers": {}}'; do
		send owner "$spelling"
		is_in owner vault false Owner bob
	done
	never bob '{}'
}

@test "outside a room there is nobody to talk to and nobody to name" {
	strangers bob
	says bob hello
	is_refused bob
	send bob '"GetMembers"'
	is_refused bob
}

@test "password hashing of 20 joins at once delays no conversation" {
	run node "$CLIENTS/sealed.mjs" crowd "$WS/ws/sealed" secret 20
	assert_success
	echo "$output"
	jq -e '.joined == 20 and .waiting > 0 and .longest_ms < 1000' <<<"$output"
}

# --- bad input --------------------------------------------------------------

@test "a malformed request is an error, and the connection stands where it was" {
	local json
	strangers owner
	create owner vault
	joins vault bob
	while IFS= read -r json; do
		send bob "$json"
		is_refused bob
	done <<-'END'
		{
		hello
		""
		null
		7
		[]
		{}
		{"ChatMessage": {"content": "x"}} {}
		"Dance"
		{"Dance": {}}
		{"Error": {"message": "x"}}
		{"ChatMessage\u0000": {"content": "x"}}
		"ChatMessage"
		"CreateRoom"
		{"ChatMessage": {"content": "x"}, "GetMembers": null}
		{"GetMembers": null, "ChatMessage": {"content": "x"}}
		{"GetMembers": 7}
		{"ChatMessage": "x"}
		{"ChatMessage": null}
		{"ChatMessage": {}}
		{"ChatMessage": {"content": null}}
		{"ChatMessage": {"content": 7}}
		{"ChatMessage": {"content": ["x"]}}
		{"CreateRoom": {"description": "x", "password": null}}
		{"CreateRoom": {"name": 7, "description": "x", "password": null}}
		{"CreateRoom": {"name": "x", "description": 7, "password": null}}
		{"CreateRoom": {"name": "x", "description": "x", "password": 7}}
		{"JoinRoom": {"password": null, "name": "x"}}
		{"JoinRoom": {"join_key": "x", "password": null}}
		{"JoinRoom": {"join_key": 7, "password": null, "name": "x"}}
		{"JoinRoom": {"join_key": "x", "password": 7, "name": "x"}}
		{"JoinRoom": {"join_key": "x", "password": null, "name": 7}}
	END
	says bob "still here"
	hears bob bob "still here"
	hears owner bob "still here"
}

@test "a message that is empty, too long, has a NUL or no end of brackets is an error" {
	local long deep
	long=$(times 16384 x)
	deep=$(times 50000 '[')
	strangers owner
	create owner vault
	joins vault bob
	says bob ''
	is_refused bob
	says bob "${long}x"
	is_refused bob
	says bob 'a\u0000b'
	is_refused bob
	cast wire bob 818300000000220022
	is_refused bob
	send bob "$deep"
	is_refused bob
	send bob "{\"ChatMessage\": {\"content\": ${deep}"
	is_refused bob
	cast binary bob 224765744d656d6265727322
	is_refused bob
	says bob "$long"
	hears bob bob "$long"
	hears owner bob "$long"
	never owner '{}'
}

@test "text that is not UTF-8 closes with 1007, a frame over 256 KiB with 1009" {
	strangers bob carol
	cast wire bob 818200000000c328
	closed bob 1007
	send carol "$(times 300000 x)"
	closed carol 1009
}

@test "more than the rate is an error and reaches nobody" {
	suite_again PARLEY_RATE=1:3
	strangers owner
	create owner vault
	joins vault bob
	says bob one
	says bob two
	says bob three
	says bob four
	exactly bob '{"Error": {"message": "<string>"}}'
	hears owner bob one
	hears owner bob two
	hears owner bob three
	never owner '{}'
	cast open bob
}

# --- one room at a time -----------------------------------------------------

@test "who joins another room leaves the first, whose name is free again" {
	strangers owner other
	create owner vault:1
	create other vault:2
	joins vault:1 bob
	asks_in bob "${JOIN_KEY[vault:2]}" bob
	is_in bob vault:2 false Owner bob
	eventually 1 members_are owner '["Owner"]'
	says owner "just us"
	hears owner Owner "just us"
	never bob '{}'
	strangers carol
	asks_in carol "${JOIN_KEY[vault:1]}" bob
	is_in carol vault:1 false Owner bob
}

@test "who makes another room leaves the first" {
	strangers owner
	create owner vault:1
	joins vault:1 bob
	create bob vault:2
	eventually 1 members_are owner '["Owner"]'
	says bob "up here"
	hears bob Owner "up here"
	never owner '{}'
}

@test "who fails to join another room stays in the first" {
	strangers owner other
	create owner vault:1
	create other vault:2 secret
	joins vault:1 bob
	asks_in bob "${JOIN_KEY[vault:2]}" bob '"not the password"'
	is_refused bob
	asks_in bob "${JOIN_KEY[vault:2]}" Owner '"secret"'
	is_refused bob
	says bob "still here"
	hears owner bob "still here"
	hears bob bob "still here"
	send owner '"GetMembers"'
	is_in owner vault:1 false Owner bob
}

@test "a disconnect frees the name at once" {
	strangers owner
	create owner vault
	joins vault bob
	strangers carol
	cast close bob
	asks_in carol "${JOIN_KEY[vault]}" bob
	is_in carol vault false Owner bob
	next owner '{"ParticipantJoined": {"name": "bob"}}'
	cast drop carol
	eventually 1 bob_comes_back
	next owner '{"ParticipantJoined": {"name": "bob"}}'
	send owner '"GetMembers"'
	is_in owner vault false Owner bob
}

bob_comes_back()
{
	strangers bob
	asks_in bob "${JOIN_KEY[vault]}" bob
	is_in bob vault false Owner bob
}

# --- choosing the dialect ---------------------------------------------------

@test "the subprotocol and the listener name the dialect too" {
	local second
	PARLEY_TEST_LISTEN='127.0.0.1:0 127.0.0.1:0=sealed' suite_again
	second=$(sed -n '2s/=sealed$//p' "$PARLEY_RUN/listen")
	connect owner "$WS/anywhere" subprotocol=chat,sealed
	assert_equal "$REPLY" sealed
	create owner vault
	connect bob "ws://$second/"
	asks_in bob "${JOIN_KEY[vault]}" bob
	is_in bob vault false Owner bob
	connect carol "ws://$second/ws"
	asks_in carol "${JOIN_KEY[vault]}" carol
	is_in carol vault false Owner bob carol
	refused 403 "$WS/ws/sealed" header=Origin:http://evil.example
}

@test "whatever happens in a room, a strict client understands it" {
	strangers owner
	create owner vault
	client_starts "$PYTHON" "$CLIENTS/sealed.py" listen "$WS/ws/sealed" "${JOIN_KEY[vault]}" '' listener
	next owner '{"ParticipantJoined": {"name": "listener"}}'
	QUERY='?v=2' strangers bob carol
	asks_in bob "${JOIN_KEY[vault]}" bob
	expect bob '{"RoomJoined": {}}'
	asks_in carol "${JOIN_KEY[vault]}" carol
	expect bob '{"ParticipantJoined": {"name": "carol"}}'
	says bob '<\"q\"> é 🍵'
	send bob '{"GetHistory": {"limit": 10}}'
	expect bob '{"History": {}}'
	cast close carol
	expect bob '{"ParticipantLeft": {"name": "carol"}}'
	create bob another
	expect owner '{"ChatMessage": {"sender": "bob"}}'
	says owner "the last words"
	eventually 5 grep -q 'the last words' "$CLIENT.out"
	client_ends
	grep -q '"ParticipantJoined"' "$CLIENT.out"
	run ! grep ParticipantLeft "$CLIENT.out"
}

# --- what lasts, and what is hidden -----------------------------------------

@test "a room and its key survive kill -9 of all daemons" {
	strangers owner
	create owner vault secret
	says owner before
	hears owner Owner before
	kill_daemon gateway router presence store auth
	eventually 10 is_ready
	QUERY='?v=2' strangers bob
	asks_in bob "${JOIN_KEY[vault]}" bob '"secret"'
	is_in bob vault true bob
	send bob '{"GetHistory": {"limit": 10}}'
	next bob '{"History": {"messages": [{"sender": "Owner", "content": "before"}]}}'
	says bob after
	hears bob bob after
	strangers carol
	asks_in carol "${JOIN_KEY[vault]}" Owner '"secret"'
	is_refused carol
	asks_in carol "${JOIN_KEY[vault]}" carol '"not the password"'
	is_refused carol
}

@test "a room survives an orderly restart of everything" {
	strangers owner
	create owner vault
	cast close owner
	parley_run stop
	parley_run --wait
	suite_address
	strangers bob
	asks_in bob "${JOIN_KEY[vault]}" bob
	is_in bob vault false bob
}

# files_with SECRET FOLDER: the files below that have it as text, hex or raw.
files_with()
{
	"$PYTHON" - "$1" "$2" <<-'END'
		import base64, pathlib, re, sys
		secret, folder = sys.argv[1:]
		raws = [secret.encode()]
		if re.fullmatch(r"[\w+/-]{16,}=*", secret):
		    text = secret.rstrip("=").replace("+", "-").replace("/", "_")
		    raws.append(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
		forms = set()
		for raw in raws:
		    for encode in base64.b64encode, base64.urlsafe_b64encode:
		        forms.add(encode(raw).rstrip(b"="))
		    forms |= {raw, raw.hex().encode(), raw.hex().upper().encode()}
		for path in sorted(pathlib.Path(folder).rglob("*")):
		    if path.is_file() and any(form in path.read_bytes() for form in forms):
		        print(path.name)
	END
}

@test "the key and the password are in no database and in no log, the join key not beside the messages" {
	suite_again PARLEY_LOG=debug
	strangers owner bob eve
	create owner vault "open sesame, they said"
	asks_in bob "${JOIN_KEY[vault]}" bob '"open sesame, they said"'
	is_in bob vault true Owner bob
	asks_in eve "${JOIN_KEY[vault]}" eve '"open barley, she said"'
	is_refused eve
	says bob "a word that can be found"
	hears bob bob "a word that can be found"
	parley_run stop
	[[ $(files_with "a word that can be found" "$PARLEY_DATA") == chat.db* ]]
	assert_equal "$(files_with "${KEY[vault]}" "$PARLEY_DATA")" ''
	assert_equal "$(files_with "open sesame, they said" "$PARLEY_DATA")" ''
	assert_equal "$(files_with "open barley, she said" "$PARLEY_DATA")" ''
	run files_with "${JOIN_KEY[vault]}" "$PARLEY_DATA"
	refute_output --partial chat.db
	refute_output --partial .log
}

@test "the content of messages is in no log, and no tap shows a key or a password" {
	local name
	suite_again PARLEY_LOG=debug
	tap "$BATS_TEST_TMPDIR/tap" --pings yes
	for name in gateway router presence store auth hooks; do
		eventually 10 grep -q "\"daemon\":\"$name\".*ping" "$BATS_TEST_TMPDIR/tap"
	done
	strangers owner bob
	create owner vault "open sesame, they said"
	asks_in bob "${JOIN_KEY[vault]}" bob '"open sesame, they said"'
	is_in bob vault true Owner bob
	says bob "a word that can be found"
	hears bob bob "a word that can be found"
	eventually 5 grep -q unseal "$BATS_TEST_TMPDIR/tap"
	background_ends
	run ! grep -rF "a word that can be found" "$PARLEY_RUN" --include='*.log'
	mkdir "$BATS_TEST_TMPDIR/taps"
	mv "$BATS_TEST_TMPDIR/tap" "$BATS_TEST_TMPDIR/taps/"
	assert_equal "$(files_with "${KEY[vault]}" "$BATS_TEST_TMPDIR/taps")" ''
	assert_equal "$(files_with "${JOIN_KEY[vault]}" "$BATS_TEST_TMPDIR/taps")" ''
	assert_equal "$(files_with "open sesame, they said" "$BATS_TEST_TMPDIR/taps")" ''
}

# --- not from elsewhere -----------------------------------------------------

@test "REST neither lists a sealed room nor reads nor writes it" {
	local room
	people alice
	strangers owner
	create owner vault
	says owner hello
	hears owner Owner hello
	rest GET /api/rooms alice
	answered 200 "[.rooms[] | select(.name == \"vault\" or .id == \"${SEALED[vault]}\")] == []"
	for room in "${SEALED[vault]}" vault; do
		rest GET "/api/rooms/$room/messages" alice
		answered 404
		rest POST "/api/rooms/$room/messages" alice '{"content": "let me in"}'
		answered 404
	done
	never owner '{}'
}

@test "a public room may have the name of a sealed one, and is another" {
	people alice
	strangers owner
	create owner vault
	room vault alice
	[ "${ROOM[vault]}" != "${SEALED[vault]}" ]
	post alice vault "in public"
	create owner vault:2
	rest GET /api/rooms/vault/messages alice
	answered 200 '[.messages[].content] == ["in public"]'
	never owner '{}'
}

@test "campfire finds no sealed room" {
	local request
	people alice
	strangers owner
	create owner vault
	says owner "a word that can be found"
	hears owner Owner "a word that can be found"
	QUERY='&v=2' online alice
	while IFS= read -r request; do
		send alice "$request"
		next alice '{"type": "Error", "message": "<string>", "code": "ROOM_NOT_FOUND"}'
	done <<-END
		{"type": "JoinRoom", "room_id": "${SEALED[vault]}"}
		{"type": "CreateMessage", "room_id": "${SEALED[vault]}", "content": "let me in"}
		{"type": "StartTyping", "room_id": "${SEALED[vault]}"}
		{"type": "GetHistory", "room_id": "${SEALED[vault]}", "limit": 10}
	END
	send alice '{"type": "GetRooms"}'
	expect alice '{"type": "Rooms", "rooms": []}'
	send alice '{"type": "SearchMessages", "query": "word", "limit": 10}'
	expect alice '{"type": "SearchResults", "messages": []}'
	send alice "{\"type\": \"Resume\", \"rooms\": {\"${SEALED[vault]}\": 0}}"
	never alice '{"type": "NewMessage"}'
	never owner '{}' 0
}

@test "hub finds no sealed room by its name" {
	people alice
	strangers owner
	create owner vault
	connect alice "$WS/ws/hub?token=${TOKEN[alice]}"
	send alice '{"type": "join", "room": "vault"}'
	next alice '{"type": "error", "data": {"message": "<string>"}}'
	send alice "{\"type\": \"join\", \"room\": \"${SEALED[vault]}\"}"
	next alice '{"type": "error", "data": {"message": "<string>"}}'
	send alice '{"type": "message", "room": "vault", "content": "let me in"}'
	next alice '{"type": "error", "data": {"message": "<string>"}}'
	send alice '{"type": "room_history", "room": "vault", "limit": 10}'
	next alice '{"type": "error", "data": {"message": "<string>"}}'
	never owner '{}'
}

@test "simple by the name of a sealed room is in another room" {
	people alice
	strangers owner
	create owner vault
	connect alice "$WS/ws?token=${TOKEN[alice]}&room=vault"
	expect alice '{"message": "system: alice joined"}'
	send alice "is this the vault?"
	expect alice '{"message": "is this the vault?"}'
	says owner "only for us"
	hears owner Owner "only for us"
	never alice '{}'
	never owner '{}' 0
}

# --- while a daemon is away -------------------------------------------------

# Whether a join needs the store, where the room is known, is left open.
@test "while the store is away messages and new rooms are refused in time" {
	strangers owner carol dave
	create owner vault
	joins vault bob
	hang store
	says bob "too early"
	asks_in carol "${JOIN_KEY[vault]}" carol
	send dave '{"CreateRoom": {"name": "attic", "description": "x", "password": null}}'
	exactly bob '{"Error": {"message": "<string>"}}' 3
	is_refused dave 3
	expect carol '{}' 3
	recover
	eventually 10 is_heard bob "back again"
	cast open owner
}

# is_heard PARTICIPANT TEXT
is_heard()
{
	says "$1" "$2"
	exactly "$1" "{\"ChatMessage\": {\"sender\": \"$1\", \"content\": \"$2\"}}" 1
}

@test "while presence is away nobody comes in, and who is in talks on" {
	strangers owner carol dave
	create owner vault
	joins vault bob
	hang presence
	asks_in carol "${JOIN_KEY[vault]}" carol
	send dave '{"CreateRoom": {"name": "attic", "description": "x", "password": null}}'
	says bob hello
	hears owner bob hello 1
	hears bob bob hello 1
	is_refused carol 3
	is_refused dave 3
	recover
	eventually 10 gets_in
}

gets_in()
{
	asks_in carol "${JOIN_KEY[vault]}" carol
	expect carol '{"RoomJoined": {"participants": {"<set>": ["Owner", "bob", "carol"]}}}' 3
}

@test "while auth is away nobody comes in, and who is in talks on" {
	strangers owner carol dave
	create owner vault
	joins vault bob
	hang auth
	asks_in carol "${JOIN_KEY[vault]}" carol
	send dave '{"CreateRoom": {"name": "attic", "description": "x", "password": null}}'
	says bob hello
	hears owner bob hello 1
	hears bob bob hello 1
	strangers erin
	is_refused carol 3
	is_refused dave 3
	recover
	eventually 10 gets_in
}

@test "who is in stays in while presence is killed, and keeps the name" {
	strangers owner
	create owner vault
	joins vault bob
	kill_daemon presence
	says bob "still here"
	hears owner bob "still here"
	hears bob bob "still here"
	strangers carol erin
	eventually 10 gets_in
	next bob '{"ParticipantJoined": {"name": "carol"}}'
	asks_in erin "${JOIN_KEY[vault]}" bob
	is_refused erin
	send bob '"GetMembers"'
	is_in bob vault false Owner bob carol
}

# --- v=2 --------------------------------------------------------------------

@test "v=2: who left is told to those who asked for it, and to nobody else" {
	strangers owner
	create owner vault
	QUERY='?v=2' joins vault bob
	QUERY='?v=2' strangers carol dave
	asks_in carol "${JOIN_KEY[vault]}" carol
	is_in carol vault false Owner bob carol
	next bob '{"ParticipantJoined": {"name": "carol"}}'
	asks_in dave "${JOIN_KEY[vault]}" dave
	is_in dave vault false Owner bob carol dave
	next bob '{"ParticipantJoined": {"name": "dave"}}'
	cast close carol
	next bob '{"ParticipantLeft": {"name": "carol"}}'
	next dave '{"ParticipantLeft": {"name": "carol"}}'
	create dave another
	next bob '{"ParticipantLeft": {"name": "dave"}}'
	never owner '{"ParticipantLeft": {}}'
	never dave '{"ParticipantLeft": {}}' 0
}

@test "v=2: the history is the newest ones, oldest first, as sender and content" {
	QUERY='?v=2' strangers owner
	create owner vault
	QUERY='?v=2' joins vault bob
	send bob '{"GetHistory": {"limit": 10}}'
	next bob '{"History": {"messages": []}}'
	says owner one
	hears owner Owner one
	says bob two
	hears owner bob two
	says owner 'three \"q\" é 🍵'
	hears owner Owner 'three \"q\" é 🍵'
	send owner '{"GetHistory": {"limit": 10}}'
	next owner '{"History": {"messages": [{"sender": "Owner", "content": "one"}, {"sender": "bob", "content": "two"}, {"sender": "Owner", "content": "three \"q\" é 🍵"}]}}'
	send owner '{"GetHistory": {"limit": 2}}'
	next owner '{"History": {"messages": [{"sender": "bob", "content": "two"}, {"sender": "Owner", "content": "three \"q\" é 🍵"}]}}'
}

@test "v=2: a history needs a room and a limit that is a number" {
	QUERY='?v=2' strangers owner
	send owner '{"GetHistory": {"limit": 10}}'
	is_refused owner
	create owner vault
	send owner '{"GetHistory": {"limit": "ten"}}'
	is_refused owner
	send owner '{"GetHistory": {"limit": -1}}'
	is_refused owner
	says owner "still here"
	hears owner Owner "still here"
}

@test "v=2: of a room whose clients have the key, the server has none" {
	local join_key
	QUERY='?v=2' strangers owner bob
	send owner '{"CreateRoom": {"name": "vault", "description": "for the tests", "password": null, "key": "client"}}'
	next owner "{\"RoomCreated\": {\"room_info\": $(info vault false 1), \"encryption_key\": \"\"}}"
	join_key=$(jq -r .RoomCreated.room_info.join_key <<<"$REPLY")
	asks_in bob "$join_key" bob
	next bob "{\"RoomJoined\": {\"room_info\": $(info vault false 2 "$join_key"), \"encryption_key\": \"\", \"participants\": {\"<set>\": [\"Owner\", \"bob\"]}}}"
	next owner '{"ParticipantJoined": {"name": "bob"}}'
	says bob "sealed elsewhere"
	hears owner bob "sealed elsewhere"
	send bob '{"GetMembers": null}'
	expect bob '{"RoomJoined": {"encryption_key": ""}}'
	send owner '{"CreateRoom": {"name": "x", "description": "x", "password": null, "key": "mine"}}'
	is_refused owner
}
