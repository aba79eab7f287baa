# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# tests/services.bash - a suite whose daemons are started by other means than
# run.sh. After `load helper`.

# suite_appears: as suite_address, once there is a gateway and it is ready.
suite_appears()
{
	eventually 20 test -s "$PARLEY_RUN/gateway.listen"
	cp "$PARLEY_RUN/gateway.listen" "$PARLEY_RUN/listen"
	suite_address
	eventually 20 is_ready
}
