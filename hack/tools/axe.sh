#!/usr/bin/env bash
# Fetches axe-core, which checks pages for accessibility, into $TOOLS_DIR/axe/axe.min.js: the pinned version with the pinned
# checksum, by npm. What is there already is left alone. The tests in hack/browser load it into their browser; nothing ships it.
set -euo pipefail

version=4.14.0
sum=20c09fe157a8a34a30e241aaa1fcdade657734f08ab379ecfbeb7d45cc46e878

tools=${TOOLS_DIR:-$(cd "$(dirname "$0")" && pwd)/../../.tools}
target=$tools/axe/axe.min.js
check() { echo "$sum  $1" | sha256sum --check --status; }

[ ! -e "$target" ] || ! check "$target" || exit 0
command -v npm >/dev/null || { echo "axe.sh: npm is not installed: run hack/tools/packages.sh, or install it" >&2; exit 1; }
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
echo "axe-core $version"
(cd "$new" && npm pack --silent "axe-core@$version" >/dev/null && tar xzf axe-core-*.tgz package/axe.min.js)
check "$new/package/axe.min.js" || { echo "axe.sh: axe-core $version is not what was pinned" >&2; exit 1; }
mkdir -p "$tools/axe"
mv -f "$new/package/axe.min.js" "$target"
