# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2153,SC2154
# tools/supervise.bash - keeps the daemons alive; a part of run.sh.
#
# One loop over children. A daemon, the pause before a restart, a ping and the
# clock's tick are all child processes, so that the loop sleeps in `wait` and
# costs nothing until one of them ends. A job is `KIND NAME`; when it has ended,
# on_KIND hears of it.

declare -A jobs=()     # process id → what it is: `KIND NAME`
declare -A pids=()     # daemon → process id, empty while it is down
declare -A started=()  # daemon → when, in ms
declare -A restarts=() # daemon → after how many ends that nobody asked for
declare -A failures=() # daemon → deaths in a row that came too soon
declare -A misses=()   # daemon → unanswered pings in a row
declare -A proven=()   # daemon → answered a ping in this life
declare -A ran=()      # daemon → answered a ping in any life
hopeless=              # the daemon that never ran and will not
stopping=0
lock=

supervise()
{
	take_lock
	end_leftovers
	echo $$ >"$RUN/run.pid"
	trap 'stopping=$((stopping + 1))' TERM INT HUP
	start_all
	while ((stopping == 0)); do
		wait -n 2>/dev/null
		# A signal may hide from bash a child that has just ended: then
		# waiting for it by its number would never end.
		((stopping > 0)) || reap
	done 2>/dev/null # bash itself tells there of jobs that were killed
	say "stopping"
	stop_all
	[ -z "$hopeless" ] || fail "$hopeless does not start: $(last_words "$hopeless")"
}

take_lock()
{
	exec {lock}>>"$RUN/run.pid" || fail "cannot write $RUN/run.pid"
	flock -n "$lock" || refuse_second again
}

refuse_second()
{
	local pid
	pid=$(supervisor_pid) || pid=
	[ -n "$pid" ] || (($# > 0)) || return 0
	fail "already running in $RUN${pid:+ (pid $pid)}; $PROGRAM stop ends it, --data DIR starts another beside it"
}

# Daemons whose supervisor was killed hold their locks and sockets.
end_leftovers()
{
	local pid found=()
	for pid in $(leftover_pids); do
		found+=("$pid")
	done
	if ((${#found[@]} > 0)); then
		say "ending daemons that an earlier start left: ${found[*]}"
		end_processes "${found[@]}"
	fi
	rm -f "$RUN"/listen "$RUN"/*.listen "$RUN/status"
}

# A pid file proves nothing, its lock does: who holds it is a daemon that lives
# in this folder. (What /proc tells of a process that hides its memory, as auth
# does, only root may read in full.)
leftover_pids()
{
	local file pid name kind
	for file in "$RUN"/*.pid; do
		[ "$file" != "$RUN/run.pid" ] || continue
		[ -s "$file" ] || continue
		read -r pid <"$file"
		[[ $pid =~ ^[0-9]+$ ]] || continue
		flock -n "$file" true && continue
		name=$(cat "/proc/$pid/comm" 2>/dev/null) || continue
		for kind in "${KINDS[@]}"; do
			[ "$name" = "$kind" ] && echo "$pid"
		done
	done
}

our_daemons()
{
	local kind n
	for kind in "${KINDS[@]}"; do
		[[ " $WITHOUT " != *" $kind "* ]] || continue
		echo "$kind"
		for ((n = 2; n <= GATEWAYS; n++)); do
			[ "$kind" != gateway ] || echo "gateway.$n"
		done
	done
}

# Further gateways wait for the first: its port may be one that :0 chose.
start_all()
{
	local name
	for name in $(our_daemons); do
		pids[$name]=
		restarts[$name]=0
		failures[$name]=0
	done
	for name in $(our_daemons); do
		[[ $name == gateway.* ]] || start_daemon "$name"
	done
	[ ! -v 'pids[gateway]' ] || spawn listen gateway await_listen
	spawn tick all sleep "$TICK_SECONDS"
}

# spawn KIND NAME COMMAND…: no child may hold the supervisor's lock.
spawn()
{
	local job="$1 $2"
	shift 2
	"$@" {lock}>&- </dev/null &
	jobs[$!]=$job
}

start_daemon()
{
	local name=$1
	rotate_log "$name"
	spawn daemon "$name" run_daemon "$name"
	pids[$name]=$!
	started[$name]=$(now_ms)
	misses[$name]=0
	proven[$name]=no
	write_status
}

# Out of the terminal's process group: Ctrl-C is for the supervisor, which
# stops them in order.
run_daemon()
{
	local name=$1 flags=(--run "$RUN" --data "$DATA" --restarts "${restarts[$1]}")
	[ ! -f "$ENV" ] || flags+=(--env "$ENV")
	[[ $name != *.* ]] || flags+=(--instance "${name##*.}")
	[[ $name != gateway* ]] || flags+=(--gateways "$GATEWAYS")
	[[ $name != gateway* || -z $TLS_CERT ]] || flags+=(--tls-cert "$TLS_CERT")
	[[ $name != gateway* || -z $TLS_KEY ]] || flags+=(--tls-key "$TLS_KEY")
	[[ $name != gateway* || ! -s $RUN/listen ]] ||
		flags+=(--listen "$(paste -s -d ' ' "$RUN/listen")")
	[ "$name" = auth ] || unset JWT_SECRET
	trap - TERM INT HUP
	exec setsid "$BIN/${name%%.*}" "${flags[@]}" >>"$RUN/$name.log" 2>&1
}

rotate_log()
{
	local size
	size=$(stat -c %s "$RUN/$1.log" 2>/dev/null) || return 0
	((size < LOG_BYTES_MAX)) || mv "$RUN/$1.log" "$RUN/$1.log.1"
}

# Looks at every child, not at the one that `wait` named: several may have
# ended at once.
reap()
{
	local pid job status
	for pid in "${!jobs[@]}"; do
		! kill -0 "$pid" 2>/dev/null || continue
		wait "$pid" 2>/dev/null
		status=$?
		job=${jobs[$pid]}
		unset "jobs[$pid]"
		"on_${job% *}" "${job#* }" "$status"
	done
}

on_daemon()
{
	local name=$1 status=$2 pause
	(($(now_ms) - started[$name] < PROVEN_MS)) || failures[$name]=0
	pause=$((PAUSE_MS << (failures[$name] < 5 ? failures[$name] : 5)))
	((pause < PAUSE_MAX_MS)) || pause=$PAUSE_MAX_MS
	failures[$name]=$((failures[$name] + 1))
	((status == 0)) || restarts[$name]=$((restarts[$name] + 1))
	pids[$name]=
	write_status
	tell_death "$name" "$status"
	if is_hopeless "$name" "$status"; then
		hopeless=$name
		stopping=1
		return
	fi
	spawn pause "$name" sleep "$(printf '%d.%03d' $((pause / 1000)) $((pause % 1000)))"
}

# It refused to start again and again and never ran: a wrong setting, which no
# further try will mend.
is_hopeless()
{
	(($2 == 1 || $2 == 2)) && [ -z "${ran[$1]:-}" ] &&
		((failures[$1] >= FAILED_STARTS_MAX))
}

tell_death()
{
	case $2 in
	0) say "$1 was stopped, and starts again" ;;
	1 | 2) say "$1 did not start: $(last_words "$1")" ;;
	75)
		# It may take hours until there is room: this is told once.
		((failures[$1] > 1)) ||
			say "$1 cannot start, and tries again: $(last_words "$1")"
		;;
	*)
		if (($2 > 128)); then
			say "$1 was killed by signal $(($2 - 128)), and starts again"
		else
			say "$1 ended with status $2, and starts again: $(last_words "$1")"
		fi
		;;
	esac
}

on_pause()
{
	start_daemon "$1"
	[ -z "${ran[$1]:-}" ] || say "$1 runs again, pid ${pids[$1]}"
}

on_tick()
{
	local name
	for name in "${!pids[@]}"; do
		[ -z "${pids[$name]}" ] || [ ! -x "$BIN/parley-ping" ] ||
			spawn ping "$name" is_answering "$name"
	done
	spawn tick all sleep "$TICK_SECONDS"
}

is_answering()
{
	"$BIN/parley-ping" --run "$RUN" --timeout "$PING_MS" "$1" >/dev/null 2>&1
}

on_ping()
{
	local name=$1 most=$FIRST_MISSES_MAX
	if (($2 == 0)); then
		proven[$name]=yes
		ran[$name]=yes
		misses[$name]=0
		return
	fi
	[ "${proven[$name]}" = no ] || most=$MISSES_MAX
	misses[$name]=$((misses[$name] + 1))
	((misses[$name] >= most)) && [ -n "${pids[$name]}" ] || return 0
	say "$name hangs: it answered none of $most pings"
	kill -KILL "${pids[$name]}"
}

await_listen()
{
	trap - TERM INT HUP
	until [ -s "$RUN/gateway.listen" ]; do
		sleep 0.03
	done
}

on_listen()
{
	local name
	(($2 == 0)) || return 0
	cp "$RUN/gateway.listen" "$RUN/listen.new" &&
		mv "$RUN/listen.new" "$RUN/listen"
	tell_address
	for name in "${!pids[@]}"; do
		[[ $name != gateway.* ]] || start_daemon "$name"
	done
}

# One line a daemon, in the order of their start: name, pid or -, since when
# (seconds), restarts. Where the disk is full the last one stays.
write_status()
{
	local name
	for name in $(our_daemons); do
		echo "$name ${pids[$name]:--} $((${started[$name]:-0} / 1000)) ${restarts[$name]}" ||
			return
	done >"$RUN/status.new" 2>/dev/null
	mv "$RUN/status.new" "$RUN/status"
}

# First those who need the others to end well: gateways let their clients go, and
# hooks says what was delivered, while everything still answers.
stop_all()
{
	local name first=() others=()
	for name in "${!pids[@]}"; do
		[ -n "${pids[$name]}" ] || continue
		case $name in
		gateway* | hooks) first+=("${pids[$name]}") ;;
		*) others+=("${pids[$name]}") ;;
		esac
	done
	end_processes "${first[@]}"
	end_processes "${others[@]}"
	kill "${!jobs[@]}" 2>/dev/null
	wait 2>/dev/null
	rm -f "$RUN"/listen "$RUN"/*.listen "$RUN"/status "$RUN/run.pid"
}

# SIGTERM, then SIGKILL after STOP_SECONDS or at a second Ctrl-C.
end_processes()
{
	local deadline=$((SECONDS + STOP_SECONDS))
	(($# > 0)) || return 0
	kill -TERM "$@" 2>/dev/null
	while any_alive "$@"; do
		if ((SECONDS >= deadline || stopping > 1)); then
			kill -KILL "$@" 2>/dev/null
			deadline=$((SECONDS + STOP_SECONDS))
		fi
		sleep 0.03
	done
}

any_alive()
{
	local pid
	for pid in "$@"; do
		! is_alive "$pid" || return 0
	done
	return 1
}

# A zombie is as good as gone; who must reap it may be slow.
is_alive()
{
	local stat
	kill -0 "$1" 2>/dev/null || return 1
	read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
	[[ ${stat##*) } != Z* ]]
}
