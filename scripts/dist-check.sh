#!/usr/bin/env bash
# dist-check.sh FOLDER: what `make dist` makes of the programs in FOLDER is what it should be: the same bytes twice, and each part of it works.
# Parts whose tools are not here are skipped by name. Nothing is installed into the machine.
set -euo pipefail
exec </dev/null
top=$(cd "$(dirname "$0")/.." && pwd)
programs=$(cd "${1:?usage: dist-check.sh FOLDER}" && pwd)
cd "$top"
version=$(sed -n 's/^## \([0-9][0-9.]*\).*/\1/p' CHANGELOG.md | head -n 1)
name=purser-$version-$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)
ground=$(mktemp -d "${TMPDIR:-/tmp}/purser-dist.XXXXXX")
trap 'rm -rf "$ground"' EXIT
ok() { printf 'ok    %s\n' "$*"; }
skip() { printf 'skip  %s\n' "$*"; }
fail() {
    printf 'FAIL  %s\n' "$*" >&2
    exit 1
}
here() { command -v "$1" >/dev/null; }

# The same release twice, from two places, by two clocks and two habits. Packed fast: this is about the same bytes, not about few.
SOURCE_DATE_EPOCH=$(scripts/moment.sh)
export SOURCE_DATE_EPOCH DIST_LEVEL=1 NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
one=$ground/one two=$ground/two
openssl genpkey -algorithm ed25519 -out "$ground/key.pem" 2>/dev/null
openssl pkey -in "$ground/key.pem" -pubout -out "$ground/key.pub"
DIST_KEY=$ground/key.pem scripts/dist.sh "$programs" "$one" "$version" >"$ground/log"
(
    umask 077
    mkdir "$ground/elsewhere"
    cd "$ground/elsewhere"
    DIST_KEY=$ground/key.pem TZ=Asia/Tokyo LC_ALL=C.UTF-8 TMPDIR=$ground/elsewhere "$top/scripts/dist.sh" "$programs" "$two" "$version" >"$ground/log"
)
(cd "$one" && sha256sum --quiet --check SHA256SUMS)
diff -r "$one" "$two" >&2 || fail "two runs made different bytes"
ok "two runs, the same bytes: $(cd "$one" && echo *)"

# The tarball, somewhere else.
mkdir "$ground/moved"
tar -xzf "$one/$name.tar.gz" -C "$ground/moved"
tree=$ground/moved/anywhere
mv "$ground/moved/$name" "$tree"
[ "$("$tree/bin/purser" --version)" = "$version" ] || fail "the tarball's purser does not run"
[ "$("$tree/bin/purser-registry" --version)" = "$version" ] || fail "the tarball's purser-registry does not run"
grep -q 'The licence of .*swift-nio' "$tree/share/doc/purser/THIRD-PARTY.txt" || fail "the licences of what is linked in are not all there"
ok "the tarball runs where it is unpacked"

pages=("$tree"/share/man/man1/*.1)
for verb in run start finish verify replay promote policy; do [ -s "$tree/share/man/man1/purser-$verb.1" ] || fail "no manual page of purser $verb"; done
if here mandoc; then
    mandoc -T lint -W warning "${pages[@]}" || fail "mandoc finds fault with a manual page"
    ok "${#pages[@]} manual pages, and mandoc finds no fault"
else
    skip "manual pages: mandoc is not here"
fi
if here man && here groff; then
    for page in "${pages[@]}"; do LC_ALL=C.UTF-8 MANWIDTH=160 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>>"$ground/warnings" >/dev/null; done
    [ ! -s "$ground/warnings" ] || fail "man warns: $(head -n 3 "$ground/warnings")"
    text=$(MANPATH=$tree/share/man MANROFFOPT='' MANPAGER=cat man purser run 2>/dev/null | col -b 2>/dev/null || true)
    case $text in *--isolation*) ok "man purser run" ;; *) skip "man purser run: man shows no pages on this machine" ;; esac
else
    skip "man: man or groff is not here"
fi

# Completions: loaded by their shells, and asked.
bash=$tree/share/bash-completion/completions/purser
answer=$(bash --norc -c '
    shopt -s extglob; source "$1"
    COMP_WORDS=(purser rep) COMP_CWORD=1 COMP_LINE="purser rep" COMP_POINT=10 COMP_TYPE=9 COMP_KEY=9
    _purser purser rep purser; echo "${COMPREPLY[*]}"' bash "$bash")
[ "$answer" = replay ] || fail "bash completes 'purser rep' to '$answer'"
ok "bash completes: purser rep → $answer"
if here fish; then
    answer=$(HOME=$ground fish --no-config -c "source '$tree/share/fish/vendor_completions.d/purser.fish'; complete -C 'purser rep'" | cut -f 1)
    [ "$answer" = replay ] || fail "fish completes 'purser rep' to '$answer'"
    ok "fish completes: purser rep → $answer"
else
    skip "completions of fish: fish is not here"
fi
if here zsh; then
    for word in purser purser-registry; do
        zsh -f -c "fpath=('$tree/share/zsh/site-functions' \$fpath); autoload -Uz compinit; compinit -D -u; (( \$+_comps[$word] )) && autoload +X _$word" ||
            fail "zsh does not load the completions of $word"
    done
    ok "zsh loads its completions"
else
    skip "completions of zsh: zsh is not here"
fi

deb=$(find "$one" -name '*.deb')
if [ -n "$deb" ]; then
    dpkg-deb -x "$deb" "$ground/root"
    [ "$("$ground/root/usr/bin/purser" --version)" = "$version" ] || fail "the package's purser does not run"
    needs=$(dpkg-deb -f "$deb" Depends)
    for library in libarchive13 libc6 libcurl4 libjansson4 libsqlite3-0; do
        case $needs in *$library*) ;; *) fail "the package does not depend on $library: $needs" ;; esac
    done
    others=$(dpkg-deb -c "$deb" | awk '$2 != "root/root"')
    [ -z "$others" ] || fail "files of the package that are not root's: $others"
    (cd "$ground/root" && dpkg-deb --ctrl-tarfile "$deb" | tar -xO ./md5sums | md5sum --quiet --check) || fail "md5sums of the package"
    ok "the package runs, and depends on $needs"
    if here lintian; then
        lintian --fail-on error,warning "$deb" || fail "lintian finds fault with the package"
        ok "lintian finds no fault"
    else
        skip "lintian is not here"
    fi
else
    skip "the Debian package: dpkg-deb or dpkg-shlibdeps is not here"
fi

if here shellcheck; then
    shellcheck scripts/install.sh || fail "shellcheck finds fault with install.sh"
    ok "shellcheck finds no fault with install.sh"
else
    skip "shellcheck is not here"
fi
scripts/install-check.sh "$one" "$version" "$ground/key.pub"
