#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The files for containers, as far as they can be judged without an engine: what
# they name is there, and is what the source has.
# Plain builds only: it reads files of deploy.

load helper

BUILD=${PARLEY_BUILD:-$ROOT/build}
[[ $BUILD == /* ]] || BUILD=$ROOT/$BUILD
DOCKERFILE=$ROOT/deploy/docker/Dockerfile
export ASAN_OPTIONS=detect_leaks=0

setup_file()
{
	local build=${PARLEY_BUILD:-$ROOT/build}
	[[ $build == /* ]] || build=$ROOT/$build
	(cd "$ROOT/tests" && node -e 'console.log(JSON.stringify(require("yaml").parse(
		require("fs").readFileSync("../deploy/docker/compose.yaml", "utf8"), { merge: true })))') \
		>"$BATS_FILE_TMPDIR/compose.json"
	export COMPOSE=$BATS_FILE_TMPDIR/compose.json FILES=$BATS_FILE_TMPDIR/files
	ASAN_OPTIONS=detect_leaks=0 env -u MAKEFLAGS -u MFLAGS flock "$build/.install" \
		make -s -C "$ROOT" B="$build" PREFIX=/usr files 3>&- 4>&- | sed 's/.* //' >"$FILES"
}

# instruction NAME: what stands behind it, its lines joined, once for each.
instruction()
{
	sed -e '/^#/d' -e ':a' -e '/\\$/{N;s/\\\n/ /;ba;}' "$DOCKERFILE" | sed -n "s/^$1 //p"
}

known_variables()
{
	local name
	for name in gateway router presence store auth hooks; do
		"$BUILD/bin/$name" --help=rows
	done | awk -F '\t' '{ print $5; print $6 }' | sort -u
}

@test "the image is built as by hand, and what it depends on may be what it installs" {
	local package
	instruction RUN | grep -qx './run.sh install'
	for package in $(instruction RUN | grep -oE '[a-z0-9.+-]+-standalone-[a-z]+'); do
		grep -q "| $package" "$ROOT/deploy/debian/control.in"
	done
	# dpkg-shlibdeps and dpkg-deb are in no package of run.sh's.
	instruction RUN | grep -q 'recommends dpkg-dev$'
}

@test "the image takes the package that make deb makes, and starts what is in it" {
	instruction COPY | grep -q '^--from=build /build/parley_\*\.deb /tmp/$'
	instruction RUN | grep -q 'make B=/build deb'
	instruction CMD | jq -e '. == ["parley-run"]'
	grep -qx /usr/bin/parley-run "$FILES"
	instruction HEALTHCHECK | sed 's/^CMD //' | jq -e '.[0] == "curl"'
	grep -q '^Depends:.* curl,' "$ROOT/deploy/debian/control.in"
	assert_equal "$(instruction USER)" "$(awk '$1 == "u" { print $2 }' "$ROOT/deploy/systemd/sysusers.conf")"
	assert_equal "$(instruction FROM | sort -u | sed 's/ AS .*//' | uniq)" debian:12-slim
}

@test "compose starts each daemon once, by a path that is installed" {
	jq -r '.services | keys[]' "$COMPOSE" | diff - <(printf '%s\n' auth gateway hooks presence router store)
	local path
	while read -r path; do
		grep -qx "$path" "$FILES"
	done < <(jq -r '.services[].command[0]' "$COMPOSE")
	jq -e '[.services | to_entries[] | .key as $k | .value.command[0] | endswith("/" + $k)] | all' "$COMPOSE"
	jq -e '[.services | to_entries[] | .key as $k | .value.healthcheck.test
		| (.[1] == "curl" or (.[1] == "parley-ping" and .[4] == $k))] | all' "$COMPOSE"
}

@test "only the gateway and hooks have a network, and only store and auth have the data" {
	jq -e '[.services | to_entries[] | select(.value.network_mode != "none") | .key] | sort == ["gateway", "hooks"]' "$COMPOSE"
	jq -e '[.services | to_entries[] | select(any(.value.volumes[]; startswith("data:"))) | .key] | sort
		== ["auth", "store"]' "$COMPOSE"
	jq -e '[.services[] | any(.volumes[]; . == "run:/run/parley")] | all' "$COMPOSE"
	jq -e '[.services[] | .cap_drop == ["ALL"] and .read_only] | all' "$COMPOSE"
	jq -e '[.services | to_entries[] | select(.value.environment | has("JWT_SECRET")?) | .key] == ["auth"]' \
		<(jq '.services |= map_values(.environment //= {})' "$COMPOSE")
}

@test "each setting of the two files is one that a daemon reads" {
	{
		instruction ENV | grep -oE '[A-Z_]+='
		jq -r '.services[].environment // {} | keys[] + "="' "$COMPOSE"
	} | tr -d = | sort -u >"$BATS_TEST_TMPDIR/names"
	[ -s "$BATS_TEST_TMPDIR/names" ]
	run comm -23 "$BATS_TEST_TMPDIR/names" <(known_variables)
	assert_output ""
}

@test "what would be copied into the image leaves out what git leaves out" {
	run grep -vxF -f "$ROOT/.gitignore" <(sed 's,^/\(build\*\|data\|bench/results\)$,&/,' "$ROOT/.dockerignore" |
		sed 's,/node_modules$,&/,')
	assert_output ""
}
