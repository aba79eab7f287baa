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

@test "what a daemon gets no memory for is refused, and nothing that was said is lost" {
	tries --only talk --stride 13
	[ "$(grep -cE '^talk .*: [1-9][0-9]* words, [1-9]' <<<"$output")" -eq 5 ]
}
