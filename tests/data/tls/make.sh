#!/bin/sh
# Makes the certificates that the tests of faults of TLS use, with OpenSSL: of an authority that only tests trust, one for
# good.example, one for localhost, one that has expired, and one that nobody signed. The key of the authority is thrown away.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
mkdir "$work/new"
: > "$work/index"
cat > "$work/conf" <<CONF
[ca]
default_ca = own
[own]
database = $work/index
new_certs_dir = $work/new
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
subjectKeyIdentifier = hash
CONF
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }
signed() {
    openssl req -new -key key.pem -subj "/CN=$1" -addext "subjectAltName=DNS:$1" -out "$work/request"
    openssl ca -batch -notext -config "$work/conf" -cert authority.pem -keyfile "$work/authority.key" -in "$work/request" \
        -startdate "$2" -enddate "$3" -out "$4"
}
key "$work/authority.key"
key key.pem
openssl req -new -key "$work/authority.key" -subj "/CN=Authority of the tests" -out "$work/request"
openssl ca -batch -notext -selfsign -config "$work/conf" -keyfile "$work/authority.key" -in "$work/request" -extensions authority \
    -startdate 20200101000000Z -enddate 21250101000000Z -out authority.pem
signed good.example 20200101000000Z 21250101000000Z good.pem
signed localhost 20200101000000Z 21250101000000Z localhost.pem
signed good.example 20010101000000Z 20020101000000Z expired.pem
openssl req -x509 -new -key key.pem -subj "/CN=good.example" -addext "subjectAltName=DNS:good.example" -addext "basicConstraints=critical,CA:FALSE" \
    -days 36500 -out unsigned.pem
