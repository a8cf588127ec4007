#!/bin/sh
# Makes sure that what the build needs is there: Rust, a C compiler, and on Linux pkg-config and ALSA's headers.
# setup.sh PROGRAM… asks for these programs too: emulators and compilers of other processors, decoders and checkers of sound files,
# a browser and what tries pages in it, a checker of units for systemd, what makes a small Debian.
# mutagen is a library: it reads tags for the tests, by the first python3 that has it.
set -eu

if ! command -v cargo >/dev/null 2>&1; then
    echo "setup: Rust is missing; install it from https://rustup.rs, then try again" >&2
    exit 1
fi
command -v python3 >/dev/null 2>&1 || echo "setup: python3 is missing; voices then come only by URL" >&2

[ "$(uname -s)" = Linux ] || [ $# -gt 0 ] || exit 0

is_there() {
    case $1 in
        mutagen) python3 -c "import mutagen" || /usr/bin/python3 -c "import mutagen" ;;
        *) command -v "$1" ;;
    esac >/dev/null 2>&1
}

missing=
if [ "$(uname -s)" = Linux ] &&
    ! { command -v cc && command -v pkg-config && pkg-config --exists alsa; } >/dev/null 2>&1; then
    missing="gcc libc6-dev pkg-config libasound2-dev"
fi
for program in "$@"; do
    is_there "$program" && continue
    case $program in
        qemu-*-static) missing="$missing qemu-user-static" ;;
        aarch64-linux-gnu-gcc) missing="$missing gcc-aarch64-linux-gnu libc6-dev-arm64-cross" ;;
        pulseaudio) missing="$missing pulseaudio libasound2-plugins" ;;
        pactl) missing="$missing pulseaudio-utils" ;;
        ffmpeg | ffprobe) missing="$missing ffmpeg" ;;
        g++) missing="$missing g++" ;;
        curl | openssl | flac | mp3val | mpg123) missing="$missing $program" ;;
        opusinfo) missing="$missing opus-tools" ;;
        chromium | npm) missing="$missing $program" ;;
        node) missing="$missing nodejs" ;;
        java) missing="$missing openjdk-17-jre-headless" ;;
        mutagen) missing="$missing python3-mutagen" ;;
        systemd-analyze) missing="$missing systemd" ;;
        mmdebstrap) missing="$missing mmdebstrap debian-archive-keyring" ;;
        musl-gcc) missing="$missing musl-tools" ;;
        *) echo "setup: $program is missing" >&2; exit 1 ;;
    esac
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "setup: a C compiler, pkg-config and the ALSA headers are needed${*:+, and $*}; install them, for example:" >&2
    echo "  Fedora:  dnf install gcc pkgconf-pkg-config alsa-lib-devel" >&2
    echo "  Arch:    pacman -S gcc pkgconf alsa-lib" >&2
    echo "  Alpine:  apk add build-base pkgconf alsa-lib-dev" >&2
    exit 1
fi

root=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "setup: run as root: apt-get install $missing" >&2
        exit 1
    fi
    root=sudo
fi
echo "setup: installing $missing with apt-get" >&2
$root apt-get update -qq
# shellcheck disable=SC2086 # A list of packages.
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
