# Every command of the project. `make help` lists them; the scripts behind them are in scripts/.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PREFIX ?= /usr/local
DESTDIR ?=
VERSION := $(shell sed -n 's/^## \([0-9][0-9.]*\).*/\1/p' CHANGELOG.md | head -n 1)
RELEASE := .build/release
DIST := .build/dist
# More for the compilers of a release, such as what keeps the folder's name out of it (scripts/self.sh).
RELEASE_FLAGS ?=

.PHONY: help packages clients build release test fuzz check demo bench install dist self clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

packages: ## install the Debian packages that the build needs, when missing
	@scripts/packages.sh build

clients: packages ## install the package managers that the tests run, when missing
	@scripts/packages.sh clients

build: packages ## debug build of both programs and the tests
	swift build --build-tests

release: packages ## release build of both programs, Swift runtime linked in, stripped to .build/dist
	swift build -c release --static-swift-stdlib $$(scripts/link-flags.sh) $(RELEASE_FLAGS) --product purser
	swift build -c release --static-swift-stdlib $$(scripts/link-flags.sh) $(RELEASE_FLAGS) --product purser-registry
	@mkdir -p $(DIST)
	@for program in purser purser-registry; do scripts/strip.sh "$(RELEASE)/$$program" "$(DIST)/$$program"; done

test: clients ## debug build, then every test
	@scripts/test.sh

SECONDS ?= 60

fuzz: packages ## look for bytes that break a reader (TARGETS="npm json" SECONDS=60)
	@scripts/fuzz.sh --seconds $(SECONDS) $(TARGETS)

check: ## format, house rules, links and generated documentation; builds nothing
	@scripts/check.sh

demo: release ## the whole story on real packages: build, push, install, verify, replay, promote
	@scripts/demo.sh $(DIST)

bench: release ## our figures beside those of peers, in one run
	@Benchmarks/run.sh $(DIST)

install: release ## install programs, manual pages and completions into PREFIX (default /usr/local)
	@scripts/stage.sh $(DIST) "$(DESTDIR)$(PREFIX)"

dist: release ## a release in .build/dist: tarball, Debian package, install.sh, SHA256SUMS (DIST_KEY=FILE signs them)
	@scripts/packages.sh dist
	@scripts/dist.sh $(DIST) $(DIST) $(VERSION)

self: release ## that release made by Purser itself, replayed without a network, and compared
	@scripts/packages.sh dist
	@scripts/self.sh $(DIST)

clean: ## remove everything that was built
	rm -rf .build
