# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# tests/helper.bash - what the tests' sentences are made of: a private suite for
# each test, people with accounts, a cast of WebSocket clients, REST.
#
# A test file says `load helper`, and `setup() { suite_start; }` and
# `teardown() { suite_stop; }` where each test wants a suite of its own.

bats_require_minimum_version 1.5.0
for folder in /usr/lib/bats /usr/share/bats /usr/lib /usr/local/lib; do
	if [ -e "$folder/bats-support/load.bash" ]; then
		load "$folder/bats-support/load"
		load "$folder/bats-assert/load"
		break
	fi
done

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
CLIENTS=$ROOT/tests/clients
# shellcheck disable=SC2034 # for the test files
PYTHON=/usr/bin/python3 # the one that sees Debian's modules
WITHIN=5 # seconds: how long a test waits for what must come
export NODE_NO_WARNINGS=1 NO_PROXY='*' no_proxy='*'

declare -gA TOKEN=()  # person → bearer token
declare -gA ID=()     # person → UUID
declare -gA NUMBER=() # person → number
declare -gA ROOM=()   # room name → UUID

# --- the suite --------------------------------------------------------------

# Private folders and a free port; nothing is started yet.
suite_environment()
{
	local folder=$BATS_TEST_TMPDIR/parley
	export PARLEY_DATA=$folder PARLEY_RUN=$folder/run PARLEY_ENV=/dev/null
	export PARLEY_LISTEN=${PARLEY_TEST_LISTEN:-127.0.0.1:0}
	export JWT_SECRET=${JWT_SECRET:-a-secret-that-only-the-tests-know-0123456789}
	unset WS_BIND_ADDR PARLEY_WITHOUT
}

# suite_start [NAME=VALUE…]: starts it with these settings besides.
suite_start()
{
	local pair
	suite_environment
	for pair in "$@"; do
		export "${pair?}"
	done
	parley_run --wait || return
	suite_address
}

# run.sh must not hold the descriptors by which bats sees a test's end.
parley_run()
{
	"$ROOT/run.sh" --no-build "$@" 3>&- 4>&-
}

# Sets HOST (address:port of the first listener), URL and WS.
suite_address()
{
	read -r HOST <"$PARLEY_RUN/listen"
	HOST=${HOST%%=*}
	URL=http://$HOST
	WS=ws://$HOST
}

# Stops the cast and the suite. A sanitiser's word in a log fails the test; of a
# test that failed, the ends of the logs are shown.
suite_stop()
{
	cast_leave
	# Never a suite that is not this test's own.
	[[ ${PARLEY_RUN:-} == "$BATS_TEST_TMPDIR"/* ]] || return 0
	parley_run stop 2>/dev/null || true
	if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
		show_logs
	fi
	! grep -hE 'ERROR: (Address|Leak|Thread)Sanitizer|runtime error:' \
		"$PARLEY_RUN"/*.log
}

show_logs()
{
	local log
	for log in "$PARLEY_RUN"/*.log; do
		[ ! -s "$log" ] || echo "--- ${log##*/}" && tail -n 12 "$log"
	done 2>/dev/null
}

# eventually SECONDS COMMAND…: until it succeeds. The one place that sleeps.
eventually()
{
	local deadline=$((${EPOCHREALTIME//[^0-9]/} + $1 * 1000000))
	shift
	until "$@"; do
		if ((${EPOCHREALTIME//[^0-9]/} > deadline)); then
			echo "in vain: $*"
			return 1
		fi
		sleep 0.05
	done
}

pid_of()
{
	cat "$PARLEY_RUN/$1.pid"
}

lives()
{
	kill -0 "$1" 2>/dev/null && [[ $(ps -o stat= -p "$1") != Z* ]]
}

is_dead()
{
	! lives "$1"
}

# has_successor NAME PID: another process has the name and answers.
has_successor()
{
	local pid
	pid=$(awk -v name="$1" '$1 == name { print $2 }' "$PARLEY_RUN/status")
	[ -n "$pid" ] && [ "$pid" != - ] && [ "$pid" != "$2" ] &&
		[ "$(cat "$PARLEY_RUN/$1.pid" 2>/dev/null)" = "$pid" ] &&
		"${PARLEY_BUILD:-$ROOT/build}/bin/parley-ping" --run "$PARLEY_RUN" \
			--timeout 1000 "$1" >/dev/null 2>&1
}

kill_daemon()
{
	local old
	old=$(pid_of "$1") && kill -KILL "$old" && eventually 10 has_successor "$1" "$old"
}

# --- REST -------------------------------------------------------------------

# rest METHOD PATH [WHO [JSON]]: sets STATUS, BODY and HEADERS. WHO is a person
# with a token, a token itself, or empty.
rest()
{
	local token=${3:-} out=$BATS_TEST_TMPDIR/body head=$BATS_TEST_TMPDIR/head
	local options=(-sS --noproxy '*' --max-time 15 -X "$1" -o "$out" -D "$head")
	[ -z "$token" ] || token=${TOKEN[$token]:-$token}
	[ -z "$token" ] || options+=(-H "Authorization: Bearer $token")
	(($# < 4)) || options+=(-H 'Content-Type: application/json' --data-binary "$4")
	: >"$out"
	STATUS=$(curl "${options[@]}" -w '%{http_code}' "$URL$2") || return
	BODY=$(tr -d '\0' <"$out")
	HEADERS=$(tr -d '\r' <"$head")
}

# answered STATUS [JQ-FILTER]: the last answer, in a word and a truth about it.
answered()
{
	if [ "$STATUS" != "$1" ]; then
		echo "status $STATUS, want $1: $BODY"
		return 1
	fi
	(($# < 2)) || jq -e "$2" <<<"$BODY" >/dev/null || {
		echo "not so: $2: $BODY"
		return 1
	}
}

# header NAME: its value in the last answer.
header()
{
	grep -i "^$1:" <<<"$HEADERS" | head -n 1 | sed 's/^[^:]*: *//'
}

body()
{
	jq -r "$1" <<<"$BODY"
}

# register PERSON: an account with a password, logged in.
register()
{
	rest POST /auth/register '' \
		"{\"username\": \"$1\", \"password\": \"$1-has-a-password\"}"
	answered 201 && login "$1"
}

login()
{
	rest POST /auth/login '' \
		"{\"username\": \"$1\", \"password\": \"$1-has-a-password\"}"
	answered 200 || return
	TOKEN[$1]=$(body .token)
	ID[$1]=$(body .user.user_id)
	# shellcheck disable=SC2034 # for the test files
	NUMBER[$1]=$(body .user.id)
}

# people PERSON…: users whom an embedding application brings by its own tokens.
people()
{
	local name
	for name in "$@"; do
		ID[$name]=$(cat /proc/sys/kernel/random/uuid)
		cast token "$JWT_SECRET" \
			"{\"sub\": \"${ID[$name]}\", \"username\": \"$name\"}" || return
		TOKEN[$name]=$REPLY
	done
}

# room NAME MAKER [MEMBER…]: a room with these members.
room()
{
	local name=$1 maker=$2 member
	shift 2
	rest POST /api/rooms "$maker" "{\"name\": \"$name\"}"
	answered 201 || return
	ROOM[$name]=$(body .id)
	for member in "$@"; do
		join_room "$member" "${ROOM[$name]}" || return
	done
}

# join_room PERSON ROOM-ID: a membership made by a connection that goes again.
join_room()
{
	connect "$1.joins" "$WS/ws/campfire?token=${TOKEN[$1]}" &&
		send "$1.joins" "{\"type\": \"JoinRoom\", \"room_id\": \"$2\"}" &&
		expect "$1.joins" "{\"type\": \"PresenceUpdate\", \"room_id\": \"$2\"}" &&
		cast close "$1.joins"
}

# post PERSON ROOM-NAME TEXT…: over REST, one message each.
post()
{
	local who=$1 where=$2 text
	shift 2
	for text in "$@"; do
		rest POST "/api/rooms/${ROOM[$where]}/messages" "$who" \
			"$(jq -nc --arg t "$text" '{content: $t}')"
		answered 201 || return
	done
}

# --- the cast (tests/clients/ws.mjs) ----------------------------------------

# cast COMMAND…: sets REPLY to what comes after `ok`.
cast()
{
	local answer
	if [ -z "${CAST_PID:-}" ]; then
		coproc CAST { exec node "$CLIENTS/ws.mjs" 3>&- 4>&-; }
	fi
	printf '%s\n' "$*" >&"${CAST[1]}" || return
	if ! IFS= read -r -t 60 answer <&"${CAST[0]}"; then
		echo "the clients do not answer: $*"
		return 1
	fi
	REPLY=${answer#* }
	[[ $answer == 'ok '* ]] || {
		echo "$* → $REPLY"
		return 1
	}
}

cast_leave()
{
	local pid=${CAST_PID:-} fd
	[ -n "$pid" ] || return 0
	fd=${CAST[1]}
	exec {fd}>&-
	wait "$pid" 2>/dev/null || true
}

connect() { cast connect "$@"; }
refused() { cast refused somebody "$@"; }
send() { cast send "$@"; }
expect() { cast expect "$1" "${3:-$WITHIN}" "$2"; }
exactly() { cast exactly "$1" "${3:-$WITHIN}" "$2"; }
next() { cast next "$1" "${3:-$WITHIN}" "$2"; }
never() { cast never "$1" "${3:-1}" "$2"; }
closed() { cast closed "$1" "${3:-$WITHIN}" "$2"; }

# online PERSON… (as campfire clients with this query besides)
online()
{
	local name
	for name in "$@"; do
		connect "$name" "$WS/ws/campfire?token=${TOKEN[$name]}${QUERY:-}" || return
	done
}
