#!/usr/bin/env bash
# Installs the Debian packages that a local cluster and the tests need and that are missing. It needs root and Debian or Ubuntu.
# Nothing keeps running because of it: PostgreSQL's package would make and start a server, and is told not to.
set -euo pipefail

# What must be there, and the package that has it.
needed="
/usr/lib/cni/bridge                   containernetworking-plugins
/etc/ssl/certs/ca-certificates.crt    ca-certificates
runc                                  runc
iptables                              iptables
conntrack                             conntrack
ip                                    iproute2
nsenter                               util-linux
flock                                 util-linux
/usr/share/postgresql-common          postgresql
/usr/lib/python3/dist-packages/faiss  python3-faiss
/usr/lib/python3/dist-packages/numpy  python3-numpy
"

PATH=$PATH:/usr/sbin:/sbin
missing=()
while read -r thing package; do
  [ -z "$thing" ] || [ -e "$thing" ] || command -v "$thing" >/dev/null || missing+=("$package")
done <<<"$needed"
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "packages.sh: as root on Debian or Ubuntu: apt-get install ${missing[*]}; elsewhere install their equivalents" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
no_server=/etc/postgresql-common/createcluster.conf
[ -e $no_server ] || { mkdir -p "${no_server%/*}"; echo "create_main_cluster = false" >$no_server; }
echo "installing ${missing[*]}"
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
