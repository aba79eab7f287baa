#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The page at `/`, in Chromium: what people do with it, and what it bears. An
# error in a browser's console fails a test: see page.bash.
# Plain builds only: what it drives is Chromium.

load helper
load page

setup() { pages_start; }
teardown() { pages_end; }

# makes PERSON ROOM [DESCRIPTION]
makes()
{
	page click "$1" '#create-room'
	page fill "$1" '#dialog-name' "$2"
	page fill "$1" '#dialog-description' "${3:-}"
	page click "$1" '#dialog-ok'
	page sees "$1" '#room-title' "$2"
	page sees "$1" '#message-input'
}

# joins PERSON ROOM: found by its name among those of others.
joins()
{
	page fill "$1" '#find-rooms' "$2"
	page click "$1" "#other-rooms button.room:has-text(\"$2\")"
	page fill "$1" '#find-rooms' ""
	page click "$1" '#join-room'
	page sees "$1" "#my-rooms button.room:has-text(\"$2\")"
	page sees "$1" '#message-input'
}

goes_to()
{
	page click "$1" "#room-lists button.room:has-text(\"$2\")"
	page sees "$1" '#room-title' "$2"
}

message()
{
	printf 'article.message:has-text("%s")' "$1"
}

@test "two people make accounts, meet in a room, see each other and talk" {
	comes alice
	comes bob
	makes alice den "Where the foxes talk"
	page reads alice
	joins bob den
	page click alice '#open-people'
	page sees alice '#people-count' 'Online: 2'
	page sees alice '#people [data-user] .name:text-is("bob")'
	page fill bob '#message-input' "I am writing"
	page sees alice '#typing' 'bob is typing…'
	page fill bob '#message-input' ""
	page misses alice '#typing:has-text("bob")'
	page misses alice '#about'
	page say bob "hello alice"
	page say alice "hello bob" "<b>bold</b> & https://example.org/x."
	page say bob "I see"
	page reads alice "hello alice" "hello bob" "<b>bold</b> & https://example.org/x." "I see"
	page reads bob "hello alice" "hello bob" "<b>bold</b> & https://example.org/x." "I see"
	page sees bob '#log .text a[href="https://example.org/x"]'
	picture alice wide
	page click bob '#open-people'
	page sees bob '#people .role:text-is("owner")'
	page click bob '#leave-room'
	page click bob '#dialog-ok'
	page sees bob '#join-room'
	page sees alice '#people-count' 'Online: 1'
	page say alice "gone?"
	page reads alice "hello alice" "hello bob" "<b>bold</b> & https://example.org/x." "I see" "gone?"
	page reads bob
}

@test "an author changes and deletes a message, and everybody sees it" {
	comes alice
	comes bob
	makes alice den
	joins bob den
	page say alice "one" "to" "three"
	page reads bob "one" "to" "three"
	page click alice "$(message one) .text"
	page hover alice "$(message three)"
	page style alice '#log .actions' opacity
	assert_equal "$REPLY" "0 0 1"
	page choose alice "$(message to)" '.edit'
	page fill alice '.edit-field' "two"
	page press alice Enter
	page reads bob "one" "two (edited)" "three"
	page reads alice "one" "two (edited)" "three"
	page choose alice "$(message one)" '.delete'
	page click alice '#dialog-ok'
	page reads bob "two (edited)" "three"
	page reads alice "two (edited)" "three"
	page count bob '#log .actions'
	assert_equal "$REPLY" 0
	page reload bob
	page sees bob "$(message two)"
	page sees bob '#room-title' den
	page sees bob '#my-name' bob
}

# posts PERSON ROOM COUNT: numbered messages over REST, by one curl.
posts()
{
	local i
	login "$1"
	rest GET /api/rooms "$1"
	ROOM[$2]=$(jq -r --arg n "$2" '.rooms[] | select(.name == $n).id' <<<"$BODY")
	for ((i = 1; i <= $3; i++)); do
		printf 'url = "%s/api/rooms/%s/messages"\n' "$URL" "${ROOM[$2]}"
		printf 'header = "Authorization: Bearer %s"\n' "${TOKEN[$1]}"
		printf 'header = "Content-Type: application/json"\n'
		printf 'data = "{\\"content\\": \\"message %s\\"}"\n' "$i"
		printf 'output = "/dev/null"\nwrite-out = "%%{http_code}\\n"\n'
		((i == $3)) || echo next
	done >"$BATS_TEST_TMPDIR/posts"
	curl -sS --noproxy '*' -K "$BATS_TEST_TMPDIR/posts" >"$BATS_TEST_TMPDIR/statuses"
	assert_equal "$(sort "$BATS_TEST_TMPDIR/statuses" | uniq -c | tr -s ' ')" " $3 201"
}

@test "what was missed is counted, and a long history comes as one scrolls up" {
	comes alice
	comes bob dark
	makes alice den
	joins bob den
	makes bob attic
	posts alice den 230
	page sees bob '#my-rooms button.room:has-text("den") .count' '99+'
	page titled bob '(230) attic · parley'
	page reload bob
	page titled bob '(230) attic · parley'
	goes_to bob den
	page count bob '#log article'
	assert_equal "$REPLY" 50
	page sees bob "article:has(.text:text-is(\"message 230\"))"
	page misses bob '#my-rooms .count:not(:empty)'
	page titled bob 'den · parley'
	page climb bob '#log article .text:text-matches("^(alice: )?message 1$")'
	page count bob '#log article'
	assert_equal "$REPLY" 230
	page sees bob '#to-newest'
	picture bob dark-history
	page click bob '#to-newest'
	page misses bob '#to-newest'
	page reload bob
	page sees bob "article .text:has-text(\"message 230\")"
	page misses bob '#my-rooms .count:not(:empty)'
}

@test "a search finds an old message and shows it in its place" {
	comes alice
	makes alice den
	page say alice "the ferry leaves at noon"
	posts alice den 120
	page reload alice
	page sees alice "article .text:has-text(\"message 120\")"
	page click alice '#open-search'
	page fill alice '#search-input' "ferry"
	page press alice Enter
	page sees alice '#search-status' '1 message found'
	page sees alice '#search-results mark' "ferry"
	picture alice search
	page click alice '#search-results .result'
	page sees alice 'article.found .text' "the ferry leaves at noon"
	page fill alice '#search-input' "submarine"
	page press alice Enter
	page sees alice '#search-status' 'Nothing was found.'
}

@test "a direct message reaches the one whom it is for, on a phone too" {
	comes alice
	comes bob phone
	page click alice '#new-direct'
	page fill alice '#dialog-username' "nobody-of-that-name"
	page click alice '#dialog-ok'
	page sees alice '#dialog-error' "No such user."
	page fill alice '#dialog-username' "bob"
	page click alice '#dialog-ok'
	page sees alice '#room-title' bob
	page say alice "between us"
	page sees bob '#open-rooms[data-unread="1"][aria-label="Open room list, 1 unread"]'
	picture bob phone-unread
	page click bob '#open-rooms'
	page sees bob '#directs button.room:has-text("alice") .count' 1
	page sees bob '#directs .avatar.online'
	picture bob phone-rooms
	page click bob '#directs button.room'
	page reads bob "between us"
	page fill bob '#message-input' "and the lamp post"
	page click bob '#send'
	page reads alice "between us" "and the lamp post"
	page sees alice '#room-description' Online
	page sees bob '#room-description' Online
	picture bob phone
	page sees bob '#open-rooms[data-unread=""]'
	page count bob '#other-rooms button.room'
	assert_equal "$REPLY" 0
	page say bob "and the gate"
	page click bob "$(message lamp) .text"
	page hover bob "$(message gate) .text"
	page style bob '#log .actions' opacity
	assert_equal "$REPLY" "1 0"
}

@test "a room that somebody makes comes to the pages that are open" {
	comes alice
	comes bob phone
	page sees bob '#blank-lead' "There is no room to join yet. Make the first one."
	makes alice den
	page click bob '#open-rooms'
	page sees bob '#other-rooms button.room:has-text("den")'
	page click bob '#close-rooms'
	page sees bob '#blank-lead' "Pick a room to join, or make one of your own."
	picture bob phone-blank
	page click bob '#blank-offers .offer:has-text("den")'
	page click bob '#join-room'
	page sees bob '#message-input'
	page say alice "welcome"
	page reads bob "welcome"
}

@test "what a search has found is marked as the server reads the query" {
	comes alice
	makes alice den
	page say alice "Crème brûlée, ferry-men and <mark>ferries</mark>: the last ferry"
	page click alice '#open-search'
	page fill alice '#search-input' 'brulee "the LAST" ferr'
	page press alice Enter
	page sees alice '#search-status' '1 message found'
	page texts alice '#search-results mark'
	assert_equal "$REPLY" '["brûlée","ferry","ferries","the last","ferry"]'
	page fill alice '#search-input' 'last "ferry"'
	page press alice Enter
	page sees alice '#search-results mark:text-is("last")'
	page texts alice '#search-results mark'
	assert_equal "$REPLY" '["ferry","last","ferry"]'
}

@test "what is written while the gateway is away arrives later: once, in order" {
	local supervisor old
	supervisor=$(cat "$PARLEY_RUN/run.pid")
	comes alice
	comes bob
	makes alice den
	joins bob den
	# What was on its way to a gateway that dies may have been heard or not.
	old=$(pid_of gateway)
	kill -STOP "$old"
	page say alice "one" "two" "three"
	kill -CONT "$old"
	kill -KILL "$old"
	page reads bob "one" "two" "three"
	page reads alice "one" "two" "three"
	page misses alice '.is-pending'
	eventually 10 has_successor gateway "$old"
	old=$(pid_of gateway)
	kill -STOP "$supervisor"
	kill -KILL "$old"
	page sees alice '#status'
	page say alice "four" "five"
	page say alice "six"
	page sees alice '.is-pending:has-text("six")'
	page reads bob "one" "two" "three"
	picture alice offline
	kill -CONT "$supervisor"
	eventually 10 has_successor gateway "$old"
	page reads alice "one" "two" "three" "four" "five" "six"
	page misses alice '.is-pending'
	page misses alice '#status'
	page reads bob "one" "two" "three" "four" "five" "six"
	page say bob "welcome back"
	page reads alice "one" "two" "three" "four" "five" "six" "welcome back"
	page reload alice
	page reads alice "one" "two" "three" "four" "five" "six" "welcome back"
}

@test "talk and presence go on after a kill -9 of router and presence" {
	local old
	comes alice
	comes bob
	makes alice den
	joins bob den
	page click alice '#open-people'
	page sees alice '#people-count' 'Online: 2'
	page say bob "one"
	kill -KILL "$(pid_of router)"
	page say bob "two" "three"
	page reads alice "one" "two" "three"
	old=$(pid_of presence)
	kill -KILL "$old"
	page say alice "four"
	page reads bob "one" "two" "three" "four"
	eventually 10 has_successor presence "$old"
	eventually 10 is_ready
	page fill bob '#message-input' "I am writing"
	page sees alice '#typing' 'bob is typing…'
	page click bob '#logout'
	page sees alice '#people-count' 'Online: 1'
	page misses alice '#typing:has-text("bob")'
	page misses alice '#status'
}

@test "a log-out ends the session in all tabs, and a log-in brings everything back" {
	comes alice
	makes alice den "Where the foxes talk"
	page say alice "mine"
	page reads alice "mine"
	page tab second alice
	page reads second "mine"
	page click alice '#logout'
	page sees alice '#login-submit' 'Log in'
	page misses alice '#app'
	page sees second '#login-error' 'Your session has ended. Log in again.'
	page reload second
	page sees second '#login-submit' 'Log in'
	page fill alice '#login-name' "alice@example.org"
	page fill alice '#login-password' "not-the-password"
	page click alice '#login-submit'
	page sees alice '#login-error' 'Wrong name or password.'
	picture alice login
	page fill alice '#login-password' "alice-has-a-password"
	page click alice '#login-submit'
	page sees alice '#room-title' den
	page sees alice '#room-description' "Where the foxes talk"
	page reads alice "mine"
}

@test "an owner names a moderator, who mutes and removes; the room is edited" {
	comes alice
	comes bob
	comes bea
	makes alice den "Where the foxes talk"
	joins bob den
	joins bea den
	page click alice '#open-people'
	page sees alice "$(person alice) .role" owner
	page click alice "$(person bob) .act"
	picture alice moderate
	page click alice '#dialog-deed-promote'
	page click alice '#dialog-ok'
	page sees alice "$(person bob) .role" moderator
	page sees bob '#toast' 'You are now a moderator of den.'
	page click bob '#open-people'
	page misses bob "$(person alice) .act"
	page click bob "$(person bea) .act"
	page fill bob '#dialog-reason' "too loud"
	page click bob '#dialog-ok'
	page sees bob '#sanctions .name' bea
	page sees bea '#toast' 'You are muted in den: too loud'
	page say bea "may I?"
	page sees bea '.note:has-text("muted")'
	picture bob roles
	page click bob '#sanctions button'
	page misses bob '#sanctions .name'
	page click bob "$(person bea) .act"
	page click bob '#dialog-deed-ban'
	page click bob '#dialog-ok'
	page sees bea '#toast' 'You were banned from den.'
	page sees bea '.banned:has-text("You are banned until ")'
	page click alice '#edit-room'
	picture alice edit-room
	page fill alice '#dialog-name' lair
	page fill alice '#dialog-slow' 30
	page click alice '#dialog-visibility-private'
	page click alice '#dialog-ok'
	page sees bob '#room-title' lair
	page sees bob '#room-facts' 'Private · One message every 30 s'
	page misses bea '#other-rooms button.room:has-text("lair")'
	page click bob '#sanctions button'
	page misses bob '#sanctions .name'
	page click bob '#add-member'
	page fill bob '#dialog-username' bea
	page click bob '#dialog-ok'
	page sees bea '#my-rooms button.room:has-text("lair")'
}

@test "an invite link lets in who has no account yet, until it is revoked" {
	comes alice
	makes alice den "Where the foxes talk"
	page click alice '#open-people'
	page click alice '#edit-room'
	page click alice '#dialog-visibility-invite'
	page click alice '#dialog-ok'
	page sees alice '#room-facts' 'By invite'
	page click alice '#make-invite'
	page click alice '#dialog-ok'
	page sees alice '#dialog-title' 'The invite link'
	picture alice invite-link
	page value alice '#dialog-link'
	local link=$REPLY
	[[ $link == "$URL/#/invite/"* ]]
	page click alice '#dialog-cancel'
	page sees alice '#invite-list .name' 'By alice'
	page visit bob "$link"
	page sees bob '#login-error' 'You have an invite to a room. Log in, or make an account.'
	page click bob '#login-switch'
	page fill bob '#login-name' bob
	page fill bob '#login-password' bob-has-a-password
	page click bob '#login-submit'
	page sees bob '#room-title' den
	page sees alice "$(person bob) .name" bob
	comes bea
	page follow bea "$link"
	page sees bea '#room-title' den
	page click alice '#invite-list button'
	page misses alice '#invite-list .name'
	comes carol
	page follow carol "$link"
	page sees carol '#toast' 'This invite is over, or was revoked. Ask for another one.'
}

@test "an archived room is read, not written in, and comes back when its owner says so" {
	comes alice
	comes bob
	makes alice den "Where the foxes talk"
	joins bob den
	page say alice "remember this"
	page reads bob "remember this"
	page click alice '#open-people'
	page click alice '#archive-room'
	page click alice '#dialog-ok'
	page sees bob '#archived-note'
	page reads bob "remember this"
	page misses bob '#composer:visible'
	page misses bob '#my-rooms button.room:has-text("den")'
	page follow bob "$URL/"
	page sees bob '#blank h2' 'Hello, bob'
	page click bob '#archived-section summary'
	page click bob '#archived-rooms button.room:has-text("den")'
	page reads bob "remember this"
	picture alice archived
	page click alice '#archive-room'
	page click alice '#dialog-ok'
	page sees bob '#my-rooms button.room:has-text("den")'
	page say bob "it is back"
	page reads alice "remember this" "it is back"
}

@test "members who are away are listed with their roles, and can be moderated" {
	comes alice
	comes bob
	makes alice den "Where the foxes talk"
	joins bob den
	page click alice '#open-people'
	page sees alice "$(person bob) .name" bob
	page click alice "$(person bob) .act"
	page click alice '#dialog-deed-promote'
	page click alice '#dialog-ok'
	page sees alice "$(person bob) .role" moderator
	page leaves bob
	page sees alice '#away-title' 'Offline: 1'
	page sees alice '#people-away .role' moderator
	picture alice away
	page click alice '#people-away .act'
	page click alice '#dialog-deed-ban'
	page click alice '#dialog-ok'
	page misses alice '#people-away .name'
	page sees alice '#sanctions .name' bob
	page click alice '#sanctions button'
	page misses alice '#sanctions .name'
}

# refused: how many requests were answered that one is no member.
refused()
{
	metric parley_gateway_refusals_total 'code="not_a_member"'
}

@test "who is kicked or banned asks for no more of a long history, and comes back to its end" {
	local before
	comes alice
	comes bob
	makes alice den
	joins bob den
	posts alice den 120
	page reload bob
	page sees bob "$(message 'message 120')"
	before=$(refused)
	rest DELETE /api/rooms/den/members/bob alice
	assert_equal "$STATUS" 204
	page sees bob '#join-room'
	page reads bob
	page reload alice
	page sees alice "$(message 'message 120')"
	assert_equal "$(refused)" "$before"
	page click bob '#join-room'
	page sees bob "$(message 'message 120')"
	page climb bob '#log article .text:text-matches("message 60$")'
	page sees bob '#to-newest'
	rest PUT /api/rooms/den/bans/bob alice '{}'
	assert_equal "$STATUS" 200
	page sees bob '.banned' 'You are banned for ever.'
	page reads bob
	page reload alice
	page sees alice "$(message 'message 120')"
	assert_equal "$(refused)" "$before"
	rest DELETE /api/rooms/den/bans/bob alice
	page click bob '#find-rooms'
	page click bob '#join-room'
	page sees bob "$(message 'message 120')"
	page misses bob '#to-newest'
	page count bob '#log article'
	assert_equal "$REPLY" 50
	assert_equal "$(refused)" "$before"
}

@test "who is banned reads until when and why, and may join once that is over" {
	local until
	comes alice
	comes bob
	makes alice den
	joins bob den
	login alice
	rest PUT /api/rooms/den/bans/bob alice '{"seconds": 600, "reason": "too loud"}'
	until=$(date -d "$(jq -r .until <<<"$BODY")" +%H:%M)
	page sees bob ".banned:text-matches(\"^You are banned until (.* )?${until}[.]\$\")"
	page sees bob '.banned:text-is("Reason: too loud")'
	page misses bob '#join-room'
	picture bob banned
	page reload bob
	page click bob '#other-rooms button.room:has-text("den")'
	page sees bob ".banned:text-matches(\"${until}[.]\$\")"
	page sees bob '.banned:text-is("Reason: too loud")'
	page misses bob '#join-room'
	rest DELETE /api/rooms/den/bans/bob alice
	page click bob '#find-rooms'
	page sees bob '#join-room'
	page misses bob '.banned'
	# The page has not heard of this one: nobody who is away is told.
	rest PUT /api/rooms/den/bans/bob alice '{"seconds": 6}'
	page click bob '#join-room'
	page sees bob '.banned:text-matches("^You are banned until")'
	page sees bob '#join-room'
	page click bob '#join-room'
	page say bob "quiet now"
	page reads bob "quiet now"
}

# person NAME: of the open list.
person()
{
	printf '#people [data-user]:has(.name:text-matches("^%s( |$)"))' "$1"
}
