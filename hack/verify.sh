#!/usr/bin/env bash
# Checks what needs no server: that generated files are up to date, formatting, vet, staticcheck, the chart, the import
# rules. It changes files only where they were out of date, and then fails, showing the difference.
set -euo pipefail
cd "$(dirname "$0")/.."
TOOLS_BIN=${TOOLS_BIN:-$PWD/.tools/bin}

step() { echo "verify: $*"; }

step "tools"
hack/tools/build.sh controller-gen staticcheck helm
step "generated files"
hack/generate.sh
step "format"
gofmt -l -w $(git ls-files '*.go')
step "go.mod is tidy"
go mod tidy -diff
step "vet, all modules"
go vet ./...
(cd hack/tools/cluster && go vet ./...)
(cd hack/tools/ferretdb && go vet ./...)
(cd hack/tools/alerts && go vet ./...)
(cd hack/tools/podsecurity && go vet ./...)
(cd hack/bench/slowdisk && go vet ./...)
(cd hack/browser && go vet -tags realcluster ./...)
step "staticcheck"
"$TOOLS_BIN/staticcheck" ./...
step "helm lint"
"$TOOLS_BIN/helm" lint --strict charts/maintenance --set images.registry=registry.example.com/ucorefs
step "import rules"
go test -count=1 ./hack/importrules
step "nothing differs from what is committed"
git diff --exit-code
