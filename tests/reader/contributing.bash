# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# tests/reader/contributing.bash - what docs/contributing.md presumes.

# What is changed from there on is built apart.
before()
{
	case $1 in
	*"Python's words:") rm build && mkdir build ;;
	esac
}
