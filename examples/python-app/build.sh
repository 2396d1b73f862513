#!/usr/bin/env bash
# Builds dist/lading-*.whl and .tar.gz. An ordinary build script: it knows nothing of Purser.
# Equal inputs give equal bytes: fixed time, umask, locale, and every tool pinned with its digest.
set -euo pipefail
cd "$(dirname "$0")"
umask 022
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=1767225600 PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1
export PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

rm -rf scratch dist src/lading/samples
mkdir -p scratch/apt/state/lists/partial scratch/apt/cache/archives/partial src/lading/samples

echo "- the tools and the application's dependencies, from PyPI"
python3 -m venv scratch/venv
scratch/venv/bin/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements-build.txt -r requirements.txt

echo "- a sample, by curl"
curl --fail --silent --show-error --location --output src/lading/samples/hello.dsc \
    https://deb.debian.org/debian/pool/main/h/hello/hello_2.10-3.dsc

echo "- the sample's licence, out of a Debian package fetched by apt"
: >scratch/apt/status
apt=(apt-get -qq -o "Dir::Etc::SourceList=$PWD/apt/sources.list" -o Dir::Etc::SourceParts=- -o APT::Sandbox::User=
    -o "Dir::State=$PWD/scratch/apt/state" -o "Dir::State::Status=$PWD/scratch/apt/status" -o "Dir::Cache=$PWD/scratch/apt/cache"
    -o Acquire::Languages=none)
"${apt[@]}" update
(cd scratch && "${apt[@]}" download hello=2.10-3)
dpkg-deb --fsys-tarfile scratch/hello_2.10-3_*.deb | tar -xO ./usr/share/doc/hello/copyright >src/lading/samples/copyright.txt
chmod 644 src/lading/samples/*

echo "- tests, then the wheel and the sdist"
PYTHONPATH=src scratch/venv/bin/python -m unittest discover --quiet --start-directory tests 2>scratch/tests.log || {
    cat scratch/tests.log >&2
    exit 1
}
scratch/venv/bin/python -m build --no-isolation --outdir dist --sdist --wheel . >scratch/build.log || {
    cat scratch/build.log >&2
    exit 1
}
ls dist
