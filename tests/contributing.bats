#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What docs/contributing.md tells to do, done in a copy of the tree.
# Plain builds only: it builds a tree of its own.

load helper
load reader

# All is compiled once, and some of it thrice.
export BATS_TEST_TIMEOUT=400

teardown()
{
	reader_leaves
}

# The tests in the copy are this test's tests.
@test "a frame, a metric, a setting, a dialect and a fuzzer can be added as it says" {
	[ -d "$ROOT/tests/node_modules" ] || skip "the clients of the tests are not installed"
	! is_sanitized || skip "it has a build of its own, without sanitizers"
	# The tests in there have homes and addresses of their own.
	reader_comes
	rm "$READER/home/.curlrc"
	ln -s "$ROOT/tests/node_modules" "$READER/tree/tests/node_modules"
	CFLAGS=-O0 PARLEY_BUILD=build PARLEY_TEST_JOBS=2 reader_follows docs/contributing.md -e '/# into build/d'
}
