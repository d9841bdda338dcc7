# make            build both programs into bin/
# make demo       see azinject at work against an emulated Azure
# make test       every test that needs no Docker
# make test-containers
#                 the tests that need Docker; see deploy/setup_test.go
# make check      vet, staticcheck, govulncheck, go.mod
# make bench      measure azinject against its budgets; BENCHFLAGS=-quick for a short run
# make fuzz       fuzz each target FUZZTIME, a number of runs (500000x) or a time
# make dist       a release, in dist/, with the version that git describes

VERSION  ?= devel
# A number of runs, because Go 1.26 may call it a failure that a time is up:
# https://go.dev/issue/75804
FUZZTIME ?= 500000x
# The one line that builds what ships; tests and Dockerfile.example use it too.
BUILD = CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags='-s -w -buildid= -X main.version=$(VERSION)'

.PHONY: build demo test test-containers check bench fuzz dist clean bin/azinject bin/azlocal

build: bin/azinject bin/azlocal

bin/azinject:
	$(BUILD) -o $(or $(OUT),$@) .

bin/azlocal:
	$(BUILD) -o $(or $(OUT),$@) ./azlocal

demo: build
	@bin/azlocal emulate testdata/azure.yaml --env-from testdata/deployment.yml \
		--requests bin/demo-requests.log -- testdata/demo.sh
	@testdata/demo.sh requests bin/demo-requests.log

test:
	go test -race -count=1 ./...
	cd bench && go test ./...

# Its binary is in the images of the tests too, so it is static.
test-containers:
	@docker version >/dev/null 2>&1 || { echo "make test-containers needs a Docker Engine that \"docker version\" reaches; make test does not"; exit 1; }
	CGO_ENABLED=0 go test -tags containers -count=1 -timeout 20m $(TESTFLAGS) ./deploy

check:
	go vet ./...
	go vet -tags containers ./deploy
	go mod tidy -diff
	cd bench && go vet ./... && go mod tidy -diff
	@test -z "$$(gofmt -l .)" || { echo "not formatted:"; gofmt -l .; exit 1; }
	go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	@.ci/govulncheck

bench: bin/azinject
	cd bench && go run . -json ../bin/bench.json -svg ../bin/bench.svg $(BENCHFLAGS)

# Finds the targets by itself. Go would spend most of a minute on making one
# interesting input smaller.
fuzz:
	@set -e; list=$$(go test -list '^Fuzz' ./...); \
	echo "$$list" | awk '/^Fuzz/ { name[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, name[i]; n = 0 }' | \
	while read -r package name; do \
		echo "$$package $$name"; \
		go test "$$package" -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s </dev/null; \
	done

# What a release has, as PROGRAM-OS-ARCH.
RELEASE = azinject-linux-amd64 azinject-linux-arm64 \
	azlocal-linux-amd64 azlocal-linux-arm64 azlocal-darwin-amd64 azlocal-darwin-arm64

# The version of all other builds stays "devel".
dist: VERSION = $(shell git describe --tags --always --dirty)
dist:
	@test -n '$(VERSION)' || { echo "git knows no version: make dist VERSION=..."; exit 1; }
	@rm -rf dist && mkdir dist
	@set -e; for name in $(RELEASE); do \
		platform=$${name#*-}; export GOOS=$${platform%-*} GOARCH=$${platform#*-}; \
		$(MAKE) --no-print-directory bin/$${name%%-*} OUT=dist/$$name VERSION='$(VERSION)'; \
	done
	@.ci/dist '$(VERSION)'

clean:
	rm -rf bin dist
