#!/usr/bin/env bash
# faults.sh [PURSER [CLIENT...]]: what real clients do when their registry misbehaves, with nothing between and through the agent.
# Prints a table in Markdown: client, fault, outcome alone, outcome through the agent. Fails where a passing fault fails a client
# behind the agent, where damage gets through it, or where no text says why. Where an index is bad, some clients go on with another
# by themselves. Wants the package farm as farm.sh does.
set -euo pipefail
cd "$(dirname "$0")/../.."

purser=$(realpath "${1:-.build/release/purser}")
clients=("${@:2}")
[ ${#clients[@]} -gt 0 ] || clients=(pip uv npm yarn cargo go maven gem composer apt dnf)
seconds=${FAULT_SECONDS:-90}
# Each job has a home of its own; rustup's toolchains stay where they are.
if [ -d "${RUSTUP_HOME:-$HOME/.rustup}" ]; then export RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}; fi

left_out() { # WHY [CLIENT...]
    local why=$1
    shift
    [ $# -gt 0 ] || set -- "${clients[@]}"
    for client in "$@"; do echo "left out: $client ($why)" >&2; done
}

# shellcheck source=scripts/clients/start-farm.sh
. scripts/clients/start-farm.sh

# Name, what is hit, how often (empty: always), the fault as the farm calls it, what has to come of it.
faults=(
    'flip|file||"flip":true|refused'
    'truncate|file||"truncate":true|refused'
    'wrong length|file||"wrong_length":-7|refused'
    'empty|file||"empty":true|refused'
    'flip once|file|1|"flip":true|ok'
    'truncate once|file|1|"truncate":true|ok'
    '503 once|file|1|"status":503|ok'
    '429 once|file|1|"retry_after":1|ok'
    'reset once|file|1|"reset":100|ok'
    '503 always|file||"status":503|refused'
    'redirect loop|file||"redirect_loop":true|refused'
    'index: html|index||"html":true|any'
    'index: 503 once|index|1|"status":503|ok'
    'index: flip|index||"flip":true|any'
)

file_of() { # CLIENT: host and path of the file that is hit, as regular expressions
    case $1 in
    pip | uv) echo 'files\.pythonhosted /six-.*\.whl$' ;;
    npm | yarn) echo '^registry\. /lodash/-/' ;;
    cargo) echo '^static\.crates /hex' ;;
    go) echo '^proxy\.golang /pkg/errors/@v/v0\.9\.1\.zip$' ;;
    maven) echo 'maven /commons-lang3-[0-9.]*\.jar$' ;;
    gem) echo 'rubygems /gems/thor-' ;;
    composer) echo '^codeload nikic' ;;
    apt) echo '^deb\.farm /hello_.*\.deb$' ;;
    dnf) echo '^rpm\.farm \.rpm$' ;;
    esac
}

index_of() {
    case $1 in
    pip | uv) echo '^pypi\. /simple/six/' ;;
    npm | yarn) echo '^registry\. ^/lodash$' ;;
    cargo) echo '^index\.crates /3/h/hex$' ;;
    go) echo '^proxy\.golang /pkg/errors/@v/list$' ;;
    maven) echo 'maven /commons-lang3-[0-9.]*\.pom$' ;;
    gem) echo 'rubygems /info/thor$' ;;
    composer) echo 'packagist /p2/nikic/fast-route\.json$' ;;
    apt) echo '^deb\.farm Packages|by-hash' ;;
    dnf) echo '^rpm\.farm primary' ;;
    esac
}

program_of() {
    case $1 in
    pip) echo python3 ;;
    yarn) command -v yarnpkg || echo yarn ;;
    maven) echo mvn ;;
    apt) echo apt-get ;;
    *) echo "$1" ;;
    esac
}

# One small package, fetched and used. The folder is fresh, and so is every cache.
write_job() { # CLIENT FILE
    {
        echo 'set -eu; export HOME="$PWD/home"; mkdir -p home'
        case $1 in
        pip)
            echo 'export PIP_CONFIG_FILE=/dev/null PIP_NO_CACHE_DIR=1 PIP_RETRIES=1 PIP_ROOT_USER_ACTION=ignore'
            echo 'python3 -m venv --without-pip v'
            echo 'python3 -m pip --python v/bin/python install -q --disable-pip-version-check six'
            echo 'v/bin/python -c "import six"'
            ;;
        uv)
            echo 'python3 -m venv --without-pip v; export UV_NO_CACHE=1 UV_HTTP_RETRIES=2'
            echo 'uv pip install -q --python v/bin/python six; v/bin/python -c "import six"'
            ;;
        npm)
            echo 'export npm_config_cache="$PWD/c" npm_config_fund=false npm_config_globalconfig=/dev/null'
            echo 'echo "{}" >package.json; npm install --no-audit lodash; node -e "require(\"lodash\")"'
            ;;
        yarn)
            echo 'export NODE_PATH=/usr/share/nodejs YARN_CACHE_FOLDER="$PWD/c"; echo "{\"license\":\"MIT\"}" >package.json'
            echo "$(program_of yarn) add --non-interactive --no-progress lodash; NODE_PATH= node -e 'require(\"lodash\")'"
            ;;
        cargo)
            echo 'export CARGO_HOME="$PWD/c" CARGO_NET_RETRY=2; mkdir src; echo "fn main() {}" >src/main.rs'
            echo 'printf "[package]\nname = \"p\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nhex = \"0.4\"\n" >Cargo.toml'
            echo 'cargo fetch'
            ;;
        go)
            echo 'export GOPATH="$PWD/g" GOCACHE="$PWD/b" GOFLAGS="-mod=mod -modcacherw" GOTOOLCHAIN=local GOTELEMETRY=off'
            echo "export GOSUMDB='$(cat "$FARM_DIR/sumdb.vkey")'; printf 'module p\n\ngo 1.19\n' >go.mod"
            echo 'go get github.com/pkg/errors'
            ;;
        maven)
            echo 'echo "<settings/>" >settings.xml'
            # shellcheck source=/dev/null
            . "$FARM_DIR/maven-versions.env"
            echo "cat >pom.xml <<X
<project><modelVersion>4.0.0</modelVersion><groupId>own</groupId><artifactId>p</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.commons</groupId><artifactId>commons-lang3</artifactId><version>$COMMONS_LANG3</version></dependency>
</dependencies></project>
X
mvn -B -q -s settings.xml -Dmaven.repo.local=\"\$PWD/m2\" \\
    org.apache.maven.plugins:maven-dependency-plugin:$MAVEN_DEPENDENCY_PLUGIN:resolve"
            ;;
        gem) echo 'gem install --no-document -i "$PWD/g" thor; GEM_PATH="$PWD/g" ruby -e "require \"thor\""' ;;
        composer)
            echo 'export COMPOSER_HOME="$PWD/h" COMPOSER_CACHE_DIR="$PWD/c" COMPOSER_ALLOW_SUPERUSER=1 COMPOSER_NO_AUDIT=1'
            echo 'composer require -n --no-progress nikic/fast-route:1.3.0; php -r "require \"vendor/autoload.php\";"'
            ;;
        apt)
            echo 'mkdir -p lists/partial cache/archives/partial; touch status'
            echo "echo 'deb [signed-by=$FARM_DIR/tls/farm-archive.asc] http://deb.farm.test/debian farm-stable main' >sources.list"
            echo 'o="-o Dir::Etc::sourcelist=$PWD/sources.list -o Dir::Etc::sourceparts=- -o Dir::State=$PWD -o Dir::State::lists=$PWD/lists'
            echo '-o Dir::State::status=$PWD/status -o Dir::Cache=$PWD/cache -o APT::Sandbox::User=root -o Acquire::Languages=none'
            echo '-o Acquire::Retries=1 -o Acquire::http::Timeout=20"'
            echo 'apt-get $o update 2>&1 | tee out; ! grep -qE "^(W|E|Err)" out; apt-get $o download hello; dpkg -x hello_*.deb x'
            ;;
        dnf)
            echo 'mkdir -p root repos; ca=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}'
            echo 'printf "[farm]\nname=farm\nbaseurl=https://rpm.farm.test\nenabled=1\ngpgcheck=0\nsslcacert=%s\nretries=1\ntimeout=20\n" "$ca" >repos/f.repo'
            echo '[ -z "${https_proxy:-}" ] || echo "proxy=$https_proxy" >>repos/f.repo'
            echo 'dnf -y -q --installroot="$PWD/root" --setopt=reposdir="$PWD/repos" --setopt=cachedir="$PWD/c" --setopt=logdir="$PWD" \'
            echo '--setopt=persistdir="$PWD/s" --releasever=1 --setopt=tsflags=noscripts install farm-debug'
            ;;
        esac
    } >"$2"
}

# What a machine has whose administrator trusts the farm's certificates.
bundle=$FARM_DIR/tls/bundle.pem
direct=(
    SSL_CERT_FILE="$bundle" CURL_CA_BUNDLE="$bundle" REQUESTS_CA_BUNDLE="$bundle" PIP_CERT="$bundle"
    NODE_EXTRA_CA_CERTS="$bundle" npm_config_cafile="$bundle" CARGO_HTTP_CAINFO="$bundle" COMPOSER_CAFILE="$bundle"
    npm_config_fetch_retry_mintimeout=500 npm_config_fetch_retry_maxtimeout=2000
)
if command -v keytool >/dev/null; then
    keytool -importcert -noprompt -storepass changeit -keystore "$work/trust.jks" -alias farm \
        -file "$FARM_DIR/tls/ca.pem" >/dev/null 2>&1
    direct+=(JAVA_TOOL_OPTIONS="-Djavax.net.ssl.trustStore=$work/trust.jks -Djavax.net.ssl.trustStorePassword=changeit")
fi

inject() { # CLIENT HIT TIMES FAULT
    local place host path times=''
    place=$([ "$2" = file ] && file_of "$1" || index_of "$1")
    host=${place%% *} path=${place#* }
    [ -z "$3" ] || times=",\"times\":$3"
    curl -fsS -o /dev/null -XPOST "http://127.0.0.1:$port/_farm/reset"
    [ -n "$4" ] || return 0
    curl -fsS -o /dev/null -XPOST "http://127.0.0.1:$port/_farm/faults" -d \
        "{\"match\":{\"vhost\":\"${host//\\/\\\\}\",\"path\":\"${path//\\/\\\\}\",\"method\":\"GET\"},\"fault\":{$4}$times}"
}

outcome='' reason=''
try() { # CLIENT WAY
    local folder=$work/job status=0
    chmod -R u+w "$folder" 2>/dev/null || true
    rm -rf "$folder"
    mkdir -p "$folder"
    write_job "$1" "$folder/job.sh"
    local command=(env "${direct[@]}" sh job.sh)
    [ "$2" = alone ] || command=("$purser" run --cache "$folder/cache" --mode audit "${origins[@]}" -- sh job.sh)
    (cd "$folder" && REAL_IP=$address timeout -k 5 "$seconds" "$farm/with-hosts.sh" "${command[@]}") \
        >"$folder/log" 2>&1 </dev/null || status=$?
    reason=$(grep -oE '\b(integrity|identity|upstream|archive|policy)\.[a-z]+(-[a-z]+)*|upstream-error' "$folder/log" |
        sort | uniq -c | sort -rn | awk 'NR == 1 { print $2 }' || true)
    case $status in
    0) outcome=ok ;;
    124 | 137) outcome=hangs ;;
    *) outcome=fails ;;
    esac
}

bad=0
echo "| client | fault | alone | through the agent |"
echo "|---|---|---|---|"
for client in "${clients[@]}"; do
    if ! command -v "$(program_of "$client")" >/dev/null; then
        left_out "the tool is not installed" "$client"
        continue
    fi
    inject "$client" file '' ''
    try "$client" agent
    if [ "$outcome" != ok ]; then
        tail -n 15 "$work/job/log" >&2
        left_out "it fails without a fault" "$client"
        bad=$((bad + 1))
        continue
    fi
    for fault in "${faults[@]}"; do
        IFS='|' read -r name hit times text want <<<"$fault"
        inject "$client" "$hit" "$times" "$text"
        try "$client" alone
        alone=$outcome
        inject "$client" "$hit" "$times" "$text"
        try "$client" agent
        shown=$outcome
        [ "$outcome" = ok ] || shown="$outcome: ${reason:-no reason is named}"
        case $want/$outcome/${reason:+named} in
        ok/ok/* | refused/fails/named | any/ok/* | any/fails/named) ;;
        *)
            bad=$((bad + 1))
            shown="**$shown**"
            { echo "--- $client, $name:"; tail -n "${FAULT_LINES:-12}" "$work/job/log"; } >&2
            ;;
        esac
        echo "| $client | $name | $alone | $shown |"
    done
done
echo "faults: $bad not as they should be" >&2
[ "$bad" = 0 ]
