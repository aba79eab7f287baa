#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# TLS at the gateway: clients that are not ours speak it, what is weak, slow or no
# TLS is refused, and a new certificate takes effect under open connections.

load helper

setup_file()
{
	export CERTS=$BATS_FILE_TMPDIR
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=ca -keyout "$CERTS/ca.key" -out "$CERTS/ca.pem" 2>/dev/null
	issue first 1001
	issue second 1002
	# What the clients trust: Node, Python, curl.
	export NODE_EXTRA_CA_CERTS=$CERTS/ca.pem SSL_CERT_FILE=$CERTS/ca.pem
	export CURL_CA_BUNDLE=$CERTS/ca.pem
}

# issue NAME SERIAL: a certificate for this machine, with its key.
issue()
{
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
		-keyout "$CERTS/$1.key" -out "$CERTS/$1.csr" 2>/dev/null
	openssl x509 -req -in "$CERTS/$1.csr" -CA "$CERTS/ca.pem" -CAkey "$CERTS/ca.key" \
		-set_serial "0x$2" -days 1 -out "$CERTS/$1.pem" \
		-extfile <(echo subjectAltName=DNS:localhost,IP:127.0.0.1) 2>/dev/null
}

setup()
{
	suite_environment
	mkdir -p "$PARLEY_DATA"
	PAIR=$BATS_TEST_TMPDIR/pair
	mkdir "$PAIR"
	use first
}

teardown()
{
	mkdir -p "$PARLEY_RUN"
	suite_stop
}

# use NAME [OF-KEY]: the pair that the gateway is told to show; other files take
# the place of those that were there.
use()
{
	cp "$CERTS/$1.pem" "$PAIR/cert.new"
	install -m 600 "$CERTS/${2:-$1}.key" "$PAIR/key.new"
	mv "$PAIR/cert.new" "$PAIR/cert.pem"
	mv "$PAIR/key.new" "$PAIR/key.pem"
}

# tls_start [NAME=VALUE…]: with two listeners; sets URL and WS.
tls_start()
{
	PARLEY_TEST_LISTEN='127.0.0.1:0 127.0.0.1:0=campfire' suite_start \
		PARLEY_TLS_CERT="$PAIR/cert.pem" PARLEY_TLS_KEY="$PAIR/key.pem" "$@"
	# shellcheck disable=SC2034 # for metric
	URL=https://$HOST
	WS=wss://$HOST
}

a_room_of_two()
{
	people alice bob
	room den alice bob
	DEN=${ROOM[den]}
}

says()
{
	send "$1" "{\"type\": \"CreateMessage\", \"room_id\": \"$DEN\", \"content\": \"$2\"}"
}

hears()
{
	expect "$1" "{\"type\": \"NewMessage\", \"message\": {\"content\": \"$2\"}}"
}

# handshake OPTION…: of a client that looks closely.
handshake()
{
	timeout 20 openssl s_client -connect "$HOST" -CAfile "$CERTS/ca.pem" \
		-verify_return_error -verify_hostname localhost "$@" </dev/null 2>&1
}

serial()
{
	handshake -showcerts | openssl x509 -noout -serial
}

shows()
{
	[ "$(serial)" = "serial=$1" ]
}

logged()
{
	grep -q "$1" "$PARLEY_RUN/gateway.log"
}

# peer MODE ARGUMENT…: sets REPLY to what tests/clients/tls.py tells.
peer()
{
	REPLY=$(timeout 60 "$PYTHON" "$CLIENTS/tls.py" "$@")
}

# --- Talking

@test "REST and a conversation go over TLS at every listener, for Node, Python and curl" {
	local second
	tls_start
	a_room_of_two
	second=$(sed -n '2s/=campfire$//p' "$PARLEY_RUN/listen")
	online alice
	connect bob "wss://$second/?token=${TOKEN[bob]}"
	says alice "good morning"
	hears bob "good morning"
	hears alice "good morning"
	run "$PYTHON" "$CLIENTS/campfire.py" "$WS/ws/campfire" "${TOKEN[bob]}" "$DEN" \
		"hello from Python"
	assert_success
	hears alice "hello from Python"
	post alice den "hello from curl"
	hears bob "hello from curl"
}

@test "who came over TLS and who came to a plain gateway of the same suite talk" {
	local plain
	tls_start
	a_room_of_two
	background env -u PARLEY_TLS_CERT -u PARLEY_TLS_KEY \
		"${PARLEY_BUILD:-$ROOT/build}/bin/gateway" --run "$PARLEY_RUN" \
		--data "$PARLEY_DATA" --env /dev/null --instance 2 \
		--listen 127.0.0.1:0 2>"$PARLEY_RUN/plain.log"
	eventually 10 test -s "$PARLEY_RUN/gateway.2.listen"
	read -r plain <"$PARLEY_RUN/gateway.2.listen"
	eventually 10 curl -fsS -o /dev/null "http://$plain/readyz"
	online alice
	connect bob "ws://$plain/ws/campfire?token=${TOKEN[bob]}"
	says alice "in secret"
	hears bob "in secret"
	says bob "for all to see"
	hears alice "for all to see"
}

@test "messages of 256 KiB go both ways, and long histories" {
	local pad i
	tls_start PARLEY_RATE=off
	a_room_of_two
	online alice bob
	pad=$(printf '%262000s' '' | tr ' ' x)
	send alice "{\"type\": \"CreateMessage\", \"room_id\": \"$DEN\", \"content\": \"long\", \"pad\": \"$pad\"}"
	hears bob long
	for i in {1..20}; do
		says alice "$i ${pad:0:16000}"
	done
	for i in {1..20}; do
		hears bob "$i ${pad:0:16000}"
	done
	# An answer holds what fits into 256 KiB.
	rest GET "/api/rooms/$DEN/messages?limit=30" bob
	answered 200 '[.messages[].content | select(length > 16000)] | length >= 15'
	((${#BODY} > 240000))
}

@test "the cookie is for TLS alone, and a page that came without TLS is a foreign one" {
	tls_start
	register zoe
	[[ $(header set-cookie) == *"; Secure"* ]]
	connect a "$WS/ws/campfire?token=${TOKEN[zoe]}" "header=Origin:https://$HOST"
	refused 403 "$WS/ws/campfire?token=${TOKEN[zoe]}" "header=Origin:http://$HOST"
	refused 403 "$WS/ws/campfire?token=${TOKEN[zoe]}" header=Origin:https://evil.example
}

# --- What is spoken

@test "TLS 1.2 and 1.3 are spoken, with forward secrecy, and nothing older" {
	tls_start
	run handshake -tls1_3
	assert_success
	assert_output --partial 'TLSv1.3'
	assert_output --partial 'Server Temp Key: X25519'
	run handshake -tls1_2
	assert_success
	assert_output --regexp 'Cipher +: ECDHE-ECDSA-(AES|CHACHA)'
	assert_output --partial 'Compression: NONE'
	run handshake -tls1_2 -groups P-256
	assert_success
	for old in -tls1_1 -tls1; do
		run handshake "$old" -cipher 'ALL:@SECLEVEL=0'
		assert_failure
		assert_output --partial 'alert protocol version'
	done
}

@test "ciphers without forward secrecy or without AEAD, and other curves, are refused" {
	local cipher
	tls_start
	for cipher in AES128-GCM-SHA256 ECDHE-ECDSA-AES128-SHA ECDHE-ECDSA-AES256-SHA384 \
		ECDHE-ECDSA-AES128-SHA256 DHE-RSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES128-CCM; do
		run handshake -tls1_2 -cipher "$cipher:@SECLEVEL=0"
		assert_failure
		assert_output --partial 'alert handshake failure'
	done
	run handshake -tls1_3 -groups P-521
	assert_failure
	eventually 5 shows 1001
}

@test "http/1.1 is chosen of what is offered, and who does not offer it is refused" {
	tls_start
	run handshake -alpn h2,http/1.1
	assert_success
	assert_output --partial 'ALPN protocol: http/1.1'
	run handshake -alpn h2
	assert_failure
	run handshake
	assert_success
	assert_output --partial 'No ALPN negotiated'
}

@test "a client may not renegotiate, and may resume by a ticket" {
	tls_start
	run bash -c "(printf 'R\n'; sleep 2) | timeout 20 openssl s_client -tls1_2 \
		-connect $HOST -CAfile '$CERTS/ca.pem' 2>&1"
	assert_output --partial RENEGOTIATING
	assert_output --partial 'no renegotiation'
	run handshake -tls1_2 -reconnect
	assert_output --partial 'Reused, TLSv1.2'
	assert_output --regexp 'ticket lifetime hint: 3600 '
}

# --- Who does not speak it

@test "plain HTTP is cut without a word, and a metric tells of it" {
	tls_start
	peer plain "$HOST"
	jq -e '.bytes == 0 and .seconds < 5' <<<"$REPLY"
	(($(figure tls_handshakes_failed_total) == 1))
	run ! logged level=error
}

@test "who says nothing, or too slowly, is cut after 10 s" {
	local mode pids=()
	tls_start
	for mode in silent dribble stalled; do
		timeout 60 "$PYTHON" "$CLIENTS/tls.py" "$mode" "$HOST" \
			>"$BATS_TEST_TMPDIR/$mode" 3>&- 4>&- &
		pids+=("$!")
	done
	wait "${pids[@]}"
	for mode in silent dribble stalled; do
		echo "$mode $(cat "$BATS_TEST_TMPDIR/$mode")"
		jq -e '.bytes == 0 and .seconds > 9 and .seconds < 13' "$BATS_TEST_TMPDIR/$mode"
	done
}

@test "a client that does not read is bounded, and closed with 1013 and the end of TLS" {
	tls_start PARLEY_RATE=off
	a_room_of_two
	client_starts "$PYTHON" "$CLIENTS/tls.py" deaf "$HOST" \
		"/ws/campfire?token=${TOKEN[bob]}" \
		"{\"type\": \"JoinRoom\", \"room_id\": \"$DEN\"}"
	# Who has taken nothing of what waits for 10 s is cut without the 1013.
	background timeout 60 "$PYTHON" "$CLIENTS/tls_flood.py" \
		"$WS/ws/campfire?token=${TOKEN[alice]}" "$DEN" 100 16000
	eventually 40 is_figure slow_consumers_total 1
	client_ends
	background_ends
	REPLY=$(tail -n 1 "$CLIENT.out")
	# 1013 "too slow"
	holds '.is_said and (.last | endswith("03f5746f6f20736c6f77"))'
	online alice
	says alice "still here"
	hears alice "still here"
}

# --- Coming, going, changing

@test "SIGHUP shows the new certificate to who comes, and who is there talks on" {
	tls_start
	a_room_of_two
	online alice
	shows 1001
	use second
	shows 1001
	kill -HUP "$(pid_of gateway)"
	eventually 5 shows 1002
	connect bob "$WS/ws/campfire?token=${TOKEN[bob]}"
	says alice "still here"
	hears bob "still here"
	logged 'event=certificate_loaded serial=1002'
}

@test "SIGHUP with a pair that does not fit changes nothing but the log" {
	tls_start
	a_room_of_two
	online alice
	use second first
	kill -HUP "$(pid_of gateway)"
	eventually 5 logged 'level=error .*event=bad_tls_file .*not the key of the certificate'
	shows 1001
	echo nonsense >"$PAIR/cert.pem"
	kill -HUP "$(pid_of gateway)"
	eventually 5 logged 'level=error .*event=bad_tls_file .*no certificate'
	shows 1001
	says alice "still here"
	hears alice "still here"
	use second
	kill -HUP "$(pid_of gateway)"
	eventually 5 shows 1002
}

@test "a stop closes with 1001 over TLS; after a kill the port speaks TLS again" {
	tls_start
	a_room_of_two
	online alice bob
	kill_daemon gateway
	closed alice 1006
	eventually 10 online alice bob
	says alice "back again"
	hears bob "back again"
	parley_run stop
	closed alice 1001
	closed bob 1001
	[[ $(tail -n 1 "$PARLEY_RUN/gateway.log") == *'event=stopped status=0' ]]
}

# --- Settings

# refused_with WORDS NAME=VALUE…: a gateway with these settings ends, and its last
# line and only error has these words.
refused_with()
{
	local words=$1 log=$BATS_TEST_TMPDIR/log status=0
	shift
	env "$@" timeout 10 "${PARLEY_BUILD:-$ROOT/build}/bin/gateway" \
		--listen 127.0.0.1:0 2>"$log" || status=$?
	cat "$log"
	((status == 1)) && (($(grep -c level=error "$log") == 1)) &&
		tail -n 1 "$log" | grep -qE "level=error .*$words"
}

@test "a pair that is not whole or does not fit is one line and no start" {
	local cert=PARLEY_TLS_CERT=$PAIR/cert.pem key=PARLEY_TLS_KEY=$PAIR/key.pem
	refused_with 'name=tls-key' "$cert"
	refused_with 'name=tls-cert' "$key"
	refused_with 'PARLEY_TLS_CERT file=/nowhere error="No such file' PARLEY_TLS_CERT=/nowhere "$key"
	refused_with 'PARLEY_TLS_KEY file=/nowhere error="No such file' "$cert" PARLEY_TLS_KEY=/nowhere
	refused_with 'PARLEY_TLS_KEY .*not the key' "$cert" "PARLEY_TLS_KEY=$CERTS/second.key"
	refused_with 'PARLEY_TLS_CERT .*no certificate' "PARLEY_TLS_CERT=$PAIR/key.pem" "$key"
	openssl ec -in "$PAIR/key.pem" -aes128 -passout pass:secret -out "$PAIR/locked.pem" 2>/dev/null
	refused_with 'PARLEY_TLS_KEY .*passphrase' "$cert" "PARLEY_TLS_KEY=$PAIR/locked.pem"
}

@test "a wrong pair is what ./run.sh --wait ends with" {
	export PARLEY_TLS_CERT=$PAIR/cert.pem PARLEY_TLS_KEY=$CERTS/second.key
	run parley_run --wait
	assert_failure
	assert_output --partial 'gateway does not start'
	assert_output --partial 'not the key of the certificate'
}

@test "a key that others may read is a warning" {
	chmod 644 "$PAIR/key.pem"
	tls_start
	logged 'level=warn .*event=others_may_read_key'
	shows 1001
}

@test "relative paths begin where the suite was started, or at the .env that names them" {
	cd "$PAIR"
	suite_start PARLEY_TLS_CERT=cert.pem PARLEY_TLS_KEY=key.pem
	shows 1001
	parley_run stop
	unset PARLEY_TLS_CERT PARLEY_TLS_KEY
	printf 'PARLEY_TLS_CERT=cert.pem\nPARLEY_TLS_KEY=key.pem\n' >"$PAIR/settings"
	cd /
	suite_start PARLEY_ENV="$PAIR/settings"
	shows 1001
}
