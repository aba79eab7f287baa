#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Sealed rooms of the page at `/`: made in one browser and entered from another by
# a link, encrypted in both, and in Node by the page's own module.

load helper
load page

setup() { pages_start; }

teardown()
{
	dismiss "${SEATS_PID:-}" "${SEATS[1]:-}"
	pages_end
}

# wire: from here on browsers reach the gateway by somebody who writes down what
# is said; sets HEARD to that file.
wire()
{
	HEARD=$BATS_TEST_TMPDIR/heard
	background node "$CLIENTS/page_wire.mjs" "$HOST" "$HEARD" >"$BATS_TEST_TMPDIR/wire"
	eventually 10 test -s "$BATS_TEST_TMPDIR/wire"
	URL=http://127.0.0.1:$(<"$BATS_TEST_TMPDIR/wire")
}

# seats COMMAND WORD…: participants without a page (page_sealed.mjs); sets REPLY.
seats()
{
	local IFS=$'\t'
	if [ -z "${SEATS_PID:-}" ]; then
		coproc SEATS { exec node "$CLIENTS/page_sealed.mjs" 3>&- 4>&-; }
	fi
	exchange "${SEATS[0]}" "${SEATS[1]}" "$*" || return
	REPLY=${REPLY% }
}

# seals PERSON ROOM KIND [PASSWORD] [NAME]: makes a sealed room; sets LINK.
seals()
{
	page fill "$1" '#dialog-name' "$2"
	page fill "$1" '#dialog-description' "about $2"
	page click "$1" "#dialog-kind-$3"
	page fill "$1" '#dialog-password' "${4:-}"
	[ -z "${5:-}" ] || page fill "$1" '#dialog-me' "$5"
	picture "$1" "create-$1-$3"
	page click "$1" '#dialog-ok'
	page sees "$1" '#sealed-title' "$2"
	page sees "$1" '#sealed-blank h2' "Nothing here yet"
	page invites "$1"
	LINK=$REPLY
}

# enters PERSON NAME [PASSWORD]: in the dialog that a link brings up.
enters()
{
	page fill "$1" '#dialog-me' "$2"
	page fill "$1" '#dialog-password' "${3:-}"
	page click "$1" '#dialog-ok'
}

# friend NAME TEXT ANSWER [PASSWORD]: by another program; sets FRIEND_PID.
friend()
{
	node "$CLIENTS/page_friend.mjs" "$WS/ws/sealed?v=2" "$LINK" "$1" "${4:-}" \
		"$2" "$3" >"$BATS_TEST_TMPDIR/$1" 2>&1 3>&- 4>&- &
	FRIEND_PID=$!
}

# is_nowhere TEXT…: neither the disk nor the wire has it, as it stands or in
# base64 at any offset.
is_nowhere()
{
	local text offset form places=("$PARLEY_DATA")
	[ -z "${HEARD:-}" ] || places+=("$HEARD")
	for text in "$@"; do
		for offset in '' x xx; do
			form=$(printf '%s%s' "$offset" "$text" | base64 -w 0)
			form=${form:4:${#form}-8}
			! grep -raqF -e "$text" -e "$form" "${places[@]}" || {
				echo "it is there: $text"
				return 1
			}
		done
	done
}

is_on_disk()
{
	local text
	for text in "$@"; do
		grep -aqF -e "${text:?}" "$PARLEY_DATA"/chat.db*
	done
}

# meet KIND PASSWORD: alice has an account, bea none.
meet()
{
	local colour
	wire
	comes alice
	page visit bea "$URL/"
	page style alice '#my-avatar' background-color
	colour=$REPLY
	page click alice '#create-sealed'
	page sees alice '#dialog-name'
	page misses alice '#dialog.more'
	seals alice "den of $1" "$1" "$2"
	page follow bea "$LINK"
	page sees bea '#dialog-title' "Enter a sealed room"
	page address bea
	assert_equal "$REPLY" "$URL/"
	picture bea "enter-$1"
	enters bea alice "$2"
	page sees bea '#dialog-error' "This name is taken in the room."
	enters bea bea "$2"
	page sees bea '#sealed-title' "den of $1"
	page sees alice '#sealed-log' "bea is here"
	page click alice '#sealed-copy'
	page sees alice '#toast.shown'
	page say bea "the badger is in the chimney"
	page sees alice '#sealed-log article:has-text("badger")'
	page count alice '#toast.shown'
	assert_equal "$REPLY" 0
	page say alice "let it <i>sleep</i> there"
	page say bea "as you wish"
	page reads alice "the badger is in the chimney" "let it <i>sleep</i> there" "as you wish"
	page reads bea "the badger is in the chimney" "let it <i>sleep</i> there" "as you wish"
	page click alice '#sealed-open-people'
	page sees alice '#sealed-count' 'Here: 2'
	page sees alice '#sealed-people .name:text-is("alice (you)")'
	page style alice '#sealed-people .person:has-text("alice") .avatar' background-color
	assert_equal "$REPLY" "$colour"
	page sees alice '#sealed-people .name:text-is("bea")'
	picture alice "room-$1"
	page click alice '#sealed-kind summary'
	picture alice "words-$1"
	is_nowhere "the badger is in the chimney" "sleep</i> there" "as you wish"
	is_on_disk "about den of" "$(sed -n 's/^said {"ChatMessage":{"content":"\([^"]*\)".*/\1/p' "$HEARD" | head -n 1)"
	friend cid "here is cid" "good evening cid" "$2"
	page reads alice "the badger is in the chimney" "let it <i>sleep</i> there" "as you wish" "here is cid"
	page say bea "good evening cid"
	wait "$FRIEND_PID"
	assert_equal "$(<"$BATS_TEST_TMPDIR/cid")" "bea: the badger is in the chimney
alice: let it <i>sleep</i> there
bea: as you wish"
	page sees alice '#sealed-log >> text=cid has left'
	page sees alice '#sealed-count' 'Here: 2'
}

@test "a room whose key the server keeps: an account, a guest, another program" {
	local height
	meet theirs ""
	[[ $LINK =~ ^$URL/#sealed=[A-Za-z0-9_-]{32}$ ]]
	page sees alice '#sealed-kind-line' "Sealed. The server keeps the key."
	page sees bea '#sealed-log .divider[aria-label="Today"]'
	page misses bea '#sealed-log .divider[aria-label="Earlier"]'
	page style bea '#sealed-input' height
	height=$REPLY
	page reload bea
	page reads bea "the badger is in the chimney" "let it <i>sleep</i> there" "as you wish" "here is cid" "good evening cid"
	page sees bea '#sealed-log .divider[aria-label="Earlier"]:has-text("without times")'
	page misses bea '#sealed-log .divider[aria-label="Today"]'
	page style bea '#sealed-input' height
	assert_equal "$REPLY" "$height"
	page say bea "what time is it?"
	page sees bea '#sealed-log .divider[aria-label="Today"]'
	picture bea "reloaded"
	page click bea '#sealed-open-people'
	page sees bea '#sealed-people .name:text-is("bea (you)")'
}

@test "a room whose key the server never sees, with a password" {
	local key
	meet ours "open sesame"
	[[ $LINK =~ ^$URL/#sealed=[A-Za-z0-9_-]{32}\.([A-Za-z0-9_-]{43})$ ]]
	key=${BASH_REMATCH[1]}
	page sees alice '#sealed-kind-line' "Sealed. The server never sees the key."
	grep -q '^request GET /app.js' "$HEARD"
	grep -q '^upgrade /ws/sealed?v=2' "$HEARD"
	grep -q '^said {"ChatMessage"' "$HEARD"
	! grep -F 'sealed=' "$HEARD" || false
	is_nowhere "$key" "$(tr -- -_ +/ <<<"$key")"
	! grep -raF "${key:0:20}" "$PARLEY_DATA" "$HEARD" || false
	page reload bea
	page sees bea '#dialog-title' "Enter den of ours"
	enters bea bea "open barley"
	page sees bea '#dialog-error' "Wrong join key or password."
	enters bea bea "open sesame"
	page reads bea "the badger is in the chimney" "let it <i>sleep</i> there" "as you wish" "here is cid" "good evening cid"
}

@test "a link that is not whole, or has another key, opens nothing and says so" {
	local link
	seats make host "$WS/ws/sealed?v=2" cellar ours
	link=$URL/$REPLY
	seats say host "can you read this?"
	page visit bea "${link%.*}"
	enters bea bea
	page sees bea '#dialog-error' "The key of this room is not in the link. Ask for the whole link."
	page follow bea "${link%?????}"
	page sees bea '#toast' "This link to a sealed room is not whole. Ask for it again."
	page visit cid "${link%.*}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	enters cid cid
	page reads cid "This message cannot be decrypted with the key of this room."
	page say cid "nor can you read this"
	seats reads host "can you read this?" "?"
	page visit dora "$URL/#sealed=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	enters dora dora
	page sees dora '#dialog-error' "Wrong join key or password."
}

@test "a guest makes a room; too many wrong tries are told as the server words it" {
	local i
	page visit bea "$URL/" dusk
	page click bea '#login-sealed'
	page sees bea '#dialog.more'
	page fill bea '#dialog-name' "quiet corner"
	page fill bea '#dialog-me' owner
	page click bea '#dialog-ok'
	page sees bea '#dialog-error' "Owner is a name that nobody can come back by. Choose another one."
	seals bea "quiet corner" ours "open sesame" bea
	page say bea "nobody here yet"
	picture bea dusk-guest
	page click bea '#sealed-open-rooms'
	picture bea dusk-drawer
	page click bea '#guest-home'
	page sees bea '#login-submit'
	page misses bea '#sealed-log'
	page click bea '#login-rooms >> text=quiet corner'
	page reads bea "nobody here yet"
	page visit cid "$LINK" phone
	for ((i = 0; i < 10; i++)); do
		enters cid cid "guess $i"
		page sees cid '#dialog-error' "Wrong join key or password."
		page fill cid '#dialog-me' ""
		page click cid '#dialog-ok'
		page sees cid '#dialog-error' "Your name there: this is needed."
	done
	enters cid cid "open sesame"
	page sees cid '#dialog-error:has-text("too many wrong tries; try again in")'
	picture cid phone-too-many
	page click cid '#dialog-cancel'
	page sees cid '#login-submit'
	page click bea '#sealed-open-people'
	picture bea dusk-people
	page click bea '#sealed-leave'
	page click bea '#dialog-ok'
	page sees bea '#login-submit'
	page storage bea local
	assert_equal "$REPLY" '{}'
	page storage bea session
	assert_equal "$REPLY" '{}'
}

@test "a room is kept on the device if that is asked for, and else in the tab alone" {
	local link
	comes alice dark
	page click alice '#create-room'
	page fill alice '#dialog-name' den
	page click alice '#dialog-ok'
	page sees alice '#room-title' den
	page say alice "in the open"
	page click alice '#create-sealed'
	seals alice attic ours
	link=$LINK
	page say alice "under the roof"
	page reads alice "under the roof"
	page storage alice local
	[[ $REPLY != *"${link#*#}"* ]]
	page tab second alice
	page sees second '#my-rooms button.room'
	page misses second '#sealed-rooms button.room'
	page click alice '#sealed-open-people'
	page click alice '#sealed-remember'
	page click alice '#sealed-kind summary'
	picture alice dark-words
	page reload second
	page sees second '#sealed-rooms button.room.not-entered'
	page click second '#sealed-rooms button.room'
	page sees second '#sealed-status-text:has-text("this name is taken in the room")'
	picture second name-taken
	page click second '#sealed-rename'
	page fill second '#dialog-me' alice2
	page click second '#dialog-ok'
	page reads second "under the roof"
	page titled second "attic · parley"
	page click second '#my-rooms button.room'
	page sees second '#room-title' den
	page misses second '#sealed-title'
	page reads second "in the open"
	page say alice "one" "two"
	page sees second '#sealed-rooms .count' 2
	page titled second "(2) den · parley"
	picture second unread
	page click second '#sealed-rooms button.room'
	page reads second "under the roof" "one" "two"
	page misses second '#sealed-rooms .count:not(:empty)'
	page choose second '.sealed-row' '.tool'
	page sees second '#dialog-title' "Leave attic?"
	page click second '#dialog-ok'
	page sees second '#room-title' den
	page misses second '#sealed-rooms button.room'
	page reload second
	page sees second '#room-title' den
	page misses second '#sealed-rooms button.room'
}

@test "a session that ends leaves one in a sealed room, a log-out does not" {
	comes alice
	page click alice '#create-sealed'
	seals alice attic ours
	page tab second alice
	page click second '#logout'
	page sees second '#login-submit'
	page sees alice '#toast' "Your session has ended. Log in again."
	page misses alice '#my-rooms-title'
	page sees alice '#guest-home'
	page say alice "still here"
	page reads alice "still here"
	page visit bob "$URL/" phone
	page follow bob "$LINK"
	page click bob '#dialog-cancel'
	page click bob '#login-switch'
	page fill bob '#login-name' bob
	page fill bob '#login-password' "bob-has-a-password"
	page click bob '#login-submit'
	page sees bob '#dialog-title' "Enter a sealed room"
	page click bob '#dialog-remember'
	page click bob '#dialog-ok'
	page reads bob "still here"
	page storage bob local
	[[ $REPLY == *"${LINK#*#}"* ]]
	page click bob '#sealed-open-rooms'
	page sees bob '#sealed-rooms button.room'
	picture bob phone-drawer
	page click bob '#logout'
	page sees bob '#login-submit'
	page storage bob session
	assert_equal "$REPLY" '{}'
	page sees alice '#sealed-log >> text=bob has left'
}

# Gone and back: nothing is lost, nothing comes twice, for pages and for Node.
@test "store and gateway die and come back: everything said arrives once, in order" {
	local old said
	comes alice
	page click alice '#create-sealed'
	seals alice harbour ours "open sesame"
	page visit bea "$LINK" phone
	enters bea bea "open sesame"
	seats join cid "$WS/ws/sealed?v=2" "#${LINK#*#}" "open sesame"
	seats here cid alice bea cid
	page say alice "one"
	seats say cid "two"
	page reads bea "one" "two"
	old=$(pid_of store)
	hang run
	kill -KILL "$old"
	page say bea "three"
	page sees bea '.is-pending:has-text("three")'
	recover run
	eventually 10 has_successor store "$old"
	page reads alice "one" "two" "three"
	page reads bea "one" "two" "three"
	page misses bea '.is-pending'
	old=$(pid_of gateway)
	hang run
	kill -KILL "$old"
	seats state cid away
	page sees alice '#sealed-status'
	page say alice "four" "five"
	page sees alice '.is-pending:has-text("five")'
	picture alice offline
	seats say cid "six"
	seats waits cid 1
	recover run
	eventually 10 has_successor gateway "$old"
	page misses alice '#sealed-status'
	seats state cid here
	seats waits cid 0
	page misses alice '.is-pending'
	page say bea "seven"
	page misses bea '.is-pending'
	page texts alice
	said=$REPLY
	page texts bea
	assert_equal "$REPLY" "$said"
	assert_equal "$(jq -c 'sort' <<<"$said")" \
		'["five","four","one","seven","six","three","two"]'
	assert_equal "$(jq -c '[.[] | select(. != "six")]' <<<"$said")" \
		'["one","two","three","four","five","seven"]'
	assert_equal "$(sqlite3 "$PARLEY_DATA/chat.db" 'SELECT count(*) FROM messages')" 7
	# What was on its way to a gateway that dies may have been heard or not.
	old=$(pid_of gateway)
	hang gateway
	seats say cid "eight" "nine"
	page say bea "ten"
	recover gateway
	kill -KILL "$old"
	eventually 10 has_successor gateway "$old"
	seats waits cid 0
	page misses bea '.is-pending'
	seats here cid alice bea cid
	page sees alice '#sealed-log article:has-text("nine")'
	page sees alice '#sealed-log article:has-text("ten")'
	page texts alice
	assert_equal "$(jq -c '[.[7:][] | select(. != "ten")]' <<<"$REPLY")" '["eight","nine"]'
	assert_equal "$(jq -c '[length, (unique | length)]' <<<"$REPLY")" '[10,10]'
	picture bea phone-room
}

@test "in Node: one whose name is taken waits, and comes in when it is free" {
	local fragment
	seats make host "$WS/ws/sealed?v=2" cellar theirs
	fragment=$REPLY
	seats say host "first"
	seats reads host "first"
	seats join twin "$WS/ws/sealed?v=2" "$fragment"
	strangers_take_the_name "$fragment" ada
	seats resume ada "$WS/ws/sealed?v=2" "$fragment"
	seats state ada away "this name is taken in the room"
	seats say ada "second"
	seats waits ada 1
	cast close taker
	seats state ada here
	seats reads ada "first" "second"
	seats reads host "first" "second"
	seats here host ada host twin
}

# By a client that is no page: it also says what is no message of any key.
strangers_take_the_name()
{
	connect taker "$WS/ws/sealed?v=2"
	send taker "{\"JoinRoom\": {\"join_key\": \"${1#*=}\", \"password\": null, \"name\": \"$2\"}}"
	expect taker '{"RoomJoined": {}}'
}

@test "in Node: what cannot be decrypted is shown each time, and what is repeated is not" {
	local fragment content
	seats make host "$WS/ws/sealed?v=2" cellar theirs
	fragment=$REPLY
	strangers_take_the_name "$fragment" ada
	seats say host "first"
	expect taker '{"ChatMessage": {"sender": "host"}}'
	content=$(jq -c .ChatMessage.content <<<"$REPLY")
	send taker '{"ChatMessage": {"content": "not encrypted"}}'
	send taker '{"ChatMessage": {"content": "not encrypted"}}'
	send taker "{\"ChatMessage\": {\"content\": $content}}"
	seats say host "last"
	seats reads host "first" "?" "?" "last"
	seats join late "$WS/ws/sealed?v=2" "$fragment"
	seats reads late "first" "?" "?" "last"
	seats say late "$(printf 'x%.0s' {1..13000})" "after it"
	seats fails late "content is too long"
	seats reads host "first" "?" "?" "last" "after it"
}

@test "in Node: of a long conversation the newest is shown, and that it is not all" {
	local fragment words
	seats make host "$WS/ws/sealed?v=2" cellar theirs
	fragment=$REPLY
	mapfile -t words < <(seq 505)
	seats say host "${words[@]}"
	seats waits host 0
	seats shows host 505 whole
	seats join late "$WS/ws/sealed?v=2" "$fragment"
	seats shows late 500 cut
	seats say host "506"
	seats shows late 501 cut
}
