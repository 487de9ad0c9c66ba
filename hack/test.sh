#!/usr/bin/env bash
# Passes every test. It installs what they need, and ends with what failed, what was skipped and why, and how many tests
# there were.
#
#   REQUIRE_ALL=1   a skipped test is a failure (CI)
set -euo pipefail
cd "$(dirname "$0")/.."
export TOOLS_DIR=${TOOLS_DIR:-$PWD/.tools}
export TOOLS_BIN=$TOOLS_DIR/bin

if [[ $(uname) != Linux ]]; then
	echo "test: the tests need Linux; make test-unit passes those that need nothing but Go" >&2
	exit 1
fi
# As root nothing needs to be skipped; without it each test says what it lacks.
if [[ $EUID == 0 ]]; then
	hack/tools/packages.sh
	hack/tools/build.sh all
	hack/tools/axe.sh
	export REQUIRE_ALL=${REQUIRE_ALL-1} CLUSTER_TEST=1 E2E_TEST=1
else
	echo "test: not root: the tests on a real cluster and on PostgreSQL are skipped; run make test as root for all of them"
	hack/tools/build.sh kube-apiserver kube-controller-manager kube-scheduler kubectl etcd ferretdb chart kube-score kubeconform gotestsum
fi

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
# run NAME FOLDER PACKAGE...: one module's tests; their JSON goes to the summary. `make verify` vets, and nobody debugs
# these programs.
run() {
	local name=$1 folder=$2
	shift 2
	(cd "$folder" && "$TOOLS_BIN/gotestsum" --format pkgname --hide-summary skipped --jsonfile "$results/$name.json" -- \
		-count=1 -timeout 40m -vet=off '-ldflags=-s -w' "$@") 2>&1 |
		sed -u "s/^/$name: /" || touch "$results/failed"
}

# Most tests wait for a server or a clock. Three lanes beside each other keep two cores busy. The parts of a cluster give each
# other deadlines: the other lanes run at a lower priority.
clusters() {
	[[ $EUID != 0 ]] || run end-to-end . ./hack/e2e
	run cluster hack/tools/cluster ./...
}
product() { # the packages that take longest come first
	local long='/((pkg|cmd)/controller|cmd/maint-job|hack/supplychain|pkg/runner|hack/campaigns/.*|pkg/dashboard)$'
	run product . -p 3 $(go list ./... | grep -E "$long") $(go list ./... | grep -vE "$long|/hack/e2e\$|/pkg/tasks(/|\$)")
}
servers() { # each task on three servers, then what has a module of its own
	local tasks
	tasks=$(go list ./pkg/tasks/... | grep -vE '/(cachecleanup|logrotation)$') # which use no database
	# On every form of the strict server, where a library takes little time, most of them are tried; more memory saves a
	# quarter of that time. Not tried there is what only FerretDB does: it returns free space at once, and compacts with
	# force alone.
	MONGOTEST_FORM=every GOGC=400 run strict . -p 2 -skip 'Compact|LargeCollections|TestWhatTheServerRefusesIsNamedAndTheRestIsDone' \
		./pkg/mongodb/stores ./pkg/references/... ./pkg/recount/... $tasks
	run sqlite . -p 2 ./pkg/tasks/...
	# PostgreSQL: how documents are stored. In which order a run writes, and when it reads vectors again, the others show.
	[[ $EUID != 0 ]] || FERRETDB_HANDLER=postgresql run postgresql . -p 2 \
		-skip 'RunKilled|WhatPeopleDo|LargeCollections|InDoubt|WhatIsInTheWayOf' ./pkg/mongodb/... $tasks
	HELM=helm3 run helm3 . ./hack/charttest
	run ferretdb hack/tools/ferretdb ./...
	run alerts hack/tools/alerts ./...
	run podsecurity hack/tools/podsecurity ./...
	run browser hack/browser ./...
}

set -m # a process group for each lane, which Ctrl-C ends as a whole
lanes=()
for lane in clusters product servers; do
	"$lane" </dev/null &
	lanes+=("$!")
	[[ $lane == clusters ]] || renice -n 10 -g "$!" >/dev/null
done
trap 'for lane in "${lanes[@]}"; do kill -- "-$lane" 2>/dev/null || true; done; exit 130' INT TERM
wait "${lanes[@]}"

failed=0
[[ ! -e $results/failed ]] || failed=1
"$TOOLS_BIN/gotestsum" --format none --raw-command -- cat "$results"/*.json || failed=1 # of all modules
if [[ ${REQUIRE_ALL-} == 1 ]] && grep -q '"Action":"skip".*"Test":' "$results"/*.json; then
	echo "test: REQUIRE_ALL=1 is set, and tests were skipped" >&2
	failed=1
fi
[[ $EUID == 0 ]] || echo "skipped: every test of pkg/mongodb and pkg/tasks on PostgreSQL: needs root and Debian's packages"
exit $failed
