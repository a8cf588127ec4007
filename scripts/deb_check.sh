#!/bin/sh
# Installs the package in a fresh Debian, reads an article there, looks at all that came with it, and removes it: nothing may be left.
#
#     deb_check.sh PACKAGE VOICES [SUITE]
#
# VOICES is a folder with the fast voice, as AUDIO_REPORT_HOME has it: in a Debian that has nothing but the package, voices come by URL only.
# As root: the Debian lies in a folder of its own.
set -eu
package=$(realpath "$1")
voices=$(realpath "$2")
suite=${3:-bookworm}
cd "$(dirname "$0")/.."

fail() {
    echo "deb_check: $*" >&2
    exit 1
}
say() { echo "deb_check: $*"; }

[ "$(id -u)" = 0 ] || fail "run it as root"
sh scripts/setup.sh mmdebstrap

# Kept, as it takes a minute; each check gets a copy.
base=$PWD/target/deb-check/$suite.tar
if ! [ -f "$base" ]; then
    mkdir -p "${base%/*}"
    mmdebstrap --quiet --variant=apt --include=systemd,man-db,passwd,bash-completion,bsdextrautils "$suite" "$base.part.tar"
    mv "$base.part.tar" "$base"
fi
debian=$(mktemp -d "$PWD/target/deb-check/root.XXXXXX")
trap 'rm -rf "$debian"' EXIT
tar --extract --file "$base" --directory "$debian"

inside() { chroot "$debian" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
# As somebody who is not root, with a home that is no part of the system.
as_reader() {
    chroot --userspec=1000:1000 "$debian" \
        env -i PATH=/usr/bin:/bin HOME=/tmp/reader LC_ALL=C.UTF-8 AUDIO_REPORT_HOME=/tmp/reader/voices "$@"
}
# Without what apt and dpkg write about themselves, the copies that the system keeps of its lists of users, and what is gone at the next start.
listing() {
    (cd "$debian" && find . -xdev \( -path ./tmp -o -path ./run -o -path ./proc -o -path ./sys -o -path ./dev -o -path ./var/cache -o -path ./var/lib/apt \
        -o -path ./var/lib/dpkg -o -path ./var/log -o -path ./var/lib/private -o -path ./root \
        -o -path './etc/*shadow-' -o -path './etc/passwd-' -o -path './etc/group-' \) -prune -o -print | sort)
    # But nothing of this package stays there, except that `man` keeps pages that root has read.
    (cd "$debian" && find ./var/cache ./var/lib/private ./var/lib/dpkg/info -path ./var/cache/man -prune -o -name '*audio-report*' -print | sort)
}

cp /etc/resolv.conf "$debian/etc/resolv.conf" 2>/dev/null || :
inside apt-get update -qq
# systemd makes it once it runs.
mkdir -p "$debian/var/lib/systemd/timers"
listing >"$debian/tmp/before"

cp "$package" "$debian/tmp/audio-report.deb"
inside apt-get install -qq --yes --no-install-recommends /tmp/audio-report.deb >"$debian/tmp/log" 2>&1 || fail "$(cat "$debian/tmp/log")"
say "installed: $(inside audio-report --version), $(inside dpkg-query --show --showformat "\${Installed-Size} KiB" audio-report)"

mkdir -p "$debian/tmp/reader"
cp -r "$voices" "$debian/tmp/reader/voices"
cp tests/data/articles/summit.txt "$debian/tmp/reader"
chown -R 1000:1000 "$debian/tmp/reader"
as_reader audio-report read --offline --fast /tmp/reader/summit.txt -o /tmp/reader/summit.mp3
size=$(wc -c <"$debian/tmp/reader/summit.mp3")
[ "$size" -gt 100000 ] || fail "an MP3 of $size bytes"
say "read an article into an MP3 of $size bytes"
as_reader audio-report play --voice tone /tmp/reader/summit.txt >"$debian/tmp/log" 2>&1 && fail "sound without a loudspeaker"
grep -qi "loudspeaker\|audio device\|sound" "$debian/tmp/log" || fail "no word about the loudspeaker: $(cat "$debian/tmp/log")"

units=$(inside dpkg-query --listfiles audio-report | sed -n 's|^/usr/lib/systemd/system/||p' | grep .)
# shellcheck disable=SC2086 # A list of units.
faults=$(inside systemd-analyze verify $units 2>&1) || fail "$faults"
[ -z "$faults" ] || fail "$faults"
# shellcheck disable=SC2086
enabled=$(inside systemctl is-enabled $units 2>&1 | grep -c '^enabled' || :)
[ "$enabled" = 0 ] || fail "$enabled units are enabled that nobody asked for"
# `enable` makes its links without a running systemd, too.
inside systemctl --quiet enable audio-report-serve.service audio-report-daily.timer || fail "systemctl enable"
[ -L "$debian/etc/systemd/system/sockets.target.wants/audio-report-serve.socket" ] || fail "the socket is not enabled"
say "units are right: $(echo "$units" | tr '\n' ' ')"

# No systemd runs here, so its part is played: what the unit starts, as a user without rights, on a socket that was opened before.
start=$(sed -n 's/^ExecStart=//p' "$debian/usr/lib/systemd/system/audio-report-serve.service")
port=$((20000 + $$ % 10000))
# shellcheck disable=SC2016 # What the unit says.
start=$(echo "$start" | sed 's|${STATE_DIRECTORY}|/tmp/reader/state|')
# shellcheck disable=SC2016,SC2086 # The other shell expands it; a command with its arguments.
as_reader sh -c 'echo $$ >/tmp/reader/server; exec "$@"' sh \
    systemd-socket-activate --listen="127.0.0.1:$port" --setenv=AUDIO_REPORT_HOME --setenv=HOME $start --offline --voice fast_heart \
    >"$debian/tmp/log" 2>&1 &
server=$!
sleep 1
# shellcheck disable=SC2016 # The other shell expands these.
voices=$(inside timeout 60 bash -c 'exec 3<>/dev/tcp/127.0.0.1/$1
    printf "GET /v1/audio/voices HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n" >&3
    cat <&3' bash "$port" || :)
kill "$(cat "$debian/tmp/reader/server")"
ended=0
wait "$server" || ended=$?
case $voices in
    "HTTP/1.0 200"*fast_heart* | "HTTP/1.1 200"*fast_heart*) ;;
    *) fail "the server says $voices: $(cat "$debian/tmp/log")" ;;
esac
[ "$ended" = 0 ] || fail "the server ended with code $ended: $(cat "$debian/tmp/log")"
say "the speech server started on a socket, answered and stopped"

pages=$(inside dpkg-query --listfiles audio-report | grep '/man1/.*\.gz$')
[ "$(echo "$pages" | wc -l)" -gt 30 ] || fail "pages of the manual: $pages"
for page in $pages; do
    warnings=$(as_reader man --warnings --encoding=UTF-8 --local-file "$page" 2>&1 >/dev/null)
    [ -z "$warnings" ] || fail "$page: $warnings"
done
as_reader man audio-report-read | grep -q -- --voice || fail "man audio-report-read"
say "$(echo "$pages" | wc -l) pages of the manual"

# As a shell asks for them: the words after `audio-report re`.
# shellcheck disable=SC2016 # The other shell expands these.
words=$(inside bash -c '. /usr/share/bash-completion/bash_completion
    _completion_loader audio-report
    COMP_WORDS=(audio-report re) COMP_CWORD=1 COMP_LINE="audio-report re" COMP_POINT=15
    "$(complete -p audio-report | sed "s/.*-F \([^ ]*\).*/\1/")" audio-report re audio-report
    echo "${COMPREPLY[*]}"')
case " $words " in
    *" read "*) ;;
    *) fail "completions of re: $words" ;;
esac
for file in usr/share/zsh/vendor-completions/_audio-report usr/share/fish/vendor_completions.d/audio-report.fish; do
    grep -q play "$debian/$file" || fail "$file"
done
say "completions: re → $words"

# What the services leave, with the links that systemd makes for users of a run.
for name in audio-report audio-report-serve; do
    for place in lib cache; do
        mkdir -p "$debian/var/$place/private/$name"
        ln -s "private/$name" "$debian/var/$place/$name"
    done
done
mkdir -p "$debian/etc/audio-report"
touch "$debian/var/lib/systemd/timers/stamp-audio-report-daily.timer"
inside getent passwd audio-report-news >/dev/null || fail "the news services have no user"
echo >"$debian/etc/audio-report/feeds.toml"
inside apt-get remove -qq --yes audio-report >"$debian/tmp/log" 2>&1 || fail "$(cat "$debian/tmp/log")"
[ -d "$debian/var/lib/private/audio-report" ] || fail "the reports are gone although the package was only removed"
inside apt-get purge -qq --yes --autoremove audio-report >>"$debian/tmp/log" 2>&1 || fail "$(cat "$debian/tmp/log")"
listing >"$debian/tmp/after"
diff "$debian/tmp/before" "$debian/tmp/after" || fail "not as before"
if inside getent passwd audio-report-news || inside getent group audio-report-news; then fail "a user is left"; fi
say "removed, and all is as it was before"
