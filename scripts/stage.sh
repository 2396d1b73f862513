#!/usr/bin/env bash
# stage.sh FOLDER TREE [ZSH]: lays out below TREE what is installed of the programs in FOLDER: the programs, their manual pages, completions for three shells, licences.
# ZSH is where zsh looks below share/: zsh/site-functions, or zsh/vendor-completions in a Debian package.
set -euo pipefail
programs=$(cd "$1" && pwd)
mkdir -p "$2"
tree=$(cd "$2" && pwd)
zsh=$tree/share/${3:-zsh/site-functions}
cd "$(dirname "$0")/.."
umask 022
moment=$(scripts/moment.sh)

bash=$tree/share/bash-completion/completions
fish=$tree/share/fish/vendor_completions.d
doc=$tree/share/doc/purser
install -d -m 0755 "$tree/bin" "$tree/share/man/man1" "$bash" "$zsh" "$fish" "$doc"
for program in purser purser-registry; do
    install -m 0755 "$programs/$program" "$tree/bin/$program"
    # It is read by a shell, never run.
    "$programs/$program" --generate-completion-script bash | sed '1{/^#!/d}' >"$bash/$program"
    "$programs/$program" --generate-completion-script zsh >"$zsh/_$program"
    "$programs/$program" --generate-completion-script fish >"$fish/$program.fish"
done
python3 scripts/man-pages.py "$tree/share/man/man1" "$moment" "$programs/purser" "$programs/purser-registry"

install -m 0644 LICENSE README.md CHANGELOG.md "$doc/"
# The packages as they were built from, and the toolchain whose runtime is linked in.
packages=()
for package in "${PURSER_CHECKOUTS:-.build/checkouts}"/*/; do [ -d "$package" ] && packages+=("$package"); done
toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swiftc || echo /)")")")/share/swift
[ -d "$toolchain" ] && packages+=("$toolchain")
if [ "${#packages[@]}" = 0 ]; then
    echo "stage: neither .build/checkouts nor a Swift toolchain: the licences of what is linked in cannot be passed on" >&2
    exit 1
fi
python3 scripts/notices.py "$doc/THIRD-PARTY.txt" "${packages[@]}"
