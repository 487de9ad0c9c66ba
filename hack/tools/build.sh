#!/usr/bin/env bash
# Builds tools from their pinned sources into $TOOLS_DIR/bin (TOOLS_DIR is .tools in the repository by default):
#
#   hack/tools/build.sh all | GROUP... | TOOL...     groups: cluster-tools, database, chart, check
#
# tools.txt lists them. What is there already, from the same pin and the same source, is left alone, so the second
# call takes no time. It needs Go and the Go module proxy, nothing else.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
tools=${TOOLS_DIR:-$here/../../.tools}
kubernetes=$(awk '$1 == "k8s.io/kubernetes" { print $2 }' "$here/cluster/go.mod")
helm=$(awk '$1 == "helm.sh/helm/v4" { print $2 }' "$here/cluster/go.mod")

# Kubernetes takes its version from the linker; without it version checks see v0.0.0. Where a program has no such
# variable the linker passes over it.
minor=${kubernetes#v1.}
ldflags="-s -w
  -X k8s.io/component-base/version.gitVersion=$kubernetes
  -X k8s.io/component-base/version.gitMajor=1
  -X k8s.io/component-base/version.gitMinor=${minor%%.*}
  -X helm.sh/helm/v4/internal/version.version=$helm"
# Without these Helm 3 takes the cluster of `helm template` for an ancient one.
helm3="-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=${minor%%.*}"
export CGO_ENABLED=0 GOWORK=off GOFLAGS='' GOBIN=''
flags=(-buildvcs=false -trimpath -ldflags "${ldflags//$'\n'/ }")

main() {
  [ $# -gt 0 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 64; }
  command -v go >/dev/null || { echo "build.sh: Go is not installed: see https://go.dev/dl" >&2; exit 1; }
  mkdir -p "$tools/bin" "$tools/stamps"
  tools=$(cd "$tools" && pwd)
  exec 9>"$tools/lock"
  flock -n 9 || { echo "waiting for another build to end"; flock 9; }
  new=$(mktemp -d "$tools/new.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  build_stale "$@"
}

# build_stale builds what was asked for and is not up to date, in the order of tools.txt; Kubernetes' programs in one go,
# which keeps every core busy.
build_stale() {
  local group name package version batch=() stale=() total done=0
  while read -r group name package version; do
    wanted "$group" "$name" "$@" || continue
    is_fresh "$name" "$package" "$version" && continue
    stale+=("$name $package $version")
    [[ $package != k8s.io/kubernetes/* ]] || batch+=("$name")
  done < <(list)
  total=${#stale[@]}
  for tool in "${stale[@]}"; do
    done=$((done + 1))
    if [[ $tool != *" k8s.io/kubernetes/"* ]]; then
      # shellcheck disable=SC2086 # three words
      build_one "[$done/$total]" $tool
    elif [[ $tool == "${batch[0]} "* ]]; then
      build_kubernetes "[$done-$((done + ${#batch[@]} - 1))/$total]" "${batch[@]}"
    fi
  done
}

build_kubernetes() {
  local label=$1; shift
  begin "$label Kubernetes $kubernetes: $* (the first time about 8 minutes on 2 idle cores)"
  (cd "$here/cluster" && counting go build -v "${flags[@]}" -o "$new/" "${@/#/k8s.io/kubernetes/cmd/}")
  for name in "$@"; do
    install_tool "$name" "k8s.io/kubernetes/cmd/$name" cluster/go.mod
  done
  finish
}

build_one() {
  local label=$1 name=$2 package=$3 version=$4 own=()
  case $version in
    here)   begin "$label $name"
            (cd "$here/$package" && quiet go build "${flags[@]}" -o "$new/$name" .) ;;
    */go.mod)
            begin "$label $name"
            (cd "$here/${version%/go.mod}" && quiet go build "${flags[@]}" -o "$new/$name" "$package") ;;
    *)      begin "$label $name $version"
            mkdir -p "$new/$name.d" # a program may be called otherwise here
            [ "$name" != helm3 ] || own=(-ldflags "-s -w $helm3")
            (cd "$new" && GOBIN=$new/$name.d quiet go install "${flags[@]}" "${own[@]}" "$package@$version")
            mv "$new/$name.d/"* "$new/$name" ;;
  esac
  install_tool "$name" "$package" "$version"
  finish
}

# install_tool puts the finished binary in its place in one step, then notes what it was made from.
install_tool() {
  mv -f "$new/$1" "$tools/bin/$1"
  key "$2" "$3" >"$tools/stamps/$1"
}

is_fresh() {
  [ -x "$tools/bin/$1" ] && [ -f "$tools/stamps/$1" ] && [ "$(<"$tools/stamps/$1")" = "$(key "$2" "$3")" ]
}

# key is what a binary depends on: its pin, or the content of the source it is made from.
key() {
  local module=${1#./}
  case $2 in
    here)     echo "$1 $(source_hash "${module%%/*}") $ldflags" ;;
    */go.mod) echo "$1 $(sha256sum <"$here/$2") $ldflags" ;;
    *)        echo "$1@$2 $ldflags"; [[ $1 != helm.sh/helm/v3/* ]] || echo "$helm3" ;;
  esac
}

source_hash() { # source_hash MODULE
  (cd "$here/$1" && find . -type f \( -name '*.go' -o -name 'go.*' -o -path '*/files/*' \) ! -name '*_test.go' -print0 |
    sort -z | xargs -0 sha256sum | sha256sum)
}

list() { grep -v '^#' "$here/tools.txt"; }

# wanted GROUP NAME ASKED...
wanted() {
  local group=$1 name=$2 asked; shift 2
  for asked; do
    case $asked in all | "$group" | "$name") return 0 ;; esac
  done
  return 1
}

check_names() {
  local asked
  for asked; do
    [ "$asked" = all ] || list | awk -v a="$asked" '$1 == a || $2 == a { found = 1 } END { exit !found }' ||
      { echo "build.sh: no tool or group \"$asked\" in hack/tools/tools.txt" >&2; exit 64; }
  done
}

# quiet runs go without its line for every module it downloads.
quiet() { "$@" 2>&1 | { grep -v '^go: downloading' || true; } >&2; }

# counting runs `go build -v` and, on a terminal, shows how many packages it has compiled instead of their names.
counting() {
  "$@" 2>&1 | awk -v shown="$([ ! -t 2 ] || echo 1)" '
    /^go: downloading/ { next }
    /^[^ ]+$/          { if (shown) { printf "\r    %d packages compiled", ++n; fflush() } next }
                       { if (n) printf "\n"; n = 0; print }
    END                { if (n) printf "\n" }' >&2
}

begin() { started=$SECONDS; echo "$1"; }
finish() { echo "    took $((SECONDS - started))s"; }

check_names "$@"
main "$@"
