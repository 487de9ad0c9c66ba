#!/usr/bin/env bash
# Makes or sends what a release consists of:
#
#   hack/release.sh push REGISTRY     all images, for amd64 and arm64, to REGISTRY (such as host/project)
#   hack/release.sh folder            everything of a release into dist/release
#
# The images' tag is the chart's appVersion. The same commit gives the same bytes, wherever and whenever this runs.
set -euo pipefail
cd "$(dirname "$0")/.."
export TOOLS_BIN=${TOOLS_BIN:-$PWD/.tools/bin}
export VERSION=${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo dev)}
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export ARCHES=${ARCHES:-amd64 arm64}
export PLATFORMS=${PLATFORMS:-linux-amd64 linux-arm64 darwin-amd64 darwin-arm64}
app=$(awk '$1 == "appVersion:" { gsub("\"", "", $2); print $2 }' charts/maintenance/Chart.yaml)
home=$(awk '$1 == "home:" { print $2 }' charts/maintenance/Chart.yaml)
declare -A images=([maint-job]=maint-job [controller]=maint-controller [dashboard]=maint-dashboard)

push() { # push REGISTRY
	[[ -n ${1:-} ]] || { echo "release.sh: name the registry: make push REGISTRY=registry.example/media" >&2; exit 64; }
	hack/build.sh platforms
	for binary in maint-job controller dashboard; do
		hack/build.sh index "$binary" "$1/${images[$binary]}:$app" --push
	done
	echo "pushed; install with --set images.registry=$1"
}

folder() {
	rm -rf dist/release.part
	mkdir -p dist/release.part
	hack/build.sh platforms
	images_of_release
	chart_and_manifests
	plugin_archives
	checksums >dist/release.part.sums
	mv dist/release.part.sums dist/release.part/SHA256SUMS
	rm -rf dist/release
	mv dist/release.part dist/release
	ls -1sh dist/release
}

# checksums are made before their own file is there.
checksums() { (cd dist/release.part && sha256sum -- *); }

images_of_release() {
	for binary in maint-job controller dashboard; do
		hack/build.sh index "$binary" "ucorefs/${images[$binary]}:$app" --archive "dist/release.part/${images[$binary]}-$app.oci.tar"
		for arch in $ARCHES; do
			go run ./hack/sbom --version "$VERSION" "bin/linux-$arch/$binary" >"dist/release.part/${images[$binary]}-$app-linux-$arch.cdx.json"
		done
	done
}

chart_and_manifests() {
	hack/package.sh dist/release.part
	cp config/crd/*.yaml dist/release.part/crd.yaml
	cp docs/reference/schemas/*.schema.json dist/release.part
	# For people without Helm: one namespace, its own schedules. The registry is for them to fill in.
	"$TOOLS_BIN/helm" template maintenance charts/maintenance --namespace ucorefs --include-crds \
		--set images.registry="${REGISTRY:-REGISTRY}" >dist/release.part/install.yaml
}

# plugin_archives are what krew installs, and its manifest.
plugin_archives() {
	local platform entries=''
	for platform in $PLATFORMS; do
		local name=kubectl-maint-$app-$platform.tar.gz
		archive "$platform" >"dist/release.part/$name"
		entries+=$(krew_entry "$platform" "$name")$'\n'
	done
	sed -e "s/@VERSION@/v$app/" -e "s|@HOME@|$home|" -e "/@PLATFORMS@/{r /dev/stdin" -e 'd}' hack/krew.yaml <<<"${entries%$'\n'}" >dist/release.part/krew.yaml
}

archive() { # archive PLATFORM: the plugin, its completion and the licence
	local part
	part=$(mktemp -d)
	cp "bin/$1/kubectl-maint" cmd/kubectl-maint/kubectl_complete-maint LICENSE "$part"
	tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode='u+rwX,go+rX,go-w' -C "$part" -c . | gzip -n
	rm -rf "$part"
}

krew_entry() { # krew_entry PLATFORM ARCHIVE
	cat <<-YAML
		  - selector: {matchLabels: {os: ${1%-*}, arch: ${1#*-}}}
		    uri: $home/releases/download/v$app/$2
		    sha256: $(sha256sum "dist/release.part/$2" | cut -d' ' -f1)
		    bin: kubectl-maint
	YAML
}

case ${1:-} in
push) push "${2:-}" ;;
folder) folder ;;
*)
	echo "usage: hack/release.sh push REGISTRY | folder" >&2
	exit 64
	;;
esac
