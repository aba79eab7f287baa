#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The manners of REST: methods, bodies, problems, pages elsewhere, the demo page.

load helper

setup()
{
	suite_start "PARLEY_RATE=${RATE:-off}"
	register alice
}

teardown()
{
	suite_stop
}

# ask PATH [CURL-OPTION…]: sets STATUS, BODY and HEADERS, as rest does.
# shellcheck disable=SC2034 # for answered and header
ask()
{
	local path=$1 out=$BATS_TEST_TMPDIR/body head=$BATS_TEST_TMPDIR/head
	shift
	: >"$out"
	STATUS=$(curl -sS --noproxy '*' --max-time 15 -o "$out" -D "$head" \
		-w '%{http_code}' "$@" "$URL$path") || return
	BODY=$(tr -d '\0' <"$out")
	HEADERS=$(tr -d '\r' <"$head")
}

@test "a known path with another method is 405 and says which ones it knows" {
	rest DELETE /api/rooms alice
	answered 405 '.status == 405'
	[ "$(header allow)" = "GET, HEAD, POST" ]
	rest GET /auth/login
	answered 405
	[ "$(header allow)" = POST ]
	rest POST / '' '{}'
	answered 405
	[ "$(header allow)" = "GET, HEAD" ]
}

@test "what is not there is 404, a trailing slash included" {
	rest GET /nothing alice
	answered 404 '.type == "about:blank" and .title == "Not Found" and .status == 404'
	[[ $(header content-type) == application/problem+json* ]]
	rest GET /api/rooms/ alice
	answered 404
	rest GET /index.html
	answered 404
}

@test "HEAD has the headers of GET and no body" {
	ask /healthz --head
	answered 200
	[ "$(header content-length)" = 3 ]
	ask /app.js --head
	answered 200
	(($(header content-length) > 3))
}

@test "a body that is no JSON object is 400, whatever type it claims" {
	rest POST /api/rooms alice '{"name": "den"'
	answered 400
	rest POST /api/rooms alice '"den"'
	answered 400
	rest POST /api/rooms alice '{"name": "den", "name": "attic"}'
	answered 400
	ask /api/rooms -H "Authorization: Bearer ${TOKEN[alice]}" -d name=den
	answered 400
	ask /api/rooms -H "Authorization: Bearer ${TOKEN[alice]}" \
		-H 'Content-Type: application/merge-patch+json; charset=utf-8' \
		-d '{"name": "den", "colour": "blue"}'
	answered 201 '.name == "den"'
}

@test "a body over 256 KiB is 413" {
	head -c 270000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/large"
	ask /auth/login -H 'Content-Type: application/json' \
		--data-binary "@$BATS_TEST_TMPDIR/large"
	answered 413
}

@test "a new room is described as it is listed" {
	rest POST /api/rooms alice '{"name": "den", "description": "for bears"}'
	answered 201 '.name == "den" and .description == "for bears"'
	answered 201 '.kind == "public" and .member and (keys | length == 6)'
	answered 201 '.created_at | test("^[0-9-]{10}T[0-9:]{8}.[0-9]{3}Z$")'
	local made=$BODY
	rest GET /api/rooms alice
	answered 200 ".rooms[] | select(.name == \"den\") == $made"
	rest POST /api/rooms alice '{"name": "burrow", "kind": "private"}'
	answered 201 '.kind == "private" and .description == ""'
}

@test "a room's malformed field is 400 with the field named" {
	local field json
	while read -r field json; do
		rest POST /api/rooms alice "$json"
		answered 400 ".field == \"$field\""
	done <<-'END'
		name {}
		name {"name": 7}
		name {"name": null}
		name {"name": "a\u0000b"}
		kind {"name": "den", "kind": "sealed"}
		description {"name": "den", "description": []}
	END
}

@test "a room's name that is taken is 409 with the field named" {
	rest POST /api/rooms alice '{"name": "den"}'
	answered 201
	rest POST /api/rooms alice '{"name": "DEN"}'
	answered 409 '.field == "name" and .detail == "that name is taken"'
}

@test "a room whose name has a slash is named with an escape" {
	rest POST /api/rooms alice '{"name": "a/b"}'
	answered 201
	rest POST /api/rooms/a%2Fb/messages alice '{"content": "x"}'
	answered 201 '.creator_name == "alice"'
	rest GET /api/rooms/a%2Fb/messages alice
	answered 200 '[.messages[].content] == ["x"]'
	rest GET /api/rooms/a/b/messages alice
	answered 404
}

@test "a message's malformed field is 400 and nothing is said" {
	local field json
	rest POST /api/rooms alice '{"name": "den"}'
	while read -r field json; do
		rest POST /api/rooms/den/messages alice "$json"
		answered 400 ".field == \"$field\""
	done <<-'END'
		content {}
		content {"content": ""}
		content {"content": 7}
		content {"content": "a\u0000b"}
		client_message_id {"content": "x", "client_message_id": "x"}
		client_message_id {"content": "x", "client_message_id": ""}
	END
	rest POST /api/rooms/den/messages alice \
		"{\"content\": \"$(printf 'x%.0s' {1..16385})\"}"
	answered 400 '.field == "content"'
	rest GET /api/rooms/den/messages alice
	answered 200 '.messages == []'
}

@test "limit is 1 to 500, before a sequence number" {
	local query
	rest POST /api/rooms alice '{"name": "den"}'
	for query in limit=0 limit=501 limit=ten limit= before=0 before=-1; do
		rest GET "/api/rooms/den/messages?$query" alice
		answered 400 ".field == \"${query%=*}\""
	done
	rest GET "/api/rooms/den/messages?limit=500" alice
	answered 200 '.has_more | not'
}

@test "over the rate a message is 429 and not said" {
	local text
	suite_stop
	rm -r "$PARLEY_DATA"
	RATE=1:3 setup
	rest POST /api/rooms alice '{"name": "den"}'
	for text in one two three; do
		rest POST /api/rooms/den/messages alice "{\"content\": \"$text\"}"
		answered 201
	done
	rest POST /api/rooms/den/messages alice '{"content": "four"}'
	answered 429
	(($(header retry-after) > 0))
	rest GET /api/rooms/den/messages alice
	answered 200 '[.messages[].content] == ["one", "two", "three"]'
}

@test "users are found by UUID and by name" {
	register bob
	rest GET "/api/users/${ID[alice]}" bob
	answered 200 ". == {user_id: \"${ID[alice]}\", id: 1, username: \"alice\"}"
	rest GET "/api/users?username=ALICE" bob
	answered 200 '.username == "alice"'
	rest GET "/api/users?ids=${ID[alice]},${ID[bob]},01234567-89ab-cdef-0123-456789abcdef" bob
	answered 200 '[.users[].username] | sort == ["alice", "bob"]'
	rest GET /api/users/01234567-89ab-cdef-0123-456789abcdef bob
	answered 404
	rest GET "/api/users?ids=alice" bob
	answered 400 '.field == "ids"'
	rest GET "/api/users/${ID[alice]}"
	answered 401
}

@test "a page elsewhere cannot use the browser's cookie" {
	local cookie=session_token=${TOKEN[alice]}
	ask /auth/refresh -X POST -H "Cookie: $cookie" -H 'Origin: https://evil.example'
	answered 403
	ask /auth/refresh -X POST -H "Cookie: $cookie" -H 'Origin: null'
	answered 403
	ask /auth/refresh -X POST -H "Cookie: $cookie" -H "Origin: $URL"
	answered 200
	ask /auth/refresh -X POST -H "Authorization: Bearer ${TOKEN[alice]}" \
		-H 'Origin: https://elsewhere.example'
	answered 200
}

@test "the demo page may load its own files alone, and is asked for once" {
	ask /
	answered 200
	[[ $(header content-type) == text/html* ]]
	[ "$(header content-security-policy)" = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" ]
	[ "$(header x-content-type-options)" = nosniff ]
	ask / -H "If-None-Match: \"other\", $(header etag)"
	answered 304
	[ -z "$BODY" ]
}

@test "API answers are not to be kept by anybody" {
	rest GET /auth/me alice
	[ "$(header cache-control)" = no-store ]
	[ "$(header x-content-type-options)" = nosniff ]
}

@test "one connection serves many requests, also all at once" {
	local answers
	exec 9<>"/dev/tcp/${HOST%:*}/${HOST##*:}"
	printf 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n%.0s' {1..20} >&9
	printf 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&9
	answers=$(timeout 10 cat <&9 | grep -c '^ok')
	exec 9>&-
	[ "$answers" = 21 ]
}
