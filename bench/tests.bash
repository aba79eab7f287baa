# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# bench/tests.bash - what is measured; a part of bench/run. Each test leaves a file
# of figures for each server, or step, in $RESULTS/TEST.

# What a figure takes, and how much there is where much is the matter.
SECONDS_EACH=5
SECONDS_LATENCY=10
SECONDS_IDLE=30
SECONDS_STEP=3
WARM_UP=1
FILLED=10000000
RATES=(1000 2000 4000 8000 16000)
MILLION=1000000

# The bare floor is measured in a room of 1,000 alone.
CHAT=(parley uwebsockets nats nchan socketio ws mosquitto ejabberd ejabberd-mam)
ALL=("${CHAT[@]}" floor)

TESTS=(big_room big_room_most big_room_busy rooms rooms_most pairs pairs_most latency
	login idle storm history post load growth_connections growth_members growth_rooms)

tests_quick()
{
	SECONDS_EACH=1 SECONDS_LATENCY=1 SECONDS_IDLE=1 SECONDS_STEP=1 WARM_UP=0
	FILLED=100000
	RATES=(1000 4000)
	MILLION=2000
}

# measure TEST LABEL SERVER ARGUMENT…: a run against a server of its own, which
# is fresh. What fails is told and leaves no figures.
measure()
{
	local test=$1 label=$2 server=$3
	shift 3
	server_start "$server" || return 0
	"$BUILD/bin/parley-bench" "$1" --server "127.0.0.1:$SERVER_PORT" "${SERVER_FLAGS[@]}" \
		--warm-up "$WARM_UP" --seconds "$SECONDS_EACH" "${@:2}" \
		--json "$RESULTS/$test/$label.json" </dev/null ||
		echo "bench/run: $test: $label: see its faults" >&2
	server_stop
}

# each TEST SERVERS… -- ARGUMENT…
each()
{
	local test=$1 servers=() server
	shift
	while [ "$1" != -- ]; do
		servers+=("$1")
		shift
	done
	shift
	for server in "${servers[@]}"; do
		! server_is_here "$server" || measure "$test" "$server" "$server" "$@"
	done
}

# figure FILE WORDS: of a result, for what follows from it; fails if there is none.
figure()
{
	[ -s "$RESULTS/$1.json" ] && jq -er "$2" "$RESULTS/$1.json"
}

# The floor writes frames as long as those that parley writes.
floor_bytes()
{
	figure "$1" '.bytes_per_delivery - 4 | floor | if . < 51 then 100 else . end' ||
		echo 100
}

# --- A room of 1,000

test_big_room()
{
	each big_room "${CHAT[@]}" -- big-room
	floor_beside big_room
}

# floor_beside TEST ARGUMENT…: the floor, with as many messages in a send as parley had
# there, each as long.
floor_beside()
{
	PARLEY_COALESCE=$(figure "$1/parley" '[.messages_per_send | round, 1] | max') ||
		return 0
	export PARLEY_COALESCE
	each "$1" floor -- big-room "${@:2}" --bytes "$(floor_bytes "$1/parley")"
	unset PARLEY_COALESCE
}

# What brings most differs: those that write what has gathered want more of it.
test_big_room_most()
{
	local server
	for server in "${CHAT[@]}"; do
		server_is_here "$server" || continue
		case $server in
		parley | uwebsockets | nats)
			best_of big_room_most "$server" big-room "--window 16" "--window 64" \
				"--rate 1000" "--rate 2500"
			;;
		*) measure big_room_most "$server" "$server" big-room --window 16 ;;
		esac
	done
}

# best_of TEST SERVER SCENARIO FLAGS…: the figures of those flags that brought most,
# if it can be without a fault.
best_of()
{
	local test=$1 server=$2 scenario=$3 flags words tries=()
	for flags in "${@:4}"; do
		read -ra words <<<"$flags"
		measure "$test" "$server" "$server" "$scenario" "${words[@]}"
		[ -s "$RESULTS/$test/$server.json" ] || continue
		tries+=("$RESULTS/$test/$server.try${#tries[@]}")
		mv "$RESULTS/$test/$server.json" "${tries[-1]}"
	done
	((${#tries[@]} > 0)) || return 0
	jq -s 'max_by([(.faults | del(.complete) | add == 0), .deliveries_per_s])' \
		"${tries[@]}" >"$RESULTS/$test/$server.json"
	rm "${tries[@]}"
}

# At 80 % of parley's most.
test_big_room_busy()
{
	local rate
	rate=$(figure big_room_most/parley '.deliveries_per_s * 0.8 / .plan.members | floor') || return 0
	each big_room_busy parley -- big-room --rate "$rate"
	floor_beside big_room_busy --rate "$rate"
}

# --- Small rooms

test_rooms() { each rooms "${CHAT[@]}" -- rooms; }
test_rooms_most() { each rooms_most "${CHAT[@]}" -- rooms --window 4; }
test_pairs() { each pairs "${CHAT[@]}" -- pairs; }
test_pairs_most() { each pairs_most "${CHAT[@]}" -- pairs --window 4; }

# --- Time

test_latency()
{
	local folder
	folder=$(folder_on_disk) || return
	"$BUILD/bench/fsync" --folder "$folder" --times "$((SECONDS_LATENCY * 50))" \
		>"$RESULTS/latency/disk.json"
	rm -r "$folder"
	each latency "${CHAT[@]}" -- latency --seconds "$SECONDS_LATENCY"
}

test_login()
{
	each login parley -- login
	mv "$RESULTS/login/parley.json" "$RESULTS/login/4.json"
	each login parley -- login --logins 0
	mv "$RESULTS/login/parley.json" "$RESULTS/login/0.json"
}

# Latency against load, in rooms of 10.
test_load()
{
	local server rate
	for server in parley uwebsockets nats nchan ws; do
		server_is_here "$server" || continue
		for rate in "${RATES[@]}"; do
			measure load "$server-$rate" "$server" rooms --rate "$rate" \
				--seconds "$SECONDS_STEP"
		done
	done
}

# --- Many connections

# Long enough for parley to have asked each whether it is still there.
test_idle() { each idle "${CHAT[@]}" -- idle --seconds "$SECONDS_IDLE"; }

# A member of each room stays, to say what the others miss.
test_storm() { each storm parley -- storm --members 11 --connecting 2000; }

test_million() { bench/million --connections "$MILLION" --json "$RESULTS/million/parley.json"; }

# --- Much that is kept

# A database that is filled stays for the tests that follow.
FILLED_FOLDER=
FILLED_ROOMS=1000

fill()
{
	[ -z "$FILLED_FOLDER" ] || return 0
	FILLED_FOLDER=$(folder_on_disk) || return
	echo "bench/run: filling a database with $FILLED messages" >&2
	printf 'f1110000-0000-4000-9000-%012x\n' $(seq "$FILLED_ROOMS") >"$FILLED_FOLDER/rooms"
	"$BUILD/bench/fill" --data "$FILLED_FOLDER" --messages "$FILLED" \
		--rooms "$FILLED_ROOMS" --members 10 --bytes 100 --ids v7 && return
	echo "bench/run: no database is filled" >&2
	empty_filled
	return 1
}

empty_filled()
{
	[ -z "$FILLED_FOLDER" ] || rm -rf "$FILLED_FOLDER"
	FILLED_FOLDER=
}
trap empty_filled EXIT

test_history()
{
	each history parley -- history --rooms 100 --rate 200
	mv "$RESULTS/history/parley.json" "$RESULTS/history/empty.json"
	fill || return 0
	SERVER_DATA=$FILLED_FOLDER
	each history parley -- history --rooms "$FILLED_ROOMS" --rate 200 \
		--rooms-from "$FILLED_FOLDER/rooms"
	SERVER_DATA=
	mv "$RESULTS/history/parley.json" "$RESULTS/history/full.json"
}

# What a post costs where there are many already, and where there are none.
test_post()
{
	local ids
	for ids in v7 random; do
		measure post "empty-$ids" parley pairs --ids "$ids"
		measure post "empty-$ids-most" parley pairs --ids "$ids" --window 4
	done
	fill || return 0
	SERVER_DATA=$FILLED_FOLDER
	for ids in v7 random; do
		measure post "full-$ids" parley pairs --ids "$ids" \
			--rooms-from "$FILLED_FOLDER/rooms"
		measure post "full-$ids-most" parley pairs --ids "$ids" --window 4 \
			--rooms-from "$FILLED_FOLDER/rooms"
	done
	SERVER_DATA=
}

# --- As there are more of them: ten-fold steps

# grow TEST CONNECTIONS ARGUMENT…
grow()
{
	server_is_here parley || return 0
	measure "$1" "$2" parley "${@:3}"
}

test_growth_connections()
{
	local n
	for n in 100 1000 10000; do
		grow growth_connections "$n" rooms --rooms "$((n / 10))" --senders 1 --rate 1000
	done
}

test_growth_members()
{
	local n
	for n in 10 100 1000 10000; do
		grow growth_members "$n" big-room --members "$n" --rate "$((20000 / n))"
	done
}

test_growth_rooms()
{
	local n
	for n in 5 50 500 5000; do
		grow growth_rooms "$n" pairs --rooms "$n" --rate 2000
	done
}
