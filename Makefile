# UCore FS maintenance. `make help` lists the targets; the README says what the two main ones do.
SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

export TOOLS_DIR  ?= $(CURDIR)/.tools
export TOOLS_BIN  := $(TOOLS_DIR)/bin
# Debian's Go may live outside the PATH that sudo leaves.
export PATH       := $(TOOLS_BIN):$(PATH):/usr/local/go/bin:/usr/lib/go/bin

# One way to compile for tests, checks, images and tools, so that Go's cache serves them all.
export CGO_ENABLED := 0
export GOFLAGS     := -trimpath -buildvcs=false

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

##@ Use it

.PHONY: demo
demo: ## Show every task on a small damaged library; then, as root, the same in a local Kubernetes
	@hack/demo/demo.sh up

.PHONY: demo-down
demo-down: ## Remove all that `make demo` made
	@hack/demo/demo.sh down

.PHONY: build
build: ## Build maint-job, controller, dashboard and the kubectl plugin into bin/
	hack/build.sh bin

.PHONY: images
images: ## Build the container images, as tarballs in dist/, each with its bill of materials
	hack/tools/build.sh image
	hack/build.sh images

.PHONY: push
push: ## Push the images for amd64 and arm64: make push REGISTRY=registry.example/media
	hack/tools/build.sh image
	hack/release.sh push $(REGISTRY)

.PHONY: release
release: ## Make everything of a release in dist/release
	hack/tools/build.sh image helm
	hack/release.sh folder

.PHONY: chart
chart: ## Package the chart into dist/, reproducibly
	hack/tools/build.sh helm
	VERSION=$(VERSION) hack/package.sh dist

##@ Work on it

.PHONY: test
test: ## Pass every test: unit, database, API server, chart, real cluster
	hack/test.sh

.PHONY: test-unit
test-unit: ## Pass the tests that need nothing but Go; the others are skipped
	REQUIRE_ALL= go test ./...

.PHONY: bench
bench: ## Measure the tasks beside bare loops, GNU find and others; hack/bench has the figures
	hack/tools/build.sh ferretdb
	BENCH_FILES=100000 REQUIRE_ALL=1 go test -run '^$$' -bench CleanLibrary/^[^b] -benchtime 3x -timeout 1h -v ./hack/bench
	BENCH_FILES=20000 REQUIRE_ALL=1 go test -run '^$$' -bench CleanLibrary/background -benchtime 3x -timeout 1h -v ./hack/bench
	BENCH_FILES=500000 go test -run '^$$' -bench Replay -benchtime 5x -timeout 1h ./hack/bench
	BENCH_FILES=20000 go test -run '^$$' -bench FAISS -benchtime 3x -timeout 1h ./hack/bench
	DISK_FILES=100000 REQUIRE_ALL=1 go test -run '^$$' -bench . -benchtime 1x -timeout 1h -v ./hack/bench/disk

.PHONY: bench-large
bench-large: ## The same with 1 million files on FerretDB and on disk, 10 million replayed and 50 million held: hours
	hack/tools/build.sh ferretdb
	BENCH_FILES=1000000 REQUIRE_ALL=1 go test -run '^$$' -bench CleanLibrary/^[^b] -benchtime 3x -timeout 9h -v ./hack/bench
	BENCH_FILES=10000000 go test -run '^$$' -bench Replay -benchtime 5x -timeout 9h ./hack/bench
	MEMORY_FILES=50000000 go test -run WhatIsHeld -v ./hack/bench
	DISK_FILES=1000000 REQUIRE_ALL=1 go test -run '^$$' -bench . -benchtime 1x -timeout 9h -v ./hack/bench/disk

.PHONY: screenshots
screenshots: ## Make the screenshots of the dashboard in docs/images again, in Chromium
	hack/tools/packages.sh
	hack/tools/build.sh kube-apiserver kube-controller-manager etcd
	cd hack/browser && SCREENSHOTS=docs/images REQUIRE_ALL=1 go test -count=1 -run TestScreenshots .

.PHONY: reproducible
reproducible: ## Build everything twice from nothing, and compare to the last bit (about 10 minutes)
	hack/tools/build.sh image helm kube-apiserver kube-controller-manager etcd
	REPRODUCIBLE=1 REQUIRE_ALL=1 go test -count=1 -timeout 1h -v ./hack/supplychain

.PHONY: generate
generate: ## Write the generated files again: the API types of the tasks, the CRD, docs/reference, tables of tasks
	hack/generate.sh

.PHONY: verify
verify: ## Regenerate, format, vet, lint, check imports; fail when anything differs from what is committed
	hack/verify.sh

.PHONY: tools
tools: ## Build the tools that tests and the demo use into .tools/bin
	hack/tools/packages.sh
	hack/tools/build.sh all
	hack/tools/axe.sh

.PHONY: clean
clean: demo-down ## Remove what was built here, the tools included
	rm -rf bin dist .tools .cluster .demo

.PHONY: help
help: ## Show this
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
