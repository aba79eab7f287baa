#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run.sh - installs what is missing, builds, starts every daemon and keeps it.
# What happens then is in tools/supervise.bash, and what another shell can ask
# of it in tools/control.bash.
set -u -o pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SELF=$ROOT/run.sh
KINDS=(store auth router presence hooks gateway)

START_SECONDS=30    # --wait: until all daemons are ready
STOP_SECONDS=15     # from SIGTERM to SIGKILL, gateways and hooks first
PAUSE_MS=100        # before a restart, doubling up to
PAUSE_MAX_MS=2000
PROVEN_MS=5000      # a daemon that lived this long starts over at PAUSE_MS
TICK_SECONDS=2      # between two pings of a daemon
PING_MS=1500
MISSES_MAX=5        # unanswered pings in a row: hung
FIRST_MISSES_MAX=30 # the same before its first answer: it may be recovering
FAILED_STARTS_MAX=5 # a daemon that never ran and refused this often is given up
LOG_BYTES_MAX=16777216
ROOM_BYTES=65536    # that must be left in the run folder for a start

PROGRAM=./run.sh
DEFAULT_DATA=$ROOT/data
DEFAULT_ENV=$ROOT/.env
INSTALLED=     # the version of one that is installed
INSTALLED_BIN= # the programs of that one
build=yes

# `make install` puts it there: the rest is then called parley-run.
# shellcheck source=deploy/installed.bash.in
[ ! -e "$ROOT/installed.bash" ] || . "$ROOT/installed.bash"

# shellcheck source=tools/supervise.bash
. "$ROOT/tools/supervise.bash"
# shellcheck source=tools/control.bash
. "$ROOT/tools/control.bash"

command=start
background=no
arguments=()

usage()
{
	cat <<'TEXT'
usage: ./run.sh [option…] [command]

Without a command: install what is missing to build, build, start all daemons,
keep them running, and stop them on Ctrl-C.

commands
  status            a table of the daemons; exit 1 if one is down, 3 if none runs
  stop              stop all of a suite that runs elsewhere
  restart NAME…     stop a daemon gracefully and wait for its return
  logs [-f] [NAME]  the last lines of one log or of all; -f follows
  install           install what is missing to build, and nothing else
  tap …             print the frames between the daemons (see tap --help)

options
  --wait            return once all daemons are ready; they go on
  --no-build        neither install nor build
  --listen LIST     addresses, `ADDR:PORT[=dialect] …`    (PARLEY_LISTEN)
  --data FOLDER     databases and secrets, ./data         (PARLEY_DATA)
  --run FOLDER      sockets, pids, logs, DATA/run         (PARLEY_RUN)
  --gateways N      gateways that share the port, 1       (PARLEY_GATEWAYS)
  --without LIST    daemons that are provided elsewhere   (PARLEY_WITHOUT)
  --build FOLDER    where the binaries are, ./build       (PARLEY_BUILD)
  --env FILE        settings, ./.env                      (PARLEY_ENV)
  --version, --help

A flag wins over the environment, the environment over .env, that over the
default. The daemons read many more settings: README.md lists them all.
TEXT
}

main()
{
	parse_arguments "$@"
	load_settings
	case $command in
	start) start ;;
	install) install_missing ;;
	status) show_status ;;
	stop) stop_from_outside ;;
	restart) restart_from_outside "${arguments[@]}" ;;
	logs) show_logs "${arguments[@]}" ;;
	tap)
		[ -e "$RUN/status" ] || fail "not running in $RUN"
		exec "$BIN/parley-tap" --run "$RUN" "${arguments[@]}"
		;;
	esac
}

start()
{
	if [ "$build" = yes ]; then
		install_missing
		build_all
	fi
	have_binaries
	warn_of_unknown
	make_folders
	if [ "$background" = yes ]; then
		start_in_background
	else
		supervise
	fi
}

# --- arguments and settings -------------------------------------------------

parse_arguments()
{
	while (($# > 0)); do
		case $1 in
		--help | -h) show_usage && exit 0 ;;
		--version) show_version && exit 0 ;;
		--wait) background=yes ;;
		--no-build) build=no ;;
		--listen | --data | --run | --gateways | --without | --build | --env)
			(($# > 1)) || wrong "$1 needs a value"
			take_flag "${1#--}" "$2"
			shift
			;;
		-*) wrong "no option $1" ;;
		*)
			take_command "$@"
			return
			;;
		esac
		shift
	done
}

# A flag becomes the environment variable that it stands for.
take_flag()
{
	[ "$1" != listen ] || unset WS_BIND_ADDR
	export "PARLEY_${1^^}=$2"
}

take_command()
{
	command=$1
	shift
	arguments=("$@")
	case $command in
	install) [ -z "$INSTALLED" ] || wrong "all is installed" ;;&
	status | stop | install) ((${#arguments[@]} == 0)) || wrong "$command takes no argument" ;;
	restart) ((${#arguments[@]} > 0)) || wrong "restart needs a daemon's name" ;;
	start | logs | tap) ;;
	*) wrong "no command $command" ;;
	esac
}

# An installed one neither installs nor builds.
show_usage()
{
	if [ -z "$INSTALLED" ]; then
		usage
	else
		usage | sed -e "s,\./run\.sh,$PROGRAM," -e 's/install what is missing to build, build, //' \
			-e '/^  install /d' -e '/^  --no-build /d' -e '/^  --build /d' -e 's/, \.[^ ]*\( *\)(/\1  (/' \
			-e 's,: see docs.*,: see parley.env(5).,'
	fi
}

show_version()
{
	[ -z "$INSTALLED" ] || { echo "parley $INSTALLED" && return; }
	sed -n 's/^VERSION := */parley /p' "$ROOT/Makefile"
}

declare -A dotenv=()
BUILD='' DATA='' RUN='' GATEWAYS='' WITHOUT='' TLS_CERT='' TLS_KEY=''

load_settings()
{
	ENV=$(absolute "${PARLEY_ENV:-$DEFAULT_ENV}" "$PWD")
	[ -z "${PARLEY_ENV:-}" ] || [ -e "$ENV" ] || wrong "no settings at $ENV"
	read_dotenv
	folder BUILD PARLEY_BUILD "$ROOT/build" "$ROOT"
	folder DATA PARLEY_DATA "$DEFAULT_DATA" "$PWD"
	folder RUN PARLEY_RUN "$DATA/run" "$PWD"
	setting GATEWAYS PARLEY_GATEWAYS 1
	setting WITHOUT PARLEY_WITHOUT ""
	file TLS_CERT PARLEY_TLS_CERT
	file TLS_KEY PARLEY_TLS_KEY
	BIN=${INSTALLED_BIN:-$BUILD/bin}
	[[ $GATEWAYS =~ ^[1-9][0-9]?$ ]] ||
		wrong "PARLEY_GATEWAYS is '$GATEWAYS', want a number from 1 to 99"
	local name
	for name in $WITHOUT; do
		[[ " ${KINDS[*]} " == *" $name "* ]] ||
			wrong "PARLEY_WITHOUT names '$name'; there are ${KINDS[*]}"
	done
}

# KEY=VALUE lines, `export ` in front and quotes around the value allowed, a
# comment after an unquoted one. Nothing is expanded or executed.
read_dotenv()
{
	local line key value
	local pair='^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)[[:space:]]*=[[:space:]]*(.*)$'
	[ -f "$ENV" ] || return 0
	while IFS= read -r line || [ -n "$line" ]; do
		[[ $line =~ $pair ]] || continue
		key=${BASH_REMATCH[2]}
		value=${BASH_REMATCH[3]}
		case $value in
		\"*\"*) value=${value#\"} && value=${value%%\"*} ;;
		\'*\'*) value=${value#\'} && value=${value%%\'*} ;;
		*)
			[[ $value != '#'* ]] || value=
			value=${value%%[[:space:]]#*}
			value=${value%"${value##*[![:space:]]}"}
			;;
		esac
		dotenv[$key]=$value
	done <"$ENV"
}

# setting VARIABLE KEY DEFAULT
setting()
{
	if [ -n "${!2:-}" ]; then
		printf -v "$1" %s "${!2}"
	else
		printf -v "$1" %s "${dotenv[$2]:-$3}"
	fi
}

# folder VARIABLE KEY DEFAULT BASE: like setting, made absolute: from BASE if it
# comes from outside, from .env's own folder if it comes from there.
folder()
{
	local base=$4
	[ -n "${!2:-}" ] || base=$(dirname "$ENV")
	setting "$1" "$2" "$3"
	printf -v "$1" %s "$(absolute "${!1}" "$base")"
}

# file VARIABLE KEY: like folder, and empty if it is not set.
file()
{
	setting "$1" "$2" ""
	[ -z "${!1}" ] || folder "$1" "$2" "" "$PWD"
}

absolute()
{
	case $1 in
	/*) printf '%s' "$1" ;;
	*) printf '%s' "$2/${1#./}" ;;
	esac
}

# --- install and build ------------------------------------------------------

# What a build needs: how to see that it is there, and the Debian package.
NEEDS='
command cc            gcc
command make          make
command pkg-config    pkg-config
command curl          curl
library libzmq        libzmq3-dev
library msgpack       libmsgpack-dev
library jansson       libjansson-dev
library openssl       libssl-dev
library sqlite3       libsqlite3-dev
library libargon2     libargon2-dev
library libutf8proc   libutf8proc-dev
library libseccomp    libseccomp-dev
library zlib          zlib1g-dev
library libcurl       libcurl4-openssl-dev
library ncursesw      libncurses-dev
header  uthash.h      uthash-dev
'

install_missing()
{
	local packages sudo=()
	packages=$(missing_packages)
	[ -n "$packages" ] || return 0
	command -v apt-get >/dev/null ||
		fail "please install what Debian calls:" "$packages"
	if ((EUID != 0)); then
		command -v sudo >/dev/null ||
			fail "please install, as root:" "$packages"
		sudo=(sudo)
	fi
	say "installing" "$packages"
	# shellcheck disable=SC2086 # one word for each package
	"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive sh -c \
		'apt-get update -q && apt-get install -q -y --no-install-recommends "$@"' \
		install $packages </dev/null >&2 ||
		fail "apt-get could not install:" "$packages"
}

missing_packages()
{
	local how what package missing=()
	while read -r how what package; do
		[ -z "$how" ] || "has_$how" "$what" || missing+=("$package")
	done <<<"$NEEDS"
	echo "${missing[@]}"
}

has_command()
{
	command -v "$1" >/dev/null
}

# Newer systems call msgpack's C half msgpack-c.
has_library()
{
	pkg-config --exists "$1" 2>/dev/null || pkg-config --exists "$1-c" 2>/dev/null
}

has_header()
{
	[ -e "/usr/include/$1" ] || [ -e "/usr/local/include/$1" ]
}

build_all()
{
	local build_command=(make -s -C "$ROOT" "B=$BUILD" all)
	! "${build_command[@]}" -q 2>/dev/null || return 0
	say "building"
	"${build_command[@]}" -j "$(nproc)" >&2 || fail "the build failed"
}

have_binaries()
{
	local name
	for name in $(our_daemons); do
		[ -x "$BIN/${name%%.*}" ] ||
			fail "$BIN/${name%%.*} is not there (run make)"
	done
}

# A misspelt setting says nothing and does nothing: somebody should tell of it.
# Those of the tests begin with PARLEY_TEST; those of the clients are the shell's.
warn_of_unknown()
{
	local known key program
	known=$(usage && echo PARLEY_TOKEN && for program in "${KINDS[@]}" parley parleyctl; do
		[ ! -x "$BIN/$program" ] || "$BIN/$program" --help
	done)
	while read -r key; do
		[[ $key == PARLEY_TEST* ]] || grep -qw "$key" <<<"$known" ||
			complain "there is no setting $key"
	done < <(printf '%s\n' "${!dotenv[@]}" "${!PARLEY_@}" |
		grep '^PARLEY_' | sort -u)
}

make_folders()
{
	local why
	why=$(umask 077 && mkdir -p "$DATA" "$RUN" 2>&1) ||
		fail "cannot make $DATA and $RUN: ${why##*: }"
	chmod 700 "$DATA" "$RUN" || fail "cannot protect $DATA and $RUN"
	has_room "$RUN" || fail "the disk of $RUN is full: free some space first"
}

# has_room FOLDER: for pids, logs and the like.
has_room()
{
	local file=$1/room.$$ failed=0
	head -c "$ROOM_BYTES" /dev/zero 2>/dev/null >"$file" || failed=1
	rm -f "$file"
	return "$failed"
}

# --- in the background ------------------------------------------------------

start_in_background()
{
	local supervisor
	refuse_second
	export PARLEY_BUILD=$BUILD PARLEY_DATA=$DATA PARLEY_RUN=$RUN
	[ ! -e "$ENV" ] || export PARLEY_ENV=$ENV
	(
		close_inherited
		exec setsid "$SELF" --no-build </dev/null >>"$RUN/run.log" 2>&1
	) &
	supervisor=$!
	if await_ready "$supervisor"; then
		tell_address
		exit 0
	fi
	explain_failure "$supervisor"
	kill -TERM "$supervisor" 2>/dev/null && wait "$supervisor"
	exit 1
}

# A caller's pipe must not stay open for as long as the daemons live.
close_inherited()
{
	local fd
	for fd in /proc/self/fd/*; do
		fd=${fd##*/}
		((fd < 3)) || eval "exec $fd>&-" 2>/dev/null
	done
}

await_ready()
{
	local deadline=$((SECONDS + START_SECONDS))
	while ((SECONDS < deadline)); do
		! is_ready "$1" || return 0
		is_alive "$1" || return 1
		[ -z "$(failing_daemon "$FAILED_STARTS_MAX")" ] || return 1
		sleep 0.05
	done
	return 1
}

# Ready is what the first listener says, if there is a gateway of our own, and that
# every daemon answers. What lies there from an earlier supervisor says nothing.
is_ready()
{
	local name pid rest
	[ "$(cat "$RUN/run.pid" 2>/dev/null)" = "$1" ] || return 1
	[ -s "$RUN/status" ] || return 1
	if grep -q '^gateway ' "$RUN/status"; then
		[ -s "$RUN/listen" ] && answers "$(address)/readyz" || return
	fi
	while read -r name pid rest; do
		is_answering "$name" || return 1
	done <"$RUN/status"
}

answers()
{
	curl -fsk --noproxy '*' --max-time 5 -o /dev/null "$1" 2>/dev/null
}

# failing_daemon N: one that does not run and was restarted N times or more.
failing_daemon()
{
	local name pid since restarts
	[ -s "$RUN/status" ] || return 0
	while read -r name pid since restarts; do
		((restarts < $1)) || [ "$pid" != - ] || { echo "$name" && return; }
	done <"$RUN/status"
}

explain_failure()
{
	local name
	name=$(failing_daemon 1)
	if ! is_alive "$1"; then
		tail -n 1 "$RUN/run.log" >&2
	elif [ -n "$name" ]; then
		complain "$name does not start: $(last_words "$name")"
	elif [ -s "$RUN/listen" ]; then
		complain "not ready after $START_SECONDS s:" \
			"$(curl -sk --noproxy '*' --max-time 5 "$(address)/readyz")"
	else
		complain "no gateway listens after $START_SECONDS s: $(last_words gateway)"
	fi
}

# --- words and small things -------------------------------------------------

# The address to open, in the words of a browser that runs here.
address()
{
	local first scheme=http
	read -r first <"$RUN/listen" || return 1
	first=${first%%=*}
	first=${first/#0.0.0.0:/127.0.0.1:}
	first=${first/#\[::\]:/[::1]:}
	[ -z "$TLS_CERT" ] || scheme=https
	echo "$scheme://$first"
}

tell_address()
{
	say "open $(address)  (data $DATA, logs $RUN)"
}

# The last line of a daemon's log, as people would read it.
last_words()
{
	local line
	line=$(tail -n 1 "$RUN/$1.log" 2>/dev/null) || line="it left no log"
	echo "${line#"$1: "}"
}

now_ms()
{
	local us=${EPOCHREALTIME//[^0-9]/}
	echo "${us%???}"
}

say()
{
	echo "parley: $*"
}

complain()
{
	echo "${PROGRAM##*/}: $*" >&2
}

fail()
{
	complain "$@"
	exit 1
}

wrong()
{
	complain "$* (see $PROGRAM --help)"
	exit 2
}

main "$@"
