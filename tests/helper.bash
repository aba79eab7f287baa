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
export NODE_NO_WARNINGS=1 PYTHONDONTWRITEBYTECODE=1 NO_PROXY='*' no_proxy='*'

declare -gA TOKEN=()  # person → bearer token
declare -gA ID=()     # person → UUID
declare -gA NUMBER=() # person → number
declare -gA ROOM=()   # room name → UUID
declare -gA HUNG=()   # daemon → its process, which neither lives nor dies
declare -gA BACKGROUND=() # process → its command; all end with the suite

# Whether the daemons are built with a sanitizer, which has no sandbox, a malloc()
# of its own, and memory beyond all bounds.
is_sanitized()
{
	grep -q __asan_init "${PARLEY_BUILD:-$ROOT/build}/bin/router"
}

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

# strict_start [NAME=VALUE…]: the same, with a cast that takes the frames which
# the documents of the dialects name and no others: suite_stop fails on those.
strict_start()
{
	CAST_MODE=strict
	suite_start "$@"
}

# suite_again [NAME=VALUE…]: the same data, other settings.
suite_again()
{
	suite_stop && suite_start "$@"
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

# is_ready: all that the gateway needs is there.
is_ready()
{
	curl -fsS --noproxy '*' --max-time 5 -o /dev/null "$URL/readyz" 2>/dev/null
}

# Stops the cast, what runs in the background and the suite, whatever hangs. A
# sanitiser's word in a log fails the test, and so does what the cast complained
# of; of a test that failed, the ends of the logs are shown.
suite_stop()
{
	cast_leave
	background_ends
	recover 2>/dev/null || true
	# Never a suite that is not this test's own.
	[[ ${PARLEY_RUN:-} == "$BATS_TEST_TMPDIR"/* ]] || return 0
	parley_run stop 2>/dev/null || true
	if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
		show_logs
	fi
	! grep -hE '(ERROR|WARNING): (Address|Leak|Thread)Sanitizer|runtime error:' \
		"$PARLEY_RUN"/*.log && no_complaints
}

no_complaints()
{
	[ ! -s "$BATS_TEST_TMPDIR/complaints" ] || {
		cat "$BATS_TEST_TMPDIR/complaints"
		return 1
	}
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
	[[ $(ps -o stat= -p "$1") == [!Z]* ]]
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

# kill_daemon NAME…: at once; all are there again.
kill_daemon()
{
	local name i pids=()
	for name in "$@"; do
		pids+=("$(pid_of "$name")")
	done
	kill -KILL "${pids[@]}" || return
	for i in "${!pids[@]}"; do
		eventually 10 has_successor "${@:i+1:1}" "${pids[i]}" || return
	done
}

# hang NAME…: daemons, or `run` for what would start them again, until `recover`
# or the end of the test.
hang()
{
	local name
	for name in "$@"; do
		HUNG[$name]=$(pid_of "$name")
		kill -STOP "${HUNG[$name]}" || return
	done
}

# recover [NAME…]: these, or all that hang.
recover()
{
	local name failed=0
	(($# > 0)) || set -- "${!HUNG[@]}"
	for name in "$@"; do
		kill -CONT "${HUNG[$name]}" || failed=1
		unset "HUNG[$name]"
	done
	return "$failed"
}

# --- programs beside the suite ----------------------------------------------

# background COMMAND…: until background_ends.
background()
{
	"$@" 3>&- 4>&- &
	BACKGROUND[$!]=$1
}

background_ends()
{
	local pid
	for pid in "${!BACKGROUND[@]}"; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	BACKGROUND=()
}

# tap FILE ARGUMENT…: what parley-tap prints from now on.
tap()
{
	background "${PARLEY_BUILD:-$ROOT/build}/bin/parley-tap" --run "$PARLEY_RUN" \
		"${@:2}" >"$1"
}

# client_starts COMMAND…: in the background, until it has said a word; what it
# says goes to $CLIENT.out. client_ends closes its input and fails if it was not
# content.
client_starts()
{
	CLIENT=$BATS_TEST_TMPDIR/client
	mkfifo "$CLIENT.in"
	"$@" <"$CLIENT.in" >"$CLIENT.out" 2>"$CLIENT.err" 3>&- 4>&- &
	BACKGROUND[$!]=$1
	CLIENT_PID=$!
	exec {CLIENT_IN}>"$CLIENT.in"
	eventually 20 test -s "$CLIENT.out" || {
		client_ends || true
		return 1
	}
}

client_ends()
{
	local failed=0
	exec {CLIENT_IN}>&-
	wait "$CLIENT_PID" || failed=1
	unset "BACKGROUND[$CLIENT_PID]"
	cat "$CLIENT.err"
	return "$failed"
}

# talk_starts COMMAND…, talk_ends: the same for a conversation that goes on until
# then (tests/clients/talk.mjs). Sets REPLY to its report; fails if the talkers
# are not content with what they heard.
talk_starts()
{
	client_starts "$@" || return
	grep -q talking "$CLIENT.out" || {
		talk_ends || true
		return 1
	}
}

# conversation_starts ROOM PERSON…: these, who are known, talk there without a
# pause in all dialects.
conversation_starts()
{
	local room=$1 name all=
	shift
	for name in "$@"; do
		all+="${all:+, }\"$name\": {\"token\": \"${TOKEN[$name]}\", \"id\": \"${ID[$name]}\", \"number\": ${NUMBER[$name]}}"
	done
	talk_starts node "$CLIENTS/conversation.mjs" "$HOST" "$room" "{$all}"
}

talk_ends()
{
	local failed=0
	client_ends || failed=1
	REPLY=$(tail -n 1 "$CLIENT.out")
	echo "$BATS_TEST_DESCRIPTION: $REPLY" | tee -a "${PARLEY_TEST_REPORT:-/dev/null}"
	return "$failed"
}

# exchange OUT IN LINE: says it to a program that answers each line by one, `ok …`
# or `fail …`, and has these descriptors; sets REPLY to what comes after `ok`.
exchange()
{
	local answer
	printf '%s\n' "$3" >&"$2" || return
	if ! IFS= read -r -t 60 answer <&"$1"; then
		echo "no answer: $3"
		return 1
	fi
	REPLY=${answer#* }
	[[ $answer == 'ok '* ]] || {
		echo "$3 → $REPLY"
		return 1
	}
}

# dismiss [PID IN]: it ends when its input does.
dismiss()
{
	local fd=${2:-}
	[ -n "${1:-}" ] || return 0
	exec {fd}>&-
	wait "$1" 2>/dev/null || true
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

# metric NAME [LABEL…]: the sum of a metric's samples that have all of these labels,
# each such as 'daemon="store"'. Nothing if there is none.
metric()
{
	curl -fsS --noproxy '*' --max-time 15 "$URL/metrics" |
		awk -v name="$1" -v labels="${*:2}" '
		index($1, name "{") == 1 {
			n = split(labels, wanted, " ")
			for (i = 1; i <= n; i++)
				if (!index($1, wanted[i]))
					next
			sum += $NF
			found = 1
		}
		END { if (found) printf "%.15g\n", sum }'
}

# is_metric VALUE NAME [LABEL…]
is_metric()
{
	[ "$(metric "${@:2}")" = "$1" ]
}

# figure NAME: a metric of the gateways, all labels together.
figure()
{
	metric "parley_gateway_$1"
}

# is_figure NAME VALUE
is_figure()
{
	[ "$(figure "$1")" = "$2" ]
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

# known PERSON…: users likewise, who have been here before and have a number.
known()
{
	local name
	people "$@" || return
	for name in "$@"; do
		rest GET /auth/me "$name"
		answered 200 || return
		# shellcheck disable=SC2034 # for the test files
		NUMBER["$name"]=$(body .id)
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
	if [ -z "${CAST_PID:-}" ]; then
		coproc CAST {
			exec node "$CLIENTS/ws.mjs" ${CAST_MODE:+"$CAST_MODE"} \
				2>>"$BATS_TEST_TMPDIR/complaints" 3>&- 4>&-
		}
	fi
	exchange "${CAST[0]}" "${CAST[1]}" "$*"
}

cast_leave()
{
	dismiss "${CAST_PID:-}" "${CAST[1]:-}"
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

# holds FILTER: a truth about the last answer of the cast.
holds()
{
	jq -e "$1" <<<"$REPLY" >/dev/null || {
		echo "not so: $1: ${REPLY:0:300}"
		return 1
	}
}

# times N TEXT: the text so often.
times()
{
	head -c "$1" /dev/zero | sed "s/\\x00/$2/g"
}

# --- frames of the lobby ----------------------------------------------------

# frame TYPE BODY [TOKEN]
frame()
{
	printf '{"message_type": "%s", "message_body": {%s}%s}' "$1" "$2" "${3:+, \"token\": \"$3\"}"
}

enter() { frame Enter "\"sender_username\": \"$1\"" "${2:-}"; }
leave() { frame Leave "\"sender_username\": \"$1\"" "${2:-}"; }
chat() { frame GroupChat "\"sender_username\": \"$1\", \"content\": \"$2\"" "${3:-}"; }
private() { frame PrivateChat "\"target_username\": \"$1\", \"sender_username\": \"$2\", \"content\": \"$3\"" "${4:-}"; }
