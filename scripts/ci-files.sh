#!/usr/bin/env bash
# ci-files.sh: what other systems read of ours, held against what others publish: schemas (check-jsonschema), shellcheck and
# hadolint. Each check is seen to refuse something wrong first. The tools come with `make clients`.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=${CI_TOOLS:-$PWD/.build/clients/bin}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
failed() {
    echo "ci-files: $*" >&2
    status=1
}

for tool in "$tools/check-jsonschema" "$tools/hadolint" shellcheck; do
    command -v "$tool" >/dev/null && continue
    # In CI nothing is left out; a person who has no tools is told so.
    [ "${CI:-}" = true ] && failed "$tool is not here"
    echo "ci-files: left out, since $tool is not here; run make clients"
    exit "$status"
done

schema() { # NAME FILE OPTION...
    local name=$1 file=$2
    shift 2
    "$tools/check-jsonschema" --builtin-schema "vendor.$name" "$@" "$file" >"$work/said" 2>&1 && return
    sed 's/^/  /' "$work/said" >&2
    failed "$file is not what $name reads"
}
refuses() { # NAME FILE: a schema that takes anything checks nothing
    ! "$tools/check-jsonschema" --builtin-schema "vendor.$1" "$2" >/dev/null 2>&1 || failed "the schema of $1 took $2"
}

component=(image=debian:12 command=./build.sh)
for template in build session; do
    file=ci-templates/gitlab/templates/$template.yml
    expand() { "$tools/python" scripts/gitlab-component.py "$file" "$@"; }
    inputs=()
    [ "$template" = build ] && inputs=("${component[@]}")
    expand --header >"$work/header.json"
    schema gitlab-ci "$work/header.json"
    expand "${inputs[@]}" >"$work/$template.json"
    schema gitlab-ci "$work/$template.json"
    expand --script "${inputs[@]}" >"$work/$template.sh"
    shellcheck --shell=sh "$work/$template.sh" >&2 || failed "the scripts of $file"
done
sed 's/"when": "always"/"when": "mostly"/' "$work/build.json" >"$work/bad.json"
refuses gitlab-ci "$work/bad.json"

examples=ci-templates/generic/examples
schema buildkite "$examples/buildkite.yml"
schema github-workflows "$examples/forgejo.yml"
schema circle-ci "$examples/circleci.yml"
schema azure-pipelines "$examples/azure-pipelines.yml" --data-transform azure-pipelines --regex-variant nonunicode
schema bitbucket-pipelines "$examples/bitbucket-pipelines.yml"
schema travis "$examples/travis.yml"
schema drone-ci "$examples/drone.yml"
shellcheck ci-templates/generic/purser-ci.sh >&2 || failed "ci-templates/generic/purser-ci.sh"

schema compose-spec compose.yaml
sed 's/healthcheck:/healthchecks:/' compose.yaml >"$work/compose.yaml"
refuses compose-spec "$work/compose.yaml"
"$tools/python" - <<'CHECK' || failed "compose.yaml asks for health in another way than the Dockerfile"
import json, re, sys
from ruamel.yaml import YAML
image = json.loads(re.search(r"HEALTHCHECK.*\\\n\s+CMD (\[.*\])", open("Dockerfile").read())[1])
compose = YAML(typ="safe", pure=True).load(open("compose.yaml"))["services"]["registry"]["healthcheck"]["test"]
sys.exit(["CMD", *image] != [word.replace("$$", "$") for word in compose])
CHECK
"$tools/hadolint" --no-color Dockerfile >&2 || failed "Dockerfile"

# The golden file that the tests hold our bill of materials against, by the schema that its makers publish.
bill=Tests/ManifestTests/Fixtures/exports/cyclonedx.json
cyclonedx=$("$tools/python" -c 'import os, cyclonedx.schema; print(os.path.dirname(cyclonedx.schema.__file__))')
cyclonedx=$cyclonedx/_res/bom-1.6.SNAPSHOT.schema.json
"$tools/check-jsonschema" --schemafile "$cyclonedx" "$bill" >"$work/said" 2>&1 || {
    sed 's/^/  /' "$work/said" >&2
    failed "$bill is no bill of materials"
}
sed 's/"aggregate": "[a-z]*"/"aggregate": "mostly"/' "$bill" >"$work/bad.json"
! "$tools/check-jsonschema" --schemafile "$cyclonedx" "$work/bad.json" >/dev/null 2>&1 || failed "the schema of CycloneDX took $work/bad.json"

exit "$status"
