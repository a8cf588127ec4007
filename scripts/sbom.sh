#!/bin/sh
# Lists the crates that a released program is built of, as CycloneDX 1.5 in JSON: sbom.sh TARGET. The list lies in target/dist then.
set -eu
cd "$(dirname "$0")/.."

target=$1
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
features=$(sh scripts/dist_features.sh "$target")
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
name=audio-report-$version-$target.cdx

# It writes beside each Cargo.toml.
trap 'rm -f "$name.json" "crates/kernels/$name.json"' EXIT
${CARGO:-cargo} cyclonedx --quiet --format json --spec-version 1.5 --target "$target" --no-default-features --features "$features" \
    --override-filename "$name"
mkdir -p target/dist
# Where the folder stands is nobody's business.
sed "s|file://$PWD|file:///audio-report|g" "$name.json" >"target/dist/$name.json"
python3 - "target/dist/$name.json" <<'END'
import json, sys
listed = json.load(open(sys.argv[1]))
parts = listed["components"]
unlicensed = [part["name"] for part in parts if not part.get("licenses")]
print(f"{sys.argv[1]}: {len(parts)} crates; without a licence in their manifest: {', '.join(unlicensed) or 'none'}")
END
