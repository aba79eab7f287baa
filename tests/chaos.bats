#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What judges the runs of `make chaos` must itself be right.

bats_require_minimum_version 1.5.0

setup()
{
	CHAOS=$(cd "$BATS_TEST_DIRNAME/chaos" && pwd)
	export NODE_NO_WARNINGS=1 NO_PROXY='*' no_proxy='*'
}

@test "the checker of a chaos run sees every breach of the promise" {
	node --test "$CHAOS/checker_test.mjs"
}
