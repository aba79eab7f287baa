#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every command that a page shows is run (tests/reader.bash says how), or the page
# says why not.
#
# Plain builds only: what the pages call has tests of its own.

load helper
load reader

# Restarts and commands by the dozen, on whatever machine.
export BATS_TEST_TIMEOUT=240

setup()
{
	reader_comes
}

teardown()
{
	reader_leaves
	background_ends
}

# Somebody in the lobby who talks on, through whatever happens to the suite.
somebody_talks()
{
	background "$PYTHON" "$CLIENTS/talker.py" "ws://$ADDRESS:8080/"
}

# For pages that presume one.
suite_runs()
{
	export JWT_SECRET=a-secret-that-only-the-tests-know-0123456789
	"$READER/tree/run.sh" --no-build --listen "$ADDRESS:8080" --wait 3>&- 4>&-
}

@test "README.md: every command does what the page says" {
	somebody_talks
	reader_follows README.md -e "s,/tmp/elsewhere,$READER/elsewhere,g"
}

@test "docs/dialects.md: every command does what the page says" {
	suite_runs
	reader_follows docs/dialects.md talk account room moderation
}

@test "docs/operations.md: every command does what the page says" {
	mkdir -p "$READER/etc/tls" "$READER/backups" "$READER/srv"
	somebody_talks
	# Somebody talks on between the backup and the recording, so that answers may differ.
	# shellcheck disable=SC2016 # for the page's shell
	reader_follows docs/operations.md -e "s,/etc/parley/,$READER/etc/,g" -e "s,/srv/,$READER/srv/,g" \
		-e "s,/var/backups/,$READER/backups/,g" -e "s,/tmp/\(look\|again\|incident\),$READER/\1,g" \
		-e "s,restore FILE,restore $READER/backups/parley-*.tar,"  -e 's,tcp://b:,tcp://0.0.0.0:,' \
		-e 's,\[::1\]:8080,[::1]:0,' \
		-e 's,store --compare --force,& || [ $? = 1 ],' \
		-e 's,tokens revoke SESSION,tokens revoke "$(build/bin/parleyctl tokens list --json | jq -rs .[0].session)",'
	grep -q ' answers are as they were, ' "$READER/said"
	run ! grep room_not_found "$READER/said"
}

@test "docs/parley.md: every command does what the page says" {
	suite_runs
	printf 'all is well\nERROR: it is not\n' >"$READER/app.log"
	PATH=${PARLEY_BUILD:-$ROOT/build}/bin:$PATH reader_follows docs/parley.md -e "s,/var/log/,$READER/,"
	grep -q 'ERROR: it is not' "$READER/said"
	grep -q '"seq":2' "$READER/tree/ops.jsonl"
}

@test "docs/hooks.md: every command does what the page says" {
	suite_runs
	reader_follows docs/hooks.md hook manage incoming
	grep -qx 'message.created soup is ready' "$READER/said"
}

# Blocks that are not run: page, reason.
left_out()
{
	grep -HE '^```sh no-run:' "$ROOT/README.md" "$ROOT"/docs/*.md | sed "s,^$ROOT/,,; s,:\`\`\`sh no-run: *,	,"
}

@test "what a page shows and nobody runs has a reason, and is a small part" {
	local page reason name count all
	while IFS=$'\t' read -r page reason; do
		echo "$page: $reason"
		(($(wc -w <<<"$reason") > 3))
		while read -r name; do
			[ -e "$ROOT/$name" ]
		done < <(grep -oE 'tests/[a-z_]+\.bats' <<<"$reason")
	done < <(left_out)
	# Services, packages and chaos change machines or take hours.
	while read -r count page; do
		all=$(grep -c '^```sh' "$ROOT/$page")
		echo "$page: $count of $all"
		case $page in
		docs/install.md | docs/reliability.md) ;;
		*) ((count * 2 <= all)) ;;
		esac
	done < <(left_out | cut -f 1 | sort | uniq -c)
	# A page with other commands than these has a test above.
	for page in "$ROOT/README.md" "$ROOT"/docs/*.md; do
		page=${page#"$ROOT/"}
		! blocks "$ROOT/$page" "" | grep -q . ||
			grep -q "reader_follows $page" "$ROOT"/tests/co*.bats || {
			echo "$page: nobody follows it"
			return 1
		}
	done
}

@test "commands that are not run name programs and targets that there are" {
	local line
	local -a words
	while IFS= read -r line; do
		echo "$line"
		line=${line%%#*}
		mapfile -t words < <(xargs -n 1 printf '%s\n' <<<"${line#sudo }")
		case ${words[0]:-} in
		make) make -n -C "$ROOT" B="$BATS_TEST_TMPDIR/build" "${words[@]:1}" >"$BATS_TEST_TMPDIR/plan" ;;
		node) [ -e "$ROOT/${words[1]}" ] ;;
		tests/* | ./run.sh) [ -x "$ROOT/${words[0]}" ] ;;
		esac
	done < <(cd "$ROOT" && awk '
		/^```$/ { inside = 0 }
		inside
		/^```sh no-run:/ { inside = 1 }' README.md docs/*.md)
}

@test "all JavaScript that is shown is JavaScript" {
	local file n=0
	awk -v folder="$BATS_TEST_TMPDIR" '
		/^```$/ { inside = 0 }
		inside { print >file }
		/^```js( |$)/ { inside = 1; file = folder "/" ++n ".mjs" }' "$ROOT/README.md" "$ROOT"/docs/*.md
	for file in "$BATS_TEST_TMPDIR"/*.mjs; do
		node --check "$file"
		n=$((n + 1))
	done
	((n > 5))
}
