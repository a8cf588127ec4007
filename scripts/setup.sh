#!/bin/sh
# Makes sure that what the build needs is there: Rust, a C compiler, and on Linux pkg-config and ALSA's headers.
set -eu

if ! command -v cargo >/dev/null 2>&1; then
    echo "setup: Rust is missing; install it from https://rustup.rs, then try again" >&2
    exit 1
fi
command -v python3 >/dev/null 2>&1 || echo "setup: python3 is missing; voices then come only by URL" >&2

[ "$(uname -s)" = Linux ] || exit 0
if command -v cc >/dev/null 2>&1 && command -v pkg-config >/dev/null 2>&1 && pkg-config --exists alsa; then
    exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
    echo "setup: a C compiler, pkg-config and the ALSA headers are needed; install them, for example:" >&2
    echo "  Fedora:  dnf install gcc pkgconf-pkg-config alsa-lib-devel" >&2
    echo "  Arch:    pacman -S gcc pkgconf alsa-lib" >&2
    echo "  Alpine:  apk add build-base pkgconf alsa-lib-dev" >&2
    exit 1
fi

root=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "setup: run as root: apt-get install gcc libc6-dev pkg-config libasound2-dev" >&2
        exit 1
    fi
    root=sudo
fi
echo "setup: installing gcc, pkg-config and ALSA's headers with apt-get" >&2
$root apt-get update -qq
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    gcc libc6-dev pkg-config libasound2-dev >/dev/null
