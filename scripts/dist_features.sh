#!/bin/sh
# Prints the features of a released program, with commas: dist_features.sh TARGET. What is released can do everything that its system allows; a
# static program has no loudspeaker, as containers have none.
set -eu
cd "$(dirname "$0")/.."

case $1 in
    *-musl) sed -n 's/^    --features "\(.*\)"$/\1,cluster/p' packaging/docker/Dockerfile | tr ' ' ',' ;;
    *) echo default,cluster ;;
esac
