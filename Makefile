# make            build both programs into bin/
# make demo       see azinject at work against an emulated Azure
# make test       every test that does not need Docker
# make test-containers
#                 the tests that need Docker (deploy/setup_test.go)
# make check      vet, staticcheck, govulncheck, go.mod
# make bench      measure azinject against its budgets, or quickly with BENCHFLAGS=-quick
# make fuzz       fuzz each target for FUZZTIME, a number of runs (500000x) or a time
# make dist       make a release in dist/, with the version from git describe
# make image      make images that contain azinject alone, for COPY --from=azinject

VERSION  ?= devel
# A number of runs, because Go 1.26 may report the end of a time as a failure:
# https://go.dev/issue/75804
FUZZTIME ?= 500000x
# The only line that builds the programs. Tests and Dockerfile.example use it too.
# None of its flags changes what they do. On amd64 Go aligns functions to 32 bytes,
# which would make azinject 75 kB larger.
BUILD = CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags='-s -w -buildid= -funcalign=16 -X main.version=$(VERSION)'

.PHONY: build demo test test-containers check bench fuzz dist image version clean bin/azinject bin/azlocal

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
	go test -race -count=1 -timeout 30m ./...
	cd bench && go test ./...

# The test binary is static because it also runs inside the images.
test-containers:
	@docker version >/dev/null 2>&1 || { echo "make test-containers needs Docker Engine, and \"docker version\" fails"; exit 1; }
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
	cd bench && go run . $(BENCHFLAGS)
	@test -n '$(BENCHFLAGS)' || go test -count=1 -timeout 30m -run TestLargeFleets -v ./resolve -args -large-fleets

# Finds the targets by itself. Without -fuzzminimizetime, Go would spend up to a
# minute on minimizing one input.
fuzz:
	@set -e; list=$$(go test -list '^Fuzz' ./...); \
	echo "$$list" | awk '/^Fuzz/ { name[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, name[i]; n = 0 }' | \
	while read -r package name; do \
		echo "$$package $$name"; \
		go test "$$package" -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s </dev/null; \
	done

# The programs of a release, as PROGRAM-OS-ARCH.
RELEASE = azinject-linux-amd64 azinject-linux-arm64 \
	azlocal-linux-amd64 azlocal-linux-arm64 azlocal-darwin-amd64 azlocal-darwin-arm64

# All other builds have the version "devel".
dist image: VERSION = $(shell git describe --tags --always --dirty)
dist image: version
version:
	@test -n '$(VERSION)' || { echo "git does not describe a version: make $(MAKECMDGOALS) VERSION=..."; exit 1; }

dist:
	@rm -rf dist && mkdir dist
	@set -e; for name in $(RELEASE); do \
		platform=$${name#*-}; export GOOS=$${platform%-*} GOARCH=$${platform#*-}; \
		$(MAKE) --no-print-directory bin/$${name%%-*} OUT=dist/$$name VERSION='$(VERSION)'; \
	done
	@.ci/dist '$(VERSION)'

# The name of the images, and further options of docker build.
IMAGE ?= azinject
IMAGEFLAGS ?=

image:
	@.ci/image '$(IMAGE)' '$(VERSION)' $(IMAGEFLAGS)

clean:
	rm -rf bin dist
