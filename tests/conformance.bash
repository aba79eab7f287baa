# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# tests/conformance.bash - what a program of tests/clients finds of the standards
# at the gateway, as alice. After `load helper`.

# conforms PROGRAM WHAT: of hundreds of lines, those that failed are shown.
conforms()
{
	local out=$BATS_TEST_TMPDIR/tap
	timeout 100 "$PYTHON" "$CLIENTS/$1" "$2" "$HOST" "${TOKEN[alice]}" >"$out" || {
		grep -v '^ok ' "$out"
		return 1
	}
}
