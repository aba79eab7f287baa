# SPDX-License-Identifier: MIT
# One Makefile for all of parley. Sources are found, not listed: a new .c file
# in a daemon's folder belongs to that daemon.
#
#   make            builds the daemons and tools into $(B)/
#   make test       installs what the tests need, builds, runs every test
#   make check      unit tests and fuzz corpora alone (no daemon is started)
#   make fuzz       runs every fuzzer for FUZZ_SECONDS (needs clang)
#   make faults     runs out of memory at every allocation, one after the other
#   make tsan       runs what has threads under ThreadSanitizer (in build-tsan)
#   make chaos      kills daemons under load for SECONDS, as SEED says
#   make bench      measures parley and others, and writes docs/performance.md
#   make guards     takes each guard of the promise out, and sees it missed
#   make lint       format, static analysis, shell scripts
#   make install    and what else belongs to it: deploy/deploy.mk
#
# V=1 shows whole commands instead of a line for each file.

B       ?= build
DAEMONS := gateway router presence store auth hooks
TOOLS   := $(patsubst tools/%.c,%,$(wildcard tools/*.c))
# A tool of several files is a folder; one without a main.c is shared by tools.
TOOL_FOLDERS := $(patsubst tools/%/,%,$(wildcard tools/*/))
FOLDER_TOOLS := $(patsubst tools/%/main.c,%,$(wildcard tools/*/main.c))
# What is only measured against, and never installed; a folder is shared by them.
YARDSTICKS := $(patsubst bench/%.c,%,$(wildcard bench/*.c))
VERSION := 0.1.0

MSGPACK := $(shell pkg-config --exists msgpack-c && echo msgpack-c || echo msgpack)
PKGS    := libzmq $(MSGPACK) jansson openssl sqlite3 libargon2 libutf8proc libseccomp zlib
CFLAGS  ?= -O2 -g
OURS    := -std=c11 -D_GNU_SOURCE -DPARLEY_VERSION='"$(VERSION)"' -I. \
           -Wall -Wextra -Wno-missing-field-initializers -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -fno-strict-aliasing -pthread $(shell pkg-config --cflags $(PKGS))
LIBS    := $(shell pkg-config --libs $(PKGS)) -pthread
# What clients alone need; no daemon is linked with it.
CLIENT_LIBS := $(shell pkg-config --libs libcurl ncursesw) -lm
# Of the daemons, the one that reaches outside alone is linked with it.
HOOKS_LIBS  := $(shell pkg-config --libs libcurl)

# $(call say,CC,FILE) in front of a command tells of it in its stead; with
# make -s nothing does.
ifeq ($V,1)
say :=
else ifneq (,$(findstring s,$(firstword -$(MAKEFLAGS))))
say := @
else
say = @printf '  %-6s %s\n' $1 $(patsubst $B/%,%,$2);
# One heading here, the others are those of tests/run.
$(if $(filter check test,$(MAKECMDGOALS)),$(info === build))
endif

objs     = $(patsubst %.c,$B/%.o,$(wildcard $1/*.c $1/*/*.c))
FOLDERS := proto $(DAEMONS)
UNITS   := $(wildcard tests/unit/*/*_test.c)
FUZZERS := $(wildcard tests/fuzz/*/*_fuzz.c)

# Scripts below run.sh and tests/run use the binaries of this build.
export PARLEY_BUILD := $B

.PHONY: all test check test-programs fuzz faults tsan chaos bench guards lint format docs clean
.SECONDARY:

all: $(DAEMONS:%=$B/bin/%) $(TOOLS:%=$B/bin/%) $(FOLDER_TOOLS:%=$B/bin/%) $(YARDSTICKS:%=$B/bench/%)

$B/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(OURS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# What a folder owns, without its main(), so that a unit test can link it.
define library
$B/lib$1.a: $(filter-out $B/$1/main.o,$(call objs,$1)) $(if $(filter gateway,$1),$B/gateway/web_files.o)
	@rm -f $$@
	$$(call say,AR,$$@)$(AR) rcs $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call library,$f)))

define tool_library
$B/lib$1.a: $(filter-out $B/tools/$1/main.o,$(call objs,tools/$1))
	@rm -f $$@
	$$(call say,AR,$$@)$(AR) rcs $$@ $$^
endef
$(foreach f,$(TOOL_FOLDERS),$(eval $(call tool_library,$f)))

# The libraries for a program or test of folder $1, in the order of linking.
archives = $B/lib$1.a $(if $(filter $(TOOL_FOLDERS),$1),$B/libclient.a) $B/libproto.a
more_libs = $(if $(filter $(TOOL_FOLDERS),$1),$(CLIENT_LIBS)) $(if $(filter hooks,$1),$(HOOKS_LIBS))

$(DAEMONS:%=$B/bin/%): $B/bin/%: $B/%/main.o $B/lib%.a $B/libproto.a
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(call more_libs,$*) $(LIBS)

$(TOOLS:%=$B/bin/%): $B/bin/%: $B/tools/%.o $B/libproto.a
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(FOLDER_TOOLS:%=$B/bin/%): $B/bin/%: $B/tools/%/main.o $B/lib%.a $B/libclient.a $B/libproto.a
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CLIENT_LIBS) $(LIBS)

$B/libbench.a: $(patsubst %.c,$B/%.o,$(wildcard bench/*/*.c))
	@rm -f $@
	$(call say,AR,$@)$(AR) rcs $@ $^

$(YARDSTICKS:%=$B/bench/%): $B/bench/%: $B/bench/%.o $B/libbench.a $B/libgateway.a $B/libstore.a $B/libproto.a
	$(call say,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# The page is part of the gateway's binary: the daemon reads no file for it.
WEB := $(sort $(wildcard gateway/web/*))
$B/gateway/web_files.c: gateway/embed.sh $(WEB)
	@mkdir -p $(@D)
	$(call say,EMBED,gateway/web)gateway/embed.sh $(WEB) >$@.new && mv $@.new $@
$B/gateway/web_files.o: $B/gateway/web_files.c
	$(call say,CC,$<)$(CC) $(OURS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# tests/unit/FOLDER/NAME_test.c tests what FOLDER owns.
UNIT_BINS := $(UNITS:%.c=$B/%)
.SECONDEXPANSION:
folder_of = $(firstword $(subst /, ,$1))
$(UNIT_BINS): $B/tests/unit/%_test: $B/tests/unit/%_test.o $$(call archives,$$(call folder_of,$$*))
	$(call say,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(call more_libs,$(call folder_of,$*)) $(LIBS)

# tests/fuzz/FOLDER/NAME_fuzz.c, linked with a main that replays its corpus.
REPLAYS := $(FUZZERS:%_fuzz.c=$B/%_replay)
$(REPLAYS): $B/tests/fuzz/%_replay: $B/tests/fuzz/%_fuzz.o $B/tests/fuzz/replay.o $$(call archives,$$(call folder_of,$$*))
	$(call say,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(call more_libs,$(call folder_of,$*)) $(LIBS)

# Building the tests' programs apart from running them lets tests/run do both
# under its own progress report.
test-programs: $(UNIT_BINS) $(REPLAYS)

check: all test-programs
	tests/run --unit-only

test: all test-programs
	tests/run

FUZZ_SECONDS ?= 60
fuzz:
	tests/fuzz/run $(FUZZ_SECONDS)

SECONDS ?= 600
SEED    ?= $(shell date +%s)
chaos: all
	tests/install
	node tests/chaos/run.mjs --seconds $(SECONDS) --seed $(SEED) --build $B $(CHAOS)

guards:
	tests/install
	tests/chaos/guards.bash

faults: all
	tests/install
	node tests/faults/run.mjs --build $B $(FAULTS)

tsan:
	tests/install
	PARLEY_BUILD=build-tsan tests/tsan

# BENCH="--only rooms" and the like; bench/run --help says more.
bench: all
	bench/run $(BENCH)

lint:
	tests/lint

format:
	git ls-files '*.c' '*.h' | xargs clang-format -i

docs: all
	$B/bin/parley-frames >docs/frames.md
	$B/bin/parley-metrics >docs/metrics.md

include deploy/deploy.mk

clean:
	rm -rf $B

-include $(shell find $B -name '*.d' -type f 2>/dev/null)
