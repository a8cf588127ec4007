#!/bin/sh
# Makes a small Debian with a newer Python than this system may have, and installs packages from PyPI in it.
#
#     newer_python.sh FOLDER PACKAGE…
#
# As root. `chroot FOLDER python3` is that Python; it shares the network with this system.
set -eu
folder=$1
shift
cd "$(dirname "$0")/.."
sh scripts/setup.sh mmdebstrap

if ! [ -d "$folder" ]; then
    mkdir -p "${folder%/*}"
    rm -rf "$folder.part"
    mmdebstrap --quiet --variant=essential --include=ca-certificates,python3,python3-pip trixie "$folder.part"
    mv "$folder.part" "$folder"
fi
cp /etc/resolv.conf "$folder/etc/resolv.conf"
# Where this system trusts more than Debian does, it does so there.
cp /etc/ssl/certs/ca-certificates.crt "$folder/etc/ssl/certs/ca-certificates.crt"
chroot "$folder" python3 -m pip install --quiet --break-system-packages --root-user-action ignore "$@"
