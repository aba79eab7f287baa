#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# make install, uninstall and dist: what is where, that it runs from there, and
# that nothing is left.
# Plain builds only: it installs, and starts what is installed.

load helper

BUILD=${PARLEY_BUILD:-$ROOT/build}
[[ $BUILD == /* ]] || BUILD=$ROOT/$BUILD
export ASAN_OPTIONS=detect_leaks=0

setup()
{
	suite_environment
	PLACE=$BATS_TEST_TMPDIR/place
}

teardown()
{
	suite_stop
}

# One at a time: the pages of the manual are made in the build folder.
make_it()
{
	env -u MAKEFLAGS -u MFLAGS flock "$BUILD/.install" make -s -C "$ROOT" B="$BUILD" "$@" 3>&- 4>&-
}

# installed_here: as for this machine, with all folders below PLACE.
installed_here()
{
	make_it install PREFIX="$PLACE" SYSCONFDIR="$PLACE/etc"
}

everything()
{
	find "$1" ! -type d -printf '%P\n' | sort
}

@test "make install puts daemons out of the way of commands, and the rest where PREFIX says" {
	make_it install DESTDIR="$PLACE" PREFIX=/usr
	local path
	for path in bin/parley{,ctl,-tap,-ping,-keys,-frames,-metrics,-run} libexec/parley/{gateway,router,presence,store,auth,hooks} \
		share/man/man{8/parley-gateway.8,1/parley-tap.1,1/parley.1,1/parleyctl.1,5/parley.env.5,7/parley-frames.7} \
		lib/systemd/system/parley{.target,-store.service,-gateway@.service} \
		lib/{sysusers,tmpfiles}.d/parley.conf share/doc/parley/{README,operations}.md; do
		[ -e "$PLACE/usr/$path" ] || {
			echo "$path is not there"
			return 1
		}
	done
	[ "$(stat -c %a "$PLACE/etc/parley/parley.env")" = 640 ]
	# Nothing refers to DESTDIR, and no name of a folder was left to be filled in.
	run grep -rlIE "$PLACE|@[a-z]+dir@|@version@" "$PLACE"
	assert_failure 1
}

@test "make uninstall takes all away, but what was set" {
	make_it install DESTDIR="$PLACE" PREFIX=/usr
	mkdir -p "$PLACE/usr/bin"
	touch "$PLACE/usr/bin/other"
	make_it uninstall DESTDIR="$PLACE" PREFIX=/usr
	assert_equal "$(everything "$PLACE")" "$(printf 'etc/parley/parley.env\nusr/bin/other')"
	[ ! -e "$PLACE/usr/libexec/parley" ]
	[ ! -e "$PLACE/usr/share/doc/parley" ]
}

@test "make install keeps settings that are there" {
	installed_here
	echo PARLEY_LOG=debug >"$PLACE/etc/parley/parley.env"
	run installed_here
	assert_output "keeping $PLACE/etc/parley/parley.env"
	[ "$(cat "$PLACE/etc/parley/parley.env")" = PARLEY_LOG=debug ]
}

@test "the folders can be named one by one" {
	make_it install DESTDIR="$PLACE" BINDIR=/b LIBEXECDIR=/l MANDIR=/m DOCDIR=/d UNITDIR=/u \
		SYSUSERSDIR=/s TMPFILESDIR=/t SYSCONFDIR=/e
	assert_equal "$(cd "$PLACE" && echo *)" "b d e l m s t u"
	grep -q '^ExecStart=/l/store' "$PLACE/u/parley-store.service"
	grep -q 'PARLEY_ENV=/e/parley/parley.env' "$PLACE/u/parley-.service.d/common.conf"
	[ "$(readlink "$PLACE/l/parley-ping")" = ../b/parley-ping ]
}

@test "parley-run runs what was installed, for whoever calls it" {
	installed_here
	local run=$PLACE/bin/parley-run
	run -0 "$run" --version
	assert_output "parley $(sed -n 's/^VERSION := //p' "$ROOT/Makefile")"
	run -0 "$run" --help
	assert_line --index 0 --regexp '^usage: parley-run '
	refute_output --partial run.sh
	export HOME=$BATS_TEST_TMPDIR/home
	mkdir -p "$HOME/.config/parley"
	echo 'PARLEY_LISTEN=127.0.0.1:0' >"$HOME/.config/parley/parley.env"
	unset PARLEY_DATA PARLEY_RUN PARLEY_ENV PARLEY_LISTEN PARLEY_BUILD XDG_STATE_HOME XDG_CONFIG_HOME
	"$run" --wait 3>&- 4>&-
	export PARLEY_DATA=$HOME/.local/state/parley PARLEY_RUN=$HOME/.local/state/parley/run
	suite_address
	people alice
	room den alice
	"$run" status
	"$run" stop
	run -3 "$run" status
	assert_output --partial "parley-run:"
	[ -s "$PARLEY_DATA/chat.db" ]
}

# Of a clone, as one who makes a release has it.
@test "parleyctl finds the daemons that were installed with it" {
	installed_here
	run "$PLACE/bin/parleyctl" config store
	assert_success
	assert_output --partial PARLEY_DATA
}

@test "make dist makes the same tarball of the same commit, which can be built" {
	local clone=$BATS_TEST_TMPDIR/clone
	[ -e "$ROOT/.git" ] || skip "not a git repository"
	git clone -q "$ROOT" "$clone"
	make -s -C "$clone" B="$BATS_TEST_TMPDIR/one" dist
	make -s -C "$clone" B="$BATS_TEST_TMPDIR/two" dist
	cmp "$BATS_TEST_TMPDIR"/{one,two}/parley-*.tar.gz
	mkdir "$PLACE"
	tar -xz -C "$PLACE" --strip-components 1 -f "$BATS_TEST_TMPDIR"/one/parley-*.tar.gz
	diff <(git -C "$clone" ls-files | sort) <(everything "$PLACE")
	make -s -C "$PLACE" B="$BATS_TEST_TMPDIR/build" -n all >/dev/null
	"$PLACE/run.sh" --version
}
