#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The pages are true: what docs/dialects.md shows is run as it stands, against
# real daemons. A block of code there with `example=NAME` behind its language is
# run here; one with `output=NAME` is what the shell example of that name prints.
#
# Plain builds only: the tests of each dialect try what its examples do.

load helper

PAGE=$ROOT/docs/dialects.md

declare -gA STARTED=() # who → process
declare -gA TYPED=()   # who → descriptor of what is typed

teardown()
{
	local pid
	for pid in "${STARTED[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	[ -z "${PARLEY_RUN:-}" ] || suite_stop
}

# --- Blocks of code ---------------------------------------------------------

# block WORDS…: what stands between ```WORDS and ```; fails if that is nothing.
block()
{
	awk -v head="\`\`\`$*" '
		$0 == "```" { inside = 0 }
		inside { print; found = 1 }
		$0 == head { inside = 1 }
		END { exit !found }' "$PAGE"
}

# The same, for the address of this suite.
example()
{
	block "$@" | sed "s,127\.0\.0\.1:8080,$HOST,g"
}

# shapes: what fields each JSON text has, and what it says it is; sorted.
shapes()
{
	jq -c '[.type?, .message_type?, ([paths(type != "object" and type != "array")
		| map(if type == "number" then 0 else . end | tostring) | join(".")]
		| unique | join(" "))]' | sort -u
}

# --- What is run ------------------------------------------------------------

url='' token='' me='' room='' # as the page's shell sets them

# on_page NAME: the examples are of this page from now on.
on_page()
{
	PAGE=$ROOT/docs/$1.md
}

# Starts a suite, and defines what the shell examples presume.
page_start()
{
	suite_start
	local name
	for name in account room talk; do
		# shellcheck disable=SC1090
		source <(example sh "example=$name") >"$BATS_TEST_TMPDIR/$name"
	done
	register bob
}

# shell NAME: what it prints are frames of the shapes that the page shows, and
# all of these. Where a reader's shell sleeps, this one waits for the answers.
shell()
{
	SAID=$BATS_TEST_TMPDIR/$1.said
	SHOWN=$(block json "output=$1" | shapes)
	SLEEPS=$(example sh "example=$1" | grep -o 'sleep [0-9]' | wc -l)
	HEARD=0
	example sh "example=$1" | sed 's/sleep [0-9]/hear/' >"$BATS_TEST_TMPDIR/$1.sh"
	# shellcheck disable=SC1090
	source "$BATS_TEST_TMPDIR/$1.sh" >"$SAID"
	cat "$SAID"
	diff <(echo "$SHOWN") <(said)
}

# The shapes of what the shell example has printed up to now.
said()
{
	grep '^{' "$SAID" | shapes
}

# An answer for each wait; at the last one, all of them.
hear()
{
	HEARD=$((HEARD + 1))
	if ((HEARD < SLEEPS)); then
		eventually 10 has_said "$HEARD" >&2
	else
		eventually 10 has_said_all >&2
	fi
}

has_said()
{
	(($(grep -c '^{' "$SAID") >= $1))
}

has_said_all()
{
	[ "$(said)" = "$SHOWN" ]
}

# script WHO NAME WORD=VALUE…: starts the JavaScript of that example with the
# arguments that its first line names. What it prints is in WHO.said; what is
# typed goes to `type_as WHO`.
script()
{
	local who=$1 file=$BATS_TEST_TMPDIR/$2.mjs usage pair fd flags=()
	example js "example=$2" >"$file"
	usage=$(sed -n "1s,^// $2.mjs - node $2.mjs ,,p" "$file")
	[ -n "$usage" ]
	shift 2
	for pair in "$@"; do
		usage=${usage//"${pair%%=*}"/${pair#*=}}
	done
	node -e 'process.exit(typeof WebSocket === "undefined" ? 1 : 0)' ||
		flags=(--experimental-websocket)
	mkfifo "$BATS_TEST_TMPDIR/$who.typed"
	# shellcheck disable=SC2086 # words
	start "$who" node "${flags[@]}" "$file" ${usage//[\[\]]/}
	exec {fd}>"$BATS_TEST_TMPDIR/$who.typed"
	TYPED[$who]=$fd
}

# start WHO COMMAND…: without what others' input is typed into, so that each
# sees its own end.
start()
{
	local who=$1
	shift
	(
		for fd in "${TYPED[@]}"; do
			exec {fd}>&-
		done
		exec "$@" <"$BATS_TEST_TMPDIR/$who.typed" \
			>"$BATS_TEST_TMPDIR/$who.said" 2>&1 3>&- 4>&-
	) &
	STARTED[$who]=$!
}

type_as()
{
	echo "$2" >&"${TYPED[$1]}"
}

# says WHO LINE: prints that line, now or soon.
says()
{
	eventually 10 grep -qxF -- "$2" "$BATS_TEST_TMPDIR/$1.said" || {
		cat "$BATS_TEST_TMPDIR/$1.said"
		return 1
	}
}

# leaves WHO: at the end of its input it ends by itself, and well.
leaves()
{
	local fd=${TYPED[$1]} pid=${STARTED[$1]}
	exec {fd}>&-
	unset "TYPED[$1]"
	eventually 10 is_dead "$pid" && wait "$pid"
}

# --- The examples -----------------------------------------------------------

@test "campfire: the examples do what the page says" {
	page_start
	# shellcheck disable=SC2153 # both are there
	script bob campfire TOKEN="${TOKEN[bob]}" ROOM-ID="$room"
	type_as bob "anybody here?"
	says bob "bob: anybody here?"
	shell campfire
	says bob "alice: hello"
	# shellcheck disable=SC1090
	source <(example sh example=post) >/dev/null
	says bob "alice: the backup is done"
	example python example=campfire >"$BATS_TEST_TMPDIR/chat.py"
	run -0 "$PYTHON" "$BATS_TEST_TMPDIR/chat.py" "$WS/ws" "$token" "$room" "from Python"
	assert_output --partial "from Python"
	says bob "alice: from Python"
	leaves bob
}

@test "moderation: the examples do what the page says" {
	page_start
	# shellcheck disable=SC1090
	source <(example sh example=moderation) >"$BATS_TEST_TMPDIR/said"
	run jq -sc '[.[0].slow_seconds, .[1].change, .[2].mutes[0].reason]' "$BATS_TEST_TMPDIR/said"
	assert_output '[5,"muted","soup"]'
}

@test "hooks: the examples do what the page says" {
	local ctl=${PARLEY_BUILD:-$ROOT/build}/bin/parleyctl
	page_start
	on_page hooks
	shell hook
	# shellcheck disable=SC1090
	source <(example sh example=manage) >"$BATS_TEST_TMPDIR/said"
	run jq -sc 'map(.state)' "$BATS_TEST_TMPDIR/said"
	assert_output '["paused","active"]'
	token=$("$ctl" tokens bot robot)
	"$ctl" rooms add kitchen robot
	shell incoming
}

@test "hub: the examples do what the page says" {
	page_start
	post_as_alice "before"
	script bob hub TOKEN="${TOKEN[bob]}" ROOM=kitchen
	says bob "alice: before"
	shell hub
	says bob "alice: hello"
	type_as bob "soup?"
	says bob "bob: soup?"
	type_as bob "/dm 1 psst"
	says bob "bob, in private: psst"
	type_as bob "/dm 99 psst"
	says bob "dm: there is no such user"
	leaves bob
}

post_as_alice()
{
	curl -sS --noproxy '*' "$url/api/rooms/kitchen/messages" -H "$me" \
		-d "{\"content\": \"$1\"}" >/dev/null
}

@test "lobby: the examples do what the page says" {
	page_start
	script ann lobby NAME=ann
	type_as_soon ann "anybody here?"
	says ann "ann: anybody here?"
	script ben lobby NAME=ben
	says ann "ben is here"
	type_as ann "/to ben psst"
	says ben "ann to ben: psst"
	says ann "ann to ben: psst"
	shell lobby
	says ben "dan is here"
	says ben "dan: hello"
	says ben "dan is gone"
	script other lobby NAME=Ann
	says other "sender_username: the name is in use"
	leaves ann
	says ben "ann is gone"
	leaves ben
}

# type_as_soon WHO LINE: again and again until it is connected.
type_as_soon()
{
	eventually 10 said_once_typed "$1" "$2"
}

said_once_typed()
{
	type_as "$1" "$2"
	eventually 1 grep -qF -- "$1: $2" "$BATS_TEST_TMPDIR/$1.said" 2>/dev/null
}

@test "simple: the examples do what the page says" {
	page_start
	script bob simple TOKEN="${TOKEN[bob]}" ROOM=general
	says bob "system: bob joined"
	shell simple
	says bob "system: alice joined"
	says bob "alice: hello"
	type_as bob '{"message": "braces"}'
	says bob 'bob: {"message": "braces"}'
	leaves bob
}

@test "sealed: the examples do what the page says" {
	page_start
	local key
	script owner sealed ' [JOIN-KEY NAME [PASSWORD]]='
	eventually 10 grep -q '^den .*: Owner$' "$BATS_TEST_TMPDIR/owner.said"
	key=$(sed -n 's/^den \(.*\): Owner$/\1/p' "$BATS_TEST_TMPDIR/owner.said")
	script bea sealed JOIN-KEY="$key" NAME=bea ' [PASSWORD]='
	says owner "bea is here"
	says bea "den $key: Owner, bea"
	type_as bea "nobody reads this"
	says owner "bea: nobody reads this"
	says bea "bea: nobody reads this"
	shell sealed
	leaves bea
	leaves owner
}

# --- The page itself --------------------------------------------------------

@test "every dialect has a section, with a client in JavaScript and one in the shell" {
	local name n=0
	while read -r name; do
		echo "$name"
		grep -qx "## $name" "$PAGE"
		block js "example=$name" >/dev/null
		block sh "example=$name" >/dev/null
		block json "output=$name" >/dev/null
		n=$((n + 1))
	done < <(sed -n 's/^DIALECT(\([a-z]*\))$/\1/p' "$ROOT/gateway/dialects/dialects.def")
	((n > 0))
}

@test "all JSON that is shown is JSON" {
	local page
	for page in "$ROOT"/docs/*.md "$ROOT/README.md"; do
		echo "$page"
		awk '/^```/ { inside = /^```json/; next } inside' "$page" | jq . >/dev/null
	done
}

@test "every link within the pages leads somewhere" {
	local page link file anchor
	while IFS=: read -r page link; do
		file=${link%%#*}
		anchor=${link#"$file"}
		echo "$page: $link"
		[ -z "$file" ] || [ -e "${page%/*}/$file" ]
		[ -z "$anchor" ] ||
			anchors "$([ -n "$file" ] && echo "${page%/*}/$file" || echo "$page")" |
			grep -x -- "${anchor#\#}" >/dev/null
	done < <(grep -oHE '\]\([^) ]+\)' "$ROOT"/docs/*.md "$ROOT/README.md" |
		sed 's/:\](/:/; s/)$//' | grep -vE ':(https?|mailto):')
}

# anchors FILE: those of its headings, as they are made on the web.
anchors()
{
	sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' |
		sed 's/[^a-z0-9 _-]//g; s/ /-/g' |
		awk '{ print $0 (seen[$0] ? "-" seen[$0] : ""); seen[$0]++ }'
}
