#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Looking inside from a shell: parleyctl stats and top.

load helper
load terminal

BIN=${PARLEY_BUILD:-$ROOT/build}/bin

setup()
{
	unset NO_COLOR
	export TZ=UTC PATH=$BIN:$PATH
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

# stat FILTER: of all that stats tells.
stat_of()
{
	ctl stats --json | jq -c "$1"
}

# tells FILTER [DAEMON…]: that this is true of it.
tells()
{
	ctl stats --json "${@:2}" | jq -e "$1" >/dev/null
}

# Two members in a room, one of whom says three things.
conversation()
{
	known alice bob
	room den alice bob
	online alice bob
	post alice den one two three
	expect bob '{"type": "NewMessage", "message": {"content": "three"}}'
}

@test "stats tells of each daemon, and of all gateways together" {
	suite_start PARLEY_GATEWAYS=2 PARLEY_RATE=off
	eventually 10 tells '[.daemons[] | select(.state == "up") | .daemon] ==
		["gateway", "gateway.2", "router", "presence", "store", "auth", "hooks"]'
	conversation
	eventually 10 tells '.gateways.websockets.campfire == 2'
	run -0 ctl stats --json
	jq -e '.daemons | all(.version != null and .memory_bytes > 1e6 and .cpu_seconds > 0 and
		.up_seconds >= 0 and .restarts == 0 and .links > 0)' <<<"$output"
	jq -e '.gateways | .posts == 3 and .messages_out.campfire >= 6 and .post_to_ack.count == 3 and
		.post_to_ack.p50 > 0 and .post_to_ack.p50 <= .post_to_ack.p99' <<<"$output"
	jq -e '.store | .messages == 3 and .posts == 3 and .commits > 0 and .commit_time.count == .commits and
		.writes_per_commit.mean >= 1 and .database_bytes > 1000 and .wal_bytes > 1000' <<<"$output"
	[ "$(wc -l <<<"$output")" = 1 ]
	jq -e '.gateways.closed | has("1001")' <<<"$output"

	run -0 ctl stats
	assert_line --regexp '^DAEMON +STATE +UP '
	assert_line --regexp '^gateway.2 +up +'
	assert_line --regexp '^gateways \(2\)$'
	assert_line --regexp '^  websockets +2  campfire 2$'
	assert_line --regexp '^  post to ack +p50 [0-9.]+ m?s +p90 [0-9.]+ m?s +p99 [0-9.]+ m?s +of 3$'
	assert_line --regexp '^  messages kept +3$'
	refute_output --partial 'requests refused'
}

@test "stats has the same figures as /metrics" {
	suite_start PARLEY_RATE=off
	conversation
	assert_equal "$(stat_of .gateways.posts)" "$(metric parley_gateway_posts_total)"
	assert_equal "$(stat_of .store.commits)" "$(metric parley_store_commits_total)"
	assert_equal "$(stat_of .store.messages)" "$(metric parley_store_messages)"
	assert_equal "$(stat_of '.gateways.opened | add')" \
		"$(metric parley_gateway_websockets_opened_total)"
	rest POST "/api/rooms/${ROOM[den]}/messages" '' '{"content": "let me in"}'
	answered 401
	run -0 ctl stats gateway
	assert_line --regexp '^  HTTP answers .* 4xx 1'
}

@test "stats of some daemons asks those alone" {
	suite_start
	run -0 ctl stats store auth --json
	jq -e '(.daemons | map(.daemon)) == ["store", "auth"] and has("gateways") == false' <<<"$output"
	run -0 ctl stats gateway --json
	jq -e '(.daemons | map(.daemon)) == ["gateway"] and has("store") == false' <<<"$output"
	hang router
	run -0 ctl stats store --timeout 3000
	run -1 ctl stats gateway.7 --timeout 3000
	assert_line --regexp '^gateway.7 +away'
	run -2 ctl stats kitchen
	run -2 ctl stats tool
	run -2 ctl stats --timeout never
}

@test "who does not answer is told of, with status 1: hung or away" {
	suite_start PARLEY_GATEWAYS=2
	hang run presence gateway.2
	run -1 ctl stats --timeout 1500
	assert_line --regexp '^presence +hung +- '
	assert_line --regexp '^store +up '
	assert_line 'presence: no answer'
	run -1 ctl stats --json --timeout 1500
	jq -e '.presence == null and .store != null' <<<"$output"
	# Its links go, and its name stays.
	eventually 15 tells '.daemons | any(.daemon == "gateway.2" and .state == "hung")' --timeout 1500
	kill -KILL "$(pid_of presence)"
	unset 'HUNG[presence]'
	eventually 10 tells '.daemons | any(.daemon == "presence" and .state == "away")' --timeout 1500
	recover run
	eventually 20 tells '.daemons | any(.daemon == "presence" and .state == "up" and .restarts == 1)'
}

@test "where nothing runs, stats says so at once" {
	suite_environment
	mkdir -p "$PARLEY_RUN"
	run -1 timeout 20 "$BIN/parleyctl" stats --timeout 15000
	assert_line --regexp '^store +away'
	assert_line --regexp '^gateway +away'
	rm -r "$PARLEY_RUN"
	run -1 ctl stats
	assert_output --partial "$PARLEY_RUN"
}

@test "each metric that stats and top read is one that a daemon has" {
	local name
	while read -r name; do
		grep -q "^| .$name. |" "$ROOT/docs/metrics.md" || {
			echo "no daemon counts $name"
			return 1
		}
	done < <(cat "$ROOT"/tools/parleyctl/{stats.def,view.c,view_table.c,survey.c} |
		grep -oE '"parley_[a-z0-9_]+"' | tr -d '"' | sort -u)
}

# --- top

# tops [FLAG…]: in a terminal that is there.
tops()
{
	types "parleyctl top $*; echo ended: \$?"
	sees '^ parley '
	sees '[0-9]%'
}

# The daemons in the order in which they stand there.
order()
{
	shown | awk '/^ DAEMON/ { on = 1; next } on && NF > 3 && $2 ~ /up|hung|away/ { printf "%s ", $1 }'
}

is_order()
{
	[ "$(order)" = "$1 " ]
}

@test "top shows what happens while it happens, and q gives the terminal back" {
	suite_start PARLEY_RATE=off PARLEY_GATEWAYS=2
	known alice bob
	room den alice bob
	online alice bob
	terminal
	tops --interval 0.5
	sees '7 of 7 up'
	sees '^ websockets +2 +campfire 2'
	sees '^ messages +in 0/s +out 0/s'
	client_starts node "$CLIENTS/flood.mjs" "$HOST" "${ROOM[den]}" \
		"$BATS_TEST_TMPDIR/acknowledged" "${TOKEN[alice]}"
	sees '^ messages +in [1-9][0-9,.]*/s +out [1-9][0-9,.]*/s'
	sees '^ post to ack +p50 [0-9.]+ m?s +p99 [0-9.]+ m?s'
	sees '^ commits +p50 [0-9.]+ m?s .* [1-9][0-9,.]*/s of [0-9.]+ writes'
	sees '^ out, lately .*[▁▂▃▄▅▆▇█].* at most [0-9,.]+/s'
	sees '^ gateway.2 +up +[0-9.]+% +[0-9.]+ MiB'
	client_ends
	sees '^ messages +in 0/s +out 0/s'
	mux send-keys -t t q
	sees '^ended: 0'
	is_gone '^ parley '
}

@test "top marks who hangs or is away, and counts restarts without nonsense" {
	suite_start
	terminal
	tops --interval 0.5
	hang presence
	sees '^ presence +hung +- +- '
	sees '5 of 6 up'
	recover presence
	sees '^ presence +up +[0-9.]+%'
	kill_daemon store
	sees '^ store +up .* 1 +[0-9]+s$'
	sees '^ commits +p50 - +p99 - +0/s'
	mux send-keys -t t q
	sees '^ended: 0'
}

@test "top: keys sort, pause and help, and the screen may have any size" {
	local at
	suite_start
	terminal
	tops --interval 0.2 --sort name
	is_order "gateway router presence store auth hooks"
	mux send-keys -t t Left # the last column: the oldest first
	mux send-keys -t t Right Right Right Right
	eventually 10 is_sorted_by_memory
	mux send-keys -t t p
	sees PAUSED
	at=$(shown | head -n 1)
	mux send-keys -t t '?'
	sees 'holds the figures'
	mux send-keys -t t x
	misses 'holds the figures'
	assert_equal "$(shown | head -n 1)" "$at"
	mux send-keys -t t p
	misses PAUSED
	mux resize-window -t t -x 60 -y 10
	misses 'TURN99'
	sees '^ auth +up '
	mux resize-window -t t -x 20 -y 4
	misses RESTARTS
	mux resize-window -t t -x 1 -y 1
	mux resize-window -t t -x 100 -y 30
	sees 'TURN99'
	mux send-keys -t t C-c
	sees '^ended: 0'
}

# Each has no less than the one below it.
is_sorted_by_memory()
{
	shown | awk '/^ DAEMON/ { on = 1; next } on && $2 == "up" {
		if (last && $4 > last) bad = 1
		last = $4; n++ } END { exit bad || n < 5 }'
}

@test "top is coloured where something is wrong, unless NO_COLOR says no" {
	suite_start
	hang auth
	terminal
	tops
	sees '^ auth +hung'
	mux capture-pane -e -p -t t | grep -q $'\e\\[31m.* auth'
	mux send-keys -t t q
	sees '^ended: 0'
	types "clear; export NO_COLOR=1"
	tops
	sees '^ auth +hung'
	mux capture-pane -e -p -t t | grep ' auth' | run ! grep -F $'\e[31m'
	mux send-keys -t t q
}

@test "top stops and goes on as shells expect, and a signal leaves the terminal in order" {
	suite_start
	terminal
	types 'stty -a >before'
	tops
	mux send-keys -t t C-z
	sees 'Stopped'
	types fg
	sees '^ parley '
	sees '[0-9]%'
	kill -TERM "$(pid_of_top)"
	sees '^Terminated'
	types 'stty -a >after; cmp before after && echo same'
	sees '^same'
}

# pid_of_top: of the one in the terminal.
pid_of_top()
{
	ps -o pid=,args= --ppid "$(mux display-message -p -t t '#{pane_pid}')" |
		awk '/parleyctl top/ { print $1 }'
}

@test "without a terminal top prints, as often as it is told" {
	suite_start
	run -0 ctl top --once --interval 0.2
	assert_line --index 0 --regexp '^ parley .* 6 of 6 up'
	assert_line --regexp '^ store +up +[0-9.]+%'
	refute_output --partial $'\e'
	[ "$(ctl top --count 3 --interval 0.2 | grep -c '^ DAEMON')" = 3 ]
	[ "$(ctl top --interval 0.2 </dev/null | grep -m 2 -c '^ DAEMON')" = 2 ]
	terminal
	# What ncurses holds on to then is its own.
	types "ASAN_OPTIONS=detect_leaks=0 TERM=nothing-known parleyctl top; echo ended: \$?"
	sees 'this terminal \(TERM\) is not known'
	sees '^ended: 2'
	run -2 ctl top --interval 0
	run -2 ctl top --count none
	run -2 ctl top --sort beauty
	run -2 ctl top now
}
