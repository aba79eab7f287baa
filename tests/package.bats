#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The Debian package: what it is made of, and that it runs in a system that has
# what it depends on and nothing else.

load helper

BIN=${PARLEY_BUILD:-$ROOT/build}/bin
SERVICES=(parley-store parley-auth parley-router parley-presence parley-gateway@1)

setup_file()
{
	local build=${PARLEY_BUILD:-$ROOT/build}
	[[ $build == /* ]] || build=$ROOT/$build
	DEB=$(ASAN_OPTIONS=detect_leaks=0 env -u MAKEFLAGS -u MFLAGS flock "$build/.install" \
		make -s -C "$ROOT" B="$build" deb 3>&- 4>&-)
	mv "$DEB" "$BATS_FILE_TMPDIR/parley.deb"
	export DEB=$BATS_FILE_TMPDIR/parley.deb SYSTEM=$BATS_FILE_TMPDIR/system
	! has_system || "$ROOT/tests/deploy/minimal_root" "$SYSTEM" "$DEB"
}

# Only root can lay out a system, and a sanitizer's runtime does not belong there.
has_system()
{
	((EUID == 0)) && ! is_sanitized
}

is_sanitized()
{
	grep -q __asan_init "${PARLEY_BUILD:-$ROOT/build}/bin/router"
}

setup()
{
	suite_environment
}

teardown_file()
{
	rm -rf "$SYSTEM"
}

teardown()
{
	cast_leave
	background_ends
	if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
		tail -n 5 "$SYSTEM"/*.log 2>/dev/null || true
	fi
}

# With a /proc of its own, which ends with the command.
inside()
{
	# shellcheck disable=SC2016 # for the shell inside
	unshare --mount --pid --fork sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' \
		"$SYSTEM" "$@" 3>&- 4>&-
}

@test "lintian finds nothing that is not explained" {
	! is_sanitized || skip "built with sanitizers"
	run lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$DEB"
	assert_success
	assert_output ""
}

@test "the package depends on each library that a program is linked with" {
	local name
	dpkg-deb -f "$DEB" Depends >"$BATS_TEST_TMPDIR/depends"
	for name in libc6 libzmq5 libjansson4 libssl3 libsqlite3-0 libargon2-1 libseccomp2 zlib1g; do
		grep -qE "(^|, )$name \(>= " "$BATS_TEST_TMPDIR/depends"
	done
	dpkg-deb -I "$DEB" conffiles | grep -x /etc/parley/parley.env
}

@test "the same tree gives the same package" {
	local again
	again=$(env -u MAKEFLAGS -u MFLAGS ASAN_OPTIONS=detect_leaks=0 flock "${BIN%/bin}/.install" \
		make -s -C "$ROOT" B="${BIN%/bin}" deb 3>&- 4>&-)
	cmp "$again" "$DEB"
	rm "$again"
}

@test "in a clean system it is installed, runs as its services say, is replaced, and goes" {
	local name
	has_system || skip "not root, or built with sanitizers"
	cp "$DEB" "$SYSTEM/parley.deb"
	run inside dpkg -i /parley.deb
	assert_success
	refute_output --regexp '[Ee]rror|[Ww]arning|unable'

	# Its user, its folders, what it is to start with the machine.
	inside getent passwd parley
	assert_equal "$(inside stat -c '%a %U %G' /etc/parley/parley.env /var/lib/parley)" \
		"$(printf '640 root parley\n700 parley parley')"
	[ -L "$SYSTEM/etc/systemd/system/multi-user.target.wants/parley.target" ]
	for name in "${SERVICES[@]:0:4}"; do
		[ -L "$SYSTEM/etc/systemd/system/parley.target.wants/$name.service" ]
	done
	inside parley-run --version
	inside parley-ping --help >/dev/null

	# The services, and people who talk.
	echo 'PARLEY_LISTEN=127.0.0.1:0' >>"$SYSTEM/etc/parley/parley.env"
	(umask 077 && echo "JWT_SECRET=$JWT_SECRET" >"$SYSTEM/etc/parley/auth.env")
	services_start
	people alice bob
	room den alice bob
	online alice bob
	send alice "{\"type\": \"CreateMessage\", \"room_id\": \"${ROOM[den]}\", \"content\": \"hello\"}"
	expect bob '{"type": "NewMessage", "message": {"content": "hello"}}'
	services_end

	# A new version keeps what was set and said.
	inside dpkg -i /parley.deb
	grep -qx 'PARLEY_LISTEN=127.0.0.1:0' "$SYSTEM/etc/parley/parley.env"
	services_start
	rest GET "/api/rooms/${ROOM[den]}/messages" alice
	answered 200 '.messages[0].content == "hello"'
	services_end

	inside dpkg -r parley
	[ ! -e "$SYSTEM/usr/libexec/parley/store" ]
	[ -s "$SYSTEM/etc/parley/parley.env" ]
	inside dpkg -P parley
	[ ! -e "$SYSTEM/etc/parley" ]
	[ -s "$SYSTEM/var/lib/parley/chat.db" ]
	assert_equal "$(find "$SYSTEM/etc/systemd" "$SYSTEM/var/lib/systemd" -name '*parley*')" ""
}

services_start()
{
	local name
	rm -f "$SYSTEM/run/parley/gateway.listen"
	for name in "${SERVICES[@]}"; do
		background "$ROOT/tests/deploy/start_unit" "$SYSTEM" "$name.service" >"$SYSTEM/$name.log" 2>&1
	done
	export PARLEY_RUN=$SYSTEM/run/parley
	eventually 20 test -s "$PARLEY_RUN/gateway.listen"
	cp "$PARLEY_RUN/gateway.listen" "$PARLEY_RUN/listen"
	suite_address
	eventually 20 is_ready
}

is_ready()
{
	curl -fsS --noproxy '*' --max-time 5 -o /dev/null "$URL/readyz" 2>/dev/null
}

services_end()
{
	cast_leave
	unset CAST_PID
	background_ends
	[ ! -e "$PARLEY_RUN/store.pid" ]
}
