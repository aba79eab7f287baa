#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tests/chaos/guards.bash - does the net hold what falls into it?
#
#   guards.bash [--seconds N] [NAME…]
#   guards.bash --check
#
# Each patch in guards/ takes one guard of the promise out. A copy of the tree is
# patched and built, a chaos run lets it suffer what the patch names, and the run
# must be found in breach of one of the rules that the patch expects; or the test
# that it names must fail. --check only tries whether all patches still apply.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/parley-guards-XXXXXX")
trap 'rm -rf "$work"' EXIT
seconds='' caught=0 missed=0

# said NAME FIELD: what the patch's head says.
said()
{
	sed -n "s/^$2: //p" "$here/guards/$1.patch"
}

# take_out NAME: a copy of the sources without that guard. What any of the patches
# changes is new to make, so that nothing of the guard before is left.
take_out()
{
	rm -rf "$work/tree"
	mkdir "$work/tree"
	tar -C "$root" -c Makefile deploy gateway router presence store auth hooks proto tools |
		tar -C "$work/tree" -x
	sed -n 's/^+++ //p' "$here"/guards/*.patch | (cd "$work/tree" && xargs touch)
	patch -d "$work/tree" -p0 --fuzz=0 --silent <"$here/guards/$1.patch"
}

# breaches NAME REPORT: the expected rules that the report counts breaches of.
breaches()
{
	awk -v rules="^($(said "$1" expect))$" \
		'$1 ~ rules && $NF > 0 { printf "%s %d  ", $1, $NF }' "$2"
}

# suffer NAME: a chaos run; the breaches that were expected.
suffer()
{
	local options
	read -ra options < <(said "$1" run)
	[ -z "$seconds" ] || options+=(--seconds "$seconds")
	node "$here/run.mjs" --build "$work/build" --folder "$work/run" \
		"${options[@]}" >"$work/report" || true
	rm -rf "$work/run"
	breaches "$1" "$work/report"
}

# put_to_test NAME: the test of this title; that it failed.
put_to_test()
{
	PARLEY_BUILD=$work/build bats --formatter tap -f "$(said "$1" title)" \
		"$root/$(said "$1" test)" >"$work/report" 2>&1 || true
	grep '^not ok' "$work/report" || true
}

try()
{
	local name=$1 found act=suffer
	[ -z "$(said "$name" test)" ] || act=put_to_test
	take_out "$name"
	make -s -C "$work/tree" B="$work/build" CFLAGS='-O1 -w' -j"$(nproc)" all
	found=$("$act" "$name")
	if [ -n "$found" ]; then
		echo "caught $name: $found"
		caught=$((caught + 1))
	else
		echo "MISSED $name: $(said "$name" run)$(said "$name" title)"
		cat "$work/report"
		missed=$((missed + 1))
	fi
}

check()
{
	local name failed=0
	for name in "${names[@]}"; do
		take_out "$name" || failed=1
	done
	exit "$failed"
}

names=() check_only=''
while (($# > 0)); do
	case $1 in
	--check) check_only=yes ;;
	--seconds)
		seconds=$2
		shift
		;;
	-*)
		sed -n '3,14s/^# \{0,1\}//p' "$0"
		exit 2
		;;
	*) names+=("$1") ;;
	esac
	shift
done
if ((${#names[@]} == 0)); then
	mapfile -t names < <(cd "$here/guards" && printf '%s\n' *.patch | sed 's/\.patch$//')
fi
[ -z "$check_only" ] || check
for name in "${names[@]}"; do
	try "$name"
done
echo "$caught caught, $missed missed"
((missed == 0))
