# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# bench/servers.bash - starts and ends the servers that are measured: parley as
# run.sh starts it, and those of bench/peers. From the project's folder, with BUILD
# set.

SERVER_PORT=
SERVER_FLAGS=() # what parley-bench must know of it
SERVER_FOLDER=
SERVER_DATA=    # a folder that parley finds, and leaves; empty: a fresh one
SERVER_PID=     # of a peer
declare -A SERVERS_HERE=()

# servers_install NAME…: those are measured that are here afterwards.
servers_install()
{
	local name state peers=()
	for name; do
		if [ "$name" = parley ]; then
			SERVERS_HERE[parley]=yes
		else
			peers+=("$name")
		fi
	done
	((${#peers[@]} > 0)) || return 0
	bench/peers/install "${peers[@]}" || return
	while read -r name state _; do
		[ "$state" != here ] || SERVERS_HERE[$name]=yes
	done < <(bench/peers/install --look "${peers[@]}")
}

server_is_here()
{
	[ -n "${SERVERS_HERE[$1]:-}" ]
}

# about PEER KEY
about()
{
	sed -n "s/^$2=//p" "bench/peers/$1/about"
}

# server_version NAME: a command of its own says it, run in bench/peers.
server_version()
{
	local command
	command=$(about "$1" version)
	(cd bench/peers && PATH=$PATH:/usr/sbin bash -c "$command" 2>/dev/null)
}

# The titles and versions of all that are here, as JSON.
servers_versions()
{
	local name
	{
		jq -n --arg version "$("$BUILD/bin/gateway" --version)" \
			'{ parley: { title: "parley", version: $version, does_not: "" } }'
		for name in "${!SERVERS_HERE[@]}"; do
			[ "$name" != parley ] || continue
			jq -n --arg name "$name" --arg title "$(about "$name" title)" \
				--arg does_not "$(about "$name" does_not)" \
				--arg version "$(server_version "$name")" \
				'{ ($name): { title: $title, version: $version, does_not: $does_not } }'
		done
	} | jq -s add
}

# server_start NAME: sets SERVER_PORT and SERVER_FLAGS.
server_start()
{
	SERVER_FOLDER=$SERVER_DATA
	[ -n "$SERVER_DATA" ] || SERVER_FOLDER=$(folder_on_disk) || return
	if [ "$1" = parley ]; then
		start_parley
	else
		start_peer "$1"
	fi || {
		echo "bench/run: $1 does not start; see $SERVER_FOLDER" >&2
		server_end
		return 1
	}
}

server_stop()
{
	server_end
	[ -n "$SERVER_DATA" ] || rm -rf "$SERVER_FOLDER"
}

# Not in /tmp, which may be memory: a sync would be free there.
folder_on_disk()
{
	mktemp -d "${TMPDIR:-/var/tmp}/bench.XXXXXX"
}

parley()
{
	PARLEY_ENV=/dev/null PARLEY_DATA=$SERVER_FOLDER PARLEY_RUN=$SERVER_FOLDER/run \
		PARLEY_LISTEN=127.0.0.1:0 PARLEY_RATE=off PARLEY_BUILD=$BUILD \
		./run.sh --no-build "$@" >/dev/null
}

start_parley()
{
	local address
	parley --wait || return
	read -r address <"$SERVER_FOLDER/run/listen"
	SERVER_PORT=${address##*:}
	SERVER_FLAGS=(--protocol campfire --data "$SERVER_FOLDER")
}

free_port()
{
	node -e 'const s = require("net").createServer();
		s.listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); });'
}

answers()
{
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

start_peer()
{
	local tries
	SERVER_PORT=$(free_port) || return
	PARLEY_BUILD=$BUILD "bench/peers/$1/run" "$SERVER_PORT" "$SERVER_FOLDER" \
		>"$SERVER_FOLDER/out.log" 2>&1 &
	SERVER_PID=$!
	SERVER_FLAGS=(--protocol "$(about "$1" protocol)" --path "$(about "$1" path)"
		--processes "$1=$SERVER_PID")
	for ((tries = 0; tries < 300; tries++)); do
		! answers "$SERVER_PORT" || return 0
		kill -0 "$SERVER_PID" 2>/dev/null || return 1
		sleep 0.1
	done
	return 1
}

server_end()
{
	if [ -n "$SERVER_PID" ]; then
		kill "$SERVER_PID" 2>/dev/null
		wait "$SERVER_PID" 2>/dev/null
		SERVER_PID=
	else
		parley stop 2>/dev/null
	fi
	return 0
}
