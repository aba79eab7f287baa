#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Accounts over REST: registering, logging in and out, tokens.

load helper

setup()
{
	suite_start
}

teardown()
{
	suite_stop
}

jwt()
{
	node "$CLIENTS/jwt.mjs" "$@"
}

@test "registering makes a user with a UUID, a number and a name" {
	rest POST /auth/register '' '{"username": "alice", "password": "correct horse"}'
	answered 201 '.username == "alice" and .id == 1'
	[[ $(body .user_id) =~ ^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}$ ]]
}

@test "every field of the registration is taken" {
	rest POST /auth/register '' '{"full_name": "Alice Doe", "email": "alice@example.org",
		"username": "alice", "password": "correct horse", "age": 30,
		"date_of_birth": "1994-05-06", "gender": "f", "phone_number": "+49 123"}'
	answered 201 '.username == "alice"'
}

@test "without a username it is the e-mail's local part, made unique by a number" {
	rest POST /auth/register '' '{"email": "bob@example.org", "password": "correct horse"}'
	answered 201 '.username == "bob"'
	rest POST /auth/register '' '{"email": "bob@example.net", "password": "correct horse"}'
	answered 201 '.username | test("^bob.*[0-9]$")'
}

@test "a name that differs in ASCII case alone is taken" {
	register alice
	rest POST /auth/register '' '{"username": "ALICE", "password": "correct horse"}'
	answered 409
	[[ $(header content-type) == application/problem+json* ]]
}

@test "an e-mail address registers once" {
	rest POST /auth/register '' '{"email": "a@example.org", "username": "one", "password": "correct horse"}'
	answered 201
	rest POST /auth/register '' '{"email": "a@example.org", "username": "two", "password": "correct horse"}'
	answered 409
}

@test "a malformed registration is 400 with the field named" {
	local field json
	while read -r field json; do
		rest POST /auth/register '' "$json"
		answered 400
		[[ $(header content-type) == application/problem+json* ]]
		[[ $BODY == *"$field"* ]]
	done <<-'END'
		password {"username": "alice"}
		password {"username": "alice", "password": "seven77"}
		password {"username": "alice", "password": 12345678}
		username {"password": "correct horse"}
		username {"username": "", "password": "correct horse"}
		username {"username": "a\u0007b", "password": "correct horse"}
		username {"username": ["alice"], "password": "correct horse"}
	END
	rest POST /auth/register '' "{\"username\": \"alice\", \"password\": \"$(printf 'p%.0s' {1..1025})\"}"
	answered 400
	rest POST /auth/register '' "{\"username\": \"$(printf 'n%.0s' {1..65})\", \"password\": \"correct horse\"}"
	answered 400
	rest POST /auth/register '' '{"username": '
	answered 400
	rest POST /auth/register '' '[]'
	answered 400
}

@test "a log-in gives a JWT, a session token and a cookie" {
	register alice
	answered 200 '.token_type == "Bearer" and .expires_in > 0 and .user.username == "alice"'
	[[ $(body .token) == *.*.* ]]
	[ "$(body .session_token)" != null ]
	[[ $(header set-cookie) == "session_token=$(body .session_token);"* ]]
	[[ $(header set-cookie) == *HttpOnly* ]]
	[[ $(header set-cookie) == *SameSite=Lax* ]]
	[[ $(header set-cookie) == *Path=/* ]]
	[[ $(header set-cookie) != *Secure* ]]
}

@test "a log-in works by e-mail address too" {
	rest POST /auth/register '' '{"email": "a@example.org", "username": "alice", "password": "correct horse"}'
	rest POST /auth/login '' '{"email": "a@example.org", "password": "correct horse"}'
	answered 200 '.user.username == "alice"'
}

@test "a wrong user and a wrong password are one and the same 401" {
	local wrong_password
	register alice
	rest POST /auth/login '' '{"username": "alice", "password": "not her password"}'
	answered 401
	wrong_password=$BODY
	rest POST /auth/login '' '{"username": "nobody", "password": "not her password"}'
	answered 401
	assert_equal "$BODY" "$wrong_password"
}

@test "after ten failures an account's log-in is 429 with Retry-After" {
	register alice
	for _ in {1..10}; do
		rest POST /auth/login '' '{"username": "alice", "password": "not her password"}'
		answered 401
	done
	rest POST /auth/login '' '{"username": "alice", "password": "alice-has-a-password"}'
	answered 429
	(($(header retry-after) > 0))
}

@test "behind a trusted proxy each request counts for its own client's address" {
	local same=(-sS -o /dev/null --data '{"username": "nobody", "password": "not the password"}')
	suite_stop
	suite_start PARLEY_TRUST_PROXY=127.0.0.1
	curl "${same[@]}" -H 'X-Forwarded-For: 192.0.2.1' "$URL/auth/login" \
		--next "${same[@]}" -H 'X-Forwarded-For: 192.0.2.9, 192.0.2.2' "$URL/auth/login"
	# One name, and two addresses.
	run sqlite3 "$PARLEY_DATA/auth.db" 'SELECT count(DISTINCT key) FROM failures'
	assert_output 3
}

@test "the JWT and the session token both say who I am" {
	local session
	register alice
	session=$(body .session_token)
	rest GET /auth/me alice
	answered 200 ".username == \"alice\" and .user_id == \"${ID[alice]}\" and .id == 1"
	rest GET /auth/me "$session"
	answered 200 '.username == "alice"'
	run curl -sS -o /dev/null -w '%{http_code}' -b "session_token=$session" "$URL/auth/me"
	assert_output 200
	run curl -sS -o /dev/null -w '%{http_code}' "$URL/auth/me?token=$session"
	assert_output 200
}

@test "without a token, or with a bad one, it is 401 with WWW-Authenticate" {
	rest GET /auth/me
	answered 401
	[[ $(header www-authenticate) == Bearer* ]]
	rest GET /auth/me no-such-token
	answered 401
}

@test "two tokens in one request must name the same user" {
	local first
	register alice
	first=${TOKEN[alice]}
	register bob
	rest GET "/auth/me?token=$first" bob
	answered 401
	rest GET "/auth/me?token=${TOKEN[bob]}" bob
	answered 200
}

@test "a logout ends the session and its JWT" {
	local session
	register alice
	session=$(body .session_token)
	rest POST /auth/logout alice
	answered 204
	rest GET /auth/me alice
	answered 401
	rest GET /auth/me "$session"
	answered 401
}

@test "a logout closes the session's connections with 4401" {
	register alice
	online alice
	rest POST /auth/logout alice
	answered 204
	closed alice 4401
}

@test "a valid session gets a new JWT" {
	local session
	register alice
	session=$(body .session_token)
	rest POST /auth/refresh "$session"
	answered 200
	rest GET /auth/me "$(body .token)"
	answered 200 '.username == "alice"'
}

@test "an embedding application's token brings its user, with number and UUID" {
	local id token
	id=$(cat /proc/sys/kernel/random/uuid)
	token=$(jwt "$JWT_SECRET" "{\"sub\": \"$id\", \"user_id\": 7, \"username\": \"guest\"}")
	rest GET /auth/me "$token"
	answered 200 ".user_id == \"$id\" and .id == 7 and .username == \"guest\""
	register alice
	((NUMBER[alice] > 0 && NUMBER[alice] != 7))
}

# crowd N: N users of an embedding application ask who they are, 100 at the same
# time; prints the status of each answer and the end of the user's id.
crowd()
{
	local i id
	for ((i = 1; i <= $1; i++)); do
		printf -v id '7f0f3f0e-0000-4000-8000-%012d' "$i"
		((i == 1)) || echo next
		printf 'url = "%s/auth/me"\noutput = /dev/null\nwrite-out = "%%{http_code} %012d\\n"\n' "$URL" "$i"
		printf 'max-time = 60\nheader = "Authorization: Bearer %s"\n' "$id"
	done >"$BATS_TEST_TMPDIR/crowd"
	node --input-type=module -e "
		import { readFileSync, writeFileSync } from 'node:fs';
		import { sign } from '$CLIENTS/jwt.mjs';
		const file = '$BATS_TEST_TMPDIR/crowd';
		writeFileSync(file, readFileSync(file, 'utf8').replace(/(?<=Bearer )[-0-9a-f]+/g,
			(sub) => sign('$JWT_SECRET', { sub })));"
	curl -sS --no-progress-meter --noproxy '*' --parallel --parallel-max 100 --config "$BATS_TEST_TMPDIR/crowd"
}

# crowd_known: the ends of the ids of those whom auth.db has.
crowd_known()
{
	sqlite3 "$PARLEY_DATA/auth.db" "SELECT substr(hex(id), 21) FROM users
		WHERE hex(id) LIKE '7F0F3F0E00004000%' ORDER BY 1"
}

# statuses: how many there are of each, from stdin.
statuses()
{
	cut -d ' ' -f 1 | sort | uniq -c
}

@test "a crowd never seen before is kept once it is answered, together, and costs no write when it returns" {
	local commits
	run statuses < <(crowd 300)
	assert_output --regexp '^ *300 200$'
	commits=$(metric parley_auth_commits_total 'daemon="auth"')
	((commits > 0 && commits < 200))
	run statuses < <(crowd 300)
	assert_output --regexp '^ *300 200$'
	is_metric "$commits" parley_auth_commits_total 'daemon="auth"'
	kill_daemon auth
	assert_equal "$(crowd_known | wc -l)" 300
}

@test "whoever of a crowd was answered while auth was killed is known" {
	crowd 400 >"$BATS_TEST_TMPDIR/answers" &
	local asking=$!
	eventually 60 grows users
	kill_daemon auth
	wait "$asking"
	# Who had to wait for it for too long was told so.
	run grep -vE '^(200|503) ' "$BATS_TEST_TMPDIR/answers"
	refute_output
	run comm -23 <(sed -n 's/^200 //p' "$BATS_TEST_TMPDIR/answers" | sort) <(crowd_known)
	refute_output
	grep -q '^200 ' "$BATS_TEST_TMPDIR/answers"
}

# grows TABLE: there is something in it.
grows()
{
	[ "$(sqlite3 "$PARLEY_DATA/auth.db" "SELECT count(*) FROM $1")" -gt 0 ]
}

@test "a known user's token with a new, free name renames the user" {
	people alice bob
	rest GET /auth/me alice
	answered 200
	rest GET /auth/me bob
	answered 200
	rest GET /auth/me "$(jwt "$JWT_SECRET" "{\"sub\": \"${ID[alice]}\", \"username\": \"alicia\"}")"
	answered 200 '.username == "alicia"'
	rest GET /auth/me "$(jwt "$JWT_SECRET" "{\"sub\": \"${ID[alice]}\", \"username\": \"bob\"}")"
	answered 401
}

@test "a token is refused that is expired, endless, unsigned or signed otherwise" {
	local claims='"sub": "7f0f3f0e-0000-4000-8000-000000000001", "username": "eve"'
	local past=$((EPOCHSECONDS - 60))
	local bad=(
		"$(jwt "$JWT_SECRET" "{$claims, \"exp\": $past}")"
		"$(jwt "$JWT_SECRET" "{$claims, \"exp\": null}")"
		"$(jwt "$JWT_SECRET" "{$claims}" none)"
		"$(jwt "$JWT_SECRET" "{$claims}" HS512)"
		"$(jwt another-secret-of-a-decent-length-0123456789 "{$claims}")"
		"$(jwt "$JWT_SECRET" "{$claims}")x"
	)
	local token
	for token in "${bad[@]}"; do
		rest GET /auth/me "$token"
		answered 401
	done
	rest GET /auth/me "$(jwt "$JWT_SECRET" "{$claims}")"
	answered 200
}

@test "a token that expires while connected closes the connection with 4401" {
	local token
	token=$(jwt "$JWT_SECRET" "{\"sub\": \"7f0f3f0e-0000-4000-8000-000000000002\",
		\"username\": \"brief\", \"exp\": $((EPOCHSECONDS - 26))}")
	connect brief "$WS/ws/campfire?token=$token"
	closed brief 4401 15
}

@test "of several secrets the first signs and all verify" {
	suite_stop
	local claims='{"sub": "7f0f3f0e-0000-4000-8000-000000000003", "username": "old"}'
	local new=a-new-secret-that-is-long-enough-0123456789
	local old=an-old-secret-that-is-long-enough-012345678
	suite_start "JWT_SECRET=$new $old"
	rest GET /auth/me "$(jwt "$old" "$claims")"
	answered 200
	rest GET /auth/me "$(jwt "$new" "$claims")"
	answered 200
}

@test "accounts and sessions outlive a restart of everything" {
	register alice
	parley_run stop
	suite_start
	rest GET /auth/me alice
	answered 200 '.username == "alice"'
	login alice
}

@test "passwords and tokens are in no log and in no file of ours as they are" {
	register alice
	run grep -rlaF alice-has-a-password "$PARLEY_DATA"
	refute_output
	run grep -rlaF "${TOKEN[alice]}" "$PARLEY_DATA"
	refute_output
}

@test "the data folder and the secrets are for their owner alone" {
	run stat -c %a "$PARLEY_DATA" "$PARLEY_RUN" "$PARLEY_DATA/auth.db"
	assert_output "$(printf '700\n700\n600')"
}
