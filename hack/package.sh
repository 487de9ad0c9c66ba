#!/usr/bin/env bash
# Packages the chart into a folder (dist by default), the same to the last bit wherever and whenever that is done.
#
# Left to itself Helm puts the files' times into the package, which are those of the checkout. With SOURCE_DATE_EPOCH, in seconds, all
# have that one; here it is the last commit's unless it is set.
set -euo pipefail
cd "$(dirname "$0")/.."
TOOLS_BIN=${TOOLS_BIN:-$PWD/.tools/bin}
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
# A release's chart is for the release's images.
app=$(awk '$1 == "appVersion:" { gsub("\"", "", $2); print $2 }' charts/maintenance/Chart.yaml)
if [[ ${VERSION:-} =~ ^v[0-9.]+$ && $VERSION != "v$app" ]]; then
	echo "package.sh: this is $VERSION, but appVersion in charts/maintenance/Chart.yaml is $app: write ${VERSION#v} there" >&2
	exit 65
fi
"$TOOLS_BIN/helm" package charts/maintenance --destination "${1:-dist}"
