#!/usr/bin/env bash
# packages.sh build|dist|clients: installs what is missing and says so; as root or through sudo.
#   build    the C libraries that the Swift targets link
#   dist     what a Debian package is made with
#   clients  the package managers and tools that tests and demo run
set -euo pipefail
cd "$(dirname "$0")/.."

libraries=(libcurl4-openssl-dev libarchive-dev libjansson-dev zlib1g-dev libsqlite3-dev)

is_installed() { dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q '^ii'; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        echo "packages: neither root nor sudo without a password; run as root: $*" >&2
        exit 1
    fi
}

install_missing() {
    [ $# = 0 ] && return
    if ! command -v apt-get >/dev/null; then
        echo "packages: this is no Debian; install by hand what Debian calls: $*" >&2
        exit 1
    fi
    echo "packages: installing $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=180 update -qq </dev/null
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=180 install -y -qq --no-install-recommends "$@" </dev/null >/dev/null
}

missing=()
want() { # PACKAGE COMMAND...: wanted when the command fails
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

build_packages() {
    local package
    if command -v dpkg-query >/dev/null; then
        for package in "${libraries[@]}"; do want "$package" is_installed "$package"; done
    else
        for package in libcurl libarchive jansson zlib sqlite3; do want "$package" pkg-config --exists "$package"; done
    fi
    want pkg-config command -v pkg-config
    want binutils command -v strip
}

# Elsewhere than on Debian a release has no Debian package.
dist_packages() {
    if command -v apt-get >/dev/null; then want dpkg-dev command -v dpkg-shlibdeps; fi
}

client_packages() {
    dist_packages
    want mandoc command -v mandoc
    want shellcheck command -v shellcheck
    want zsh command -v zsh
    want fish command -v fish
    want curl command -v curl
    want wget command -v wget
    want git command -v git
    want skopeo command -v skopeo
    want buildah command -v buildah
    want openssl command -v openssl
    want strace command -v strace
    want nginx-light test -x /usr/sbin/nginx
    want python3-venv python3 -c 'import ensurepip, venv'
    want python3-pip python3 -m pip --version
    want npm command -v npm
    want sudo command -v sudo
    want golang-go command -v go
    want ruby-bundler command -v bundle
    want composer command -v composer
    want unzip command -v unzip
    want yarnpkg command -v yarnpkg
    want maven command -v mvn
    want gradle command -v gradle
    want dnf command -v dnf
    want createrepo-c command -v createrepo_c
    want rpm command -v rpmbuild
    want default-jdk-headless command -v javac
    want apt-utils command -v apt-ftparchive
    want shellcheck command -v shellcheck
    want jq command -v jq
}

# What is not in Debian 12: pinned, in folders of their own that only the tests know.
python_clients() { # FOLDER LIST
    local folder=$1 list=$2 pins
    pins="$(sed -n '/^[a-z]/p' "$list")"
    [ "$(cat "$folder/pins.txt" 2>/dev/null)" = "$pins" ] && return
    echo "packages: installing the $(wc -l <<<"$pins") of $list into $folder"
    python3 -m venv --clear "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$list" </dev/null
    printf '%s\n' "$pins" >"$folder/pins.txt"
}

case ${1:-} in
build)
    build_packages
    install_missing "${missing[@]}"
    ;;
dist)
    dist_packages
    install_missing "${missing[@]}"
    ;;
clients)
    client_packages
    install_missing "${missing[@]}"
    python_clients .build/clients scripts/clients.txt
    python_clients .build/clients-go scripts/clients-go.txt
    python_clients .build/clients-python scripts/clients-python.txt
    ;;
*)
    echo "usage: packages.sh build|dist|clients" >&2
    exit 2
    ;;
esac
