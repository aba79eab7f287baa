# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2153,SC2154
# tools/control.bash - what another shell can ask of a running suite: status,
# stop, restart, logs; a part of run.sh. It reads the supervisor's files in the
# run folder and sends signals; there is no other channel.

supervisor_pid()
{
	local pid
	[ -s "$RUN/run.pid" ] && read -r pid <"$RUN/run.pid" &&
		[[ $pid =~ ^[0-9]+$ ]] &&
		[[ $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") == *run.sh* ]] &&
		echo "$pid"
}

show_status()
{
	local name pid since count state result=0
	supervisor_pid >/dev/null || not_running 3
	[ -s "$RUN/status" ] || not_running 3
	printf '%-12s %8s  %-8s %10s %9s\n' DAEMON PID STATE UPTIME RESTARTS
	while read -r name pid since count; do
		state=$(state_of "$name" "$pid")
		[ "$state" = running ] || result=1
		[ "$pid" = - ] && since= || since=$(uptime_since "$since")
		printf '%-12s %8s  %-8s %10s %9s\n' "$name" "$pid" "$state" \
			"${since:--}" "$count"
	done <"$RUN/status"
	exit "$result"
}

state_of()
{
	if [ "$2" = - ] || ! is_alive "$2"; then
		echo down
	elif [ -x "$BIN/parley-ping" ] && ! is_answering "$1"; then
		echo silent
	else
		echo running
	fi
}

uptime_since()
{
	local s=$((EPOCHSECONDS - $1))
	if ((s < 60)); then
		echo "${s}s"
	elif ((s < 3600)); then
		echo "$((s / 60))m$((s % 60))s"
	else
		echo "$((s / 86400))d$((s / 3600 % 24))h$((s / 60 % 60))m"
	fi
}

not_running()
{
	complain "not running in $RUN"
	exit "$1"
}

stop_from_outside()
{
	local pid deadline=$((SECONDS + 2 * STOP_SECONDS + 5))
	if ! pid=$(supervisor_pid); then
		end_leftovers
		not_running 0
	fi
	kill -TERM "$pid" || fail "cannot stop pid $pid"
	while is_alive "$pid"; do
		((SECONDS < deadline)) || fail "pid $pid does not end"
		sleep 0.05
	done
}

restart_from_outside()
{
	local name old
	supervisor_pid >/dev/null || not_running 3
	for name in "$@"; do
		old=$(status_pid "$name") || fail "no daemon $name here"
		[ "$old" = - ] || kill -TERM "$old" 2>/dev/null
		await_successor "$name" "$old" || fail "$name did not return: $(last_words "$name")"
	done
}

status_pid()
{
	awk -v name="$1" '$1 == name { print $2; found = 1 } END { exit !found }' \
		"$RUN/status" 2>/dev/null
}

await_successor()
{
	local pid start=$SECONDS
	while ((SECONDS - start < START_SECONDS + STOP_SECONDS)); do
		pid=$(status_pid "$1") || return 1
		if [ "$pid" != "$2" ] && [ "$(state_of "$1" "$pid")" = running ]; then
			return 0
		fi
		((SECONDS - start < STOP_SECONDS)) || [ "$pid" != "$2" ] ||
			kill -KILL "$2" 2>/dev/null
		sleep 0.05
	done
	return 1
}

show_logs()
{
	local name follow=() files=()
	[ "${1:-}" != -f ] || { follow=(-F) && shift; }
	for name in "$@"; do
		[ -e "$RUN/$name.log" ] || fail "no log $RUN/$name.log"
		files+=("$RUN/$name.log")
	done
	((${#files[@]} > 0)) || files=("$RUN"/*.log)
	[ -e "${files[0]}" ] || not_running 3
	if ((${#follow[@]} > 0)); then
		exec tail -q -n 20 -F "${files[@]}"
	fi
	# Lines begin with their time, so sorting makes one log of all.
	tail -q -n 200 "${files[@]}" | sort -s -k 1,1
}
