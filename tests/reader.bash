# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# tests/reader.bash - a reader, who runs what the pages show as it stands: all
# blocks of shell of a page, in their order, in one shell, in a copy of the tree
# that has been built. After `load helper`.
#
# Behind ```sh a page may say
#
#   no-run: WHY    not run here, and why not
#   stays          runs on in a terminal of its own until the end of the page; if
#                  that is run.sh, the next block comes when all daemons are ready
#   example=NAME   run by tests/docs.bats; here too if reader_follows is told
#
# What a block presumes, `before` in tests/reader/PAGE.bash sees to: it gets the line
# of prose above the block.
#
# A block of another language with `file=PATH` behind it is written to that file, and a
# diff is applied.
#
# A line whose comment says that Ctrl-C, Ctrl-D or q ends it, or that it asks for a
# password, is run on a terminal by tests/clients/typist.py. 127.0.0.1 is another
# address of this machine for each reader, so that ports may stay as they are.

# The reader's folder, home, and address.
reader_comes()
{
	READER=$BATS_TEST_TMPDIR/reader
	ADDRESS=127.$((RANDOM % 200 + 20)).$((BASHPID / 250 % 250)).$((BASHPID % 250 + 1))
	mkdir -p "$READER/home" "$READER/tree"
	copy_tree "$READER/tree"
	ln -s "${PARLEY_BUILD:-$ROOT/build}" "$READER/tree/build"
	# An answer that is an error ends curl with one.
	printf '%s\n' fail show-error 'noproxy = *' "connect-to = \"::$ADDRESS:\"" >"$READER/home/.curlrc"
}

# What is committed, or about to be; without git, all but what was made here.
copy_tree()
{
	if [ -e "$ROOT/.git" ]; then
		git -C "$ROOT" ls-files -z --cached --others --exclude-standard
	else
		find "$ROOT" -mindepth 1 -type f ! -path '*/node_modules/*' ! -path "$ROOT/build*" \
			! -path "$ROOT/data/*" -printf '%P\0'
	fi | tar -C "$ROOT" -c --null -T - --ignore-failed-read 2>/dev/null | tar -C "$1" -x
}

reader_leaves()
{
	local file
	[ -z "${READER_PID:-}" ] || kill -KILL -- "-$READER_PID" 2>/dev/null || true
	while read -r file; do
		"$ROOT/run.sh" --run "${file%/*}" stop >/dev/null 2>&1 || true
	done < <(find "${READER:-/nowhere}" -name run.pid 2>/dev/null)
}

# reader_follows PAGE [-e SED]… [EXAMPLE…]: fails where a command of it does, and
# says which block that was.
reader_follows()
{
	local page=$1 edits=()
	shift
	while [ "${1:-}" = -e ]; do
		edits+=(-e "$2")
		shift 2
	done
	{
		declare -f at before stays soon types is_there farewell
		# shellcheck disable=SC2016 # for that script
		echo 'set -a -E; trap farewell EXIT; trap "echo FAILED: \$AT" ERR; set -e'
		cat "$ROOT/tests/reader/$(basename "$page" .md).bash" 2>/dev/null || true
		blocks "$ROOT/$page" "$*"
	} | sed -e 's,\./run\.sh,./run.sh --no-build,g' "${edits[@]}" \
		-e "s,127\.0\.0\.1\|\b0\.0\.0\.0,$ADDRESS,g" >"$READER/page.sh"
	(
		cd "$READER/tree" || exit
		exec env -u PARLEY_DATA -u PARLEY_RUN -u PARLEY_ENV HOME="$READER/home" \
			XDG_STATE_HOME="$READER/home/state" PARLEY_LISTEN="$ADDRESS:8080" \
			PARLEY_SERVER="http://$ADDRESS:8080" TYPIST="$CLIENTS/typist.py" READER="$READER" \
			PYTHON="$PYTHON" setsid bash "$READER/page.sh" >"$READER/said" 2>&1 3>&- 4>&- </dev/null
	) &
	READER_PID=$!
	wait "$READER_PID" || {
		tail -n 40 "$READER/said"
		grep FAILED "$READER/said"
		return 1
	}
}

# blocks FILE EXAMPLES: the shell of a page, as a script.
blocks()
{
	awk -v page="${1##*/}" -v examples=" $2 " '
	function quoted(text) {
		gsub("\x27", "\x27\\\x27\x27", text)
		return "\x27" text "\x27"
	}
	function is_run(head) {
		if (match(head, /example=[a-z]+/))
			return index(examples, " " substr(head, RSTART + 8, RLENGTH - 8) " ")
		return head !~ /^```sh no-run:/
	}
	function key_of(line) {
		if (line ~ /#.*Ctrl-C/) return "c"
		if (line ~ /#.*Ctrl-D/) return "d"
		if (line ~ /#.*q ends it/) return "q"
		if (line ~ /#.*asks for (a|the) password/) return "password"
		return ""
	}
	/^```diff$/ { file = "-"; changes = ""; next }
	/^```[a-z]+ file=/ { file = substr($2, 6); changes = ""; next }
	/^```$/ && file {
		print "at " page ":" NR " \"\""
		if (file == "-")
			print "patch -p1 --fuzz=0 --no-backup-if-mismatch <<\"END-OF-IT\""
		else
			print "mkdir -p $(dirname " file "); cat >" file " <<\"END-OF-IT\""
		printf "%sEND-OF-IT\n", changes
		file = ""
		next
	}
	file { changes = changes $0 "\n"; next }
	/^```sh( |$)/ { inside = is_run($0); kind = $2; block = ""; at = page ":" NR; next }
	!inside && NF && !/^```/ { prose = $0 }
	/^```$/ && inside {
		print "at " at " " quoted(prose)
		if (kind == "stays")
			print kind, quoted(block)
		else
			printf "%s", block
		inside = 0
	}
	inside {
		key = kind == "stays" ? "" : key_of($0)
		block = block (key ? "types " key " " quoted($0) : $0) "\n"
	}' "$1"
}

# --- what the script of a page is made of -----------------------------------

at()
{
	AT=$1
	echo "--- $AT"
	before "$2"
}

before()
{
	:
}

types()
{
	"$PYTHON" "$TYPIST" "$@"
}

# Ctrl-C goes to a whole terminal.
stays()
{
	setsid env --default-signal=INT bash -c "$1" &
	STAYS+=" $!"
	[[ $1 != *run.sh* ]] || soon is_there
}

is_there()
{
	curl -s "http://$PARLEY_LISTEN/readyz" >/dev/null
}

soon()
{
	local deadline=$((SECONDS + 20))
	until eval "$1"; do
		((SECONDS < deadline)) || return 1
		sleep 0.1
	done
}

# What still runs is ended like by a reader who goes.
farewell()
{
	local status=$? pid
	[ ! -e data/run/run.pid ] || [ -n "${STAYS:-}" ] || ./run.sh stop >/dev/null
	for pid in ${STAYS:-}; do
		kill -INT -- "-$pid" && wait "$pid" || status=1
	done
	for pid in $(jobs -p); do
		kill "$pid"
	done
	exit "$status"
}
