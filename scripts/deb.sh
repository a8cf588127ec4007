#!/bin/sh
# Makes the package for Debian of what dist_build.sh has built: deb.sh TARGET. It lies in target/dist then.
set -eu
cd "$(dirname "$0")/.."

target=$1
built=target/dist/$target
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
maintainer=$(sed -n 's/^maintainer = "\(.*\)"/\1/p' Cargo.toml)

# Where Cargo.toml has its assets.
rm -rf target/deb
mkdir -p target/deb
cp -r "$built/man" "$built"/completions.* target/deb
gzip -9nc CHANGELOG.md >target/deb/changelog.gz
gzip -9nc "$built/THIRD-PARTY.txt" >target/deb/THIRD-PARTY.txt.gz
cat >target/deb/changelog <<END
audio-report ($version-1) stable; urgency=medium

  * Version $version; changelog.gz says what is new.

 -- $maintainer  $(LC_ALL=C date --utc --date="@$SOURCE_DATE_EPOCH" --rfc-email)
END

${CARGO:-cargo} deb --quiet --no-build --no-strip --locked --target "$target" --output target/dist/
(cd target/dist && sha256sum audio-report_"$version"-1_*.deb)
