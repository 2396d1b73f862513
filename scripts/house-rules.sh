#!/usr/bin/env bash
# house-rules.sh [FOLDER]: the rules that speak of text and scripts. Those that speak of Swift are Tests/HouseTests.
set -euo pipefail
cd "${1:-$(dirname "$0")/..}"
status=0
tell() {
    echo "house: $*" >&2
    status=1
}

if git rev-parse --git-dir >/dev/null 2>&1; then
    mapfile -t files < <(git ls-files --cached --others --exclude-standard)
else
    mapfile -t files < <(find . -type f -not -path './.build/*' -printf '%P\n' | sort)
fi

written() { # what people wrote: no fixtures, which are other people's bytes
    printf '%s\n' "${files[@]}" | grep -vE '(^|/)Fixtures/|\.(gz|zip|whl|deb|xz|png|jar|tgz)$'
}

# Reason: a page that works on one machine only is worth nothing.
places='(^|[^A-Za-z0-9_.])/(roo''t|wor''k)/[A-Za-z0-9.]'
while IFS= read -r file; do
    [ -f "$file" ] || continue
    if grep -nIE "$places" "$file"; then tell "$file names a path of one machine"; fi
    # Reason: what is not built yet is absent, not promised in a comment.
    if grep -nIE '\b(TO''DO|FIX''ME)\b' "$file"; then tell "$file postpones work in a comment"; fi
    if [ "$(tail -c 1 "$file" | od -An -tx1 | tr -d ' ')" != 0a ] && [ -s "$file" ]; then
        tell "$file does not end with a line break"
    fi
    case $file in
    *.sh | .ci/run)
        [ -x "$file" ] || tell "$file is not executable"
        bash -n "$file" || tell "$file is no shell script"
        # Reason: a script for any shell (#!/bin/sh) cannot ask for pipefail, which not every one has.
        stop='set -euo pipefail'
        [ "$(head -n 1 "$file")" = '#!/bin/sh' ] && stop='set -eu'
        grep -q "^$stop" "$file" || tell "$file does not stop at its first error ($stop)"
        ;;
    *.py) python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$file" || tell "$file is no Python" ;;
    *.md)
        # Reason: a dead link is a promise that nobody keeps.
        while IFS= read -r link; do
            case $link in http://* | https://* | mailto:* | '#'*) continue ;; esac
            target=${link%%#*}
            [ -e "$(dirname "$file")/$target" ] || tell "$file links to $link, which is not there"
        done < <(awk '/^```/ { code = !code } !code' "$file" | sed 's/`[^`]*`//g' | grep -oE '\]\([^) ]+\)' | sed 's/^](//; s/)$//')
        ;;
    esac
done < <(written)
exit "$status"
