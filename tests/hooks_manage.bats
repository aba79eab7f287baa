#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The hooks of rooms: who makes, sees and ends them, over REST and from a shell,
# and that they and how far they are outlive a killed store. What they send is
# tested in hooks.bats; here they are paused, or have nothing to say.

load helper

BIN=${PARLEY_BUILD:-$ROOT/build}/bin
ADDRESS=https://hooks.example.org/a-secret-path

setup()
{
	suite_start PARLEY_RATE=off
	known alice bob carol
	room den alice bob carol
	DEN=/api/rooms/${ROOM[den]}
}

teardown()
{
	suite_stop
}

# --- words -------------------------------------------------------------------

ctl()
{
	"$BIN/parleyctl" "$@" 3>&- 4>&-
}

# hook_at URL [PERSON]: makes one and sets HOOK to its id, SECRET to its secret.
hook_at()
{
	rest POST "$DEN/hooks" "${2:-alice}" "{\"url\": \"$1\"}"
	answered 201 || return
	HOOK=$(body .id)
	SECRET=$(body .secret)
}

# is ID FILTER: a truth about the hook, as alice is shown it.
is()
{
	rest GET "$DEN/hooks/$1" alice
	answered 200 "$2"
}

# change JSON: alice changes HOOK.
change()
{
	rest PATCH "$DEN/hooks/$HOOK" alice "$1"
	answered 200
}

# told ID FRAME FIELDS: who delivers says it of a hook to the store; sets REPLY.
told()
{
	REPLY=$("$PYTHON" "$CLIENTS/tool.py" "$PARLEY_RUN" store \
		"{\"frame\": \"$2\", \"hook\": \"$1\", $3}" hooks)
}

# heard FILTER: the stand-in for the daemon that delivers has heard it.
heard()
{
	jq -se "any($1)" "$CLIENT.out" >/dev/null
}

# --- tests -------------------------------------------------------------------

@test "an owner makes a hook, is told its secret once, changes it and ends it" {
	hook_at "$ADDRESS"
	[[ $SECRET =~ ^whsec_[A-Za-z0-9+/]{43}=$ ]]
	rest GET "$DEN/hooks" alice
	answered 200 ".hooks | length == 1 and .[0].id == \"$HOOK\" and (.[0] | has(\"secret\") | not)"
	is "$HOOK" ".url == \"$ADDRESS\" and .events == [\"messages\"] and .state == \"active\"
		and .failures == 0 and .last_error == null and .by == \"${ID[alice]}\" and (has(\"secret\") | not)"
	change '{"url": "http://127.0.0.1:8/x", "events": ["edits", "members"]}'
	answered 200 '.url == "http://127.0.0.1:8/x" and .events == ["edits", "members"] and (has("secret") | not)'
	change '{"new_secret": true}'
	[[ $(body .secret) =~ ^whsec_ ]]
	[ "$(body .secret)" != "$SECRET" ]
	change '{"state": "paused"}'
	is "$HOOK" '.state == "paused" and .events == ["edits", "members"]'
	rest DELETE "$DEN/hooks/$HOOK" alice
	answered 204
	rest GET "$DEN/hooks/$HOOK" alice
	answered 404 '.detail == "the room has no such hook"'
	rest GET "$DEN/hooks" alice
	answered 200 '.hooks == []'
}

@test "members and moderators neither see nor make hooks, strangers find no private room" {
	local who
	rest PATCH "$DEN/members/carol" alice '{"role": "moderator"}'
	answered 200
	hook_at "$ADDRESS"
	for who in bob carol; do
		rest GET "$DEN/hooks" "$who"
		answered 403
		rest POST "$DEN/hooks" "$who" "{\"url\": \"$ADDRESS\"}"
		answered 403
		rest GET "$DEN/hooks/$HOOK" "$who"
		answered 403
		rest PATCH "$DEN/hooks/$HOOK" "$who" '{"url": "https://other.example/"}'
		answered 403
		rest DELETE "$DEN/hooks/$HOOK" "$who"
		answered 403
	done
	is "$HOOK" ".url == \"$ADDRESS\""
	rest POST /api/rooms alice '{"name": "study", "kind": "private"}'
	rest GET /api/rooms/study/hooks alice
	answered 200
	rest GET "/api/rooms/$(jq -r .id <<<"$BODY")/hooks/$HOOK" alice
	answered 404
	rest GET /api/rooms/study/hooks bob
	answered 404
	rest PATCH "/api/rooms/study/hooks/$HOOK" alice '{"state": "paused"}'
	answered 404
	rest GET "$DEN/hooks"
	answered 401
	rest PATCH "$DEN/members/bob" alice '{"role": "owner"}'
	answered 200
	rest DELETE "$DEN/hooks/$HOOK" bob # whoever made it, it is the room's
	answered 204
}

@test "direct and sealed rooms have no hooks" {
	local direct sealed
	connect alice "$WS/ws/campfire?v=2&token=${TOKEN[alice]}"
	send alice "{\"type\": \"OpenDirect\", \"request_id\": 1, \"user_id\": \"${ID[bob]}\"}"
	expect alice '{"request_id": 1}'
	rest GET /api/rooms alice
	direct=$(body '.rooms[] | select(.kind == "direct").id')
	[ -n "$direct" ]
	rest POST "/api/rooms/$direct/hooks" alice "{\"url\": \"$ADDRESS\"}"
	answered 403
	run ctl hooks create "$direct" "$ADDRESS"
	assert_failure 1
	connect eve "$WS/ws/sealed"
	send eve '{"CreateRoom": {"name": "vault", "description": "", "password": null}}'
	expect eve '{"RoomCreated": {}}'
	sealed=$(jq -r .RoomCreated.room_info.id <<<"$REPLY")
	run ctl hooks create "$sealed" "$ADDRESS"
	assert_failure 1
	assert_output --partial "encrypted"
	rest POST "/api/rooms/$sealed/hooks" alice "{\"url\": \"$ADDRESS\"}"
	answered 404
}

@test "an address that leads two ways, a wrong secret and unknown events are refused by name" {
	local url
	for url in ftp://example.org/ https:///x https://me:word@example.org/ \
		'https://example.org/#part' 'https://example.org:0/' 'https://exa mple.org/' \
		'https://example.org\\@other.example/' "https://$(times 2048 x)/"; do
		rest POST "$DEN/hooks" alice "{\"url\": \"$url\"}"
		answered 400 '.field == "url"'
	done
	rest POST "$DEN/hooks" alice '{"events": ["messages"]}'
	answered 400 '.field == "url"'
	rest POST "$DEN/hooks" alice "{\"url\": \"$ADDRESS\", \"secret\": \"sesame, open at once\"}"
	answered 400 '.field == "secret"'
	rest POST "$DEN/hooks" alice "{\"url\": \"$ADDRESS\", \"events\": [\"typing\"]}"
	answered 400 '.field == "events"'
	rest GET "$DEN/hooks" alice
	answered 200 '.hooks == []'
}

@test "a room has at most twenty hooks" {
	local i
	for i in {1..20}; do
		hook_at "$ADDRESS/$i"
	done
	rest POST "$DEN/hooks" alice "{\"url\": \"$ADDRESS\"}"
	answered 409
	run ctl hooks create den "$ADDRESS"
	assert_failure 1
	assert_output --partial "at most 20"
	rest DELETE "$DEN/hooks/$HOOK" alice
	answered 204
	hook_at "$ADDRESS"
}

@test "hooks and how far they are outlive a killed store" {
	hook_at "$ADDRESS"
	change '{"state": "paused"}'
	post bob den one two three
	told "$HOOK" hook_delivered '"seq": 2, "change": 2'
	holds '.frame == "done"'
	local first=$HOOK
	hook_at "$ADDRESS/second"
	told "$HOOK" hook_failed '"failures": 3, "retry_at": 4102444800000, "last_error": "status 500"'
	kill_daemon store
	eventually 10 is "$first" '.state == "paused" and .delivered_seq == 2'
	is "$HOOK" '.state == "retrying" and .failures == 3 and .last_error == "status 500"
		and .retry_at == "2100-01-01T00:00:00.000Z" and .delivered_seq == 3'
	told "$HOOK" hook_delivered '"seq": 3'
	is "$HOOK" '.state == "active" and .failures == 0 and .retry_at == null'
	told "$first" hook_delivered '"seq": 1' # it never goes back
	is "$first" '.delivered_seq == 2'
	rest PATCH "$DEN/hooks/$first" alice '{"state": "active", "skip": true}'
	answered 200 '.state == "active" and .delivered_seq == 3'
	rest DELETE "$DEN/hooks/$first" alice
	told "$first" hook_delivered '"seq": 3'
	holds '.frame == "refused" and .code == "hook_not_found"'
}

@test "who delivers is told of every change with the secret, and hears rooms, but not who types" {
	client_starts "$PYTHON" "$CLIENTS/hooks_peer.py" "$PARLEY_RUN" store
	hook_at "$ADDRESS"
	eventually 5 heard ".frame == \"hook_changed\" and .hooks[0].hook == \"$HOOK\" and .hooks[0].secret == \"$SECRET\""
	echo '{"frame": "get_hooks", "limit": 10, "id": 7}' >&"$CLIENT_IN"
	eventually 5 heard ".frame == \"hooks\" and .id == 7 and .hooks[0].secret == \"$SECRET\" and .hooks[0].room_name == \"den\""
	change '{"state": "paused"}'
	eventually 5 heard '.frame == "hook_changed" and .hooks[0].paused'
	rest DELETE "$DEN/hooks/$HOOK" alice
	eventually 5 heard ".frame == \"hook_removed\" and .hook == \"$HOOK\""
	client_ends
	rm "$CLIENT.in"

	client_starts "$PYTHON" "$CLIENTS/hooks_peer.py" "$PARLEY_RUN" router
	echo "{\"frame\": \"subscribe\", \"rooms\": [\"${ROOM[den]}\"], \"id\": 8}" >&"$CLIENT_IN"
	eventually 5 heard '.frame == "subscribed" and .id == 8 and .rooms[0].known'
	online bob
	expect bob '{"type": "PresenceUpdate"}'
	send bob "{\"type\": \"StartTyping\", \"room_id\": \"${ROOM[den]}\"}"
	post alice den hello
	eventually 5 heard '.frame == "message" and .text == "hello"'
	kill_daemon store
	eventually 10 heard '.frame == "subscribe_again"'
	client_ends
	run ! grep -E '"(typing|present)"' "$CLIENT.out"
}

@test "parleyctl makes, lists, changes, pauses, resumes and removes hooks" {
	local id secret
	read -r id secret < <(ctl hooks create den "$ADDRESS" --events messages,edits)
	[[ $secret == whsec_* ]]
	run -0 ctl hooks list den
	assert_line --regexp "^$id +den +active +0 +messages,edits +$ADDRESS +-$"
	ctl hooks create den "$ADDRESS/2" >"$BATS_TEST_TMPDIR/other"
	run -0 ctl hooks list "$id" --json
	assert_equal "$(jq -r .id <<<"$output")" "$id"
	run -0 ctl hooks list "${ROOM[den]}" --json
	assert_equal "${#lines[@]}" 2
	run ctl hooks list 00000000-0000-4000-8000-000000000000
	assert_failure 1
	ctl hooks remove "$(cut -d ' ' -f 1 "$BATS_TEST_TMPDIR/other")"
	run -0 ctl hooks list --json
	jq -e --arg id "$id" '.id == $id and .room == "den" and .by == null and (has("secret") | not)' <<<"$output"
	ctl hooks pause "$id"
	is "$id" '.state == "paused" and .by == null'
	post bob den one
	run -0 ctl hooks resume "$id" --skip
	is "$id" '.state == "active" and .delivered_seq == 1'
	ctl hooks change "$id" --url http://127.0.0.1:8/ --events members
	is "$id" '.url == "http://127.0.0.1:8/" and .events == ["members"]'
	run -0 ctl hooks change "$id" --new-secret
	assert_output --regexp '^whsec_.{44}$'
	[ "$output" != "$secret" ]
	run ctl hooks change "$id"
	assert_failure 2
	run ctl hooks change "$id" --events all
	assert_failure 2
	run ctl hooks create den "ftp://example.org/"
	assert_failure 1
	assert_output --partial "http"
	run ctl hooks create attic "$ADDRESS"
	assert_failure 1
	assert_output --partial "no such room: attic"
	ctl hooks remove "$id"
	run ctl hooks remove "$id"
	assert_failure 1
	assert_output --partial "no such hook"
	run ctl hooks remove den
	assert_failure 2
	run -0 ctl hooks create den "$ADDRESS" --json
	jq -e '.secret[0:6] == "whsec_" and .state == "active"' <<<"$output"
	grep -q 'event=hook_created hook=.* room=.* by=' "$PARLEY_RUN/store.log"
}

@test "a secret of one's own comes over stdin" {
	local id secret own=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
	read -r id secret < <(ctl hooks create den "$ADDRESS" --secret-stdin <<<"$own")
	assert_equal "$secret" "$own"
	assert_equal "$(ctl hooks change "$id" --secret-stdin <<<"${own/Mf/Nf}")" ""
	assert_equal "$(sqlite3 "$PARLEY_DATA/chat.db" 'select secret from hooks')" "${own/Mf/Nf}"
	run ctl hooks create den "$ADDRESS" --secret-stdin <<<"sesame, open at once"
	assert_failure 1
	assert_output --partial whsec_
	run ctl hooks create den "$ADDRESS" --secret-stdin </dev/null
	assert_failure 1
	run ctl hooks create den "$ADDRESS" --secret-stdin <<<"$(times 1100 x)"
	assert_failure 1
	assert_output --partial "too long"
	run ctl hooks change "$id" --secret-stdin --new-secret <<<"$own"
	assert_failure 2
	assert_equal "$(ctl hooks list den --json | wc -l)" 1
}

# shellcheck disable=SC2154 # stderr is what run sets
@test "who makes a hook is warned of an address that is not public" {
	local host id
	for host in 10.1.2.3 127.0.0.1 127.1 2130706433 '[::1]' '[fd00::1]' '[::ffff:10.0.0.1]' localhost a.LOCALHOST; do
		run -0 --separate-stderr ctl hooks create den "http://$host:8000/x?y"
		read -r id _ <<<"$output"
		host=${host#[}
		assert_regex "$stderr" "warning: ${host%]} is no public address.*PARLEY_HOOKS_ALLOW"
		ctl hooks remove "$id"
	done
	for host in 9.9.9.9 example.org localhost.example '[2606:4700::1]'; do
		run -0 --separate-stderr ctl hooks create den "https://$host/"
		assert_equal "$stderr" ""
		read -r id _ <<<"$output"
	done
	run -0 --separate-stderr ctl hooks change "$id" --url http://192.168.1.1/
	assert_regex "$stderr" "warning: 192.168.1.1 "
	run -0 --separate-stderr ctl hooks change "$id" --events edits
	assert_equal "$stderr" ""
}

@test "neither secrets nor addresses of hooks are on a tap or in a log" {
	local word
	tap "$BATS_TEST_TMPDIR/tap" --daemons "gateway store"
	eventually 5 tap_hears
	hook_at "$ADDRESS"
	change '{"new_secret": true}'
	change "{\"url\": \"$ADDRESS/2\"}"
	rest GET "$DEN/hooks" alice
	eventually 5 shows_hidden hooks
	shows_hidden create_hook
	shows_hidden change_hook
	for word in "$SECRET" a-secret-path whsec_; do
		run ! grep -F "$word" "$BATS_TEST_TMPDIR/tap" "$PARLEY_RUN"/*.log
	done
}

# shows_hidden FRAME: it came to the tap, with something hidden.
shows_hidden()
{
	grep -F "\"frame\":\"$1\"" "$BATS_TEST_TMPDIR/tap" | grep -qF '(hidden)'
}

# A frame of ours has come to the tap.
tap_hears()
{
	rest GET "$DEN/hooks" alice
	[ -s "$BATS_TEST_TMPDIR/tap" ]
}

@test "a backup has the hooks, and check looks whether they fit" {
	local elsewhere=$BATS_TEST_TMPDIR/elsewhere
	hook_at "$ADDRESS"
	change '{"state": "paused"}'
	post bob den one two
	told "$HOOK" hook_delivered '"seq": 1, "change": 2'
	ctl backup "$BATS_TEST_TMPDIR/copy.tar"
	ctl restore "$BATS_TEST_TMPDIR/copy.tar" --data "$elsewhere"
	run -0 ctl check --data "$elsewhere"
	sqlite3 "$elsewhere/chat.db" 'update hooks set seq = 3'
	run ctl check --data "$elsewhere"
	assert_failure 1
	assert_line --regexp "^hooks_beyond_head: .*$HOOK"
	sqlite3 "$elsewhere/chat.db" 'update hooks set seq = 1, room_no = 77'
	run ctl check --data "$elsewhere"
	assert_failure 1
	assert_line --regexp '^hooks_without_room: 1 '
	sqlite3 "$elsewhere/chat.db" 'drop table hooks; pragma user_version = 2'
	run -0 ctl check --data "$elsewhere" # what an older store has left
	rm -r "$elsewhere"
	suite_stop
	ctl restore "$BATS_TEST_TMPDIR/copy.tar" --force
	suite_start PARLEY_RATE=off
	is "$HOOK" ".url == \"$ADDRESS\" and .state == \"paused\" and .delivered_seq == 1"
}

# hooks_of FOLDER COLUMNS: what its database says of each hook.
hooks_of()
{
	sqlite3 "$1/chat.db" "select $2 from hooks order by id" | paste -s -d ' '
}

@test "a restored copy has its hooks paused, unless it takes the suite's place" {
	local file=$BATS_TEST_TMPDIR/copy.tar elsewhere=$BATS_TEST_TMPDIR/elsewhere
	hook_at "$ADDRESS"
	change '{"state": "paused"}'
	hook_at "$ADDRESS/2"
	post bob den one
	ctl backup "$file"
	run -0 ctl restore "$file" --data "$elsewhere"
	assert_line "$elsewhere: 1 message in 1 room"
	assert_line --partial "1 hook is paused: parleyctl hooks resume HOOK"
	assert_equal "$(hooks_of "$elsewhere" 'paused, last_error')" "1| 1|paused by a restore"
	run -0 ctl check --data "$elsewhere"
	assert_equal "$(find "$elsewhere" -name '*.restoring*')" ""
	run -0 ctl restore "$file" --data "$elsewhere" --force --keep-hooks
	refute_output --partial paused
	assert_equal "$(hooks_of "$elsewhere" paused)" "1 0"
	# a backup from before there were hooks
	suite_stop
	sqlite3 "$PARLEY_DATA/chat.db" 'drop table hooks; pragma user_version = 2'
	ctl backup "$file"
	run -0 ctl restore "$file" --data "$elsewhere" --force
	refute_output --partial paused
}
