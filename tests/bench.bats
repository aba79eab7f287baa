#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# parley-bench: what it counts is so. How fast anything is, is no test.
# shellcheck disable=SC2016,SC2034
#
# Plain builds only: load of a sanitizer is no load.

load helper

BIN=${PARLEY_BUILD:-$ROOT/build}/bin

setup()
{
	suite_start PARLEY_RATE=off
}

teardown()
{
	suite_stop
}

# bench SCENARIO OPTION…: its figures, as JSON in the file `figures`.
bench()
{
	"$BIN/parley-bench" "$@" --server "$HOST" \
		--data "$PARLEY_DATA" --json "$BATS_TEST_TMPDIR/figures"
}

figure_is()
{
	jq -e "$1" "$BATS_TEST_TMPDIR/figures"
}

@test "every post of every sender reaches every member of its room, once" {
	bench rooms --rooms 5 --members 4 --senders 2 --rate 200 --warm-up 0 \
		--seconds 1
	figure_is '.faults | .complete and .missing == 0 and .repeated == 0 and
		.strayed == 0 and .refused == 0'
	figure_is '.delivery.count > 100 and .delivery.p50_us > 0'
	figure_is '.own_copy.count * 4 == .delivery.count'
}

@test "a burst from thousands of clients is taken without a refusal" {
	bench storm --rooms 3000 --members 1 --missed 10
	figure_is '.faults | .complete and .missing == 0 and .refused == 0'
}

@test "who comes back is current when all that was missed has come" {
	bench storm --rooms 10 --members 10 --missed 20
	figure_is '.current.count == 90 and .returned_s > 0'
	figure_is '.faults | .complete and .missing == 0 and .repeated == 0'
}

@test "a window is filled again with each copy that comes back" {
	bench pairs --rooms 4 --window 3 --warm-up 0 --seconds 1
	figure_is '.posts_per_s > 10 and .faults.missing == 0'
}

@test "requests are answered, each to who asked" {
	bench history --rate 50 --warm-up 0 --seconds 1
	figure_is '.answer.count > 10'
}

@test "passwords are looked at while others talk" {
	bench login --rooms 1 --members 2 --logins 2 --warm-up 0 --seconds 2
	figure_is '.answer.count > 0 and .cost.processes.auth.cpu_us > 0'
	figure_is '.faults | .complete and .missing == 0 and .refused == 0'
	[ "$(sqlite3 "$PARLEY_DATA/auth.db" 'SELECT count(*) FROM sessions')" -gt 2 ]
}

@test "nobody logs in where there are no accounts" {
	run -2 "$BIN/parley-bench" login --protocol raw
	[[ $output == *"nobody can log in by the protocol 'raw'"* ]]
}

# The versions of the ids by which the store knows posts again.
versions_of_ids()
{
	sqlite3 "$PARLEY_DATA/chat.db" 'SELECT DISTINCT substr(hex(nonce), 13, 1) FROM messages ORDER BY 1'
}

@test "ids of posts are random only if that is asked for" {
	bench pairs --rooms 1 --rate 20 --warm-up 0 --seconds 1
	run -0 versions_of_ids
	assert_output 7
	bench pairs --rooms 1 --rate 20 --warm-up 0 --seconds 1 --ids random
	run -0 versions_of_ids
	assert_output $'4\n7'
	run -2 bench pairs --ids short
	[[ $output == *"ids are v7 or random, not 'short'"* ]]
}

# The store finds messages when it starts.
write_before()
{
	"$BIN/../bench/fill" --data "$PARLEY_DATA" --messages 500 --rooms 5 --members 2 \
		--bytes 100 --ids v7
	printf 'f1110000-0000-4000-9000-%012x\n' 1 2 3 4 5 >"$BATS_TEST_TMPDIR/rooms"
}

@test "rooms that are there already are read as those that were made" {
	suite_stop
	rm -rf "$PARLEY_DATA"
	mkdir -m 700 "$PARLEY_DATA"
	write_before
	suite_start PARLEY_RATE=off
	bench history --rooms 5 --rooms-from "$BATS_TEST_TMPDIR/rooms" --rate 50 \
		--warm-up 0 --seconds 1
	figure_is '.answer.count > 10 and .faults.complete and .faults.refused == 0'
	run -1 bench history --rooms 6 --rooms-from "$BATS_TEST_TMPDIR/rooms"
	[[ $output == *'names 5 rooms, not 6'* ]]
}

floor_listens()
{
	FLOOR=$(cat "$BATS_TEST_TMPDIR/floor") && [ -n "$FLOOR" ]
}

@test "how many messages a server puts into a send is seen where they arrive" {
	background "$BIN/../bench/floor" --coalesce 5 --hold 60000 >"$BATS_TEST_TMPDIR/floor"
	eventually 10 floor_listens
	"$BIN/parley-bench" big-room --members 3 --senders 1 --rate 200 --warm-up 0 --seconds 2 \
		--server "$FLOOR" --protocol raw --path /%r --json "$BATS_TEST_TMPDIR/figures" || true
	figure_is '.messages_per_send > 4.5 and .messages_per_send < 5.5'
	figure_is '.bytes_per_delivery > 100 and .bytes_per_delivery < 110'
}

@test "idle connections hear what is posted afterwards" {
	bench idle --rooms 10 --members 20 --warm-up 0 --seconds 1
	figure_is '.delivery.count > 20 and .cost.processes.gateway.grown_bytes > 0'
	figure_is '.faults | .complete and .missing == 0'
	figure_is '.cost.processes.gateway.pss_bytes > 0'
}

@test "several workers share the connections of each room" {
	bench big-room --members 50 --senders 4 --rate 100 --workers 3 \
		--warm-up 0 --seconds 1
	figure_is '.faults | .complete and .missing == 0 and .repeated == 0'
	figure_is '.plan.workers == 3 and .delivery.count > 1000'
}

has_posted()
{
	[ "$(figure posts_total)" -ge "$1" ]
}

# Something waits in the kernel for a gateway that does not read.
is_waiting()
{
	local port
	port=$(printf '%04X' "${HOST##*:}")
	awk -v port=":$port" '$2 ~ port "$" && $5 !~ /:00000000$/ { n++ }
		END { exit !n }' /proc/net/tcp
}

@test "what is lost is counted, and is a failure" {
	bench latency --rooms 2 --rate 100 --warm-up 0 --seconds 4 3>&- 4>&- &
	local bench=$! gateway status=0
	eventually 20 has_posted 20
	gateway=$(pid_of gateway)
	kill -STOP "$gateway"
	eventually 20 is_waiting
	kill -9 "$gateway"
	wait "$bench" || status=$?
	[ "$status" -eq 1 ]
	figure_is '.faults.dropped == 20 and .faults.missing > 0'
	figure_is '.cost.processes.gateway.cpu_us == 0'
}

@test "parley's limit on posts is told as refusals" {
	suite_again PARLEY_RATE=1:1
	run -1 bench latency --rooms 1 --rate 50 --warm-up 0 --seconds 1
	figure_is '.faults.refused > 0 and .faults.missing > 0'
}

@test "a server that is not there is one line, and status 1" {
	run -1 "$BIN/parley-bench" latency --server 127.0.0.1:1
	[[ $output == *'127.0.0.1:1'* ]]
}

@test "what makes no sense is status 2, and says what" {
	run -2 "$BIN/parley-bench" dance
	[[ $output == *"there is no scenario 'dance'"* ]]
	run -2 "$BIN/parley-bench" rooms --rooms 0
	[[ $output == *'--rooms is a number from 1 to'* ]]
	run -2 "$BIN/parley-bench" rooms --protocol morse
	[[ $output == *"there is no protocol 'morse'"* ]]
	run -2 "$BIN/parley-bench" rooms --server nowhere
	[[ $output == *'ADDRESS:PORT'* ]]
}

@test "a run of the benchmark makes the page, with what it was and what came of it" {
	local page=$BATS_TEST_TMPDIR/page.md
	"$ROOT/bench/run" --quick --servers "parley floor" --only latency --only big_room \
		--results "$BATS_TEST_TMPDIR/results" --page "$page"
	jq -e '.faults.complete and .faults.missing == 0' \
		"$BATS_TEST_TMPDIR/results/latency/parley.json"
	grep -E '^\| parley \| gateway \(parley\) [0-9.]+ \|' "$page"
	[ "$(grep -cE '^\| parley \| [0-9,]+ \|' "$page")" = 2 ]
	grep -E '^\| bare floor \| [0-9,]+ \|' "$page"
	run ! grep '^@' "$page"
}

# result TEST LABEL FIGURES: as a run leaves it.
result()
{
	mkdir -p "$BATS_TEST_TMPDIR/results/$1"
	printf '%s\n' "$3" >"$BATS_TEST_TMPDIR/results/$1/$2.json"
}

# What the page says of a goal, by a part of it.
goal()
{
	grep -F -- "$1" "$BATS_TEST_TMPDIR/page.md" | head -n 1
}

@test "the page says of each goal whether it is met, and why not" {
	local faults='"faults":{"complete":true,"missing":0,"repeated":0,"strayed":0,"refused":0,"dropped":0,"failed":0}'
	local delivery='"delivery":{"p50_us":1000,"p99_us":2000}'
	result idle parley '{"measured_s":5,"plan":{"connections":10000},"cost":{"cpu_us":10000,
		"bytes_per_connection":2000,"kernel_bytes_per_connection":9000},'"$faults,$delivery}"
	printf '{"versions":{}}\n' >"$BATS_TEST_TMPDIR/results/machine.json"
	printf '%s\n' '## idle-cpu' 'Not so.' '## idle-memory' '' 'As much' 'as that.' '' '## most' \
		>"$BATS_TEST_TMPDIR/reasons.md"
	"$ROOT/bench/page" "$BATS_TEST_TMPDIR/results" "$BATS_TEST_TMPDIR" \
		"$BATS_TEST_TMPDIR/reasons.md" >"$BATS_TEST_TMPDIR/page.md"
	[[ $(goal 'under 1 % of a core') == *'| 0.2 % | yes |' ]]
	[[ $(goal 'at most 1 KiB each') == *'| 2000 bytes | **no** |' ]]
	[[ $(goal 'as many deliveries a second') == *'| not measured |  |' ]]
	[[ $(goal '- **Idle connections') == *'together.** As much' ]]
	grep -qx '  as that.' "$BATS_TEST_TMPDIR/page.md"
	run ! grep -F 'Not so.' "$BATS_TEST_TMPDIR/page.md"
}

@test "very many connections are held, and hear what is posted to them" {
	suite_stop
	"$ROOT/bench/million" --connections 200 --rate 50 --seconds 1 \
		--json "$BATS_TEST_TMPDIR/figures"
	figure_is '.plan.connections == 200 and .faults.missing == 0 and .delivery.count > 100'
	run -2 "$ROOT/bench/million" --fast
	[[ $output == *"what is '--fast'"* ]]
	run -2 "$ROOT/bench/million" --members none
	[[ $output == *'numbers are wanted'* ]]
	run -1 "$ROOT/bench/million" --connections 99000000
	[[ $output == *'gateways would be needed'* ]]
}

@test "the benchmark names what it cannot do" {
	run -2 "$ROOT/bench/run" --fast
	[[ $output == *"what is '--fast'"* ]]
	run -2 "$ROOT/bench/run" --servers parley --only dancing --results "$BATS_TEST_TMPDIR"
	[[ $output == *"there is no test 'dancing'"* ]]
}
