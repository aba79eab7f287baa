#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Backup, restore and check: what was acknowledged is in a backup that is taken
# meanwhile, nothing is replaced unasked, and damage is found.

load helper

BIN=${PARLEY_BUILD:-$ROOT/build}/bin

setup()
{
	suite_start PARLEY_RATE=off
	FILE=$BATS_TEST_TMPDIR/parley.backup
	ELSEWHERE=$BATS_TEST_TMPDIR/elsewhere
}

teardown()
{
	suite_stop
}

ctl()
{
	"$BIN/parleyctl" "$@" 3>&- 4>&-
}

# Something to lose: three users, a room with two joins, three messages.
den()
{
	register ann
	register bob
	people zoe
	room den ann bob zoe
	post ann den one two three
	eventually 5 is_indexed
}

is_indexed()
{
	[ "$(sqlite3 "$PARLEY_DATA/search.db" 'select number, change_no from progress')" = '3|2' ]
}

# The suite runs on another folder from now on.
move_to()
{
	suite_stop
	export PARLEY_DATA=$1 PARLEY_RUN=$1/run
	parley_run --wait
	suite_address
}

texts()
{
	sqlite3 "$1/chat.db" 'select text from messages' | sort
}

acknowledged()
{
	(($(wc -l <"$BATS_TEST_TMPDIR/acknowledged") >= $1))
}

# damaged SQL NAME [DATABASE]: check finds it, by that name, in a copy.
damaged()
{
	rm -rf "$ELSEWHERE"
	ctl restore "$FILE" --data "$ELSEWHERE" >/dev/null
	cp "$PARLEY_DATA/search.db" "$ELSEWHERE/"
	sqlite3 "$ELSEWHERE/${3:-chat}.db" "$1"
	run ctl check --data "$ELSEWHERE"
	assert_failure 1
	assert_line --regexp "^$2: "
	run ctl check --data "$ELSEWHERE" --json
	jq -se --arg name "$2" 'any(.check == $name)' <<<"${lines[*]}"
}

@test "a backup under full load has every message that was acknowledged before it" {
	local acked=$BATS_TEST_TMPDIR/acknowledged n
	register ann
	register bob
	room den ann bob
	client_starts node "$CLIENTS/flood.mjs" "$HOST" "${ROOM[den]}" "$acked" \
		"${TOKEN[ann]}" "${TOKEN[bob]}"
	eventually 10 acknowledged 500
	cp "$acked" "$BATS_TEST_TMPDIR/before"
	ctl backup "$FILE"
	run -0 ctl check
	eventually 10 acknowledged $(($(wc -l <"$acked") + 100)) # it goes on
	client_ends
	[ "$(stat -c %a "$FILE")" = 600 ]
	[ -z "$(find "$BATS_TEST_TMPDIR" -name 'parley.backup.*')" ]

	run -0 ctl restore "$FILE" --data "$ELSEWHERE"
	run -0 ctl check --data "$ELSEWHERE"
	sort "$BATS_TEST_TMPDIR/before" | comm -23 - <(texts "$ELSEWHERE") >"$BATS_TEST_TMPDIR/lost"
	[ ! -s "$BATS_TEST_TMPDIR/lost" ]

	n=$(sqlite3 "$ELSEWHERE/chat.db" 'select count(*) from messages')
	move_to "$ELSEWHERE"
	login bob
	post bob den "after the restore"
	rest GET "/api/rooms/${ROOM[den]}/messages?limit=1" ann # the token is good there
	answered 200 '.messages[0].content == "after the restore"'
	[ "$(sqlite3 "$ELSEWHERE/chat.db" 'select max(seq) from messages')" = $((n + 1)) ]
}

@test "a backup that fails leaves the one before as it was" {
	den
	ctl backup "$FILE"
	cp "$FILE" "$BATS_TEST_TMPDIR/first"
	post ann den more
	run bash -c "ulimit -f 40; exec '$BIN/parleyctl' backup '$FILE'" 3>&- 4>&-
	assert_failure
	cmp "$FILE" "$BATS_TEST_TMPDIR/first"
	run ctl backup "$BATS_TEST_TMPDIR/no/such/folder"
	assert_failure 1
	ctl backup "$FILE"
	run ! cmp -s "$FILE" "$BATS_TEST_TMPDIR/first"
}

@test "restore wants the daemons away and does not replace what is there unasked" {
	den
	ctl backup "$FILE"
	post ann den later
	run ctl restore "$FILE"
	assert_failure 1
	assert_output --partial "is there already"
	run ctl restore "$FILE" --force
	assert_failure 1
	assert_output --regexp "store runs on this folder \(pid $(pid_of store)\)"
	# also where only the database tells that it is in use
	run ctl restore "$FILE" --force --run "$ELSEWHERE" --data "$PARLEY_DATA/../parley"
	assert_failure 1
	suite_stop
	run ctl restore "$FILE"
	assert_failure 1
	run -0 ctl restore "$FILE" --force
	run -0 ctl check
	[ "$(texts "$PARLEY_DATA" | paste -s -d ' ')" = "one three two" ]
	[ ! -e "$PARLEY_DATA/search.db" ]
	[ "$(stat -c %a "$PARLEY_DATA/chat.db" "$PARLEY_DATA/auth.db" | sort -u)" = 600 ]
	suite_start
	login ann
	post ann den "and on it goes"
}

@test "a restore that ends halfway lets no daemon start with half of each, until another is whole" {
	den
	ctl backup "$FILE"
	suite_stop
	rm "$PARLEY_DATA/auth.db"
	mkdir "$PARLEY_DATA/auth.db" # cannot be replaced by a file
	run ctl restore "$FILE" --force
	assert_failure 1
	assert_output --partial "until a restore comes to its end"
	rmdir "$PARLEY_DATA/auth.db"
	run ctl backup "$FILE.half"
	assert_failure 1
	run ctl check
	assert_failure 1
	assert_output --partial "run it again"
	run parley_run --wait
	assert_failure 1
	grep -q 'event=restore_unfinished .*hint="run parleyctl restore again"' "$PARLEY_RUN/store.log"
	grep -q 'event=restore_unfinished' "$PARLEY_RUN/auth.log"
	run -0 ctl restore "$FILE"
	run -0 ctl check
	suite_start
	login ann
	post ann den "and on it goes"
}

@test "a restore that is killed between two files does no harm either" {
	den
	ctl backup "$FILE"
	post ann den later
	suite_stop
	command -v strace >/dev/null || skip "there is no strace"
	run strace -qq -f -o "$BATS_TEST_TMPDIR/trace" -e trace=rename -e inject=rename:signal=KILL:when=2 \
		"$BIN/parleyctl" restore "$FILE" --force
	[ "$status" = 137 ]
	[ -e "$PARLEY_DATA/restore.unfinished" ]
	run ctl check
	assert_failure 1
	run -0 ctl restore "$FILE"
	[ "$(texts "$PARLEY_DATA" | paste -s -d ' ')" = "one three two" ]
	run -0 ctl check
	[ -z "$(find "$PARLEY_DATA" -name '*.restoring*' -o -name 'restore.*')" ]
}

@test "a damaged backup is told of and changes nothing" {
	local name
	den
	ctl backup "$FILE"
	cp "$FILE" "$FILE.flipped"
	printf 'X' | dd of="$FILE.flipped" bs=1 seek=30000 conv=notrunc status=none
	head -c 50000 "$FILE" >"$FILE.cut"
	tar -cf "$FILE.other" -C "$PARLEY_DATA" chat.db
	head -c 5000 /dev/urandom >"$FILE.noise"
	: >"$FILE.empty"
	for name in flipped cut other noise empty missing; do
		run ctl restore "$FILE.$name" --data "$ELSEWHERE"
		assert_failure 1
		[ -n "$output" ]
		[ -z "$(find "$ELSEWHERE" -type f 2>/dev/null)" ]
	done
	run ctl restore "$FILE.flipped" --data "$ELSEWHERE"
	assert_output --partial "checksum of chat.db"
}

@test "check finds damage, and names it" {
	den
	ctl backup "$FILE"
	suite_stop
	damaged 'delete from messages where seq = 2' message_holes
	damaged 'update messages set seq = seq + 1 where seq = 3' message_holes
	damaged 'delete from changes where change = 1' change_holes
	damaged "insert into messages select 77, seq, number + 90, user_no, name_no, randomblob(16),
		text, at_ms, 0, 0, 0 from messages where seq = 1" messages_without_room
	damaged 'update messages set user_no = 99 where seq = 1' messages_without_author
	damaged 'update messages set name_no = 99 where seq = 1' messages_without_name
	damaged 'insert into memberships (user_no, room_no, joined_seq, seen_seq, joined_at, change)
		select user_no, 88, 0, 0, 0, 0 from memberships limit 1' \
		memberships_without_room
	damaged 'update memberships set seen_seq = 50' marks_beyond_head
	damaged "insert into users values (50, randomblob(16), 50, null)" users_unknown_to_auth
	damaged "update users set number = number + 100" users_with_two_numbers
	damaged "update progress set number = 1000" index_beyond_head search
	damaged "update rooms set kind = 4" sealed_without_keys
	damaged "pragma foreign_keys = off; update sessions set user = 999" sessions_without_user auth
}

@test "check finds pages that were overwritten" {
	den
	suite_stop
	dd if=/dev/urandom of="$PARLEY_DATA/chat.db" bs=4096 seek=3 count=6 conv=notrunc status=none
	run ctl check
	assert_failure 1
	assert_line --regexp '^integrity_of_chat: '
	run ctl check --data "$ELSEWHERE"
	assert_failure 1
}
