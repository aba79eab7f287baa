# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2016
# tests/reader/operations.bash - what docs/operations.md presumes, block by block.

before()
{
	case $1 in
	*'never logged.')
		PARLEY_LOG=debug ./run.sh --wait
		url=http://$PARLEY_LISTEN
		for name in alice bob; do
			curl -s "$url/auth/register" -d "{\"username\":\"$name\",\"password\":\"correct horse\"}"
		done
		token=$(curl -s "$url/auth/login" -d '{"username":"alice","password":"correct horse"}' | jq -r .token)
		id=$(curl -s "$url/auth/me" -H "Authorization: Bearer $token" | jq -r .user_id)
		curl -s "$url/api/rooms" -H "Authorization: Bearer $token" -d '{"name":"kitchen"}'
		"$PYTHON" -m websockets "ws://$PARLEY_LISTEN/ws?token=$token" </dev/null
		conn=$(sed -n "s/.*event=upgraded.* conn=\([0-9a-f]*\).*/\1/p" data/run/gateway.log | tail -n 1)
		;;
	*' get an address of their own:' | *' put it there:' | 'it ends:' | \
		'To try it out on one machine:' | *'`token-NAME` is NAME.' | *'both be valid for an hour:' )
		./run.sh stop
		;;
	*'HTTPS and WSS, and nothing else:')
		./run.sh stop
		certify
		;;
	*' trying it again, and otherwise not needed:')
		soon 'build/bin/parleyctl stats | grep -q "lobby 1"'
		;;
	'## Looking inside')
		./run.sh stop
		PARLEY_GATEWAYS=2 ./run.sh --wait
		soon 'build/bin/parleyctl stats gateway.2 >/dev/null'
		;;
	*'`--data` and `--run`.')
		./run.sh stop
		./run.sh --wait
		password="correct horse"
		;;
	esac
}

# For chat.example.org; curl knows where that is, and whom to trust.
certify()
{
	local folder=$READER/etc/tls
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test \
		-addext subjectAltName=DNS:chat.example.org -keyout "$folder/privkey.pem" -out "$folder/fullchain.pem"
	echo "cacert = $folder/fullchain.pem" >>"$HOME/.curlrc"
}
