#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The documents in docs/api: that they are well-formed, and that the server says
# and takes what they name, all of it and nothing else.
#
# Plain builds only: the tests of REST and of the dialects try what it reads.

load helper

teardown()
{
	suite_stop
}

# in_order NAME…: the documents hold against the official schemas, describe
# closed objects, and their examples are what they are examples of.
in_order()
{
	local name
	for name in "$@"; do
		node "$CLIENTS/schema_documents.mjs" "$name"
	done
}

# spoken DIALECT [ARGUMENT…]: a conversation that wants every message of it.
spoken()
{
	local name=$1
	shift
	timeout 100 node "$CLIENTS/schema_$name.mjs" "$HOST" "$@"
}

@test "the AsyncAPI and OpenAPI documents are in order" {
	in_order campfire hub lobby simple sealed rest
}

@test "the documents name every request that the gateway knows, and no other" {
	local name
	for name in campfire hub lobby sealed; do
		node "$CLIENTS/schema_documents.mjs" "$name" \
			"$(sed -nE 's/^\t\{ "([A-Za-z_]+)", .*/\1/p' "$ROOT/gateway/dialects/$name"*.c)"
	done
}

@test "campfire says and takes exactly what its document names" {
	suite_start
	spoken campfire
}

@test "hub says and takes exactly what its document names" {
	suite_start
	spoken hub
}

@test "lobby says and takes exactly what its document names" {
	suite_start
	spoken lobby plain
}

@test "lobby with tokens says and takes exactly what its document names" {
	suite_start PARLEY_LOBBY_AUTH=token
	spoken lobby rooms
}

@test "simple says and takes exactly what its document names" {
	suite_start
	spoken simple
}

@test "sealed says and takes exactly what its document names" {
	suite_start
	spoken sealed
}

@test "REST answers exactly what its document names" {
	suite_start
	spoken rest "$(sed -nE 's/^\t\{ "(GET|POST|PUT|PATCH|DELETE)", +"([^"]*)".*/\1 \2/p' \
		"$ROOT/gateway/rest.c")"
}
