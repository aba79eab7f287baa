# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# tests/parley.bash - people who use parley, the client, each with a session in a
# folder of their own. After `load helper`.

BIN=${PARLEY_BUILD:-$ROOT/build}/bin

# parley_start SETTING…: a suite, and no settings of parley but those of the test.
parley_start()
{
	unset PARLEY_TOKEN PARLEY_CACERT NO_COLOR
	export TZ=UTC
	suite_start "$@"
	export PARLEY_SERVER=$URL
}

# as PERSON ARGUMENT…
as()
{
	XDG_STATE_HOME=$BATS_TEST_TMPDIR/$1 "$BIN/parley" "${@:2}"
}

# arrive PERSON…: with an account, logged in.
arrive()
{
	local name
	for name in "$@"; do
		as "$name" register "$name" --password-stdin <<<"$name-has-a-password"
	done
}

# follow PERSON FILE ARGUMENT…: a tail in the background, until it is live: it
# prints what is said from the moment on when it hears a first word.
follow()
{
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/$1
	background "$BIN/parley" tail "${@:3}" >"$BATS_TEST_TMPDIR/$2" \
		2>"$BATS_TEST_TMPDIR/$2.err"
	FOLLOWER=$!
	unset XDG_STATE_HOME
}

# has_lines N FILE
has_lines()
{
	(($(wc -l <"$BATS_TEST_TMPDIR/$2") == $1))
}

# ends_with STATUS PID
ends_with()
{
	local status=0
	eventually 15 is_dead "$2"
	wait "$2" || status=$?
	unset "BACKGROUND[$2]"
	assert_equal "$status" "$1"
}

# moderates PERSON METHOD PATH [BODY]: what a moderator does in a room.
moderates()
{
	rest "$2" "/api/rooms/$3" "$(as "$1" token)" "${@:4}"
	[[ $STATUS == 20* ]] || answered 200
}
