# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2016
# tests/reader/hooks.bash - what docs/hooks.md presumes: somebody with a room.

mine="http://$PARLEY_LISTEN"
curl -s "$mine/auth/register" -d '{"username":"ann","password":"ann-has-a-password"}'
token=$(curl -s "$mine/auth/login" -d '{"username":"ann","password":"ann-has-a-password"}' | jq -r .token)
curl -s "$mine/api/rooms" -H "Authorization: Bearer $token" -d '{"name":"kitchen"}'

# The receiver may come after the message, which then comes again.
before()
{
	case $1 in
	'A program posts by the token of a bot:') soon 'grep -qx "message.created soup is ready" "$READER/said"' ;;
	esac
}
