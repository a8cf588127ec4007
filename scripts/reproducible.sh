#!/bin/sh
# Builds one target here and in a copy of the sources elsewhere, and compares what comes out: reproducible.sh TARGET.
# In both places the same Rust and the same C compiler work, and the same revision gives the time.
set -eu
cd "$(dirname "$0")/.."

target=$1
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
elsewhere=$copy/some/other/place
mkdir -p "$elsewhere"
git ls-files -z | tar --create --null --files-from=- | tar --extract --directory "$elsewhere"

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

build() {
    sh scripts/dist_build.sh "$target" >/dev/null
    sh scripts/sbom.sh "$target" >/dev/null
    case $target in *-gnu) sh scripts/deb.sh "$target" >/dev/null ;; esac
}
build
(unset CARGO_TARGET_DIR && cd "$elsewhere" && build)

hashes() {
    # Only what was just built: files of other versions and targets may lie there.
    case $target in
        x86_64-*-gnu) package=audio-report_$version-1_amd64.deb ;;
        aarch64-*-gnu) package=audio-report_$version-1_arm64.deb ;;
        *) package= ;;
    esac
    # shellcheck disable=SC2086 # A name, or none.
    (cd target/dist && sha256sum "$target/audio-report" "audio-report-$version-$target.tar.gz" "audio-report-$version-$target.cdx.json" $package)
}
here=$(hashes)
there=$(cd "$elsewhere" && hashes)
echo "$here"
if [ "$here" != "$there" ]; then
    echo "reproducible: the other folder made something else" >&2
    echo "$there" >&2
    exit 1
fi
echo "reproducible: the same bytes from two folders"
