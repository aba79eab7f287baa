# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# tests/edge.bash - for tests of what the gateway bears: what it has open, and a
# certificate for it. After `load helper`.

# descriptors: how many the gateway has.
descriptors()
{
	find "/proc/$(pid_of gateway)/fd" -mindepth 1 | wc -l
}

has_at_most()
{
	(($(descriptors) <= $1))
}

# certify KEY CERTIFICATE: makes these files, for this machine, signed by itself.
certify()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
		-keyout "$1" -out "$2" 2>/dev/null && chmod 600 "$1"
}
