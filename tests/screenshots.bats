#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The pictures of the README: that they are there, and that the script which makes
# them still does.
# Plain builds only: it drives Chromium.

load helper

# size FILE: of a PNG, from its header, as WIDTHxHEIGHT.
size()
{
	[ "$(head -c 8 "$1" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ] || return
	od -An -j 16 -N 8 -t u1 "$1" | awk '{ print ($3 * 256 + $4) "x" ($7 * 256 + $8) }'
}

@test "the README shows pictures that are there, and small enough" {
	local file n=0
	while read -r file; do
		size "$ROOT/$file" | grep -qE '^[0-9]{3,4}x[0-9]{3,4}$'
		(($(stat -c %s "$ROOT/$file") < 150 * 1024))
		n=$((n + 1))
	done < <(grep -oE '!\[[^]]*\]\([^)]*' "$ROOT/README.md" | sed 's/.*(//')
	((n == 3))
}

@test "the script makes all pictures from a running suite" {
	local out=$BATS_TEST_TMPDIR/out name
	command -v "${CHROMIUM:=/usr/bin/chromium}" >/dev/null || skip "no Chromium"
	export CHROMIUM
	"$ROOT/docs/screenshots/make" "$out" 3>&- 4>&- </dev/null
	assert_equal "$(cd "$out" && echo *)" "chat.png page.png top.png"
	assert_equal "$(size "$out/page.png")" 1650x1050
	for name in chat top; do
		size "$out/$name.png" | grep -qE '^1[0-9]{3}x[5-9][0-9]{2}$'
		(($(stat -c %s "$out/$name.png") > 10000))
	done
}
