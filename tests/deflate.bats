#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# permessage-deflate (RFC 7692): offers are met strictly, messages to many are
# compressed once, what comes in is inflated within bounds, and clients that do
# not ask for it notice nothing.

load helper
load conformance
load edge

setup()
{
	local setting=on
	[[ $BATS_TEST_DESCRIPTION != 'by default'* ]] || setting=off
	suite_start PARLEY_RATE=off PARLEY_DEFLATE=$setting
	people alice bob
}

teardown()
{
	suite_stop
}

crowd()
{
	REPLY=$(timeout 100 "$PYTHON" "$CLIENTS/deflate_crowd.py" "$HOST" \
		"${TOKEN[alice]}" "$@")
}

# In a room of the simple dialect.
simple_url()
{
	echo "$WS/ws?token=${TOKEN[alice]}&room=$1"
}

peak_kib()
{
	awk '$1 == "VmHWM:" { print $2 }' "/proc/$(pid_of gateway)/status"
}

bob_still_talks()
{
	connect bob "$WS/ws?token=${TOKEN[bob]}&room=after" 'deflate={"threshold":0}'
	send bob 'all is well, or is it not'
	expect bob '{"message": "all is well, or is it not", "username": "bob"}'
	cast close bob
}

# --- To the letter

@test "each offer is met as RFC 7692 says, or passed over for the next one" {
	conforms conformance_deflate.py offers
}

@test "messages of every size are heard, in whatever frames and blocks they come" {
	conforms conformance_deflate.py sizes
}

@test "what breaks RFC 7692 is closed with 1002, and with 1007 what is not deflated" {
	conforms conformance_deflate.py breaches
	bob_still_talks
}

@test "clients that do not ask for it are served to the letter of RFC 6455" {
	conforms conformance.py frames
	(($(figure deflated_total) == 0))
}

@test "by default offers are ignored, and compressed messages closed with 1002" {
	conforms conformance_deflate.py ignored
	(($(figure deflated_total) == 0))
}

@test "another word than on or off is one line and no start" {
	PARLEY_RUN=$BATS_TEST_TMPDIR/other PARLEY_DEFLATE=maybe run timeout 10 \
		"${PARLEY_BUILD:-$ROOT/build}/bin/gateway" --listen 127.0.0.1:0
	assert_failure 1
	assert_output --partial 'event=bad_setting name=deflate value=maybe'
}

# --- Bounds

@test "1 GiB of zeros is closed with 1009, in whatever frames it comes" {
	conforms conformance_deflate.py bombs
	bob_still_talks
}

# noise BYTES: incompressible, as hex.
noise()
{
	head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}

@test "what grows by being compressed is heard up to 256 KiB of content, and no further" {
	connect bob "$WS/ws/campfire?token=${TOKEN[bob]}" 'deflate={"threshold":0,"zlibDeflateOptions":{"memLevel":1}}'
	cast binary bob "$(noise 262144)"
	expect bob '{"type": "Error", "code": "INVALID_JSON"}'
	cast binary bob "$(noise 262145)"
	closed bob 1009
}

@test "fifty bombs at once take no more memory than what was sent" {
	local before
	bob_still_talks
	before=$(peak_kib)
	crowd bombs 50
	echo "$before KiB, then $(peak_kib)"
	(($(peak_kib) < before + 100000))
	bob_still_talks
}

@test "little that says much is heard at 4 MiB a second, and delays nobody else" {
	bob_still_talks
	crowd flood 70
	echo "$REPLY"
	# 17.5 MiB: what is too much waits for four new seconds.
	holds '.took > 2.5 and .worst < 1.5'
	bob_still_talks
}

@test "an idle connection costs nothing more" {
	bob_still_talks
	crowd idle 500 "$(pid_of gateway)"
	is_sanitized || holds '.deflating < .plain + 500'
}

# --- Clients that are not ours

@test "ws in Node asks for it in every way, each window reads its own, and all hear all" {
	local before
	before=$(figure deflated_total)
	run node "$CLIENTS/deflate.mjs" "$(simple_url mixed)"
	assert_success
	# Each of the 17 texts once for windows of 14 and 15 bits, and once for
	# each smaller one; who joined is told in less than what is compressed.
	assert_output '{"texts":17}'
	(($(figure deflated_total) - before == 17 * 6))
}

@test "websockets in Python asks for it in every way, and is understood" {
	run "$PYTHON" "$CLIENTS/deflate.py" "$WS/ws?token=${TOKEN[alice]}"
	assert_success
	assert_output '{"offers": 64}'
}

chromium_talks()
{
	command -v "${CHROMIUM:=/usr/bin/chromium}" >/dev/null || skip "no Chromium"
	export CHROMIUM
	run timeout 60 node "$CLIENTS/deflate_browser.mjs" "$URL/" \
		"$(simple_url browser)" "$1"
	assert_success
	assert_output --partial '"texts":6'
}

@test "Chromium agrees on it and talks" {
	local before
	before=$(figure deflated_total)
	chromium_talks agreed
	(($(figure deflated_total) > before))
}

@test "by default Chromium agrees on nothing and talks" {
	chromium_talks ignored
}

# --- Messages to many

@test "a message to many is compressed once, and to those alone who asked for it" {
	local i long before page
	long=$(times 300 'so it is, ')
	room den alice bob
	for i in {1..15}; do
		connect "deaf$i" "$WS/ws/campfire?token=${TOKEN[bob]}"
		connect "able$i" "$WS/ws/campfire?token=${TOKEN[bob]}" deflate=true
	done
	before=$(figure deflated_total)
	for i in {1..5}; do
		post alice den "$i $long"
	done
	for i in {1..15}; do
		expect "deaf$i" "{\"message\": {\"content\": \"5 $long\"}}"
		expect "able$i" "{\"message\": {\"content\": \"5 $long\"}}"
	done
	(($(figure deflated_total) == before + 5))
}

@test "what was missed is told compressed, and answers are" {
	local i long before
	long=$(times 300 'what they said, ')
	room den alice bob
	for i in {1..20}; do
		post alice den "$i $long"
	done
	page=$(curl -s "$URL/metrics" | wc -c)
	before=$(figure sent_bytes_total)
	connect bob "$WS/ws/campfire?token=${TOKEN[bob]}&v=2" deflate=true
	for i in {1..20}; do
		expect bob "{\"message\": {\"content\": \"$i $long\"}}"
	done
	send bob "{\"type\": \"GetHistory\", \"room_id\": \"${ROOM[den]}\", \"after\": 0, \"limit\": 20}"
	expect bob '{"type": "History", "has_more": false}'
	[[ $REPLY == *"20 $long"* ]]
	# Twice 20 messages of 4,800 bytes
	(($(figure sent_bytes_total) - before - page < 40000))
}

# --- Everywhere

@test "one conversation in all dialects goes on compressed while the router dies" {
	local before
	known alice bob carol erin
	room lobby alice
	join_room bob "${ROOM[lobby]}"
	before=$(figure deflated_total)
	conversation_starts "${ROOM[lobby]}" alice bob carol erin
	kill_daemon router
	talk_ends
	(($(figure deflated_total) > before + 20))
}

@test "in a sealed room a Node and a Python client talk compressed" {
	local before
	before=$(figure deflated_total)
	client_starts node "$CLIENTS/sealed.mjs" host "$WS/ws/sealed" den secret welcome
	run "$PYTHON" "$CLIENTS/sealed.py" guest "$WS/ws/sealed" \
		"$(jq -r .join_key "$CLIENT.out")" secret Zoë "anybody there?"
	assert_success
	client_ends
	jq -e -n --slurpfile a "$CLIENT.out" \
		'$a[1:] == [{sender: "Zoë", text: "anybody there?"}, {sender: "Owner", text: "welcome"}]'
	(($(figure deflated_total) > before))
}

@test "over TLS it is the same" {
	local pair=$BATS_TEST_TMPDIR
	certify "$pair/key.pem" "$pair/cert.pem"
	cast_leave
	unset CAST_PID
	export NODE_EXTRA_CA_CERTS=$pair/cert.pem CURL_CA_BUNDLE=$pair/cert.pem
	suite_again PARLEY_TLS_CERT="$pair/cert.pem" PARLEY_TLS_KEY="$pair/key.pem"
	URL=https://$HOST
	WS=wss://$HOST
	people alice bob
	run node "$CLIENTS/deflate.mjs" "$(simple_url mixed)"
	assert_success
	(($(figure deflated_total) == 17 * 6))
}
