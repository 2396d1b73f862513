#!/usr/bin/env python3
"""fuzz-corpus.py: writes the seeds of Tests/ExerciseTests/Fixtures/corpus from the fixtures of the other tests and from the
texts below. Seeds that a finding left behind (found-*) are nobody's but the finder's and stay as they are."""
import base64
import glob
import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import zipfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PLACE = os.path.join(TOP, "Tests/ExerciseTests/Fixtures/corpus")
ECO = "Tests/EcosystemsTests/Fixtures"
HEX = "ab" * 32
written = set()


def raw(path):
    with open(os.path.join(TOP, path), "rb") as file:
        return file.read()


def keep(target, name, content):
    content = content if isinstance(content, bytes) else content.encode()
    if len(content) > 60_000:
        raise SystemExit(f"{target}/{name} is too long for a seed")
    path = os.path.join(PLACE, target, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    written.add(path)


def scene(target, name, asked, body=b"", **head):
    """A codec's seed; see Sources/Exercise/Codecs/Scene.swift."""
    bodies = [part if isinstance(part, bytes) else part.encode() for part in (body if isinstance(body, list) else [body])]
    lines = [asked if asked.split(" ")[0].isupper() else "GET " + asked]
    for key, value in head.items():
        lines += [f"{key}: {one}" for one in (value if isinstance(value, list) else [value])]
    keep(target, name, ("\n".join(lines) + "\n\n").encode() + b"\n=== companion\n".join(bodies))


def versions(target, address, path, columns, take):
    """Lines of a published table of comparisons, four versions a seed."""
    words = []
    for line in raw(path).decode().splitlines():
        cells = line.split("\t")
        if len(cells) >= columns and not line.startswith("#"):
            words += [cell for cell in cells[:3] if cell and " " not in cell and cell not in "<=>" and len(cell) < 40]
    words = list(dict.fromkeys(words))
    for at in range(0, min(len(words), take * 4), 4):
        scene(target, f"versions-{at // 4:02}", address, versions=" ".join(words[at:at + 4]))


def document(page, name):
    text = raw(page).decode()
    return re.search(r"```json " + re.escape(name) + r"\n(.*?)\n```", text, re.S).group(1)


def canonical(text):
    return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def pypi():
    index = "https://pypi.org/simple/demo/"
    for folder in sorted(glob.glob(f"{TOP}/{ECO}/pypi/*/input.*")):
        kind = "application/vnd.pypi.simple.v1+json" if "simple-json" in folder else "text/html"
        name = os.path.basename(os.path.dirname(folder))
        body = raw(os.path.relpath(folder, TOP))
        words = re.search(rb'"name": ?"([^"]+)"', body) or re.search(rb"Links for ([\w.-]+)", body)
        project = words.group(1).decode().lower() if words else "demo"
        asked = f"https://pypi.org/pypi/{project}/json" if "project-json" in folder else f"https://pypi.org/simple/{project}/"
        scene("pypi", name, asked, body, type="application/json" if "project-json" in folder else kind,
              accept=kind, versions="1.0 1.0rc1 1!0.5 1.0.post1")
    page = json.dumps({"meta": {"api-version": "1.1"}, "name": "demo", "files": [
        {"filename": f"demo-{v}-py3-none-any.whl", "url": f"https://files.pythonhosted.org/packages/a/demo-{v}-py3-none-any.whl",
         "hashes": {"sha256": HEX}, "upload-time": "2024-01-01T00:00:00.000000Z", "yanked": yanked, "size": 10,
         "requires-python": ">=3.8"} for v, yanked in (("1.0", False), ("1.1rc1", "bad"), ("2.0", False))]})
    kind = "application/vnd.pypi.simple.v1+json"
    scene("pypi", "simple-json", index, page, type=kind, accept=kind)
    links = "".join(f'<a href="../../packages/demo-{v}.tar.gz#sha256={HEX}" data-yanked="">demo-{v}.tar.gz</a><br/>\n' for v in ("1.0", "2.0"))
    scene("pypi", "simple-html", index, f"<!DOCTYPE html><html><body>{links}</body></html>", type="text/html")
    lock = 'version = 1\n[[package]]\nname = "six"\nversion = "1.16.0"\nsource = { registry = "https://pypi.org/simple" }\n'
    lock += f'sdist = {{ url = "https://files.pythonhosted.org/six-1.16.0.tar.gz", hash = "sha256:{HEX}", size = 34041 }}\n'
    lock += f'wheels = [\n  {{ url = "https://files.pythonhosted.org/six-1.16.0-py2.py3-none-any.whl", hash = "sha256:{HEX}" }},\n]\n'
    scene("pypi", "uv-lock", index, lock, lock="uv.lock")
    poetry = f'[[package]]\nname = "six"\nversion = "1.16.0"\nfiles = [\n  {{file = "six-1.16.0.tar.gz", hash = "sha256:{HEX}"}},\n]\n\n[metadata]\nlock-version = "2.0"\n'
    for name in ("poetry.lock", "pdm.lock", "pylock.toml"):
        scene("pypi", name.replace(".", "-"), index, poetry.replace("[[package]]", "[[packages]]") if name == "pylock.toml" else poetry, lock=name)
    pipfile = json.dumps({"_meta": {"sources": [{"name": "pypi", "url": "https://pypi.org/simple"}]},
                          "default": {"six": {"hashes": [f"sha256:{HEX}"], "version": "==1.16.0"}}, "develop": {}})
    scene("pypi", "pipfile-lock", index, pipfile, lock="Pipfile.lock")
    scene("pypi", "requirements", index, f"six==1.16.0 \\\n    --hash=sha256:{HEX} # via x\n-r other.txt\nfoo[bar] @ https://h/foo-1.0.tar.gz#sha256={HEX}\n",
          lock="requirements.txt")
    scene("pypi", "wheel", "https://files.pythonhosted.org/packages/ab/cd/demo-1.0-py3-none-any.whl#sha256=" + HEX,
          ["Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=3.8\n\nbody\n", "Wheel-Version: 1.0\n"],
          file="demo-1.0-py3-none-any.whl", entry=["demo-1.0.dist-info/METADATA", "demo-1.0.dist-info/WHEEL"],
          field=[":action=file_upload", "name=demo", "version=1.0", "filetype=bdist_wheel", "sha256_digest=" + HEX])
    tests = json.loads(raw(f"{ECO}/pep440/pep440.json"))
    words = [word for word in re.findall(r'"([^" ]{1,30})"', json.dumps(tests)) if re.match(r"[vV0-9]", word)]
    for at in range(0, 80, 4):
        scene("pypi", f"versions-{at // 4:02}", index, versions=" ".join(words[at:at + 4]))


def npm():
    for name in ("abbreviated", "full"):
        scene("npm", f"async-{name}", "https://registry.npmjs.org/async", raw(f"{ECO}/npm/async/{name}.json"), type="application/json",
              accept="application/vnd.npm.install-v1+json", versions="1.0.0 1.0.0-rc.1 1.0.0-rc.1.2 2.0.0+x")
    scene("npm", "source-map", "https://registry.npmjs.org/source-map", raw(f"{ECO}/npm/source-map/abbreviated.json"), type="application/json",
          agent="pnpm/9")
    scene("npm", "scoped", "https://registry.npmjs.org/@acme%2fx", json.dumps({
        "name": "@acme/x", "dist-tags": {"latest": "2.0.0", "next": "3.0.0-a"}, "time": {"2.0.0": "2024-01-01T00:00:00Z"},
        "versions": {v: {"name": "@acme/x", "version": v, "scripts": {"install": "x"}, "dist": {
            "tarball": f"https://registry.npmjs.org/@acme/x/-/x-{v}.tgz", "shasum": "ab" * 20,
            "integrity": "sha512-" + base64.b64encode(b"x" * 64).decode()}} for v in ("1.0.0", "2.0.0", "3.0.0-a")}}), type="application/json")
    for name in ("package-lock.v1.json", "package-lock.v2.json", "package-lock.v3.json", "yarn.lock"):
        scene("npm", "lock-" + name, "https://registry.npmjs.org/x", raw(f"{ECO}/npm/lockfiles/{name}"),
              lock="yarn.lock" if name == "yarn.lock" else "package-lock.json")
    berry = '__metadata:\n  version: 8\n\n"left-pad@npm:^1.3.0":\n  version: 1.3.0\n  resolution: "left-pad@npm:1.3.0"\n  checksum: 10c0/' + "ab" * 64 + "\n"
    scene("npm", "lock-berry", "https://registry.npmjs.org/x", berry, lock="yarn.lock")
    pnpm = "lockfileVersion: '9.0'\npackages:\n  left-pad@1.3.0:\n    resolution: {integrity: sha512-" + base64.b64encode(b"x" * 64).decode() + "}\n"
    scene("npm", "lock-pnpm", "https://registry.npmjs.org/x", pnpm, lock="pnpm-lock.yaml")
    bun = '{\n "lockfileVersion": 1,\n "packages": {\n  "left-pad": ["left-pad@1.3.0", "", {}, "sha512-' + base64.b64encode(b"x" * 64).decode() + '"],\n }\n}\n'
    scene("npm", "lock-bun", "https://registry.npmjs.org/x", bun, lock="bun.lock")
    deno = json.dumps({"version": "4", "npm": {"left-pad@1.3.0": {"integrity": "sha512-" + base64.b64encode(b"x" * 64).decode()}}})
    scene("npm", "lock-deno", "https://registry.npmjs.org/x", deno, lock="deno.lock")
    scene("npm", "tarball", "https://registry.npmjs.org/@acme/x/-/x-1.0.0.tgz", raw(f"{ECO}/npm/async/package.json"),
          file="x-1.0.0.tgz", entry="package/package.json")
    words = [word for word in re.findall(r'"([^" ]{1,30})"', raw(f"{ECO}/node-semver/fixtures.json").decode()) if re.match(r"[v=0-9]", word)]
    for at in range(0, 60, 4):
        scene("npm", f"versions-{at // 4:02}", "https://registry.npmjs.org/x", versions=" ".join(words[at:at + 4]))


def deb():
    base = "http://deb.debian.org/debian/dists/bookworm"
    for name in ("InRelease", "main/binary-amd64/Packages", "main/binary-amd64/Packages.bz2", "main/binary-amd64/Packages.lz4", "main/binary-amd64/Packages.zst"):
        scene("deb", "bookworm-" + os.path.basename(name), f"{base}/{name}", raw(f"{ECO}/deb/bookworm/{os.path.basename(name)}"))
    for name in ("InRelease", "Release", "main/binary-amd64/Packages", "main/binary-amd64/Packages.gz", "main/binary-amd64/Packages.xz"):
        scene("deb", "farm-" + os.path.basename(name), f"http://deb.debian.org/debian/dists/stable/{name}", raw(f"{ECO}/deb/farm/{os.path.basename(name)}"))
    scene("deb", "file", "http://deb.debian.org/debian/pool/main/l/leaf/leaf_1.0-1_all.deb",
          "Package: leaf\nVersion: 1.0-1\nArchitecture: all\nDescription: x\n y\n", file="leaf_1.0-1_all.deb", entry=["control", "./control"])
    scene("deb", "by-hash", f"{base}/main/binary-amd64/by-hash/SHA256/{HEX}", env=["HOME=/home/x", "APT_CONFIG=/etc/apt.conf", "http_proxy=http://p:1"])
    versions("deb", base + "/InRelease", f"{ECO}/deb/versions.tsv", 3, 20)


def rpm():
    base = "https://mirror.example/rocky/9/BaseOS/x86_64/os"
    scene("rpm", "repomd", f"{base}/repodata/repomd.xml", raw(f"{ECO}/rpm/repomd.xml"))
    for name in ("primary.xml", "primary.xml.gz"):
        scene("rpm", name, f"{base}/repodata/{HEX}-{name}", raw(f"{ECO}/rpm/{name}"))
    scene("rpm", "lock", base + "/repodata/repomd.xml", raw(f"{ECO}/rpm/rpms.lock.yaml"), lock="rpms.lock.yaml")
    scene("rpm", "file", f"{base}/Packages/l/leaf-1.0-1.noarch.rpm", file="leaf-1.0-1.noarch.rpm", versions="1:1.0-1 1.0~rc1-1 1.0^git-1 1.0-1")
    versions("rpm", base + "/repodata/repomd.xml", f"{ECO}/rpm/rpmvercmp.tsv", 2, 12)


def oci():
    base = "https://registry-1.docker.io/v2/library/alpine"
    scene("oci", "tags", f"{base}/tags/list", raw(f"{ECO}/oci/farm/tags.json"), type="application/json")
    manifest = raw(f"{ECO}/oci/farm/manifest.json")
    scene("oci", "manifest", f"{base}/manifests/latest", manifest, type="application/vnd.oci.image.manifest.v1+json",
          digest="sha256:" + hashlib.sha256(manifest).hexdigest())
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
        {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:" + HEX, "size": 2, "platform": {"architecture": "amd64", "os": "linux"}}]}
    scene("oci", "index", f"{base}/manifests/sha256:{HEX}", json.dumps(index), type=index["mediaType"], digest="sha256:" + HEX)
    scene("oci", "config", f"{base}/blobs/sha256:{HEX}", [raw(f"{ECO}/oci/farm/config.json")])
    scene("oci", "token", "https://auth.docker.io/token?service=registry.docker.io&scope=repository:library/alpine:pull", '{"token":"x","access_token":"y"}')
    scene("oci", "upload", "PUT https://ghcr.io/v2/acme/app/manifests/v1", versions="1.0 1.0-rc1 v2 latest")


def maven():
    base = "https://repo.maven.apache.org/maven2/org/apache/commons/commons-lang3"
    scene("maven", "metadata", f"{base}/maven-metadata.xml", raw(f"{ECO}/maven/commons-lang3.xml"), type="text/xml")
    scene("maven", "checksum", f"{base}/maven-metadata.xml.sha1", "ab" * 20)
    scene("maven", "pom", f"{base}/3.12.0/commons-lang3-3.12.0.pom",
          "<project><modelVersion>4.0.0</modelVersion><groupId>org.apache.commons</groupId><artifactId>commons-lang3</artifactId><version>3.12.0</version></project>",
          modified="Sun, 06 Nov 1994 08:49:37 GMT")
    scene("maven", "jar-sha1", f"{base}/3.12.0/commons-lang3-3.12.0.jar.sha1", "ab" * 20 + "  commons-lang3-3.12.0.jar\n")
    scene("maven", "snapshot", "https://repo.example/maven/com/acme/app/1.0-SNAPSHOT/maven-metadata.xml",
          "<metadata><groupId>com.acme</groupId><artifactId>app</artifactId><version>1.0-SNAPSHOT</version><versioning><snapshot><timestamp>20240101.000000</timestamp><buildNumber>1</buildNumber></snapshot></versioning></metadata>")
    scene("maven", "gradle-lock", f"{base}/maven-metadata.xml", "# This is a Gradle generated file\norg.slf4j:slf4j-api:2.0.9=compileClasspath,runtimeClasspath\nempty=annotationProcessor\n", lock="gradle.lockfile")
    verify = f'<verification-metadata><components><component group="org.slf4j" name="slf4j-api" version="2.0.9"><artifact name="slf4j-api-2.0.9.jar"><sha256 value="{HEX}" origin="x"/></artifact></component></components></verification-metadata>'
    scene("maven", "verification", f"{base}/maven-metadata.xml", verify, lock="verification-metadata.xml")
    scene("maven", "environment", f"{base}/3.12.0/commons-lang3-3.12.0.jar", env=["MAVEN_OPTS=-Xmx1g", "JAVA_TOOL_OPTIONS=-Dx=\"a b\"", "GRADLE_USER_HOME=/g"], file="commons-lang3-3.12.0.jar")
    versions("maven", f"{base}/maven-metadata.xml", f"{ECO}/maven/versions.tsv", 2, 20)


def composer():
    for name in ("fast-route", "monolog"):
        package = {"fast-route": "nikic/fast-route", "monolog": "monolog/monolog"}[name]
        scene("composer", name, f"https://repo.packagist.org/p2/{package}.json", raw(f"{ECO}/composer/{name}.json"), type="application/json",
              versions="1.0 1.0.0.0 v1.0-RC1 dev-main")
    lock = {"packages": [{"name": "psr/log", "version": "3.0.0", "dist": {"type": "zip", "url": "https://api.github.com/repos/php-fig/log/zipball/abc", "reference": "ab" * 20, "shasum": "ab" * 20}, "time": "2021-07-14T16:46:02+00:00"}], "packages-dev": []}
    scene("composer", "lock", "https://repo.packagist.org/packages.json", json.dumps(lock), lock="composer.lock")
    scene("composer", "dist", "https://api.github.com/repos/php-fig/log/zipball/" + "ab" * 20, env=["COMPOSER_HOME=/c", "COMPOSER_AUTH={}"])
    versions("composer", "https://repo.packagist.org/packages.json", f"{ECO}/composer/versions.tsv", 2, 15)


def nuget():
    flat = "https://api.nuget.org/v3-flatcontainer/newtonsoft.json"
    hive = "https://api.nuget.org/v3/registration5-gz-semver2/newtonsoft.json"
    scene("nuget", "service", "https://api.nuget.org/v3/index.json", json.dumps({"version": "3.0.0", "resources": [{"@id": "https://api.nuget.org/v3-flatcontainer/", "@type": "PackageBaseAddress/3.0.0"}, {"@id": "https://api.nuget.org/v3/registration5-gz-semver2/", "@type": "RegistrationsBaseUrl/3.6.0"}]}), type="application/json")
    scene("nuget", "versions", f"{flat}/index.json", '{"versions":["12.0.1","13.0.1-beta1","13.0.3"]}', type="application/json")
    leaf = {"@type": "Package", "packageContent": f"{flat}/13.0.3/newtonsoft.json.13.0.3.nupkg", "catalogEntry": {
        "id": "Newtonsoft.Json", "version": "13.0.3", "published": "2023-03-08T07:42:54.647+00:00", "listed": True, "licenseExpression": "MIT",
        "deprecation": {"reasons": ["Legacy"], "message": "x"}}}
    hidden = json.loads(json.dumps(leaf).replace("13.0.3", "13.0.4").replace("true", "false"))
    scene("nuget", "registration", f"{hive}/index.json", json.dumps({"count": 1, "items": [{"@id": hive, "count": 2, "lower": "13.0.3", "upper": "13.0.4", "items": [leaf, hidden]}]}), type="application/json")
    hashed = json.loads(json.dumps(leaf))
    hashed["catalogEntry"].update(packageHash=base64.b64encode(b"x" * 64).decode(), packageHashAlgorithm="SHA512", packageSize=9)
    scene("nuget", "registration-hashed", f"{hive}/index.json", json.dumps({"items": [{"items": [hashed]}]}), type="application/json")
    scene("nuget", "versions-hashed", f"{flat}/index.json", ['{"versions":["12.0.1","13.0.3"]}', json.dumps({"items": [{"items": [hashed]}]})], type="application/json")
    scene("nuget", "leaf", f"{hive}/13.0.3.json", json.dumps(leaf), type="application/json")
    scene("nuget", "lock", "https://api.nuget.org/v3/index.json", json.dumps({"version": 1, "dependencies": {"net8.0": {"Newtonsoft.Json": {"type": "Direct", "requested": "[13.0.3, )", "resolved": "13.0.3", "contentHash": base64.b64encode(b"x" * 64).decode()}}}}), lock="packages.lock.json")
    scene("nuget", "file", f"{flat}/13.0.3/newtonsoft.json.13.0.3.nupkg", "<package><metadata><id>Newtonsoft.Json</id><version>13.0.3</version></metadata></package>",
          file="newtonsoft.json.13.0.3.nupkg", entry="Newtonsoft.Json.nuspec", versions="1.0.0 1.0.0-BETA 1.0.0.1 1.2")


def helm():
    index = f"apiVersion: v1\nentries:\n  nginx:\n  - apiVersion: v2\n    name: nginx\n    version: 1.10.0\n    created: \"2026-11-17T08:00:00.1Z\"\n    digest: {HEX}\n    deprecated: true\n    urls:\n    - charts/nginx-1.10.0.tgz\n  - name: nginx\n    version: 1.9.0\n    urls:\n    - https://cdn.test/nginx-1.9.0.tgz\n  liar:\n  - name: nginx\n    version: 1.8.0\n    urls: [nginx-1.8.0.tgz]\ngenerated: \"2026-11-18T08:00:00Z\"\n"
    scene("helm", "index", "https://charts.helm.sh/stable/index.yaml", index, type="text/yaml", versions="1.0.0 v1.0.0 1.0.0-rc.1 1.0.0+a")
    scene("helm", "lock", "https://charts.helm.sh/stable/index.yaml", f"dependencies:\n- name: redis\n  repository: https://charts.bitnami.com/bitnami\n  version: 18.1.0\ndigest: sha256:{HEX}\ngenerated: \"2024-01-01T00:00:00Z\"\n", lock="Chart.lock")
    scene("helm", "file", "https://charts.helm.sh/stable/nginx-1.10.0.tgz", "apiVersion: v2\nname: nginx\nversion: 1.10.0\n", file="nginx-1.10.0.tgz", entry="nginx/Chart.yaml")


def conda():
    base = "https://conda.anaconda.org/conda-forge/linux-64"
    compressed = raw(f"{ECO}/conda/repodata.json.zst")
    repodata = {"info": {"subdir": "linux-64"}, "packages": {"zlib-1.2.13-h1.tar.bz2": {"build": "h1", "build_number": 1, "name": "zlib", "version": "1.2.13", "sha256": HEX, "md5": "ab" * 16, "size": 10, "timestamp": 1700000000000}},
                "packages.conda": {"zlib-1.3-h2.conda": {"build": "h2", "build_number": 0, "name": "zlib", "version": "1.3", "sha256": HEX, "size": 9}}, "removed": [], "repodata_version": 1}
    scene("conda", "repodata", f"{base}/repodata.json", json.dumps(repodata), type="application/json", versions="1.0 1.0rc1 1!0.1 1.0post1")
    scene("conda", "repodata-zst", f"{base}/repodata.json.zst", compressed)
    scene("conda", "channel", "https://conda.anaconda.org/conda-forge/channeldata.json", "{}")
    scene("conda", "explicit", base + "/repodata.json", f"@EXPLICIT\n{base}/zlib-1.3-h2.conda#{'ab' * 16}\n", lock="explicit.txt")
    lock = f"version: 1\npackage:\n- name: zlib\n  version: '1.3'\n  manager: conda\n  platform: linux-64\n  url: {base}/zlib-1.3-h2.conda\n  hash:\n    md5: {'ab' * 16}\n    sha256: {HEX}\n- name: six\n  version: 1.16.0\n  manager: pip\n  url: https://files.pythonhosted.org/six-1.16.0.tar.gz\n  hash: {{sha256: {HEX}}}\n"
    scene("conda", "conda-lock", base + "/repodata.json", lock, lock="conda-lock.yml")
    scene("conda", "pixi", base + "/repodata.json", f"version: 6\nenvironments: {{}}\npackages:\n- conda: {base}/zlib-1.3-h2.conda\n  sha256: {HEX}\n- pypi: https://files.pythonhosted.org/six-1.16.0.tar.gz\n  name: six\n  version: 1.16.0\n  sha256: {HEX}\n", lock="pixi.lock")
    scene("conda", "file", base + "/zlib-1.3-h2.conda", json.dumps({"name": "zlib", "version": "1.3", "build": "h2", "subdir": "linux-64"}), file="zlib-1.3-h2.conda", entry=["info/index.json", "metadata.json"])
    words = "1.0.0 1.0 1.0_1 1.0.post1 1.0.dev1 1.0a1 1!1.0 1.0+local 0.4.1 1.0- 1__0 1.1.* 2g6 *1".split()
    for at in range(0, len(words), 4):
        scene("conda", f"versions-{at // 4:02}", base + "/repodata.json", versions=" ".join(words[at:at + 4]))


def cargo():
    scene("cargo", "index-hex", "https://index.crates.io/3/h/hex", raw(f"{ECO}/cargo/hex"), type="text/plain", versions="1.0.0 1.0.0-rc.1 1.0.0+x 0.0.1")
    scene("cargo", "index-itoa", "https://index.crates.io/it/oa/itoa", [raw(f"{ECO}/cargo/itoa"), raw(f"{ECO}/cargo/itoa-api.json")], type="text/plain")
    scene("cargo", "config", "https://index.crates.io/config.json", '{"dl":"https://static.crates.io/crates","api":"https://crates.io"}', type="application/json")
    scene("cargo", "api", "https://crates.io/api/v1/crates/itoa", raw(f"{ECO}/cargo/itoa-api.json"), type="application/json")
    scene("cargo", "file", "https://static.crates.io/crates/hex/hex-0.4.3.crate", raw(f"{ECO}/cargo/hex-0.4.3-Cargo.toml"), file="hex-0.4.3.crate", entry="hex-0.4.3/Cargo.toml",
          env=["CARGO_HOME=/c", "CARGO_NET_GIT_FETCH_WITH_CLI=true", "CARGO_REGISTRIES_ACME_INDEX=sparse+https://x/"])
    lock = f'version = 4\n\n[[package]]\nname = "hex"\nversion = "0.4.3"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "{HEX}"\n\n[[package]]\nname = "g"\nversion = "0.1.0"\nsource = "git+https://github.com/a/g?rev=1#{"ab" * 20}"\n'
    scene("cargo", "lock", "https://index.crates.io/config.json", lock, lock="Cargo.lock")
    scene("cargo", "lock-v1", "https://index.crates.io/config.json", f'[[package]]\nname = "hex"\nversion = "0.4.3"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n\n[metadata]\n"checksum hex 0.4.3 (registry+https://github.com/rust-lang/crates.io-index)" = "{HEX}"\n', lock="Cargo.lock")


def golang():
    base = "https://proxy.golang.org/github.com/%21burnt%21sushi/toml"
    h1 = "h1:" + base64.b64encode(b"x" * 32).decode()
    scene("golang", "list", f"{base}/@v/list", "v1.0.0\nv1.1.0-rc.1\nv1.2.0\nv0.0.0-20240101000000-abcdefabcdef\n", versions="v1.0.0 v1.0.0-rc.1 v2.0.0+incompatible v0.0.0-20240101000000-abcdefabcdef")
    scene("golang", "info", f"{base}/@v/v1.2.0.info", '{"Version":"v1.2.0","Time":"2024-01-01T00:00:00Z"}', type="application/json")
    scene("golang", "latest", f"{base}/@latest", '{"Version":"v1.2.0","Time":"2024-01-01T00:00:00Z"}', type="application/json")
    scene("golang", "lookup", "https://sum.golang.org/lookup/github.com/%21burnt%21sushi/toml@v1.2.0", f"123\ngithub.com/BurntSushi/toml v1.2.0 {h1}\ngithub.com/BurntSushi/toml v1.2.0/go.mod {h1}\n\ngo.sum database tree\n1\nx\n\n— sum.golang.org Az3g\n")
    scene("golang", "sum", f"{base}/@v/v1.2.0.zip", f"github.com/BurntSushi/toml v1.2.0 {h1}\ngithub.com/BurntSushi/toml v1.2.0/go.mod {h1}\n", lock="go.sum", file="v1.2.0.mod",
          env=["GOPROXY=https://a,https://b|direct", "GOFLAGS=-mod=mod", "GONOSUMDB=x", "GOPRIVATE=*.corp"])


def terraform():
    registry = "https://registry.terraform.io"
    scene("terraform", "versions", f"{registry}/v1/providers/hashicorp/null/versions", '{"id":"x","versions":[{"version":"1.0.0","protocols":["5.0"],"platforms":[{"os":"linux","arch":"amd64"}]},{"version":"1.1.0"}],"warnings":null}', type="application/json", versions="1.0.0 1.1.0-beta1 v1.0.0 1.0")
    scene("terraform", "modules", f"{registry}/v1/modules/terraform-aws-modules/vpc/aws/versions", '{"modules":[{"versions":[{"version":"5.0.0"},{"version":"5.1.0"}]}]}', type="application/json")
    scene("terraform", "download", f"{registry}/v1/providers/hashicorp/null/3.2.1/download/linux/amd64", json.dumps({"filename": "terraform-provider-null_3.2.1_linux_amd64.zip", "download_url": "https://releases.hashicorp.com/terraform-provider-null/3.2.1/terraform-provider-null_3.2.1_linux_amd64.zip", "shasum": HEX, "shasums_url": "https://releases.hashicorp.com/x"}), type="application/json")
    scene("terraform", "mirror", "https://mirror.example/providers/registry.terraform.io/hashicorp/null/index.json", '{"versions":{"1.0.0":{},"1.1.0":{}}}', type="application/json")
    scene("terraform", "mirror-version", "https://mirror.example/providers/registry.terraform.io/hashicorp/null/3.2.1.json", '{"archives":{"linux_amd64":{"url":"terraform-provider-null_3.2.1_linux_amd64.zip","hashes":["h1:%s","zh:%s"]}}}' % (base64.b64encode(b"x" * 32).decode(), HEX), type="application/json")
    scene("terraform", "sums", "https://releases.hashicorp.com/terraform-provider-null/3.2.1/terraform-provider-null_3.2.1_SHA256SUMS", f"{HEX}  terraform-provider-null_3.2.1_linux_amd64.zip\n")
    scene("terraform", "lock", registry + "/.well-known/terraform.json", 'provider "registry.terraform.io/hashicorp/null" {\n  version     = "3.2.1"\n  constraints = "~> 3.0"\n  hashes = [\n    "h1:%s",\n    "zh:%s",\n  ]\n}\n' % (base64.b64encode(b"x" * 32).decode(), HEX), lock=".terraform.lock.hcl", env=["TF_CLI_CONFIG_FILE=/x", "HOME=/h"])


def gem():
    scene("gem", "info", "https://index.rubygems.org/info/rainbow", [raw(f"{ECO}/gem/rainbow.txt"), raw(f"{ECO}/gem/rainbow.json")], type="text/plain", versions="1.0 1.0.pre 1.0.0 1.a.2")
    scene("gem", "versions", "https://rubygems.org/api/v1/versions/rainbow.json", raw(f"{ECO}/gem/rainbow.json"), type="application/json")
    scene("gem", "all-versions", "https://index.rubygems.org/versions", "created_at: 2024-01-01T00:00:00Z\n---\nrainbow 2.0.0,3.1.1 " + "ab" * 16 + "\n")
    scene("gem", "lock", "https://index.rubygems.org/versions", raw(f"{ECO}/gem/Gemfile.lock"), lock="Gemfile.lock", env=["BUNDLE_PATH=/b", "RUBYOPT=-W0", "GEM_HOME=/g"])
    scene("gem", "file", "https://rubygems.org/gems/rainbow-3.1.1.gem", raw(f"{ECO}/gem/metadata"), file="rainbow-3.1.1.gem", entry=["metadata.gz", "metadata"])
    scene("gem", "file-gz", "https://rubygems.org/gems/rainbow-3.1.1.gem", gzip.compress(raw(f"{ECO}/gem/metadata"), mtime=0), file="rainbow-3.1.1.gem", entry="metadata.gz")
    versions("gem", "https://index.rubygems.org/versions", f"{ECO}/gem/versions.tsv", 2, 15)


def hexpm():
    scene("hex", "package", "https://repo.hex.pm/packages/jason", [raw(f"{ECO}/hex/jason"), raw(f"{ECO}/hex/jason.json")], versions="1.0.0 1.0.0-rc.1 1.0.0+x 0.1.0")
    scene("hex", "package-gz", "https://repo.hex.pm/packages/jason", gzip.compress(raw(f"{ECO}/hex/jason"), mtime=0) if raw(f"{ECO}/hex/jason")[:2] != b"\x1f\x8b" else gzip.decompress(raw(f"{ECO}/hex/jason")))
    scene("hex", "api", "https://hex.pm/api/packages/jason", raw(f"{ECO}/hex/jason.json"), type="application/json")
    for name in ("mix.lock", "rebar.lock", "manifest.toml"):
        scene("hex", name, "https://repo.hex.pm/names", raw(f"{ECO}/hex/{name}"), lock=name)
    scene("hex", "file", "https://repo.hex.pm/tarballs/jason-1.4.1.tar", '{<<"name">>,<<"jason">>}.\n{<<"version">>,<<"1.4.1">>}.\n', file="jason-1.4.1.tar", entry="metadata.config")


def pub():
    scene("pub", "package", "https://pub.dev/api/packages/args", raw(f"{ECO}/pub/args.json"), type="application/vnd.pub.v2+json", versions="1.0.0 1.0.0-dev.1 1.0.0+1 2.0.0")
    scene("pub", "lock", "https://pub.dev/api/packages/args", raw(f"{ECO}/pub/pubspec.lock"), lock="pubspec.lock")
    scene("pub", "file", "https://pub.dev/api/archives/args-2.4.2.tar.gz", "name: args\nversion: 2.4.2\n", file="args-2.4.2.tar.gz", entry="pubspec.yaml")


def swift():
    base = "https://swift.example/reg"
    scene("swift", "list", f"{base}/mona/LinkedList", ['{"releases":{"1.1.0":{"url":"%s/mona/LinkedList/1.1.0"},"1.0.0":{},"0.9.0":{"problem":{"status":410}}}}' % base,
          '{"id":"mona.LinkedList","version":"1.1.0","publishedAt":"2024-01-01T08:00:00Z","metadata":{},"resources":[{"name":"source-archive","type":"application/zip","checksum":"%s"}]}' % HEX], type="application/json", versions="1.0.0 1.0.0-a 1.1.0 2.0.0+x")
    scene("swift", "release", f"{base}/mona/LinkedList/1.1.0", '{"id":"mona.LinkedList","version":"1.1.0","resources":[{"name":"source-archive","type":"application/zip","checksum":"%s"}]}' % HEX, type="application/json")
    scene("swift", "file", f"{base}/mona/LinkedList/1.1.0.zip", file="1.1.0.zip")


def packet(text):
    content = text if isinstance(text, bytes) else text.encode()
    return f"{len(content) + 4:04x}".encode() + content


def git():
    base = "https://github.com/pkg/errors.git"
    one, two = "1" * 40, "2" * 40
    scene("git", "refs", f"{base}/info/refs?service=git-upload-pack")
    body = packet("command=fetch") + packet("agent=git/2") + b"0001" + packet("thin-pack") + packet(f"want {one}\n") + packet(f"have {two}\n") + packet("done\n") + b"0000"
    scene("git", "fetch-v2", f"POST {base}/git-upload-pack", body)
    body = packet(f"want {one} multi_ack_detailed thin-pack ofs-delta\n") + packet(f"want {two}\n") + b"0000" + packet("done\n")
    scene("git", "fetch-v0", f"POST {base}/git-upload-pack", body)
    scene("git", "ls-refs", f"POST {base}/git-upload-pack", packet("command=ls-refs\n") + b"0001" + packet("peel\n") + b"0000")
    resolved = {"pins": [{"identity": "swift-nio", "kind": "remoteSourceControl", "location": "https://github.com/apple/swift-nio.git", "state": {"revision": one, "version": "2.0.0"}}], "version": 3}
    scene("git", "resolved", base + "/info/refs", json.dumps(resolved), lock="Package.resolved")
    old = {"object": {"pins": [{"package": "x", "repositoryURL": "git@github.com:a/b.git", "state": {"branch": None, "revision": one, "version": "1.0.0"}}]}, "version": 1}
    scene("git", "resolved-v1", base + "/info/refs", json.dumps(old), lock="Package.resolved", env=["GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=a.b", "GIT_CONFIG_VALUE_0=c", "GIT_SSL_CAINFO=/x"])
    pack = b"PACK" + (2).to_bytes(4, "big") + bytes(4) + hashlib.sha1(b"").digest()
    keep("git-answer", "side-band", packet("NAK\n") + packet(b"\x02progress\n") + packet(b"\x01" + pack) + b"0000")
    keep("git-answer", "plain", packet("NAK\n") + pack)
    keep("git-answer", "v2", packet("packfile\n") + packet(b"\x01" + pack[:9]) + packet(b"\x01" + pack[9:]) + b"0000")
    keep("git-answer", "error", packet("ERR upload-pack: not our ref\n") + packet(b"\x03fatal: x\n"))


def generic():
    scene("generic", "file", "https://github.com/a/b/releases/download/v1.0/tool-1.0.tar.gz?X-Sig=secret", file="tool-1.0.tar.gz", env=["HOME=/h", "NO_PROXY=*", "no_proxy=localhost"])
    scene("generic", "post", "POST https://api.example/x", "a=b", versions="1.0 1.0 2 v1")


def texts():
    seen = 0
    for path in sorted(glob.glob(f"{TOP}/Tests/CoreTests/Fixtures/purl-spec/**/*.json", recursive=True)):
        for case in json.loads(raw(os.path.relpath(path, TOP)))["tests"]:
            if isinstance(case.get("input"), str) and seen < 60 and (len(case["input"]) * 7 + seen) % 5 == 0:
                keep("purl", f"case-{seen:02}", case["input"])
                seen += 1
    for number, text in enumerate(["https://pypi.org/simple/x/?a=b#c\n../y/./z?q", "http://[::1]:8080/a%2fb\n//other.example/x", "https://h.example/a/b\nhttps://e.example/", "http://127.0.0.1/\n?x", "https://user@h/", "https://h/%2e%2e/x", "https://h/a;b=c/%25zz\n#f"]):
        keep("url", f"case-{number}", text)
    for number, text in enumerate(["2024-03-01T10:20:30.123Z", "2024-02-29 23:59:60+02:00", "9999-12-31T23:59:59Z", "Sun, 06 Nov 1994 08:49:37 GMT", "sha256:" + HEX,
                                   "sha512-" + base64.b64encode(b"x" * 64).decode(), "h1:" + base64.b64encode(b"x" * 32).decode() + "?x", "a%20b%zz", "AAAA=", "0001-01-01"]):
        keep("words", f"case-{number}", text)


def documents():
    for number, path in enumerate(sorted(glob.glob(f"{TOP}/Tests/JSONTextTests/Fixtures/JSONTestSuite/test_parsing/*"))):
        if os.path.getsize(path) < 400 and number % 6 == 0:
            keep("json", os.path.basename(path), raw(os.path.relpath(path, TOP)))
    for path in sorted(glob.glob(f"{TOP}/Tests/JSONTextTests/Fixtures/jcs/input/*.json")):
        if os.path.getsize(path) < 10_000:
            keep("json", "jcs-" + os.path.basename(path), raw(os.path.relpath(path, TOP)))
    keep("json", "nested.json", '{"a":{"b":[1,2,{"c":null,"d":[]}],"e":-0.0},"f":1e21,"g":9007199254740993,"h":"\\ud83d\\ude00"}')
    for path in ("examples/polyglot/purser.yml", "examples/python-app/purser.yml"):
        keep("policy", path.split("/")[1], raw(path))
    for page in ("docs/policy.md", "docs/configuration.md"):
        for number, text in enumerate(re.findall(r"```ya?ml[^\n]*\n(.*?)\n```", raw(page).decode(), re.S)):
            keep("policy", f"{os.path.basename(page)[:-3]}-{number:02}", text + "\n")
    manifest = canonical(document("docs/manifest.md", "purser.lock"))
    record = canonical(document("docs/manifest.md", "record"))
    keep("manifest", "page", manifest)
    keep("manifest", "empty", '{"gaps":[],"inputs":[],"purser":1,"tools":[]}')
    keep("replay-record", "page", record)
    keep("replay-record", "empty", '{"entries":[],"purser-replay":1}')
    keep("run-report", "page", document("docs/manifest.md", "purser-run.json"))
    digest = {"sha256": HEX}
    statement = canonical(json.dumps({"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://purser.dev/build/v1", "subject": [{"name": "purser.lock", "digest": digest}], "predicate": {}}))
    for found in re.findall(r"```json[^\n]*\n(.*?)\n```", raw("docs/manifest.md").decode(), re.S):
        try:
            value = json.loads(found)
        except ValueError:
            continue
        if "_type" in value:
            statement = canonical(found)
        if "purser-trust" in value:
            keep("trust", "page", found)
    keep("envelope", "statement", statement)
    keep("envelope", "signed", canonical(json.dumps({"payloadType": "application/vnd.in-toto+json", "payload": base64.b64encode(statement.encode()).decode(), "signatures": [{"keyid": "sha256:" + HEX, "sig": base64.b64encode(b"x" * 64).decode()}]})))
    keep("envelope", "dsse", raw("Tests/AttestationTests/Fixtures/dsse/dsse.json"))
    keep("trust", "empty", '{"purser-trust":1,"keys":[]}')
    keep("toml", "uv", f'version = 1\nrequires-python = ">=3.8"\n[[package]]\nname = "six"\n"dotted.key" = 1979-05-27T07:32:00Z\n[package.source]\nregistry = \'x\'\nt = """\na\\u00e9\\\n  b"""\ni = {{ a = 1, b.c = [1, 2, {{}}] }}\n')
    keep("toml", "cargo", raw(f"{ECO}/cargo/hex-0.4.3-Cargo.toml"))
    keep("toml", "gleam", raw(f"{ECO}/hex/manifest.toml"))
    keep("yaml", "pubspec", raw(f"{ECO}/pub/pubspec.lock"))
    keep("yaml", "rpms", raw(f"{ECO}/rpm/rpms.lock.yaml"))
    keep("yaml", "flow", "a: [1, {b: c}, 'd']\n? e\n: |\n  text\n...\n")
    osv = {"id": "MAL-2024-1", "aliases": ["GHSA-x"], "summary": "bad", "affected": [{"package": {"ecosystem": "Go", "name": "github.com/a/b"}, "versions": ["1.0.0"],
           "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.0"}, {"last_affected": "1.1.0"}, {"limit": "2.0.0"}]}]}]}
    keep("osv", "record", json.dumps(osv, indent=1))
    keep("osv", "lines", json.dumps(osv) + "\n" + json.dumps({**osv, "withdrawn": "2024-01-01T00:00:00Z"}) + "\n")
    keep("osv", "array", json.dumps([osv, osv]))
    lines, before = b"", ""
    for event in ('{"at":1,"event":"began"}', '{"at":2,"event":"gap","host":"x"}', '{"at":3,"event":"traffic"}'):
        before = hashlib.sha256((before + event).encode()).hexdigest()
        lines += f"{before} {event}\n".encode()
    keep("journal", "whole", lines)
    keep("journal", "torn", lines[:-9])


def wire():
    cases = json.loads(raw("Tests/ProxyTests/Fixtures/http-requests/http-requests.json"))["cases"]
    for case in cases:
        content = case["raw_latin1"].encode("latin-1")
        if len(content) < 2_000:
            keep("request", case["id"], content)
    keep("request", "two", b"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\nabc\r\n0\r\nT: 1\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n")
    keep("answer-head", "ok", b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-Fold: a\r\n b\r\n\r\n")
    keep("answer-head", "odd", b"HTTP/2 404\r\nserver:\r\n: x\r\n\r\n")
    keep("reply-head", "plain", "OK\x1eContent-Type\x1etext/plain\x1eX-A\x1eb")
    keep("reply-head", "breaks", "a\r\nX: y\x1eX-A\x1eb\r\n\r\nHTTP/1.1 200 OK\x1ebad name\x1ec\x1eContent-Length\x1e7")
    form = b"multipart/form-data; boundary=\"b\"\n--b\r\nContent-Disposition: form-data; name=\":action\"\r\n\r\nfile_upload\r\n--b\r\nContent-Disposition: form-data; name=\"content\"; filename=\"a-1.0.tar.gz\"\r\nContent-Type: application/octet-stream\r\n\r\n\x1f\x8b\r\n-\r\n--b--\r\n"
    keep("form", "upload", form)
    keep("form", "empty-part", b"multipart/form-data; boundary=x\n--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--x--")


def archives():
    for path in sorted(glob.glob(f"{TOP}/Tests/ArchiveTests/Fixtures/*/**", recursive=True)):
        name = os.path.basename(path)
        if not os.path.isfile(path) or os.path.getsize(path) > 6_000 or name.startswith(("SOURCE", "expected")):
            continue
        content = raw(os.path.relpath(path, TOP))
        if content[:2] == b"PK" or "zip" in name.split(".")[-1] or name.endswith((".whl", ".jar")):
            keep("zip", name, content)
        elif content[:6] in (b"\xfd7zXZ\0",) or content[:2] in (b"\x1f\x8b", b"BZ", b"\x28\xb5"):
            keep("compressed", name, content)
            keep("tar", name, content)
        elif ".tar" in name and not name.endswith(".Z"):
            keep("tar", name, content)
    for path in sorted(glob.glob(f"{TOP}/Tests/ClientTests/Fixtures/apt/debian/pool/**/*.deb", recursive=True)):
        keep("deb-file", os.path.basename(path), raw(os.path.relpath(path, TOP)))
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in ("package/package.json", "package/ü" + "n" * 120):
            entry = tarfile.TarInfo(name)
            entry.size = 3
            tar.addfile(entry, io.BytesIO(b"{} "))
    keep("tar", "made-pax.tar", made.getvalue())
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("demo/__init__.py", "demo-1.0.dist-info/METADATA"):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), "x" * 40)
    keep("zip", "made.zip", made.getvalue())
    keep("compressed", "made.gz", gzip.compress(b"purser " * 100, mtime=0))


def dictionary(target):
    """Words of the seeds, so that the fuzzer need not guess keys."""
    words = {}
    for path in sorted(glob.glob(f"{PLACE}/{target}/*")):
        if os.path.basename(path).startswith("found-"):
            continue
        with open(path, "rb") as file:
            content = file.read()
        for word in re.findall(rb'"[\w@:./-]{2,24}"\s*:|<[\w:-]{2,20}|^[A-Za-z@][\w-]{2,20}:|^\s+[\w-]{2,20} ?[:=]', content, re.M):
            words[word.strip()] = words.get(word.strip(), 0) + 1
    best = sorted(words, key=lambda word: (-words[word], word))[:60] + [b"\n\n", b"\n=== companion\n"]
    if len(best) < 6:
        return
    lines = ["# Made by scripts/fuzz-corpus.py from the seeds."]
    for word in best:
        text = "".join(chr(b) if 32 <= b < 127 and b not in (34, 92) else f"\\x{b:02x}" for b in word)
        lines.append(f'"{text}"')
    path = os.path.join(os.path.dirname(PLACE), "words", target + ".dict")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")


for make in (pypi, npm, deb, rpm, oci, maven, composer, nuget, helm, conda, cargo, golang, terraform, gem, hexpm, pub, swift, git, generic, texts, documents, wire, archives):
    make()
for path in glob.glob(f"{PLACE}/*/*"):
    if path not in written and not os.path.basename(path).startswith("found-"):
        os.remove(path)
for target in sorted(os.listdir(PLACE)):
    dictionary(target)
print(f"{len(written)} seeds, {sum(os.path.getsize(path) for path in written)} bytes")
