#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What parley says to whom a moderator removed from a room: the commands that
# want a member, and those that were under way.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154

load helper
load parley

setup()
{
	parley_start PARLEY_RATE=off
	arrive alice bob
	as alice create den
	as bob join den
}

teardown()
{
	suite_stop
}

# listens PERSON FILE ARGUMENT…: a tail that prints what is said from now on.
listens()
{
	follow "$1" "$2" den "${@:3}"
	eventually 20 has_heard "$2"
}

has_heard()
{
	as alice send den hello && [ -s "$BATS_TEST_TMPDIR/$1" ]
}

# told FILE PATTERN: the last thing that was said on standard error.
told()
{
	tail -n 1 "$BATS_TEST_TMPDIR/$1.err" | grep -xE "parley: $2" || {
		cat "$BATS_TEST_TMPDIR/$1.err"
		return 1
	}
}

ban()
{
	moderates alice PUT den/bans/bob '{"seconds": 3600, "reason": "too loud"}'
}

BANNED='you were banned from den until ([0-9]{4}-[0-9]{2}-[0-9]{2} )?[0-9]{2}:[0-9]{2}: too loud'

@test "whoever is banned is told so, and for how long, whatever they try" {
	local words
	ban
	for words in "send den hello" "send den --join hello" "history den" \
		"export den" "tail den" "leave den" "join den"; do
		# shellcheck disable=SC2086
		run as bob $words
		assert_failure 3
		assert_output 'parley: den: you are banned from this room; 60 min to go'
	done
	moderates alice DELETE den/bans/bob
	run as bob history den
	assert_failure 3
	assert_output "parley: you are not in den: parley join 'den'"
}

@test "tail ends when its user is kicked or banned, and says why" {
	listens bob heard
	moderates alice DELETE den/members/bob '{"reason": "too loud"}'
	ends_with 3 "$FOLLOWER"
	told heard 'you were removed from den: too loud'
	as bob join den
	listens bob again
	ban
	ends_with 3 "$FOLLOWER"
	told again "$BANNED"
}

@test "tail by a bare token ends with its own user's membership, not with another's" {
	arrive carol
	as carol join den
	PARLEY_TOKEN=$(as bob token)
	export PARLEY_TOKEN
	listens nobody heard
	unset PARLEY_TOKEN
	moderates alice DELETE den/members/carol '{"reason": "not you"}'
	as alice send den "after carol"
	eventually 10 grep -q 'after carol' "$BATS_TEST_TMPDIR/heard"
	moderates alice DELETE den/members/bob '{"reason": "too loud"}'
	ends_with 3 "$FOLLOWER"
	told heard 'you were removed from den: too loud'
}

# sends FILE COMMAND: bob's send, of what the command prints.
sends()
{
	XDG_STATE_HOME=$BATS_TEST_TMPDIR/bob background bash -c \
		'exec "$0" send den < <(eval "$1")' "$BIN/parley" "$2" 2>"$BATS_TEST_TMPDIR/$1.err"
	SENDER=$!
	eventually 20 is_said first
}

is_said()
{
	as alice history den --limit 1000 | grep -qF "$1"
}

@test "send that waits for input ends when its user is removed, and says why" {
	sends idle 'echo first; exec sleep 60'
	moderates alice DELETE den/members/bob '{"reason": "too loud"}'
	ends_with 3 "$SENDER"
	told idle 'you were removed from den: too loud'
}

@test "send that is cut off in the middle says by what" {
	sends busy 'echo first; exec yes more'
	ban
	ends_with 3 "$SENDER"
	told busy "$BANNED"
}
