#!/usr/bin/env bash
# The demo: a damaged library and its maintenance, first on this machine, then in a local Kubernetes.
#
#   hack/demo/demo.sh up      show every task on this machine, then, as root, a cluster; a second call is quick
#   hack/demo/demo.sh down    remove all of it
#
#   DEMO_CLUSTER=none         stop after the part without a cluster
#   DEMO_CLUSTER=existing     use the cluster of $KUBECONFIG instead of making one; DEMO_LOAD is the command that brings an
#                             image tarball into it, for example DEMO_LOAD="kind load image-archive"
#   CLUSTER=name              name of the local cluster (demo)
set -euo pipefail
cd "$(dirname "$0")/../.."

CLUSTER=${CLUSTER:-demo}
DEMO_CLUSTER=${DEMO_CLUSTER:-local}
export TOOLS_DIR=${TOOLS_DIR:-$PWD/.tools}
export TOOLS_BIN=$TOOLS_DIR/bin
manifests=hack/demo/manifests
cluster_dir=$PWD/.cluster/$CLUSTER
local_dir=$PWD/.demo # hack/demo/local marks it as its own

up() {
	check_machine
	trap interrupted INT
	show_tasks
	may_use_cluster || return 0
	build_everything
	use_cluster
	start_library
	seed_library
	install_maintenance
	apply_schedules
	wait_for_scheduled_run verify-every-minute
	run_by_hand counts-nightly
	show_results
}

down() {
	[[ ! -e $local_dir/made-by-make-demo ]] || rm -rf "$local_dir"
	if [[ $DEMO_CLUSTER == existing ]]; then
		need_existing
		"$TOOLS_BIN/helm" uninstall maintenance --namespace ucorefs --ignore-not-found --wait
		kube delete namespace ucorefs --ignore-not-found
		kube delete crd maintenanceschedules.maintenance.ucorefs.io --ignore-not-found
	elif [[ -d $cluster_dir && -x $TOOLS_BIN/cluster ]]; then
		cluster down
		rm -rf "$cluster_dir"
	fi
	say "the demo is gone; make clean also removes the tools that were built"
}

# --- the steps ---

check_machine() {
	[[ $(uname) == Linux ]] || stop "the demo needs Linux; elsewhere run it in a Debian or Ubuntu virtual machine"
	command -v go >/dev/null || stop "the demo needs Go 1.26 or newer: install it and put it on the PATH"
	[[ $DEMO_CLUSTER =~ ^(local|none|existing)$ ]] || stop "DEMO_CLUSTER=$DEMO_CLUSTER: use local, none or existing"
	[[ $DEMO_CLUSTER != existing ]] || need_existing
}

need_existing() {
	[[ -n ${KUBECONFIG:-} ]] || stop "DEMO_CLUSTER=existing needs KUBECONFIG: the file that names your cluster"
	[[ -n ${DEMO_LOAD:-} ]] || stop 'DEMO_CLUSTER=existing needs DEMO_LOAD: the command that loads an image tarball, for example "kind load image-archive"'
}

interrupted() {
	printf '\ndemo: stopped; make demo goes on from here, make demo-down removes everything it made\n' >&2
	exit 130
}

# show_tasks needs neither root nor a cluster, and builds nothing but what it runs.
show_tasks() {
	say "Building maint-job and FerretDB (the first time about a minute on 2 idle cores)"
	quiet hack/build.sh job
	hack/tools/build.sh ferretdb
	quiet go build -o bin/demo ./hack/demo/local
	bin/demo --maint-job bin/maint-job --ferretdb "$TOOLS_BIN/ferretdb" --dir "$local_dir"
}

# may_use_cluster says what comes next, or how to get there.
may_use_cluster() {
	[[ $DEMO_CLUSTER != none ]] || return 1
	if [[ $DEMO_CLUSTER == local && $EUID != 0 ]]; then
		cat <<-'TEXT'

			==> Next: the same in Kubernetes
			    A local cluster from Go modules needs root on Debian or Ubuntu:

			    sudo make demo

			    With a cluster of your own (kind, for example):

			    DEMO_CLUSTER=existing KUBECONFIG=~/.kube/config \
			        DEMO_LOAD="kind load image-archive" make demo
		TEXT
		return 1
	fi
	say "Next: the same in Kubernetes (Ctrl-C stops; make demo goes on from there)"
}

build_everything() {
	if [[ $DEMO_CLUSTER == existing ]]; then
		hack/tools/build.sh kubectl helm image
	else
		echo "    This builds Kubernetes, etcd, containerd, CoreDNS and Helm from Go modules:"
		echo "    the first time about 12 minutes on 2 idle cores, afterwards nothing."
		hack/tools/packages.sh cluster
		hack/tools/build.sh cluster-tools helm
	fi
	say "Building the images"
	quiet hack/build.sh images
	quiet hack/build.sh demo-images
}

use_cluster() {
	if [[ $DEMO_CLUSTER == existing ]]; then
		say "your cluster: $(kube config current-context)"
		for tar in dist/*.tar; do $DEMO_LOAD "$tar"; done
		return
	fi
	say "the local cluster $CLUSTER"
	cluster up
	export KUBECONFIG=$cluster_dir/kubeconfig
	cluster load dist/*.tar
	local_volume
}

# The local cluster has no storage class: the library's volume is a folder of the cluster's.
local_volume() {
	install -d -o 65532 -g 65532 "$cluster_dir/library"
	kube apply -f - <<-YAML
		apiVersion: v1
		kind: PersistentVolume
		metadata: {name: ucorefs-library}
		spec:
		  capacity: {storage: 1Gi}
		  accessModes: [ReadWriteOnce]
		  hostPath: {path: $cluster_dir/library}
		  claimRef: {namespace: ucorefs, name: ucorefs-library}
	YAML
}

start_library() {
	say "the library's database (FerretDB, which speaks MongoDB's protocol)"
	kube apply -f $manifests/library.yaml
	kube rollout status -n ucorefs deployment/ferretdb --timeout 5m
}

seed_library() {
	if [[ $(kube get job seed -n ucorefs -o jsonpath='{.status.succeeded}' 2>/dev/null) == 1 ]]; then
		say "the library is seeded already"
		return
	fi
	say "a few thousand records and files, with known damage in them"
	run_seed seed '--root=/library, --wait=60s'
}

install_maintenance() {
	say "helm install"
	"$TOOLS_BIN/helm" upgrade --install maintenance charts/maintenance --namespace ucorefs \
		--values hack/demo/values.yaml --wait --timeout 5m
}

apply_schedules() {
	say "kubectl apply of the schedules"
	kube apply -f $manifests/schedules.yaml
}

wait_for_scheduled_run() {
	say "waiting for the first scheduled run of $1 (cron fires on the minute)"
	wait_for_status "$1" '{.status.lastRun.outcome}' '^(Succeeded|Failed|Partial|Refused)$'
}

# run_by_hand SCHEDULE: a run that met the lock of another says so and did nothing; then again, until it had the lock.
run_by_hand() {
	local value
	wait_for_status "$1" "{.status.lastOrder.uid}" . # what is there before would start nothing
	value=$(date +%s)
	say "a manual run of $1: kubectl annotate msched $1 maintenance.ucorefs.io/run-now=$value"
	run_now "$1" "$value"
	while [[ $(kube get msched "$1" -n ucorefs -o jsonpath='{.status.lastRun.reason}') == Locked ]]; do
		echo "it was skipped, since the scheduled run holds the lock; once more"
		sleep 10
		run_now "$1" "$(date +%s)"
	done
}

run_now() { # run_now SCHEDULE VALUE: until that run has ended
	kube annotate msched "$1" -n ucorefs --overwrite maintenance.ucorefs.io/run-now="$2"
	wait_for_status "$1" '{.status.runNow}/{.status.lastRun.outcome}/{.status.active}' "^$2/.+/(\[\])?$"
}

show_results() {
	# A run that met the manual one skipped; the next one is the interesting one.
	wait_for_status verify-every-minute '{.status.lastRun.outcome}' '^Succeeded$'
	say "kubectl get maintenanceschedules"
	kube get maintenanceschedules -n ucorefs
	local name
	for name in verify-every-minute counts-nightly; do
		say "the last result of $name"
		kube get msched "$name" -n ucorefs -o jsonpath='{.status.lastRun}' | pretty
	done
	say "an independent recount of the database"
	kube delete job recount -n ucorefs --ignore-not-found >/dev/null
	run_seed recount 'verify'
	say "done. Look around:  export KUBECONFIG=$KUBECONFIG PATH=$TOOLS_BIN:\$PATH; kubectl get msched -n ucorefs -w"
	say "and then:           make demo-down"
}

# --- what the steps use ---

kube() { "$TOOLS_BIN/kubectl" "$@"; }
cluster() { local verb=$1; shift; "$TOOLS_BIN/cluster" "$verb" --name "$CLUSTER" --dir "$cluster_dir" "$@"; }
say() { if [[ -t 1 ]]; then printf '\n\033[1m==> %s\033[0m\n' "$*"; else printf '\n==> %s\n' "$*"; fi; }
stop() { echo "demo: $*" >&2; exit 1; }
quiet() { "$@" 2>&1 | { grep -v '^go: downloading' || true; }; }
pretty() { python3 -m json.tool 2>/dev/null || cat; }

# run_seed NAME ARGS: one Job of the seed program, its output shown; fails when it fails.
run_seed() {
	kube delete job "$1" -n ucorefs --ignore-not-found >/dev/null
	sed -e "s/NAME/$1/; s|COMMAND|$2|" $manifests/seed-job.yaml | kube apply -f -
	wait_for_pod "batch.kubernetes.io/job-name=$1"
	kube logs -n ucorefs -f "job/$1"
	kube wait -n ucorefs --for=condition=Complete "job/$1" --timeout 2m >/dev/null
}

# wait_for_pod LABEL: until it runs or has ended, at most 5 minutes.
wait_for_pod() {
	local deadline=$((SECONDS + 300))
	until [[ $(kube get pod -n ucorefs -l "$1" -o jsonpath='{.items[*].status.phase}') =~ Running|Succeeded|Failed ]]; do
		((SECONDS < deadline)) || { kube describe pod -n ucorefs -l "$1"; stop "no pod started within 5 minutes"; }
		sleep 0.3
	done
}

# wait_for_status SCHEDULE JSONPATH PATTERN: at most 5 minutes, with what is there on failure.
wait_for_status() {
	local got deadline=$((SECONDS + 300))
	until got=$(kube get msched "$1" -n ucorefs -o jsonpath="$2") && [[ $got =~ $3 ]]; do
		if ((SECONDS > deadline)); then
			kube describe msched "$1" -n ucorefs
			kube get jobs,pods -n ucorefs
			stop "$1 did not get there within 5 minutes (status: $got)"
		fi
		sleep 1
	done
}

case ${1:-} in
up) up ;;
down) down ;;
*) stop "say up or down" ;;
esac
