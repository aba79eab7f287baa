#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is answered is on disk: the trace of the daemons' system calls shows it, a
# disk that forgets what was not synced shows it again, and a full one refuses.

load helper

REAL=${PARLEY_BUILD:-$ROOT/build}/bin

teardown()
{
	local failed=0
	suite_stop || failed=1
	unmount_disk
	return "$failed"
}

unmount_disk()
{
	[ ! -e "$BATS_TEST_TMPDIR/mounted" ] || umount "$PARLEY_DATA"
}

# Before the wrappers: whom nobody else has wrapped is the daemon itself.
wrapped_build()
{
	local file
	mkdir -p "$BATS_TEST_TMPDIR/build/bin"
	for file in "$REAL"/*; do
		ln -sf "$file" "$BATS_TEST_TMPDIR/build/bin/"
	done
	export PARLEY_BUILD=$BATS_TEST_TMPDIR/build
}

# wrap NAME LINE…: the daemon is started by these lines of sh, with what the
# supervisor gives it as "$@". A sanitizer's runtime bears neither a tracer nor
# to be loaded second.
wrap()
{
	local script=$BATS_TEST_TMPDIR/build/bin/$1
	shift
	rm -f "$script"
	printf '%s\n' '#!/bin/sh' \
		'export ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0' \
		"$@" >"$script"
	chmod +x "$script"
}

keeper_starts()
{
	people alice bob
	room den alice bob
	talk_starts node "$CLIENTS/keeper.mjs" "$HOST" "${ROOM[den]}" \
		"${TOKEN[alice]}" "${TOKEN[bob]}"
}

# --- the order of system calls ----------------------------------------------

# traced NAME…: what these daemons ask of the kernel goes to NAME.trace.
traced()
{
	local name calls=read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg
	suite_environment
	wrapped_build
	for name in "$@"; do
		wrap "$name" "exec strace -D -q -f -ttt -T -yy -xx -s 100000 \\" \
			"	-e trace=$calls,pwrite64,fsync,fdatasync -e signal=none \\" \
			"	-o '$BATS_TEST_TMPDIR/$name.trace' '$REAL/$name' \"\$@\""
	done
}

can_trace()
{
	strace -qq -o /dev/null true 2>/dev/null || skip "this system lets nobody trace"
}

@test "what proves the order from a trace sees each way to break it" {
	node --test "$CLIENTS/trace_test.mjs"
}

@test "nothing is answered, and no client is told, before the sync of what it promises has ended" {
	can_trace
	traced store auth gateway
	suite_start PARLEY_RATE=off
	keeper_starts
	eventually 30 has_said 30
	talk_ends
	parley_run stop
	eventually 10 traces_are_whole store auth gateway
	run node "$CLIENTS/trace.mjs" "$BATS_TEST_TMPDIR"/{store,auth,gateway}.trace
	echo "$output"
	assert_success
}

has_said()
{
	rest GET "/api/rooms/${ROOM[den]}/messages?limit=1" alice
	answered 200 ".messages[-1].seq >= $1"
}

# strace has written all once it has seen the process end.
traces_are_whole()
{
	local name
	for name in "$@"; do
		tail -n 1 "$BATS_TEST_TMPDIR/$name.trace" | grep -q 'exited with 0' || return
	done
}

# --- a disk that forgets ----------------------------------------------------

shared()
{
	cc -std=c11 -D_GNU_SOURCE -O2 -shared -fPIC -o "$BATS_TEST_TMPDIR/$1.so" \
		"${@:2}" -ldl
}

# The library that forgets, made of what the chaos has.
forgetful_library()
{
	shared lost_writes "$ROOT"/tests/chaos/{lost_writes,lost_journal,lose_power}.c
	LOST_WRITES_SO=$BATS_TEST_TMPDIR/lost_writes.so
}

# forgetful NAME…: daemons whose files lose what was not synced when the power
# goes, and whose syncs take a while.
forgetful()
{
	local name
	suite_environment
	mkdir -p "$PARLEY_DATA"
	wrapped_build
	forgetful_library
	shared slow_sync "$ROOT/tests/chaos/slow_sync.c"
	# 3,000 microseconds, no failure: two numbers of 64 bits
	printf '\270\013\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >"$BATS_TEST_TMPDIR/sync"
	for name in "$@"; do
		mkdir "$BATS_TEST_TMPDIR/$name.disk"
		wrap "$name" "export CHAOS_SYNC='$BATS_TEST_TMPDIR/sync'" \
			"export LOST_WRITES='$BATS_TEST_TMPDIR/$name.disk'" \
			"export LOST_WRITES_OF='$PARLEY_DATA'" \
			"export LD_PRELOAD='$LOST_WRITES_SO $BATS_TEST_TMPDIR/slow_sync.so'" \
			"exec '$REAL/$name' \"\$@\""
	done
}

# lose_power SEED NAME…: at once; all are there again.
lose_power()
{
	local seed=$1 name
	shift
	for name in "$@"; do
		echo "$seed" >"$BATS_TEST_TMPDIR/$name.disk/power"
	done
	kill_daemon "$@" || return
	for name in "$@"; do
		[ ! -e "$BATS_TEST_TMPDIR/$name.disk/power" ] || return
	done
}

# Seeded: 0 loses all that was not synced, another seed some of it.
power_cuts()
{
	local i
	RANDOM=$1
	for ((i = 0; i < $2; i++)); do
		sleep "0.$((RANDOM % 5))$((RANDOM % 10))"
		lose_power $((RANDOM % 3 ? RANDOM + 1 : 0)) "${@:3}" || return
	done
}

# on_disk COMMAND…: a program whose files in FOLDER lie on such a disk.
on_disk()
{
	LOST_WRITES=$BATS_TEST_TMPDIR/disk LOST_WRITES_OF=$FOLDER \
		LD_PRELOAD=$LOST_WRITES_SO "$@"
}

@test "the disk that forgets keeps what was synced, and of the rest whole sectors at most" {
	local seed outcomes=()
	forgetful_library
	for seed in 0 {1..24}; do
		FOLDER=$BATS_TEST_TMPDIR/files.$seed
		mkdir "$FOLDER"
		rm -rf "$BATS_TEST_TMPDIR/disk" && mkdir "$BATS_TEST_TMPDIR/disk"
		on_disk "$PYTHON" "$CLIENTS/forgetful.py" write "$FOLDER"
		on_disk /bin/true # a kill alone loses nothing
		echo "$seed" >"$BATS_TEST_TMPDIR/disk/power"
		on_disk /bin/true
		outcomes+=("$("$PYTHON" "$CLIENTS/forgetful.py" check "$FOLDER" "$seed")")
	done
	[[ ${outcomes[*]} == *whole*torn* ]]
}

@test "power lost at the store again and again: what was answered is there, and who heard it heard what is there" {
	forgetful store
	suite_start PARLEY_RATE=off
	keeper_starts
	power_cuts 7 12 store
	talk_ends
	sqlite3 "$PARLEY_DATA/chat.db" 'PRAGMA integrity_check' | grep -qx ok
}

@test "power lost at auth again and again: accounts and sessions that were answered are there" {
	forgetful auth
	suite_start PARLEY_RATE=off
	keeper_starts
	power_cuts 8 10 auth
	talk_ends
	sqlite3 "$PARLEY_DATA/auth.db" 'PRAGMA integrity_check' | grep -qx ok
}

@test "power lost at store and auth at once, right after the first start too, keeps what was answered" {
	forgetful store auth
	suite_start PARLEY_RATE=off
	lose_power 0 store auth
	keeper_starts
	power_cuts 9 6 store auth
	talk_ends
}

# --- a disk that is full ----------------------------------------------------

# Of 2 MiB, with the run folder elsewhere; `fill` leaves not one block.
small_disk()
{
	((EUID == 0)) || skip "only root can mount a small disk"
	suite_environment
	export PARLEY_RUN=$BATS_TEST_TMPDIR/run
	mkdir -p "$PARLEY_DATA"
	mount -t tmpfs -o size=2m,mode=700 parley-test "$PARLEY_DATA"
	touch "$BATS_TEST_TMPDIR/mounted"
}

fill()
{
	dd if=/dev/zero of="$PARLEY_DATA/filler" bs=4096 oflag=append conv=notrunc 2>/dev/null || true
}

says_in()
{
	grep -qE "$2" "$PARLEY_RUN/$1.log"
}

@test "at a first start on a full disk run.sh names the disk, and the next one works" {
	small_disk
	fill
	run parley_run --wait
	assert_failure 1
	assert_output --regexp "(store|auth) does not start: .* event=disk_full folder=$PARLEY_DATA "
	PARLEY_RUN=$PARLEY_DATA run parley_run --wait
	assert_failure 1
	assert_output --partial "the disk of $PARLEY_DATA is full"
	rm "$PARLEY_DATA/filler"
	parley_run --wait
}

@test "store and auth that find no room when they start are tried again, and come when there is some" {
	local name
	small_disk
	parley_run --wait
	suite_address
	people alice
	room den alice
	post alice den "before"
	register bob
	# With the journals gone, no database can be opened without new blocks.
	parley_run stop
	rm -f "$PARLEY_DATA"/*-wal "$PARLEY_DATA"/*-shm
	fill
	setsid "$ROOT/run.sh" --no-build >"$BATS_TEST_TMPDIR/run.out" 2>&1 </dev/null 3>&- 4>&- &
	for name in store auth; do
		eventually 10 says_in "$name" "event=disk_full folder=$PARLEY_DATA"
		eventually 5 grep -q "$name cannot start, and tries again: .*disk_full" "$BATS_TEST_TMPDIR/run.out"
	done
	eventually 20 tried_often
	rm "$PARLEY_DATA/filler"
	for name in store auth; do
		eventually 10 is_there "$name"
	done
	suite_address
	rest GET "/api/rooms/${ROOM[den]}/messages" alice
	answered 200 '[.messages[].content] == ["before"]'
	login bob
	post alice den "after"
}

# More often than what else cannot start, which is given up.
tried_often()
{
	(($(grep -c event=disk_full "$PARLEY_RUN/store.log") > 6))
}

is_there()
{
	"$REAL/parley-ping" --run "$PARLEY_RUN" --timeout 300 "$1" >/dev/null 2>&1
}

@test "store and auth killed on a full disk come back, read, refuse what is written, and go on once there is room" {
	small_disk
	parley_run --wait
	suite_address
	people alice
	room den alice
	post alice den "before"
	fill
	kill_daemon store auth
	eventually 10 rest GET /readyz
	rest GET "/api/rooms/${ROOM[den]}/messages" alice
	answered 200 '[.messages[].content] == ["before"]'
	eventually 10 is_refused
	rm "$PARLEY_DATA/filler"
	eventually 10 post alice den "after"
}

# The journal may have had room for a message or two.
is_refused()
{
	rest POST "/api/rooms/${ROOM[den]}/messages" alice \
		"{\"content\": \"$(times 3000 x)\"}" && [ "$STATUS" = 503 ]
}

# --- those who read beside us -----------------------------------------------

@test "who reads the database meanwhile takes nothing of what is posted afterwards" {
	suite_start
	people alice
	room den alice
	post alice den one
	run -0 sqlite3 "$PARLEY_DATA/chat.db" 'SELECT count(*) FROM messages'
	assert_output 1
	post alice den two
	run -0 sqlite3 "$PARLEY_DATA/chat.db" 'SELECT count(*) FROM messages'
	assert_output 2
	kill_daemon store
	rest GET "/api/rooms/${ROOM[den]}/messages" alice
	answered 200 '[.messages[].content] == ["one", "two"]'
}
