#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A conversation that once happened, said again. PARLEY_REPLAY names other log
# files (separated by spaces) than the sample.

load helper

setup()
{
	suite_start PARLEY_RATE=off
}

teardown()
{
	suite_stop
}

# bats test_tags=slow
@test "a real conversation reaches everybody in order, and the history equals the log" {
	local log n=0
	for log in ${PARLEY_REPLAY:-$BATS_TEST_DIRNAME/data/sample.log}; do
		n=$((n + 1))
		run node "$CLIENTS/replay.mjs" "$HOST" "$JWT_SECRET" "$log" "channel-$n"
		assert_success
		assert_output --regexp '^[0-9]+ lines by [0-9]+ people$'
	done
}
