#!/bin/sh
# Builds what is released, for one target, into target/dist/TARGET: the program, its manual pages, its completions, others' licences.
#
#     dist_build.sh x86_64-unknown-linux-gnu | aarch64-unknown-linux-gnu | x86_64-unknown-linux-musl
#
# With glibc: linked against Debian 11's, 2.31, so that it runs on Debian 11, Ubuntu 20.04, Fedora 33 and newer. A static program would be no
# better: the loudspeaker is ALSA's library, which opens the plug-ins of PulseAudio and PipeWire while it runs, and a static program can't.
# With musl: static, for containers and old systems, and without the loudspeaker.
#
# No path, no time and no name of a machine is in what comes out: the same revision, Rust and C compiler have to make the same bytes in every
# folder. scripts/reproducible.sh looks whether they do.
set -eu
cd "$(dirname "$0")/.."

target=$1
root=$PWD
folder=$root/target/dist/$target
output=${CARGO_TARGET_DIR:-$root/target}
registry=${CARGO_HOME:-$HOME/.cargo}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH CARGO_INCREMENTAL=0

features=$(sh scripts/dist_features.sh "$target")
runner=
case $target in
    x86_64-unknown-linux-gnu) debian=amd64 tuple=x86_64-linux-gnu compiler=gcc ;;
    aarch64-unknown-linux-gnu)
        debian=arm64 tuple=aarch64-linux-gnu compiler=aarch64-linux-gnu-gcc
        [ "$(uname -m)" = aarch64 ] || runner="qemu-aarch64-static -L $root/target/dist/sysroot-arm64"
        ;;
    x86_64-unknown-linux-musl) debian='' compiler=musl-gcc ;;
    *) echo "dist_build: $target is no target of releases" >&2; exit 2 ;;
esac
sh scripts/setup.sh "$compiler" ${debian:+mmdebstrap} ${runner:+qemu-aarch64-static}
[ -d "$(rustc --print target-libdir --target "$target")" ] || rustup target add "$target"

rm -rf "$folder"
mkdir -p "$folder"
sysroot=$root/target/dist/sysroot-$debian
if [ -n "$debian" ] && ! [ -d "$sysroot" ]; then
    rm -rf "$sysroot.part"
    mmdebstrap --quiet --variant=extract --architectures="$debian" --include=libc6-dev,libasound2-dev,libgcc-s1 bullseye "$sysroot.part"
    # Some lead out of the folder, to the libraries of this machine.
    find "$sysroot.part" -type l -lname '/*' | while read -r link; do
        ln -sfn "$sysroot$(readlink "$link")" "$link"
    done
    mv "$sysroot.part" "$sysroot"
fi

# Not by flags for rustc: those are part of the names of symbols, and the path of the sysroot with them.
{
    echo '#!/bin/sh'
    printf 'exec %s' "$compiler"
    if [ -n "$debian" ]; then
        printf " --sysroot='%s'" "$sysroot"
        # Before the folders of a cross compiler, which hold the newer glibc of this machine.
        for place in "usr/lib/$tuple" "lib/$tuple"; do printf " -B'%s' -L'%s'" "$sysroot/$place" "$sysroot/$place"; done
        printf " -isystem '%s' -isystem '%s'" "$sysroot/usr/include/$tuple" "$sysroot/usr/include"
    fi
    printf " -ffile-prefix-map='%s'=/cargo -ffile-prefix-map='%s'=/target -ffile-prefix-map='%s'=/audio-report \"\$@\"\n" "$registry" "$output" "$root"
} >"$folder/cc"
chmod +x "$folder/cc"

name=$(echo "$target" | tr - _)
upper=$(echo "$name" | tr '[:lower:]' '[:upper:]')
export "CC_$name=$folder/cc"
# Rust brings what a program with musl begins with.
[ -z "$debian" ] || export "CARGO_TARGET_${upper}_LINKER=$folder/cc"
if [ -n "$debian" ]; then
    export PKG_CONFIG_ALLOW_CROSS=1 PKG_CONFIG_SYSROOT_DIR="$sysroot"
    export PKG_CONFIG_LIBDIR="$sysroot/usr/lib/$tuple/pkgconfig:$sysroot/usr/share/pkgconfig"
fi
CARGO_ENCODED_RUSTFLAGS=$(printf '%s\037%s\037%s' \
    "--remap-path-prefix=$registry=/cargo" "--remap-path-prefix=$root=/audio-report" "--remap-path-prefix=$output=/target")
export CARGO_ENCODED_RUSTFLAGS

${CARGO:-cargo} build --profile dist --locked --target "$target" --no-default-features --features "$features" --bin audio-report
cp "$output/$target/dist/audio-report" "$folder"
program=$folder/audio-report

if [ -n "$debian" ]; then
    newest=$(objdump -T "$program" | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -n 1)
    if [ "$(printf '%s\nGLIBC_2.31\n' "$newest" | sort -V | tail -n 1)" != GLIBC_2.31 ]; then
        echo "dist_build: the program needs $newest" >&2
        exit 1
    fi
elif objdump -p "$program" | grep NEEDED; then
    echo "dist_build: the program is not static" >&2
    exit 1
fi
if grep -aqF -e "$root" -e "$registry" "$program"; then
    echo "dist_build: paths of this machine are in the program" >&2
    exit 1
fi

# shellcheck disable=SC2086 # A command with its arguments.
{
    $runner "$program" man --output "$folder/man"
    python3 scripts/third_party.py "$target" "$features" >"$folder/THIRD-PARTY.txt"
    for shell in bash zsh fish; do $runner "$program" completions $shell >"$folder/completions.$shell"; done
}

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
archive=audio-report-$version-$target
stage=$folder/$archive
mkdir -p "$stage/completions"
cp "$program" "$folder/THIRD-PARTY.txt" README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT NOTICE src/podcast/cover/OFL.txt "$stage"
cp -r "$folder/man" packaging "$stage"
for shell in bash zsh fish; do cp "$folder/completions.$shell" "$stage/completions/audio-report.$shell"; done
chmod -R u=rwX,go=rX "$stage"
tar --create --directory "$folder" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner "$archive" |
    gzip -9n >"target/dist/$archive.tar.gz"
rm -r "$stage"
echo "dist_build: $(wc -c <"$program") bytes, packed $(wc -c <"target/dist/$archive.tar.gz")"
(cd target/dist && sha256sum "$archive.tar.gz")
