#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# parley, the client for terminals and pipes: accounts, rooms, and messages that
# go through pipes once, in order, whatever dies meanwhile.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154

load helper
load parley
load edge

setup()
{
	parley_start PARLEY_RATE="${RATE:-off}"
}

teardown()
{
	suite_stop
}

# lines N: that many, numbered.
lines()
{
	seq -f 'line %g' 1 "$1"
}

# contents FILE: what the messages say, line by line.
contents()
{
	jq -r .content "$BATS_TEST_TMPDIR/$1"
}

# --- accounts ---------------------------------------------------------------

@test "login keeps the session where its owner alone can read it" {
	local folder=$BATS_TEST_TMPDIR/alice/parley
	arrive alice
	assert_equal "$(stat -c %a "$folder")" 700
	run stat -c '%a %F' "$folder"/http*.json
	assert_output '600 regular file'
	assert_equal "$(as alice whoami)" "alice at $URL"
	assert_equal "$(as alice whoami --json | jq -r .username)" alice
	run grep -r has-a-password "$folder"
	assert_failure
}

@test "a session that others may read is not used" {
	arrive alice
	chmod 644 "$BATS_TEST_TMPDIR"/alice/parley/http*.json
	run as alice whoami
	assert_failure 3
	assert_output --partial 'chmod 600'
}

@test "a wrong password ends with 3, and nothing is kept" {
	arrive alice
	run as bob login alice --password-stdin <<<"not-the-password"
	assert_failure 3
	[ ! -e "$BATS_TEST_TMPDIR/bob/parley" ]
	run as bob whoami
	assert_failure 3
	assert_output --partial "parley login --server $URL"
	assert_output --partial "parley register --server $URL"
}

@test "who logs in takes the place of who was, whose session is over then" {
	local token
	arrive bob
	token=$(as bob token)
	run as bob login bob --password-stdin <<<"bob-has-a-password"
	assert_output "logged in as bob at $URL"
	rest GET /auth/me "$token"
	answered 200
	rest POST /auth/logout "$token"
	answered 204
	as bob login bob --password-stdin <<<"bob-has-a-password"
	token=$(as bob token)
	run as bob register carol --password-stdin <<<"carol-has-a-password"
	assert_success
	assert_line 'bob is no longer logged in here'
	assert_equal "$(as bob whoami)" "carol at $URL"
	rest GET /auth/me "$token"
	answered 401
}

@test "who logs in by e-mail, or to another server, is told apart" {
	rest POST /auth/register '' '{"email": "carol@example.org", "password": "carol-has-a-password"}'
	answered 201
	as carol login carol@example.org --password-stdin <<<"carol-has-a-password"
	unset PARLEY_SERVER
	assert_equal "$(as carol whoami)" "carol at $URL"
	run as carol whoami --server "http://localhost:${HOST##*:}"
	assert_failure 3
	run as carol whoami --server nonsense
	assert_failure 2
}

@test "after logout the session is over, here and at the server" {
	local token
	arrive alice
	token=$(as alice token)
	rest GET /auth/me "$token"
	answered 200
	as alice logout
	rest GET /auth/me "$token"
	answered 401
	run as alice whoami
	assert_failure 3
}

@test "a token is renewed by the session before it expires" {
	local file before
	arrive alice
	file=$(ls "$BATS_TEST_TMPDIR"/alice/parley/http*.json)
	before=$(as alice token)
	assert_equal "$(as alice token)" "$before"
	jq ".expires_at = $((EPOCHSECONDS + 30)) | .token = \"gone\"" "$file" >"$file.new"
	chmod 600 "$file.new" && mv "$file.new" "$file"
	as alice whoami
	assert_equal "$(stat -c %a "$file")" 600
	jq -e ".token != \"gone\" and .expires_at > $EPOCHSECONDS + 600" "$file"
	rest GET /auth/me "$(as alice token)"
	answered 200
}

@test "PARLEY_TOKEN is enough for a program that has no session" {
	arrive alice
	as alice create den
	PARLEY_TOKEN=$(as alice token) as nobody send den "by token"
	run as alice history den
	assert_output --partial 'alice: by token'
	[ ! -e "$BATS_TEST_TMPDIR/nobody" ]
	PARLEY_TOKEN=nonsense run as nobody send den "by nobody"
	assert_failure 3
}

# --- rooms ------------------------------------------------------------------

@test "rooms are made, listed, joined and left" {
	arrive alice bob
	as alice create kitchen --description "where we eat"
	as alice create cellar --private
	run as alice create Kitchen
	assert_failure 3
	run as bob rooms
	assert_output '  kitchen  where we eat'
	run as alice rooms
	assert_line '* cellar (private)'
	run as bob tail kitchen
	assert_failure 3
	assert_output --partial "parley join 'kitchen'"
	as bob join KITCHEN
	run as bob rooms --mine
	assert_output '* kitchen  where we eat'
	assert_equal "$(as bob rooms --json | jq -r .name)" kitchen
	as bob leave kitchen
	run as bob rooms --mine
	refute_output
	run as bob leave kitchen
	assert_failure 3
	run as bob join nowhere
	assert_failure 3
	assert_output --partial nowhere
	run as bob join cellar
	assert_failure 3
}

# --- pipes ------------------------------------------------------------------

@test "two thousand lines go through a pipe, each once and in order" {
	arrive alice bob
	as alice create ops
	as bob join ops
	lines 2000 | as alice send ops
	follow bob heard ops --json --since 0
	eventually 30 has_lines 2000 heard
	diff <(lines 2000) <(contents heard)
	jq -e -s '[.[].seq] == [range(1; 2001)]' "$BATS_TEST_TMPDIR/heard" >/dev/null
}

@test "tail without --since begins with what is said from then on" {
	arrive alice
	as alice create ops
	as alice send ops before
	follow alice heard ops --json
	eventually 10 tail_is_live
	as alice send ops after
	eventually 10 has_lines 1 heard
	assert_equal "$(contents heard)" after
}

# It has asked for the end of the room, and for what follows, at least.
tail_is_live()
{
	as alice send ops --window 1 ping >/dev/null
	grep -q '"ping"' "$BATS_TEST_TMPDIR/heard" || return
	: >"$BATS_TEST_TMPDIR/heard"
}

@test "nothing is lost or doubled while daemons are killed and the gateway restarts" {
	local fd sender
	arrive alice bob
	as alice create ops
	as bob join ops
	follow bob heard ops --json --since 0
	mkfifo "$BATS_TEST_TMPDIR/log"
	XDG_STATE_HOME=$BATS_TEST_TMPDIR/alice "$BIN/parley" send ops \
		<"$BATS_TEST_TMPDIR/log" 2>"$BATS_TEST_TMPDIR/sent.err" 3>&- 4>&- &
	sender=$!
	BACKGROUND["$sender"]=send
	exec {fd}>"$BATS_TEST_TMPDIR/log"
	say_some 1 200 "$fd"
	parley_run restart gateway
	say_some 201 400 "$fd"
	kill_daemon router
	say_some 401 600 "$fd"
	kill_daemon store gateway
	say_some 601 800 "$fd"
	exec {fd}>&-
	wait "$sender"
	unset "BACKGROUND[$sender]"
	eventually 30 has_lines 800 heard
	diff <(lines 800) <(contents heard)
	lives "$FOLLOWER"
	grep -q 'connected again' "$BATS_TEST_TMPDIR/heard.err"
}

# say_some FROM TO DESCRIPTOR
say_some()
{
	seq -f 'line %g' "$1" "$2" >&"$3"
}

@test "over the rate, messages wait and keep their order" {
	suite_again PARLEY_RATE=50:20
	export PARLEY_SERVER=$URL
	arrive alice
	as alice create ops
	lines 90 | as alice send ops
	as alice export ops >"$BATS_TEST_TMPDIR/kept"
	diff <(lines 90) <(contents kept)
}

@test "a line that the server refuses is told with its number, the others are sent" {
	arrive alice
	as alice create ops
	printf 'one\n\n%s\nthree \xff\n%s\nlast' "$(times 20000 x)" "$(times 70000 y)" \
		>"$BATS_TEST_TMPDIR/in"
	run as alice send ops - <"$BATS_TEST_TMPDIR/in"
	assert_failure 3
	assert_line --partial 'line 3: '
	assert_line 'parley: line 5: too long'
	run as alice history ops --json
	assert_equal "$(jq -r .content <<<"$output")" $'one\nthree \uFFFD\nlast'
}

@test "send takes words, and its exit status tells" {
	arrive alice bob
	as alice create ops
	run as alice send ops two words
	assert_success
	refute_output
	assert_equal "$(as alice history ops --json | jq -r .content)" "two words"
	run as bob send ops nobody
	assert_failure 3
	run as bob send ops --join somebody
	assert_success
	run as alice send nowhere hello
	assert_failure 3
	run as alice send ops "$(times 20000 x)"
	assert_failure 3
	as alice send ops </dev/null
}

@test "an endless input is read no faster than it is taken, in memory that does not grow" {
	local before after
	export ASAN_OPTIONS=quarantine_size_mb=1
	arrive alice
	as alice create ops
	yes "$(times 8000 x)" 2>/dev/null 3>&- 4>&- |
		XDG_STATE_HOME=$BATS_TEST_TMPDIR/alice "$BIN/parley" send ops 3>&- 4>&- &
	BACKGROUND[$!]=send
	eventually 20 has_kept 200
	before=$(memory_kb $!)
	eventually 60 has_kept 1700
	after=$(memory_kb $!)
	echo "$before kB, then $after kB"
	((after < before + 8000))
}

has_kept()
{
	as alice history ops --limit 1 --json | jq -e ".seq >= $1" >/dev/null
}

memory_kb()
{
	awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"
}

@test "tail ends when its reader does" {
	arrive alice
	as alice create ops
	lines 3 | as alice send ops
	XDG_STATE_HOME=$BATS_TEST_TMPDIR/alice run timeout 20 \
		bash -c '"$0" tail ops --since 0 | head -n 1' "$BIN/parley"
	assert_success
	assert_output --partial 'alice: line 1'
}

@test "tail ends when a session is over, or a membership at the next connection" {
	arrive alice bob
	as alice create ops
	as bob join ops
	follow bob heard ops --since 0
	as alice send ops hello
	eventually 10 has_lines 1 heard
	as bob leave ops
	kill_daemon gateway
	ends_with 3 "$FOLLOWER"
	grep -q 'ops: not a member' "$BATS_TEST_TMPDIR/heard.err"
	follow alice mine ops --since 0
	eventually 10 has_lines 1 mine
	as alice logout
	ends_with 3 "$FOLLOWER"
	grep -q 'parley login' "$BATS_TEST_TMPDIR/mine.err"
}

@test "tail --changes tells what was changed and taken back" {
	arrive alice
	as alice create ops
	as alice send ops first
	ROOM[ops]=$(as alice rooms --json | jq -r .id)
	TOKEN[alice]=$(as alice token)
	follow alice heard ops --json --changes --since 0
	eventually 10 has_lines 1 heard
	QUERY='&v=2&resume=1' online alice
	local id
	id=$(jq -r .id "$BATS_TEST_TMPDIR/heard")
	send alice "{\"type\": \"EditMessage\", \"message_id\": \"$id\", \"content\": \"second\"}"
	eventually 10 has_lines 2 heard
	send alice "{\"type\": \"DeleteMessage\", \"message_id\": \"$id\"}"
	eventually 10 has_lines 3 heard
	assert_equal "$(jq -r '.type // "message"' "$BATS_TEST_TMPDIR/heard" | xargs)" \
		'message MessageEdited MessageDeleted'
}

# --- reading ----------------------------------------------------------------

@test "history prints the last messages, and those before a place" {
	arrive alice
	as alice create ops
	lines 700 | as alice send ops
	run as alice history ops
	assert_equal "${#lines[@]}" 50
	assert_line --index 49 --regexp '^20[0-9-]{8} [0-9:]{8} alice: line 700$'
	run as alice history ops --limit 600 --json
	assert_equal "$(jq -r .content <<<"$output")" "$(lines 700 | tail -n 600)"
	run as alice history ops --limit 2 --before 10 --json
	assert_equal "$(jq -c .seq <<<"$output" | xargs)" '8 9'
	run as alice history ops --limit 9 --before 3
	assert_equal "${#lines[@]}" 2
}

@test "export prints all messages, whatever was taken back" {
	arrive alice
	as alice create ops
	lines 1203 | as alice send ops
	TOKEN[alice]=$(as alice token)
	as alice export ops >"$BATS_TEST_TMPDIR/all"
	diff <(lines 1203) <(contents all)
	QUERY='&v=2&resume=1' online alice
	take_back 1 600 1203
	as alice export ops >"$BATS_TEST_TMPDIR/left"
	assert_equal "$(jq -c .seq "$BATS_TEST_TMPDIR/left" | wc -l)" 1200
	diff <(lines 1203 | grep -vxE 'line (1|600|1203)') <(contents left)
	jq -e '.id and .creator_name == "alice" and .created_at and .client_message_id' \
		"$BATS_TEST_TMPDIR/left" >/dev/null
}

# take_back SEQ…
take_back()
{
	local seq id
	for seq in "$@"; do
		id=$(jq -r "select(.seq == $seq).id" "$BATS_TEST_TMPDIR/all")
		send alice "{\"type\": \"DeleteMessage\", \"message_id\": \"$id\"}"
		expect alice "{\"type\": \"MessageDeleted\", \"message_id\": \"$id\"}"
	done
}

@test "what would command a terminal is not printed, and JSON says it in escapes" {
	local nasty=$'\e]0;title\a\e[2Jhi\xc2\x9bm\u202e\x7f there'
	arrive alice
	as alice create ops
	as alice send ops -- "$nasty"
	run as alice history ops
	assert_output --regexp 'alice: \]0;title\[2Jhim there$'
	as alice export ops >"$BATS_TEST_TMPDIR/all"
	run grep -cP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$BATS_TEST_TMPDIR/all"
	assert_output 0
	assert_equal "$(contents all)" "$nasty"
}

@test "a message of several lines cannot pass for several messages" {
	arrive alice
	as alice create ops
	as alice send ops $'one\n2026-01-01 00:00:00 bob: forged'
	run as alice history ops
	assert_line --index 1 '    2026-01-01 00:00:00 bob: forged'
}

@test "dm says something to one user, who reads it under the sender's name" {
	arrive alice bob
	as alice dm bob "psst" "hey"
	echo "and this" | as bob dm @alice -
	run as bob history @alice
	assert_line --index 0 --partial 'alice: psst hey'
	assert_line --index 1 --partial 'bob: and this'
	run as alice rooms --mine
	assert_output '* @bob'
	run as alice dm nobody hello
	assert_failure 3
}

# --- usage ------------------------------------------------------------------

@test "each command's help names its flags, and the overview each command" {
	local name flag commands
	commands=$("$BIN/parley" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]\{1,\}\) .*/\1/p')
	((${#commands} > 50))
	for name in $commands; do
		run "$BIN/parley" "$name" --help
		assert_success
		assert_line --index 0 --regexp "^usage: parley $name"
		assert_line --regexp '^ +--help '
		while read -r flag; do
			assert_line --regexp "^ +--$flag "
		done < <(sed -n "s/^\\(FLAG\\|OPTION\\)($name, \"\\([a-z-]*\\)\".*/\\2/p" \
			"$ROOT/tools/parley/commands.def")
		run "$BIN/parley" "$name" --nonsense
		assert_failure 2
		assert_output --partial "parley $name --help"
	done
}

@test "wrong usage ends with 2" {
	arrive alice
	local words
	while read -r -a words; do
		echo "${words[*]}"
		run as alice "${words[@]}" </dev/null
		assert_failure 2
	done <<-'END'
		nonsense
		history
		tail a b
		history a --limit
		history a --limit 0
		history a --limit many
		tail a --since -1
		tail a --json=yes
		send a --window 0
		send
		login -x
	END
	run "$BIN/parley"
	assert_failure 2
}

@test "a server that is not there ends what can end with 1, and names it" {
	arrive alice
	as alice create ops
	suite_stop
	run as alice history ops
	assert_failure 1
	assert_output --partial "$URL"
	run as alice rooms
	assert_failure 1
	assert_output --partial "$URL"
	run timeout 2 "$BIN/parley" --version
	assert_success
}

# --- TLS and proxies --------------------------------------------------------

@test "over TLS, a server is trusted by its authority alone" {
	certify "$BATS_TEST_TMPDIR/key.pem" "$BATS_TEST_TMPDIR/cert.pem"
	suite_again PARLEY_TLS_CERT="$BATS_TEST_TMPDIR/cert.pem" PARLEY_TLS_KEY="$BATS_TEST_TMPDIR/key.pem"
	export PARLEY_SERVER=https://$HOST
	run as alice register alice --password-stdin <<<"alice-has-a-password"
	assert_failure 1
	export PARLEY_CACERT=$BATS_TEST_TMPDIR/cert.pem
	as alice register alice --password-stdin <<<"alice-has-a-password"
	as alice create ops
	lines 300 | as alice send ops
	follow alice heard ops --json --since 0
	eventually 15 has_lines 300 heard
	diff <(lines 300) <(contents heard)
	unset PARLEY_CACERT
	run timeout 20 env XDG_STATE_HOME="$BATS_TEST_TMPDIR/alice" "$BIN/parley" send ops hello
	assert_failure 1
}
