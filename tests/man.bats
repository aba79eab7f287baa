#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The manual: a page for each program and file format, and each of them, --help
# and the tables of settings tell of the same options.
# Plain builds only: it reads pages that are made of --help.

load helper

BUILD=${PARLEY_BUILD:-$ROOT/build}
BIN=$BUILD/bin
DAEMONS=(gateway router presence store auth hooks)
export ASAN_OPTIONS=detect_leaks=0

# The pages are made anew: what lies in the build folder may be older.
setup_file()
{
	local source
	export PAGES=$BATS_FILE_TMPDIR/man
	mkdir "$PAGES"
	for source in "$ROOT"/docs/man/*.in; do
		"$ROOT/docs/man/page" "$source" "${PARLEY_BUILD:-$ROOT/build}/bin" \
			>"$PAGES/$(basename "$source" .in)"
	done
}

# Of daemons, the names have parley- in front.
page_of()
{
	case $1 in
	parley*) echo "$PAGES/$1.1" ;;
	*) echo "$PAGES/parley-$1.8" ;;
	esac
}

programs()
{
	local path
	for path in "$BIN"/*; do
		echo "${path##*/}"
	done
}

# What stands at the beginning of a line of --help, of its commands' too.
helped_flags()
{
	local -a command
	{
		"$BIN/$1" --help
		commands_of "$1" | while read -r -a command; do
			"$BIN/$1" "${command[@]}" --help
		done
	} | sed -n 's/^  --\([a-z0-9-]*\).*/\1/p' | sort -u
}

commands_of()
{
	"$BIN/$1" --help=rows | sed -n 's/^command	\([^	]*\)	.*/\1/p'
}

# What --help of a command has beside the flags of --help alone, in its order.
helped_of()
{
	"$BIN/$1" "${@:2}" --help | flags | grep -vxFf <("$BIN/$1" --help | flags) || true
}

# "--name VALUE", or without a value "--name".
flags()
{
	sed -nE 's/^  (--[a-z0-9-]+( [A-Z]+)?)  .*/\1/p'
}

paged_of()
{
	sed -n "/^\.Ss $2\$/,/^\.S[hs]/p" "$1" | sed -nE 's/^\.It Fl -/--/p' | sed 's/ Ar \(.*\)/ \U\1/'
}

paged_flags()
{
	sed -n 's/^\.It Fl -\([a-z0-9-]*\).*/\1/p' "$1" | sort -u
}

helped_variables()
{
	local name
	for name in "${DAEMONS[@]}"; do
		"$BIN/$name" --help
	done | variables
}

variables()
{
	grep -oE '\b(PARLEY_[A-Z_]+|JWT_SECRET|DATABASE_URL|WS_BIND_ADDR)\b' | sort -u
}

@test "each program has a page, and no page is without its program" {
	local name path
	while read -r name; do
		[ -s "$(page_of "$name")" ] || {
			echo "docs/man has no page for $name"
			return 1
		}
	done < <(programs)
	for path in "$PAGES"/*.[18]; do
		name=$(basename "${path%.*}")
		[ "$name" = parley-run ] || [ -x "$BIN/$name" ] || [ -x "$BIN/${name#parley-}" ]
	done
}

@test "a page and --help name the same options" {
	local name
	while read -r name; do
		diff <(helped_flags "$name") <(paged_flags "$(page_of "$name")") || {
			echo "so differ --help of $name and its page"
			return 1
		}
	done < <(programs)
}

@test "a page tells of each command what its own --help tells" {
	local name
	local -a command
	for name in parley parleyctl; do
		[ "$(commands_of "$name" | wc -l)" -gt 10 ]
		diff <(commands_of "$name") \
			<(sed -n '/^\.Sh COMMANDS/,/^\.Sh OPTIONS/s/^\.Ss //p' "$(page_of "$name")")
		while read -r -a command; do
			diff <(helped_of "$name" "${command[@]}") <(paged_of "$(page_of "$name")" "${command[*]}") || {
				echo "so differ $name ${command[*]} --help and its page"
				return 1
			}
		done < <(commands_of "$name")
	done
	assert_equal "$(paged_of "$(page_of parleyctl)" "tokens mint")" $'--ttl TIME\n--label TEXT'
}

@test "an option that only --help or only the page has is found" {
	local page
	page=$(page_of router)
	diff <(helped_flags router) <(paged_flags "$page")
	sed '/^\.It Fl -sandbox/d' "$page" >"$BATS_TEST_TMPDIR/page"
	run -1 diff <(helped_flags router) <(paged_flags "$BATS_TEST_TMPDIR/page")
}

@test "parley.env(5) names each variable of the daemons, and no other" {
	diff <(helped_variables) <(sed -n '/^\.Sh SETTINGS/,/^\.Ss/p' "$PAGES/parley.env.5" | variables)
}

@test "the tables of the README name each variable of the daemons, and none that nobody reads" {
	diff <({
		helped_variables
		# What run.sh reads, and no daemon.
		printf "%s\n" PARLEY_BUILD PARLEY_WITHOUT
	} | sort -u) <(grep '^| `' "$ROOT/README.md" | sed 's/ | .*//' | variables)
}

@test "parley-run(1) names the commands and options of the installed run.sh" {
	local root=$BATS_TEST_TMPDIR/installed
	mkdir "$root"
	cp -R "$ROOT/run.sh" "$ROOT/tools" "$root"
	cp "$ROOT/deploy/installed.bash.in" "$root/installed.bash"
	diff <("$root/run.sh" --help | grep -oE '^  (--)?[a-z]+' | tr -d ' -' | sort) \
		<(sed -n -e '/^\.Sh COMMANDS/,/^\.Sh FILES/s/^\.It \(Cm\|Fl\) -*\([a-z]*\).*/\2/p' \
			"$PAGES/parley-run.1" | grep -vx help | sort)
	run -2 "$root/run.sh" install
	assert_output --partial parley-run
}

@test "parley-frames(7) has every frame with every field" {
	# shellcheck disable=SC2016 # as they stand there
	diff <(sed -n -e 's/^## \([a-z_]*\)$/\1/p' -e 's/^| `\([a-z_]*\)` | [A-Z].*/\1/p' "$ROOT/docs/frames.md") \
		<(sed -n '/^\.Sh FRAMES/,/^\.Sh CODES/s/^\.\(Ss\|It Va\) //p' "$PAGES/parley-frames.7")
}

@test "the pages are well-formed: mandoc and groff find nothing to complain of" {
	local page
	for page in "$PAGES"/*; do
		mandoc -T lint -W warning "$page"
		run man --warnings -E UTF-8 -l -T utf8 -Z "$page"
		assert_success
		groff -man -mandoc -ww -z -Kutf8 "$page" 2>"$BATS_TEST_TMPDIR/said"
		[ ! -s "$BATS_TEST_TMPDIR/said" ] || {
			cat "$BATS_TEST_TMPDIR/said"
			return 1
		}
	done
}

@test "a page refers to no page of ours that is not there" {
	local name section
	while read -r name section; do
		[ -e "$PAGES/$name.$section" ] || {
			echo "$name($section) is not there"
			return 1
		}
	done < <(cat "$PAGES"/* | sed -n 's/^\.Xr \(parley[a-z.-]*\) \([1-8]\).*/\1 \2/p' | sort -u)
}

@test "parley-frames --format takes what it knows" {
	run -2 "$BIN/parley-frames" --format pdf
	assert_output --partial pdf
}
