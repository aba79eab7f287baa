#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Memory that runs out: a daemon that cannot start says so and ends, one that runs
# refuses or closes what it has no memory for, and goes on. `make faults` tries
# every allocation (tests/faults/run.mjs), these try some of them.

load helper

BIN=${PARLEY_BUILD:-$ROOT/build}/bin

setup()
{
	# A sanitizer's runtime allocates before it can be told to fail.
	! is_sanitized || skip "a sanitizer has its own malloc()"
}

# tries OPTION…: what is wrong is printed; fails if anything is.
tries()
{
	run node "$ROOT/tests/faults/run.mjs" --build "${BIN%/bin}" "$@"
	printf '%s\n' "$output"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "nothing is wrong" ]
}

@test "a daemon that gets no memory at its start says so and ends" {
	tries --only start --starts 40
	[ "$(grep -cE '^start .*: [1-9][0-9]* of [0-9]+ allocations failed' <<<"$output")" -eq 5 ]
}

@test "a gateway that gets no memory for its own says so, too" {
	tries --only start --daemons gateway --last 50
}

@test "what a daemon gets no memory for is refused, and nothing that was said is lost" {
	tries --only talk --stride 13
	[ "$(grep -cE '^talk .*: [1-9][0-9]* words, [1-9]' <<<"$output")" -eq 5 ]
}

# has_children PID COUNT
has_children()
{
	[ "$(pgrep -c -P "$1")" -eq "$2" ]
}

@test "a run that is killed leaves no daemon behind" {
	local signal run child children
	for signal in KILL TERM; do
		TMPDIR=$BATS_TEST_TMPDIR node "$ROOT/tests/faults/run.mjs" --build "${BIN%/bin}" \
			--only talk >/dev/null 2>&1 3>&- 4>&- &
		run=$!
		eventually 30 has_children "$run" 5
		children=$(pgrep -P "$run")
		kill -"$signal" "$run"
		for child in $children; do
			eventually "$WITHIN" is_dead "$child"
		done
	done
	# The one that was asked to end has cleaned up, too.
	eventually "$WITHIN" is_dead "$run"
	[ "$(find "$BATS_TEST_TMPDIR" -maxdepth 1 -name 'faults-*' | wc -l)" -eq 1 ]
}

# Stands for a daemon that a failure has left behind half alive.
restless()
{
	mkdir -p "$BATS_TEST_TMPDIR/build/bin"
	"${CC:-cc}" -x c -o "$BATS_TEST_TMPDIR/build/bin/store" - <<-'C'
		#include <stdio.h>
		int main(void)
		{
			fprintf(stderr, "ts= event=started \n");
			for (;;)
				;
		}
	C
}

@test "a daemon that never rests is found" {
	restless
	run node "$ROOT/tests/faults/run.mjs" --build "$BATS_TEST_TMPDIR/build" \
		--only start --daemons store
	[ "$status" -ne 0 ]
	assert_output --partial "store does not start: runs without a rest"
}
