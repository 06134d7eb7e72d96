# SPDX-License-Identifier: EUPL-1.2
# Two commands matter: `make demo` runs the main job, `make test` passes the tests. `make help` lists the rest.

SWIFT_BUILD = swift build -c release
KONTOR = .build/release/kontor
DATA ?= .kontor-data
LISTEN ?= 127.0.0.1:8080
ESTATE ?= .build/estate
IMAGES ?= 100000

.DEFAULT_GOAL := help
.PHONY: help setup kontor demo demo-stop serve test bench estate lint format

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: ## install the packages this machine lacks
	@scripts/setup

kontor: setup ## build the release program and print its path
	@$(SWIFT_BUILD) --product kontor >&2
	@echo "$(CURDIR)/$(KONTOR)"

demo: kontor ## push two real images, print their verdicts, leave the node running
	@scripts/demo

demo-stop: ## stop the node that `make demo` left running
	@scripts/demo --stop

serve: kontor ## run a node (DATA=.kontor-data LISTEN=127.0.0.1:8080)
	$(KONTOR) serve --data $(DATA) --listen $(LISTEN)

test: setup ## build and run every test, real clients and the demo included
	@scripts/test

bench: setup ## measure against the peers, in ratios
	@scripts/bench

estate: setup ## make and measure an estate (FEEDS=folder ESTATE=.build/estate IMAGES=100000)
	@scripts/estate --feeds "$(FEEDS)" --data "$(ESTATE)" --images $(IMAGES)

lint: setup ## check format, licences and scripts
	@scripts/lint

format: ## format the Swift sources in place
	swift format -i -r Sources Tests Package.swift
