#!/usr/bin/env bash
# Writes the generated files again: the API types of the tasks, deep copies, the CRD, the chart's copy of it, and docs/reference.
set -euo pipefail
cd "$(dirname "$0")/.."
TOOLS_BIN=${TOOLS_BIN:-$PWD/.tools/bin}
hack/tools/build.sh controller-gen >&2
go run ./hack/tasks
"$TOOLS_BIN/controller-gen" object paths=./pkg/api/... 
"$TOOLS_BIN/controller-gen" crd paths=./pkg/api/... output:crd:dir=config/crd
# The API server would answer with the pattern of a quantity. The fields have rules that say in words what to write.
sed -i '/^ *pattern: \^(\\+|-)?((\[0-9]+/d' config/crd/*.yaml
hack/chart-crd.sh
go run ./hack/reference docs/reference
go run ./hack/schemas docs/reference/schemas
