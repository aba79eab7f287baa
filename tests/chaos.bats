#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Short runs of `make chaos`; and what judges them must itself be right.

bats_require_minimum_version 1.5.0

setup()
{
	CHAOS=$(cd "$BATS_TEST_DIRNAME/chaos" && pwd)
	export NODE_NO_WARNINGS=1 NO_PROXY='*' no_proxy='*'
}

# survives OPTION…: a run that ends with no breach of any rule.
survives()
{
	run node "$CHAOS/run.mjs" --folder "$BATS_TEST_TMPDIR/run" \
		--build "${PARLEY_BUILD:-$BATS_TEST_DIRNAME/../build}" "$@" 3>&- 4>&-
	printf '%s\n' "$output"
	[ "$status" -eq 0 ]
}

@test "the checker of a chaos run sees every breach of the promise" {
	node --test "$CHAOS/checker_test.mjs"
}

@test "the patches that take one guard out still apply" {
	"$CHAOS/guards.bash" --check
}

@test "faults of all kinds for a while break nothing that is promised" {
	survives --seconds 18 --seed 5 --gap 900
}

@test "links that fail for a while break nothing that is promised" {
	survives --seconds 8 --seed 3 --gap 700 --links
}
