#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# parley behind a proxy, as deploy/ shows it: nginx for real, with its own prefix
# and ports; Caddy's file as far as Caddy judges it.
#
# Plain builds only: what it drives is nginx.

load helper
load edge

setup_file()
{
	export CERTS=$BATS_FILE_TMPDIR
	certify "$CERTS/privkey.pem" "$CERTS/fullchain.pem"
	export NODE_EXTRA_CA_CERTS=$CERTS/fullchain.pem CURL_CA_BUNDLE=$CERTS/fullchain.pem
}

teardown()
{
	local status=0
	suite_stop || status=1
	if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
		cat "$BATS_TEST_TMPDIR"/nginx/*.log 2>/dev/null || true
	fi
	return "$status"
}

free_port()
{
	"$PYTHON" -c 'import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# nginx_starts [SED-SCRIPT]: in front of this suite, by the example, with its own
# ports, certificate and upstream; what is changed besides, the script says.
nginx_starts()
{
	PREFIX=$BATS_TEST_TMPDIR/nginx
	mkdir -p "$PREFIX"
	PORT=$(free_port)
	PLAIN=$(free_port)
	sed -e "s/127\.0\.0\.1:8080/$HOST/" -e '/listen \[::\]/d' \
		-e "s/listen 80;/listen 127.0.0.1:$PLAIN;/" -e "s/listen 443 /listen 127.0.0.1:$PORT /" \
		-e "s,/etc/nginx/tls,$CERTS," -e "${1:-}" "$ROOT/deploy/nginx/parley.conf" \
		>"$PREFIX/parley.conf"
	cat >"$PREFIX/nginx.conf" <<-END
		daemon off;
		worker_processes 1;
		pid $PREFIX/nginx.pid;
		error_log $PREFIX/error.log warn;
		events { worker_connections 512; }
		http {
			access_log off;
			client_body_temp_path $PREFIX/body;
			proxy_temp_path $PREFIX/proxy;
			fastcgi_temp_path $PREFIX/fastcgi;
			uwsgi_temp_path $PREFIX/uwsgi;
			scgi_temp_path $PREFIX/scgi;
			include $PREFIX/parley.conf;
		}
	END
	PATH=$PATH:/usr/sbin nginx -p "$PREFIX" -c "$PREFIX/nginx.conf" -t -q
	PATH=$PATH:/usr/sbin background nginx -p "$PREFIX" -c "$PREFIX/nginx.conf" 2>"$PREFIX/stderr.log"
	BEHIND=$HOST
	HOST=127.0.0.1:$PORT
	URL=https://$HOST
	WS=wss://$HOST
	eventually 10 is_up
}

is_up()
{
	curl -fsS --noproxy '*' --max-time 5 -o /dev/null "$URL/healthz" 2>/dev/null
}

status_of()
{
	curl -sS --noproxy '*' --max-time 15 -o /dev/null -w '%{http_code}' "$@"
}

@test "nginx: one conversation in all dialects goes through it, and outlives the store" {
	strict_start PARLEY_RATE=off PARLEY_TRUST_PROXY=127.0.0.1
	nginx_starts
	export PARLEY_TEST_TLS=yes
	known alice bob carol erin
	room lobby alice
	join_room bob "${ROOM[lobby]}"
	conversation_starts "${ROOM[lobby]}" alice bob carol erin
	kill_daemon store
	talk_ends
}

@test "nginx: pages and requests go through, and what is not for the public does not" {
	suite_start PARLEY_TRUST_PROXY=127.0.0.1
	nginx_starts
	register alice
	rest GET / ''
	answered 200
	[ "$(status_of "$URL/metrics")" = 404 ]
	[ "$(status_of "$URL/readyz")" = 404 ]
	[ "$(status_of "http://$BEHIND/readyz")" = 200 ]
	[ "$(status_of "http://127.0.0.1:$PLAIN/x")" = 301 ]
	[ "$(head -c 300000 /dev/zero | status_of --data-binary @- "$URL/auth/login")" = 413 ]
	# The page's own origin is known by Host; others are refused.
	connect alice "$WS/ws?token=${TOKEN[alice]}" "header=Origin:https://$HOST"
	refused 403 "$WS/ws?token=${TOKEN[alice]}" header=Origin:https://evil.example
}

# upgrade_from ADDRESS [OPTION…]: the status; a connection that is made stays as
# long as curl is told by --max-time.
upgrade_from()
{
	local address=$1
	shift
	status_of --interface "$address" --http1.1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
		-H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' "$@" \
		"$URL/ws?token=${TOKEN[alice]}" 2>/dev/null || true
}

websockets()
{
	URL=http://$BEHIND is_metric "$1" parley_gateway_websockets
}

@test "nginx: who the client is counts, and not what it says of itself" {
	suite_start PARLEY_MAX_PER_ADDRESS=1 PARLEY_TRUST_PROXY=127.0.0.1
	nginx_starts
	people alice
	background upgrade_from 127.0.0.2 --max-time 60 >/dev/null
	eventually 10 websockets 1
	assert_equal "$(upgrade_from 127.0.0.2)" 503
	assert_equal "$(upgrade_from 127.0.0.2 -H 'X-Forwarded-For: 192.0.2.7')" 503
	assert_equal "$(upgrade_from 127.0.0.3 --max-time 3)" 101
}

# With less patience than it should have, nginx would end this connection: only
# the gateway's pings, after 25 s, keep it.
@test "nginx: a connection that is silent is kept by the gateway's pings" {
	suite_start PARLEY_TRUST_PROXY=127.0.0.1
	nginx_starts 's/proxy_read_timeout 75s/proxy_read_timeout 27s/'
	people alice
	connect alice "$WS/ws?token=${TOKEN[alice]}"
	never alice '{"type": "NewMessage"}' 31
	cast open alice
}

@test "nginx: a drained gateway's clients are told so, and its own reload ends no connection" {
	suite_start PARLEY_TRUST_PROXY=127.0.0.1
	nginx_starts
	people alice
	room den alice
	online alice
	kill -HUP "$(cat "$PREFIX/nginx.pid")"
	eventually 10 grep -q 'shutting down' <(ps -eo args --ppid "$(cat "$PREFIX/nginx.pid")")
	post alice den "after the reload"
	expect alice '{"type": "NewMessage", "message": {"content": "after the reload"}}'
	parley_run restart gateway
	closed alice 1001 10
	eventually 10 is_up
	online alice
}

@test "Caddy takes its file as it stands" {
	export HOME=$BATS_TEST_TMPDIR XDG_DATA_HOME=$BATS_TEST_TMPDIR XDG_CONFIG_HOME=$BATS_TEST_TMPDIR
	run -0 caddy validate --adapter caddyfile --config "$ROOT/deploy/caddy/Caddyfile"
	assert_output --partial "Valid configuration"
	refute_output --partial '"level":"warn"'
	run caddy adapt --adapter caddyfile --config "$ROOT/deploy/caddy/Caddyfile"
	assert_output --partial '"dial":"127.0.0.1:8080"'
}
