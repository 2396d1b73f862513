#!/usr/bin/env bash
# build.sh: one greeting, made by five package managers and a download, in one job. Run it behind the agent:
#     purser run --artifact 'dist/*' -- ./build.sh
# LICENSE_URL names the file that curl fetches.
set -euo pipefail
cd "$(dirname "$0")"
license=${LICENSE_URL:-https://raw.githubusercontent.com/pypa/pip/24.0/LICENSE.txt}
mkdir -p dist .scratch

echo "== pip"
python3 -m venv .scratch/venv
.scratch/venv/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
.scratch/venv/bin/python -c 'import six; print("python", six.__version__)' >.scratch/python

echo "== npm"
(cd node && npm install --no-audit --no-fund --loglevel=error && node greet.js >../.scratch/node)

echo "== cargo"
CARGO_TARGET_DIR=.scratch/target cargo build -q --release --locked --manifest-path rust/Cargo.toml
.scratch/target/release/greet >.scratch/rust

echo "== go"
(cd go && go build -o ../.scratch/go-greet . && ../.scratch/go-greet >../.scratch/go)

echo "== curl"
curl -fsS -o .scratch/license "$license"

{
    cat .scratch/python .scratch/node .scratch/rust .scratch/go
    echo "license $(wc -c <.scratch/license) bytes"
} >dist/greeting.txt
cat dist/greeting.txt
