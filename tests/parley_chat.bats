#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# parley on a terminal: the full-screen chat, and what else draws or asks there.
# The terminal is tmux's, which is asked what stands on it.
# shellcheck disable=SC2016,SC2034,SC2154

load helper
load parley

setup()
{
	unset TMUX
	export LC_ALL=C.UTF-8 TERM=xterm-256color PATH=$BIN:$PATH
	parley_start PARLEY_RATE=off
	SOCKET=$BATS_TEST_TMPDIR/tmux
	arrive alice bob
	as alice create den --description "where foxes talk"
	as bob join den
}

teardown()
{
	[ ! -e "$SOCKET" ] || mux kill-server || true
	suite_stop
}

mux()
{
	tmux -S "$SOCKET" -f /dev/null "$@" 3>&- 4>&-
}

# terminal PERSON [COLUMNS ROWS]: a shell on a terminal of their own.
terminal()
{
	mux new-session -d -s "$1" -c "$BATS_TEST_TMPDIR" -x "${2:-80}" -y "${3:-24}" \
		-e XDG_STATE_HOME="$BATS_TEST_TMPDIR/$1" -e PS1="$ " \
		bash --norc --noprofile
	sees "$1" '$'
}

# presses PERSON KEY…; types PERSON TEXT, ended by Enter.
presses()
{
	mux send-keys -t "$1" "${@:2}"
}

types()
{
	mux send-keys -t "$1" -l "$2"
	mux send-keys -t "$1" Enter
}

shown()
{
	mux capture-pane -p -t "$1"
}

# sees PERSON TEXT, misses PERSON TEXT: on the terminal, now or soon.
sees()
{
	eventually 20 is_shown "$1" "$2" || {
		shown "$1"
		return 1
	}
}

misses()
{
	eventually 20 is_gone "$1" "$2" || {
		shown "$1"
		return 1
	}
}

is_shown()
{
	shown "$1" | grep -F -- "$2" >/dev/null
}

is_gone()
{
	! is_shown "$@"
}

# chats PERSON [ROOM]: in a terminal that is there.
chats()
{
	types "$1" "parley chat ${2:-den}; echo ended: \$?"
	sees "$1" connected
	sees "$1" Online
}

meet()
{
	terminal alice
	terminal bob
	chats alice
	chats bob
}

@test "two people see each other, who types, and what is said, changed and taken back" {
	meet
	sees alice 'den  where foxes talk'
	sees alice 'Online 2'
	sees alice bob
	presses bob -l "I am"
	sees alice 'bob is typing'
	types bob " here"
	sees alice 'bob: I am here'
	misses alice 'is typing'
	types alice 'grüße 中文 🌲'
	sees bob 'alice: grüße 中文 🌲'
	types bob '/edit I was there'
	sees alice 'bob: I was there (edited)'
	types bob /delete
	sees alice 'bob: taken back'
	misses alice 'I was there'
	types bob /quit
	sees bob 'ended: 0'
	sees alice 'Online 1'
}

@test "older messages are read when one looks back, and nothing moves there" {
	seq -f 'line %g' 1 250 | as bob send den
	terminal alice
	chats alice
	sees alice 'line 250'
	is_gone alice 'line 200'
	presses alice PPage PPage
	sees alice 'line 210'
	as bob send den "something new"
	sees alice 'below'
	is_gone alice 'something new'
	until is_shown alice 'bob: line 1 '; do
		presses alice PPage PPage
		sees alice below
	done
	sees alice ', '
	presses alice 'M->'
	sees alice 'something new'
	misses alice below
}

@test "other rooms show what is unread, and one goes there" {
	as alice create attic
	terminal alice
	chats alice
	as bob send attic --join one
	as bob send attic two
	sees alice 'attic 2'
	as bob dm alice psst
	sees alice '@bob 1'
	presses alice M-a
	sees alice 'bob: two'
	presses alice M-a
	sees alice 'bob: psst'
	misses alice '@bob 1'
	misses alice 'attic 2'
	types alice '/join den'
	sees alice 'where foxes talk'
	types alice '/dm bob'
	sees alice 'bob: psst'
	types alice 'psst too'
	eventually 10 bob_heard 'psst too'
	as bob create cellar
	types alice '/join cellar'
	sees alice 'no room of that name'
	types alice '/join cellar'
	sees alice 'Nothing was said here yet'
	types alice /leave
	misses alice cellar
}

bob_heard()
{
	as bob history @alice | grep -F "$1" >/dev/null
}

@test "what was read is marked, what is not in sight is not" {
	as bob send den seen
	terminal alice
	chats alice
	sees alice 'bob: seen'
	TOKEN[alice]=$(as alice token)
	QUERY='&v=2&resume=1' online alice
	eventually 10 unread_is 0
	types alice /quit
	sees alice 'ended: 0'
	as bob send den unseen
	unread_is 1
}

unread_is()
{
	send alice '{"type": "GetUnread", "request_id": 7}' &&
		expect alice '{"type": "Unread", "request_id": 7}' && holds ".rooms[0].count == $1"
}

@test "the screen follows the terminal's size" {
	seq -f 'line %g' 1 60 | as bob send den
	terminal alice 80 24
	chats alice
	sees alice 'line 60'
	is_gone alice 'line 35'
	mux resize-window -t alice -x 120 -y 50
	sees alice 'line 20'
	mux resize-window -t alice -x 40 -y 10
	sees alice 'line 60'
	misses alice 'Rooms'
	sees alice '2 online' || sees alice '1 online'
	mux resize-window -t alice -x 5 -y 2
	mux resize-window -t alice -x 80 -y 24
	sees alice Rooms
	sees alice 'line 60'
}

@test "the terminal is as it was after the chat, however it ends" {
	local how before
	terminal alice
	types alice 'stty -a >before; clear; echo still here'
	for how in /quit C-c C-d TERM INT HUP; do
		chats alice
		misses alice 'still here'
		case $how in
		/quit) types alice /quit ;;
		C-*) presses alice "$how" ;;
		*) kill "-$how" "$(pid_on alice)" ;;
		esac
		sees alice 'ended: '
		sees alice 'still here'
		types alice 'stty -a | cmp - before && echo same; clear; echo still here'
		sees alice 'still here'
		misses alice ended
	done
	types alice 'stty -a | cmp - before && echo "the" same'
	sees alice 'the same'
}

# pid_on PERSON: of the program on the terminal.
pid_on()
{
	ps -o pid= --ppid "$(mux display-message -p -t "$1" '#{pane_pid}')"
}

@test "Ctrl-Z gives the terminal back for a while" {
	terminal alice
	types alice 'echo still here'
	sees alice 'still here'
	chats alice
	presses alice C-z
	sees alice 'still here'
	as bob send den "meanwhile"
	types alice fg
	sees alice 'bob: meanwhile'
	types alice /quit
	types alice 'echo "over" and out'
	sees alice 'over and out'
}

@test "without a connection it says so, and sends later what was written, once" {
	terminal alice
	chats alice
	hang run
	kill -KILL "$(pid_of gateway)"
	sees alice 'offline, trying again'
	types alice 'written meanwhile'
	sees alice '... written meanwhile'
	recover run
	eventually 20 is_shown alice connected
	sees alice 'alice: written meanwhile'
	misses alice '... written'
	run as bob history den --json
	assert_equal "$(jq -r .content <<<"$output" | grep -c 'written meanwhile')" 1
}

@test "who is removed from a room sees why, keeps the line, and comes back by /join" {
	terminal bob 100
	chats bob
	moderates alice DELETE den/members/bob '{"reason": "too loud"}'
	sees bob 'you were removed from den: too loud. /join den to come back'
	sees bob 'not in this room'
	is_gone bob '│ den'
	presses bob -l 'am I here'
	presses bob Enter
	sees bob 'to come back'
	sees bob '> am I here'
	presses bob C-u
	types bob '/join den'
	sees bob connected
	sees bob '│ den'
	is_gone bob 'you were removed'
	as alice send den "welcome back"
	sees bob 'alice: welcome back'
	moderates alice PUT den/bans/bob '{"seconds": 3600, "reason": "shouting"}'
	sees bob 'you were banned from den until '
	sees bob ': shouting. /join den to come back'
	types bob '/join den'
	sees bob 'you are banned from this room; 60 min to go (you were banned from den'
	as alice send den "without bob"
	moderates alice DELETE den/bans/bob
	types bob '/join den'
	sees bob 'alice: without bob'
	sees bob connected
	is_gone bob 'banned'
}

@test "who was removed stays out, in a chat that goes on, when the connection comes back" {
	as alice create attic
	as bob join attic
	terminal bob
	chats bob
	moderates alice DELETE den/members/bob
	sees bob 'you were removed from den. /join den to come back'
	hang run
	kill -KILL "$(pid_of gateway)"
	sees bob 'offline, trying again'
	recover run
	sees bob 'not in this room'
	types bob '/join attic'
	sees bob connected
	run as bob rooms --mine
	assert_output '* attic'
	is_gone bob 'ended'
}

@test "what the server refuses goes back to where it was written, and notices follow what is so" {
	terminal bob 100
	chats bob
	moderates alice PUT den/mutes/bob '{"seconds": 300, "reason": "soup"}'
	sees bob 'you are muted in den until '
	sees bob ': soup'
	types bob 'hm'
	sees bob 'you are muted in this room; 5 min to go'
	sees bob '> hm'
	moderates alice DELETE den/mutes/bob
	sees bob 'you may speak in den again'
	is_gone bob 'muted'
	presses bob Enter
	sees bob 'bob: hm'
}

@test "a notice that is longer than the screen is wide takes more rows" {
	local columns
	for columns in 100 80 40; do
		terminal "alice$columns" "$columns"
		mux send-keys -t "alice$columns" "export XDG_STATE_HOME=$BATS_TEST_TMPDIR/alice" Enter
		types "alice$columns" "parley chat den"
		sees "alice$columns" 'den  where'
		types "alice$columns" /help
		sees "alice$columns" /join
		sees "alice$columns" /quit
		sees "alice$columns" 'older'
	done
}

@test "what others write cannot command the terminal" {
	as bob send den -- $'\e]0;hijacked\a\e[2J\e[31mred \xc2\x9b31m\u202eover'
	terminal alice
	chats alice
	sees alice '[2J[31mred 31mover'
	run mux display-message -p -t alice '#{pane_title}'
	refute_output --partial hijacked
}

@test "the line is edited, remembered, completed and pasted into" {
	meet
	types bob "hello"
	sees alice 'bob: hello'
	presses alice -l "wrld"
	presses alice Left Left Left
	presses alice -l o
	sees alice '> world'
	presses alice C-u
	misses alice '> world'
	presses alice -l bo
	presses alice Tab
	presses alice -l "hi"
	sees alice '> bob: hi'
	presses alice Enter
	sees bob 'alice: bob: hi'
	presses alice Up
	sees alice '> bob: hi'
	presses alice C-c
	sees alice '> Write here'
	printf 'two\nlines' | mux load-buffer -
	mux paste-buffer -p -t alice
	sees alice '> two↵lines'
	presses alice Enter
	sees bob 'alice: two'
	run as bob history den --json --limit 1
	assert_equal "$(jq -c .content <<<"$output")" '"two\nlines"'
}

@test "colours are for terminals, unless NO_COLOR is set" {
	as bob send den hello
	terminal alice
	types alice 'clear; parley history den'
	sees alice 'bob: hello' || sees alice hello
	mux capture-pane -p -e -t alice | grep -F hello | grep -F $'\e[' >/dev/null
	types alice 'clear; NO_COLOR=1 parley history den; echo'
	sees alice 'bob: hello'
	run bash -c 'grep -F "bob: hello" | grep -cF "$1"' - $'\e[' \
		< <(mux capture-pane -p -e -t alice)
	assert_output 0
	run as alice history den
	refute_output --partial $'\e'
}

@test "a password is asked for without being shown" {
	terminal carol
	types carol 'parley register carol; parley whoami'
	sees carol 'Password:'
	types carol 'carol-has-a-password'
	sees carol 'The same again:'
	types carol 'carol-has-a-password'
	sees carol "carol at $URL"
	is_gone carol carol-has-a-password
	types carol 'clear; stty -a >before; parley login carol'
	sees carol 'Password:'
	presses carol C-c
	types carol 'stty -a | cmp - before && echo "the" same'
	sees carol 'the same'
	types carol 'clear; parley login'
	sees carol 'User or e-mail:'
	types carol carol
	sees carol 'Password:'
	types carol 'not-the-password'
	sees carol 'parley: '
}

@test "chat without a terminal says what to use instead" {
	run as alice chat den </dev/null
	assert_failure 2
	assert_output --partial tail
	terminal alice
	types alice 'parley chat nowhere; echo ended: $?'
	sees alice 'there is no room nowhere'
	sees alice 'ended: 3'
}

@test "what the README shows of it works as shown" {
	local line
	terminal dave 500
	while IFS= read -r line; do
		types dave "${line//bob/dave}"
		case $line in
		*register*)
			sees dave 'Password:'
			types dave 'dave-has-a-password'
			sees dave 'again:'
			types dave 'dave-has-a-password'
			sees dave 'logged in as dave'
			;;
		*tail*) sees dave '"creator_name":"dave"' ;;
		*chat*) sees dave 'Online 1' ;;
		esac
	done < <(awk '/^\*\*Or a terminal/ { here = 1 } here && /^```$/ { exit }
		here && /^parley |\| parley / { print }' "$ROOT/README.md")
	sees dave "$(date +%Y)"
}
