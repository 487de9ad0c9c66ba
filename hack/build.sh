#!/usr/bin/env bash
# Builds the product's binaries into bin/, or its container images as tarballs into dist/:
#
#   hack/build.sh bin             maint-job, controller and kubectl-maint
#   hack/build.sh job             maint-job alone
#   hack/build.sh images [dev]    the two images, under that tag, and beside each what it is made of (CycloneDX)
#   hack/build.sh demo-images     what only the demo needs: FerretDB and the seed program
#
# Binaries are static. Images are scratch with the binary, time zones, CA roots and a non-root user.
set -euo pipefail
cd "$(dirname "$0")/.."
TOOLS_BIN=${TOOLS_BIN:-$PWD/.tools/bin}
VERSION=${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo dev)}
REVISION=${REVISION:-$(git rev-parse HEAD 2>/dev/null || echo unknown)}

compile() { # compile PACKAGE OUTPUT
	CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w -X main.version=$VERSION" -o "$2" "$1"
}

image() { # image BINARY REF: written only when the binary is newer
	local tar=dist/$(basename "$1").tar
	[[ $tar -nt $1 ]] && return
	"$TOOLS_BIN/image" --binary "$1" --name "$2" --entrypoint "/$(basename "$1")" --user 65532:65532 --out "$tar.part" \
		--label org.opencontainers.image.title="$(basename "$1")" --label org.opencontainers.image.version="$VERSION" \
		--label org.opencontainers.image.revision="$REVISION" --label org.opencontainers.image.licenses=Apache-2.0 \
		--label org.opencontainers.image.source=https://github.com/ucorefs/maintenance
	mv "$tar.part" "$tar"
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
	image bin/maint-job "ucorefs/maint-job:${2:-dev}"
	image bin/controller "ucorefs/maint-controller:${2:-dev}"
	bill maint-job
	bill controller
	;;
demo-images)
	compile ./hack/demo/seed bin/seed
	image bin/seed ucorefs/demo-seed:dev
	image "$TOOLS_BIN/ferretdb" ucorefs/demo-ferretdb:dev
	;;
*)
	echo "usage: hack/build.sh job | bin | images [TAG] | demo-images" >&2
	exit 64
	;;
esac
