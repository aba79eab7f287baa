#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The Debian package: what it is made of, and that it runs in a system that has
# what it depends on and nothing else.
# Plain builds only: it builds packages of its own.

load helper
load services

BIN=${PARLEY_BUILD:-$ROOT/build}/bin
SERVICES=(parley-store parley-auth parley-router parley-presence parley-hooks parley-gateway@1)

setup_file()
{
	local build=${PARLEY_BUILD:-$ROOT/build}
	[[ $build == /* ]] || build=$ROOT/$build
	DEB=$(ASAN_OPTIONS=detect_leaks=0 env -u MAKEFLAGS -u MFLAGS flock "$build/.install" \
		make -s -C "$ROOT" B="$build" deb 3>&- 4>&-)
	mv "$DEB" "$BATS_FILE_TMPDIR/parley.deb"
	export DEB=$BATS_FILE_TMPDIR/parley.deb CLEAN=$BATS_FILE_TMPDIR/clean
	! has_system || "$ROOT/tests/deploy/minimal_root" "$CLEAN" "$DEB"
}

# Only root can lay out a system, and a sanitizer's runtime does not belong there.
has_system()
{
	((EUID == 0)) && ! is_sanitized
}

setup()
{
	suite_environment
	SYSTEM=$BATS_TEST_TMPDIR/system
}

# A copy of the clean system, with the package in it.
system_with_package()
{
	cp -a "$CLEAN" "$SYSTEM"
	cp "$DEB" "$SYSTEM/parley.deb"
	run inside dpkg -i /parley.deb
	assert_success
	refute_output --regexp '[Ee]rror|[Ww]arning|unable'
	echo 'PARLEY_LISTEN=127.0.0.1:0' >>"$SYSTEM/etc/parley/parley.env"
	(umask 077 && echo "JWT_SECRET=$JWT_SECRET" >"$SYSTEM/etc/parley/auth.env")
}

teardown_file()
{
	rm -rf "$CLEAN"
}

teardown()
{
	cast_leave
	# What stands before an init of its own heeds no other signal.
	[ -z "${BOOT:-}" ] || kill -KILL "$BOOT"
	background_ends
	if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
		tail -n 5 "$SYSTEM"/*.log 2>/dev/null || true
	fi
	if [ -n "${GROUP:-}" ]; then
		eventually 10 "$ROOT/tests/deploy/boot" --clean "$GROUP" 2>/dev/null
	fi
	rm -rf "$SYSTEM"
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
	system_with_package

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
	suite_appears
}

services_end()
{
	cast_leave
	unset CAST_PID
	background_ends
	[ ! -e "$PARLEY_RUN/store.pid" ]
}

# --- With a systemd of its own ------------------------------------------------

# booted COMMAND…: in the system that runs.
booted()
{
	nsenter -t "$INIT" --mount --pid --cgroup --uts --root --wd "$@" 3>&- 4>&-
}

boot()
{
	GROUP=parley-test-$BASHPID
	background "$ROOT/tests/deploy/boot" "$SYSTEM" "$GROUP" >"$SYSTEM/boot.log" 2>&1
	BOOT=$!
	eventually 30 has_init
	eventually 60 all_run
	PARLEY_RUN=$BATS_TEST_TMPDIR/run
	mkdir "$PARLEY_RUN"
	booted cat /run/parley/gateway.listen >"$PARLEY_RUN/listen"
	suite_address
	eventually 20 is_ready
}

has_init()
{
	INIT=$(pgrep -P "$BOOT" -x systemd) && booted systemctl show >/dev/null 2>&1
}

all_run()
{
	[ "$(booted systemctl is-active "${SERVICES[@]}" | sort -u)" = active ]
}

# shows SERVICE PROPERTY VALUE
shows()
{
	[ "$(booted systemctl show -P "$2" "$1")" = "$3" ]
}

# returned SERVICE N: it was started again N times, and runs.
returned()
{
	shows "$1" NRestarts "$2" && shows "$1" ActiveState active
}

says()
{
	send alice "{\"type\": \"CreateMessage\", \"room_id\": \"${ROOM[den]}\", \"content\": \"$1\"}"
	expect bob "{\"type\": \"NewMessage\", \"message\": {\"content\": \"$1\"}}" 15
}

@test "systemd runs the services, restarts what dies or hangs, and stops them well" {
	local name
	has_system || skip "not root, or built with sanitizers"
	"$ROOT/tests/deploy/boot" --can || skip "no namespaces or groups of processes to be had here"
	system_with_package
	boot
	people alice bob
	room den alice bob
	online alice bob
	says "hello"
	eventually 10 shows parley-gateway@1 StatusText running

	booted systemctl kill -s KILL parley-store
	eventually 20 returned parley-store 1
	eventually 20 is_ready
	says "after its death"

	# It does not end, but gives no sign of life any more.
	booted systemctl kill -s STOP parley-router
	eventually 30 returned parley-router 1
	shows parley-router Result success
	eventually 20 is_ready
	says "after its sleep"

	booted systemctl stop parley.target
	closed alice 1001 15
	for name in "${SERVICES[@]}"; do
		eventually 20 shows "$name" ActiveState inactive
		shows "$name" Result success
		shows "$name" ExecMainStatus 0
	done
}
