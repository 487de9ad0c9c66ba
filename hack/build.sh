#!/usr/bin/env bash
# Builds the product's binaries into bin/, or its container images as tarballs into dist/:
#
#   hack/build.sh bin             maint-job, controller, dashboard and kubectl-maint
#   hack/build.sh job             maint-job alone
#   hack/build.sh images [TAG]    the three images, by default under the tag that the chart asks for, and beside each what
#                                 it is made of (CycloneDX)
#   hack/build.sh platforms       the programs of the images for amd64 and arm64, the plugin for four platforms; ARCHES and
#                                 PLATFORMS name others
#   hack/build.sh demo-images     what only the demo needs: FerretDB and the seed program
#
# Binaries are static. Images are scratch with the binary, time zones, CA roots and a non-root user.
set -euo pipefail
cd "$(dirname "$0")/.."
TOOLS_BIN=${TOOLS_BIN:-$PWD/.tools/bin}
VERSION=${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo dev)}
REVISION=${REVISION:-$(git rev-parse HEAD 2>/dev/null || echo unknown)}

ARCHES=${ARCHES:-amd64 arm64}
PLATFORMS=${PLATFORMS:-linux-amd64 linux-arm64 darwin-amd64 darwin-arm64}

# The tag that the chart asks for, and the address of the repository.
home=$(awk '$1 == "home:" { print $2 }' charts/maintenance/Chart.yaml)
app=$(awk '$1 == "appVersion:" { gsub("\"", "", $2); print $2 }' charts/maintenance/Chart.yaml)

compile() { # compile PACKAGE OUTPUT, for GOOS and GOARCH
	CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w -X main.version=$VERSION" -o "$2" "$1"
}

labels() { # labels BINARY: of its image
	printf -- '--label org.opencontainers.image.%s ' "title=$(basename "$1")" "version=$VERSION" "revision=$REVISION" \
		licenses=Apache-2.0 "source=$home"
}

# shellcheck disable=SC2046 # labels are words
image() { # image BINARY REF: written only when the binary or the name is newer
	local tar=dist/$(basename "$1").tar
	[[ $tar -nt $1 && -f $tar.ref && $(<"$tar.ref") == "$2" ]] && return
	"$TOOLS_BIN/image" --binary "$1" --name "$2" --entrypoint "/$(basename "$1")" --user 65532:65532 --out "$tar.part" \
		$(labels "$1")
	mv "$tar.part" "$tar"
	echo "$2" >"$tar.ref"
	echo "built $tar ($2, $(du -h "$tar" | cut -f1))"
}

bill() { # bill BINARY: what it is made of
	go run ./hack/sbom --version "$VERSION" "bin/$1" >"dist/$1.cdx.json"
}

build_job() {
	compile ./cmd/maint-job bin/maint-job
}

build_bin() {
	build_job
	compile ./cmd/controller bin/controller
	compile ./cmd/dashboard bin/dashboard
}

build_plugin() {
	compile ./cmd/kubectl-maint bin/kubectl-maint
	install -m 755 cmd/kubectl-maint/kubectl_complete-maint bin/kubectl_complete-maint
}

mkdir -p bin dist
case ${1:-} in
job) build_job ;;
bin)
	build_bin
	build_plugin
	;;
images)
	build_bin
	image bin/maint-job "ucorefs/maint-job:${2:-$app}"
	image bin/controller "ucorefs/maint-controller:${2:-$app}"
	image bin/dashboard "ucorefs/maint-dashboard:${2:-$app}"
	bill maint-job
	bill controller
	bill dashboard
	;;
platforms)
	for arch in $ARCHES; do
		GOOS=linux GOARCH=$arch compile ./cmd/maint-job "bin/linux-$arch/maint-job"
		GOOS=linux GOARCH=$arch compile ./cmd/controller "bin/linux-$arch/controller"
		GOOS=linux GOARCH=$arch compile ./cmd/dashboard "bin/linux-$arch/dashboard"
	done
	for platform in $PLATFORMS; do
		GOOS=${platform%-*} GOARCH=${platform#*-} compile ./cmd/kubectl-maint "bin/$platform/kubectl-maint"
	done
	;;
index) # for release.sh: index BINARY REF --push | --archive FILE
	binaries=()
	for arch in $ARCHES; do binaries+=(--binary "$arch=bin/linux-$arch/$2"); done
	"$TOOLS_BIN/image" "${binaries[@]}" --name "$3" \
		--entrypoint "/$2" $(labels "$2") "${@:4}"
	;;
demo-images)
	compile ./hack/demo/seed bin/seed
	image bin/seed ucorefs/demo-seed:dev
	image "$TOOLS_BIN/ferretdb" ucorefs/demo-ferretdb:dev
	;;
*)
	echo "usage: hack/build.sh job | bin | images [TAG] | platforms | demo-images" >&2
	exit 64
	;;
esac
