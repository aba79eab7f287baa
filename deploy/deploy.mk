# SPDX-License-Identifier: MIT
# From a build to a system; a part of the Makefile.
#
#   make man        the pages of the manual, into $(B)/man
#   make install    into PREFIX, below DESTDIR; make uninstall takes it away
#   make files      what it would install, and from where
#   make dist       a tarball of what is committed
#   make deb        a Debian package of it, into $(B)

PREFIX      ?= /usr/local
BINDIR      ?= $(PREFIX)/bin
LIBEXECDIR  ?= $(PREFIX)/libexec/parley
MANDIR      ?= $(PREFIX)/share/man
DOCDIR      ?= $(PREFIX)/share/doc/parley
UNITDIR     ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
SYSCONFDIR  ?= /etc

INSTALL_ENV = BUILD='$(abspath $B)' VERSION='$(VERSION)' DAEMONS='$(DAEMONS)' DESTDIR='$(DESTDIR)' \
	BINDIR='$(BINDIR)' LIBEXECDIR='$(LIBEXECDIR)' MANDIR='$(MANDIR)' DOCDIR='$(DOCDIR)' \
	UNITDIR='$(UNITDIR)' SYSUSERSDIR='$(SYSUSERSDIR)' TMPFILESDIR='$(TMPFILESDIR)' \
	SYSCONFDIR='$(SYSCONFDIR)'

.PHONY: man install uninstall files dist deb

# A page is found by its prose, and asks the programs for their options.
PAGES := $(patsubst docs/man/%.in,%,$(wildcard docs/man/*.in))

man: $(PAGES:%=$B/man/%)

$B/man/%: docs/man/%.in docs/man/page run.sh deploy/installed.bash.in \
	$(DAEMONS:%=$B/bin/%) $(TOOLS:%=$B/bin/%) $(FOLDER_TOOLS:%=$B/bin/%)
	@mkdir -p $(@D)
	$(call say,MAN,$@)docs/man/page $< $B/bin >$@.new && mv $@.new $@

install: all man
	$(INSTALL_ENV) deploy/install

uninstall:
	$(INSTALL_ENV) deploy/install --remove

files: man
	@$(INSTALL_ENV) deploy/install --list

# The times in it are those of the commit: the same commit, the same bytes.
dist:
	@mkdir -p $B
	git archive --format=tar --prefix=parley-$(VERSION)/ HEAD | gzip -9n >$B/parley-$(VERSION).tar.gz
	@echo $B/parley-$(VERSION).tar.gz

deb: all man
	BUILD=$(abspath $B) VERSION=$(VERSION) deploy/debian/build
