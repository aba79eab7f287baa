# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# tests/terminal.bash - a terminal, for what draws or asks on one: tmux's, which
# is asked what stands on it. For a test file that says `load terminal`, and
# `terminal_ends` in its teardown.

mux()
{
	tmux -S "$BATS_TEST_TMPDIR/tmux" -f /dev/null "$@" 3>&- 4>&-
}

# terminal: with a shell.
terminal()
{
	unset TMUX COLUMNS LINES
	export LC_ALL=C.UTF-8 TERM=xterm-256color
	mux new-session -d -s t -c "$BATS_TEST_TMPDIR" -x 80 -y 24 -e PS1="$ " \
		bash --norc --noprofile
	sees '^\$'
}

types()
{
	mux send-keys -t t -l "$1"
	mux send-keys -t t Enter
}

shown()
{
	mux capture-pane -p -t t
}

# sees REGEX, misses REGEX: on a line of the terminal, now or soon.
sees()
{
	eventually 20 is_shown "$1" || {
		shown
		return 1
	}
}

misses()
{
	eventually 20 is_gone "$1" || {
		shown
		return 1
	}
}

is_shown()
{
	shown | grep -E -- "$1" >/dev/null
}

is_gone()
{
	! is_shown "$1"
}

terminal_ends()
{
	[ ! -e "$BATS_TEST_TMPDIR/tmux" ] || mux kill-server || true
}
