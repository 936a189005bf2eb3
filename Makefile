# A front to CMake presets and tools/: `make help` lists the targets. Everything is built below build/.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test build check format asan tsan fuzz cov soak bench oracle-record clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' Makefile

demo: ## install what is missing, build, show a live windowed aggregation and a job that survives kill -9
	@tools/bootstrap.sh demo
	@tools/demo.sh

test: ## install what is missing, build, run every suite; ends with "N passed, N failed, N skipped"
	@tools/bootstrap.sh test
	@tools/test.sh

build: ## install what is missing, build the release program: build/release/sabot
	@tools/bootstrap.sh demo
	@tools/build.sh release

check: ## fast checks of the sources (layers, names, sizes, headers, format), no build
	@tools/bootstrap.sh check
	@tools/test.sh check

format: ## format all C and C++ sources in place
	@tools/format.sh

asan: ## the suites under the address and undefined behaviour sanitizers
	@tools/bootstrap.sh test
	@tools/test.sh asan

tsan: ## the suites under the thread sanitizer
	@tools/bootstrap.sh test
	@tools/test.sh tsan

fuzz: ## run each fuzzer with libFuzzer for FUZZ_SECONDS (60)
	@tools/bootstrap.sh fuzz
	@SABOT_FUZZ_SECONDS=$(or $(FUZZ_SECONDS),60) tools/test.sh fuzz

cov: ## line and branch coverage of the tests, summary in build/cov/coverage.txt
	@tools/bootstrap.sh test
	@tools/coverage.sh

soak: ## simulator seeds and kill loops for SOAK_MINUTES (60)
	@tools/bootstrap.sh demo
	@tools/soak.sh $(or $(SOAK_MINUTES),60)

bench: ## build the release program and run the benchmarks
	@tools/bootstrap.sh demo
	@tools/bench.sh

oracle-record: ## record expected results from real Flink (tests/oracle/record; needs a JDK 17 and network)
	@if [ -x tests/oracle/record ]; then tests/oracle/record; \
	else echo "tests/oracle/record is not there" >&2; exit 1; fi

clean: ## remove build/
	rm -rf build
