#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Administration from a shell: users, tokens, and what follows for connections
# that are open.

load helper
load terminal

BIN=${PARLEY_BUILD:-$ROOT/build}/bin

setup()
{
	suite_start
}

teardown()
{
	terminal_ends
	suite_stop
}

ctl()
{
	"$BIN/parleyctl" "$@" 3>&- 4>&-
}

# create PERSON: an account by the tool, with the password that `login` knows.
create()
{
	echo "$1-has-a-password" | ctl users create "$1"
}

# state_of PERSON STATE
state_of()
{
	[ "$(ctl users list "$1" --json | jq -r .state)" = "$2" ]
}

@test "a user who is created by the tool logs in; the same name is refused" {
	create ann
	login ann
	run create ANN
	assert_failure 1
	assert_output --partial "taken"
	run ctl users list
	assert_line --regexp "^1 +ann +- +active +1 +20"
	grep -q 'event=user_created user=ann by=.* tool=parleyctl' "$PARLEY_RUN/auth.log"
}

@test "a generated password is printed and is the one that lets in" {
	local password
	password=$(ctl users create ann --generate --email ann@example.org)
	[ "${#password}" = 24 ]
	rest POST /auth/login '' "{\"email\": \"ann@example.org\", \"password\": \"$password\"}"
	answered 200
	password=$(ctl users reset-password ann --generate)
	rest POST /auth/login '' "{\"username\": \"ann\", \"password\": \"$password\"}"
	answered 200
}

# asked_for NAME PROMPT: `users create NAME` waits for a word on the terminal.
asked_for()
{
	types "clear; '$BIN/parleyctl' users create $1; echo ended: \$?"
	sees "$2"
}

@test "on a terminal a password is asked for twice, and never shown" {
	terminal
	types 'stty -a >before'
	asked_for ann '^Password:'
	types "ann-has-a-password"
	sees '^Again:'
	types "ann-has-a-password"
	sees '^ended: 0'
	is_gone 'has-a-password'
	login ann
	asked_for bob '^Password:'
	types "bob-has-a-password"
	sees '^Again:'
	types "bob-has-another"
	sees 'not the same'
	sees '^ended: 1'
	asked_for bob '^Password:' # Ctrl-C gives up, and the terminal is as it was
	mux send-keys -t t -l "bob-has"
	mux send-keys -t t C-c
	sees '^\$'
	types 'clear; stty -a >after; cmp before after && echo same'
	sees '^same'
	is_gone 'bob-has'
	[ -z "$(ctl users list bob --json 2>/dev/null)" ]
}

@test "a disabled user is put out at once, stays out over restarts, and can come back" {
	create ann
	login ann
	people zoe # of an embedding application, without a session
	online ann zoe
	ctl users disable ann
	closed ann 4401
	rest GET /auth/me ann
	answered 401
	rest POST /auth/login '' '{"username": "ann", "password": "ann-has-a-password"}'
	answered 401 '.detail == "wrong name or password"'
	ctl users disable zoe
	closed zoe 4401
	kill_daemon auth
	rest GET /auth/me zoe
	answered 401
	state_of zoe disabled
	ctl users enable ann
	ctl users enable zoe
	rest GET /auth/me zoe
	answered 200
	rest GET /auth/me ann # that log-in has ended for good
	answered 401
	login ann
}

@test "who was disabled while the gateway could not hear it is put out when it can" {
	people zoe
	online zoe
	hang gateway
	eventually 8 grep -q 'event=peer_down peer=gateway' "$PARLEY_RUN/auth.log"
	ctl users disable zoe
	recover gateway
	closed zoe 4401 10
}

@test "a new password ends log-ins by the old one and their connections" {
	create ann
	login ann
	online ann
	echo "ann-has-another-password" | ctl users reset-password ann
	closed ann 4401
	rest POST /auth/login '' '{"username": "ann", "password": "ann-has-a-password"}'
	answered 401
	rest POST /auth/login '' '{"username": "ann", "password": "ann-has-another-password"}'
	answered 200
	run ctl users reset-password ann <<<short
	assert_failure 1
	assert_output --partial "8 characters"
}

@test "one session is ended, or all of a user" {
	local first
	create ann
	login ann
	first=$(ctl users sessions ann --json | jq -r .session)
	online ann
	login ann
	connect second "$WS/ws/campfire?token=${TOKEN[ann]}"
	run ctl users revoke ann "$first"
	assert_output "1 ended"
	closed ann 4401
	send second '{"type": "Dance"}'
	expect second '{"type": "Error", "code": "UNKNOWN_TYPE"}'
	run ctl users revoke ann
	assert_output "1 ended"
	closed second 4401
	[ -z "$(ctl users sessions ann --json)" ]
	run ctl users revoke ann "$first"
	assert_failure 1
}

@test "a minted token lets in for its time and no longer" {
	local token
	create ann
	token=$(ctl tokens mint ann --ttl 1h --label probe)
	rest GET /auth/me "$token"
	answered 200 '.username == "ann"'
	token=$(ctl tokens mint ann --ttl 4s)
	connect brief "$WS/ws/campfire?token=$token"
	closed brief 4401 40
	run ctl tokens mint nobody
	assert_failure 1
	run ctl tokens mint ann --ttl soon
	assert_failure 2
}

@test "a bot comes in by its token until that is revoked" {
	local token session
	token=$(ctl tokens bot robot --label "the build's")
	connect robot "$WS/ws/campfire?token=$token"
	ctl users list robot --json | jq -e '.state == "bot"'
	run -0 ctl tokens list --json
	jq -e '.user == "robot" and .kind == "bot" and .label == "the build'"'"'s"' <<<"$output"
	session=$(jq -r .session <<<"$output")
	run ! grep -F "$token" <<<"$output"
	ctl tokens revoke "$session"
	closed robot 4401
	rest GET /auth/me "$token"
	answered 401
	create ann
	run ctl tokens bot ann
	assert_failure 1
	assert_output --partial "a person's"
	run ctl users reset-password robot --generate
	assert_failure 1
}

@test "rooms of every kind are listed, and made" {
	local den
	people ann bob
	room kitchen ann
	post ann kitchen one two
	den=$(ctl rooms create den --description "for bears")
	rest GET /api/rooms bob
	answered 200 ".rooms | any(.id == \"$den\" and .name == \"den\")"
	run ctl rooms create DEN
	assert_failure 1
	assert_output --partial taken
	run ctl rooms create hidden --private
	assert_failure 2
	ctl rooms create hidden --private --owner bob
	rest GET /api/rooms bob
	answered 200 '.rooms | any(.name == "hidden")'
	rest GET /api/rooms ann
	answered 200 '.rooms | any(.name == "hidden") | not'
	run -0 ctl rooms list --json
	jq -se 'map([.name, .kind, .members, .messages]) == [["kitchen", "public", 1, 2],
		["den", "public", 0, 0], ["hidden", "private", 1, 0]]' <<<"$output"
	grep -q 'event=room_created room=den .*by=' "$PARLEY_RUN/store.log"
}

@test "users are moderated, and rooms changed, with effect on open connections" {
	known ann bob
	room kitchen ann bob
	online ann bob
	run -0 ctl rooms members kitchen --json
	jq -se 'map([.name, .role]) | sort == [["ann", "owner"], ["bob", "member"]]' <<<"$output"
	ctl rooms role kitchen bob moderator
	ctl rooms members kitchen --json | jq -se 'any(.name == "bob" and .role == "moderator")'
	ctl rooms mute kitchen bob --for 1h --reason "too loud"
	run -0 ctl rooms bans kitchen --mutes --json
	jq -e '.name == "bob" and .reason == "too loud" and .until != null' <<<"$output"
	rest POST "/api/rooms/${ROOM[kitchen]}/messages" bob '{"content": "hello"}'
	answered 403
	ctl rooms unmute kitchen bob
	post bob kitchen "hello again"
	expect ann '{"type": "NewMessage", "message": {"content": "hello again"}}'
	ctl rooms kick kitchen bob
	post ann kitchen "he is gone"
	expect ann '{"type": "NewMessage", "message": {"content": "he is gone"}}'
	never bob '{"type": "NewMessage", "message": {"content": "he is gone"}}'
	ctl rooms add "${ROOM[kitchen]}" bob
	post bob kitchen "back"
	ctl rooms ban kitchen bob
	rest POST "/api/rooms/${ROOM[kitchen]}/messages" bob '{"content": "hello"}'
	answered 403
	run -0 ctl rooms bans kitchen
	assert_line --regexp '^bob .* administration +-$'
	run -0 ctl rooms bans kitchen --json
	jq -e '.actor == null' <<<"$output"
	ctl rooms unban kitchen bob
	ctl rooms rename kitchen cellar
	rest GET /api/rooms ann
	answered 200 '.rooms | any(.name == "cellar")'
	ctl rooms archive cellar
	rest POST "/api/rooms/${ROOM[kitchen]}/messages" ann '{"content": "hello"}'
	answered 409
	ctl rooms unarchive cellar
	post ann kitchen "and on"
	run ctl rooms kick nowhere bob
	assert_failure 1
	assert_output --partial "no such room: nowhere"
	run ctl rooms ban cellar nobody
	assert_failure 1
	assert_output --partial "no such user: nobody"
	run ctl rooms role cellar bob king
	assert_failure 2
	run -0 ctl check
}

@test "what is secret stands in no log, tap or list of processes" {
	local token
	tap "$BATS_TEST_TMPDIR/heard" --daemons auth in.parleyctl
	eventually 5 tap_hears
	token=$(ctl tokens bot robot)
	create ann
	ctl users reset-password ann <<<"quite-another-password"
	eventually 5 grep -q set_password "$BATS_TEST_TMPDIR/heard"
	run ! grep -rhF -e "$token" -e quite-another -e ann-has-a "$PARLEY_RUN" \
		"$BATS_TEST_TMPDIR/heard" --include='*.log' --include=heard
	run ctl users create bob a-password-as-a-word
	assert_failure 2
	run ctl users create bob --password a-password
	assert_failure 2
}

# A frame of ours has come to the tap.
tap_hears()
{
	ctl users list >"$BATS_TEST_TMPDIR/ignored"
	[ -s "$BATS_TEST_TMPDIR/heard" ]
}

@test "wrong usage is status 2 with a line, a failure status 1, help status 0" {
	local name
	run ctl
	assert_failure 2
	run ctl users dance
	assert_failure 2
	run ctl users list --generate
	assert_failure 2
	run ctl users create
	assert_failure 2
	run ctl users list --timeout never
	assert_failure 2
	run ctl users list --run "$BATS_TEST_TMPDIR/nowhere"
	assert_failure 1
	assert_output --partial nowhere
	hang auth
	run ctl users list --timeout 300
	recover auth
	assert_failure 1
	assert_output --partial "auth: no answer in time"
	while read -r name; do
		# shellcheck disable=SC2086 # a command may have two words
		run -0 ctl $name --help
		assert_output --regexp "^usage: parleyctl $name"
		assert_output --partial "flags of 'parleyctl --help' hold here"
		refute_output --partial PARLEY_CURVE_DIR
	done < <(ctl --help | sed -nE 's/^  ([a-z]+( [a-z-]+)?).*  .*/\1/p')
	run -0 ctl --help
	assert_output --partial "[PARLEY_CURVE_DIR]" # nothing stands for no default
}

# completes WORD…: what bash offers for the last of them, sorted.
completes()
{
	bash --norc -c 'source <("$1" completion bash); shift
		compopt() { COMPREPLY+=("$*"); }
		COMP_WORDS=(parleyctl "$@"); COMP_CWORD=$#; _parleyctl
		printf "%s\n" "${COMPREPLY[@]}"' bash "$BIN/parleyctl" "$@" | sort | paste -s -d ' '
}

@test "completion knows every command and flag, in three shells" {
	local shell
	assert_equal "$(completes us)" users
	assert_equal "$(completes users re)" "reset-password revoke"
	assert_equal "$(completes users create --e)" "--email --env"
	assert_equal "$(completes --data /x users create ann --gen)" --generate
	assert_equal "$(completes completion '')" "bash fish zsh"
	assert_equal "$(completes rooms role den ann '')" "member moderator owner"
	assert_equal "$(completes rooms role den m)" ""
	assert_equal "$(completes config r)" router
	assert_equal "$(completes --data /x stats hooks g)" gateway
	assert_equal "$(completes hooks create --events m)" "members messages"
	assert_equal "$(completes hooks change --events edits,m)" "edits,members edits,messages"
	assert_equal "$(completes top --sort re)" restarts
	cd "$BATS_TEST_TMPDIR"
	mkdir hooks # that is no word of ours
	assert_equal "$(completes ho)" hooks
	assert_equal "$(completes restore ho)" "-o filenames hooks"
	assert_equal "$(completes hooks ho)" ""
	assert_equal "$(completes --data ho)" "-o filenames hooks"
	run ! grep '^complete -o filenames' <("$BIN/parleyctl" completion bash)
	for shell in bash zsh fish; do
		ctl completion "$shell" >"$BATS_TEST_TMPDIR/$shell"
		! command -v "$shell" >/dev/null || "$shell" -n "$BATS_TEST_TMPDIR/$shell"
	done
	run ctl completion csh
	assert_failure 2
}

# offers TOOL WORD…: what bash offers for the last word, sorted.
offers()
{
	PATH=$BIN:$PATH bash --norc -c 'source <(parleyctl completion bash)
		COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _parley_tool "$1" "${!#}"
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@" | sort | paste -s -d ' '
}

# shellcheck disable=SC2016 # it is for the other shells
@test "completion knows the options of the other tools from their own tables" {
	local name
	assert_equal "$(offers parley-ping --)" "--data --help --run --timeout --version"
	assert_equal "$(offers parley-ping --timeout 3 r)" router
	assert_equal "$(offers parley-keys st)" store
	assert_equal "$(offers parley-tap --da)" "--daemons --data"
	assert_equal "$(offers parley hi)" history
	assert_equal "$(offers parley login --pass)" --password-stdin
	assert_equal "$(offers parley logout --pass)" ""
	export PATH=$BIN:$PATH ASAN_OPTIONS=detect_leaks=0
	if command -v fish >/dev/null; then
		run -0 fish --no-config -c 'parleyctl completion fish | source
			complete -C "parley-ping --ti"'
		assert_output --regexp '^--timeout	how long'
		run -0 fish --no-config -c 'parleyctl completion fish | source
			complete -C "parleyctl rooms role den ann m"
			complete -C "parleyctl hooks create --events e"
			complete -C "parleyctl config st"'
		assert_line moderator
		assert_line --regexp '^edits'
		assert_line store
	fi
	if command -v zsh >/dev/null; then
		run -0 zsh -f -c 'compdef() { : }; compadd() { print -l $choices }
			eval "$(parleyctl completion zsh)"
			words=(parley-ping --t); CURRENT=2; _parley_tool'
		assert_line --timeout
		run -0 zsh -f -c 'compdef() { : }; compadd() { print -r -- $@ }
			eval "$(parleyctl completion zsh)"
			CURRENT=6; _parleyctl parleyctl rooms role den ann m
			CURRENT=5; _parleyctl parleyctl hooks create --events edits,m'
		assert_line -- "-- member moderator owner"
		assert_line -- "-- edits,messages edits,edits edits,members"
	fi
	for name in "$BIN"/parley*; do # none is left out
		name=${name##*/}
		bash --norc -c "source <(parleyctl completion bash); complete -p $name" || {
			echo "tools/parleyctl/completion_tools.c does not name $name"
			return 1
		}
	done
}

# origin_of SETTING: its value and where that came from.
origin_of()
{
	ctl config "${@:2}" --json |
		jq -r --arg v "$1" 'select(.variable == $v) | .value + " " + .source'
}

@test "config tells each setting's value and origin, and no secret" {
	local file=$BATS_TEST_TMPDIR/env
	printf 'PARLEY_RATE=7:9\nPARLEY_OUTBOX=65536\n' >"$file"
	export PARLEY_OUTBOX=131072
	assert_equal "$(origin_of PARLEY_RATE --env "$file")" "7:9 file"
	assert_equal "$(origin_of PARLEY_OUTBOX --env "$file")" "131072 environment"
	assert_equal "$(origin_of PARLEY_ENV --env "$file")" "$file flag"
	assert_equal "$(origin_of PARLEY_MAX_MESSAGE)" "16384 default"
	assert_equal "$(origin_of JWT_SECRET)" "set environment"
	assert_equal "$(JWT_SECRET='' origin_of JWT_SECRET)" "generated default"
	run -0 ctl config
	run ! grep -F "$JWT_SECRET" <<<"$output"
	cp "$BIN/parleyctl" "$BATS_TEST_TMPDIR/lonely"
	run "$BATS_TEST_TMPDIR/lonely" config store
	assert_failure 1
	assert_output --partial --programs
	run -0 "$BATS_TEST_TMPDIR/lonely" config store --programs "$BIN"
	assert_output --partial DATABASE_URL
	run ctl config store --programs "$BATS_TEST_TMPDIR"
	assert_failure 1
	run ctl config nobody
	assert_failure 2
	run ctl config store
	assert_output --partial DATABASE_URL
	run ! grep PARLEY_RATE <<<"$output"
}

@test "with keys on TCP, the tool's key opens and another one does not" {
	local keys=$BATS_TEST_TMPDIR/keys port
	port=$("$PYTHON" -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
	suite_stop
	"$BIN/parley-keys" --curve-dir "$keys" gateway router presence store auth tool
	suite_start "PARLEY_AUTH=tcp://127.0.0.1:$port" "PARLEY_CURVE_DIR=$keys"
	create ann
	run -0 ctl users list
	assert_output --partial ann
	rm "$keys"/tool.*
	"$BIN/parley-keys" --curve-dir "$keys" tool # auth is asked for the former one
	run ctl users list --timeout 1500
	assert_failure 1
}
