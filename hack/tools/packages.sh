#!/usr/bin/env bash
# Installs the Debian packages that are missing: those of a local cluster, or those of the tests as well. It needs root and
# Debian or Ubuntu, and says what it installs before it does.
#
#   hack/tools/packages.sh [all | cluster]
#
# Nothing keeps running because of it: PostgreSQL's package would make and start a server, and is told not to.
set -euo pipefail

# What must be there, the package that has it, and whether the cluster or only a test needs it.
needed="
/usr/lib/cni/bridge                   containernetworking-plugins  cluster
/etc/ssl/certs/ca-certificates.crt    ca-certificates              cluster
runc                                  runc                         cluster
iptables                              iptables                     cluster
conntrack                             conntrack                    cluster
ip                                    iproute2                     cluster
nsenter                               util-linux                   cluster
flock                                 util-linux                   cluster
/usr/share/postgresql-common          postgresql                   tests
/usr/lib/python3/dist-packages/faiss  python3-faiss                tests
/usr/lib/python3/dist-packages/numpy  python3-numpy                tests
chromium                              chromium                     tests
npm                                   npm                          tests
"

wanted=${1:-all}
[[ $wanted == all || $wanted == cluster ]] || { echo "usage: hack/tools/packages.sh [all | cluster]" >&2; exit 64; }

PATH=$PATH:/usr/sbin:/sbin
missing=()
while read -r thing package user; do
  [ -z "$thing" ] || [[ $wanted == cluster && $user != cluster ]] || [ -e "$thing" ] || command -v "$thing" >/dev/null ||
    [[ " ${missing[*]} " == *" $package "* ]] || missing+=("$package")
done <<<"$needed"
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "packages.sh: as root on Debian or Ubuntu: apt-get install ${missing[*]}; elsewhere install their equivalents" >&2
  exit 1
fi
echo "installing Debian packages that are missing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
no_server=/etc/postgresql-common/createcluster.conf
if [[ " ${missing[*]} " == *" postgresql "* && ! -e $no_server ]]; then
  mkdir -p "${no_server%/*}"
  echo "create_main_cluster = false" >$no_server
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
