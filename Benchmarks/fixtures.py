"""What the local upstream serves: a small index of made-up wheels, a large npm document, a file."""

import base64
import hashlib
import io
import json
import pathlib
import random
import tarfile
import zipfile

PACKAGES = 45
SMALL_PACKAGES = 220
VERSIONS = 2000
DATE = "2024-01-01T00:00:00Z"


def tarred(files, mode="w:gz"):
    """A tar of these files, by their paths."""
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode=mode) as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return body.getvalue()


def zipped(files, compression=zipfile.ZIP_DEFLATED):
    """A zip of these files, by their paths, each of one fixed time."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", compression) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0)), content, compression)
    return body.getvalue()


def wheel(number, size, rng):
    """A wheel whose dependencies make a resolver ask in three rounds: top, fifteen, the others."""
    name = f"bench_part_{number:02}"
    requires = []
    if number == 0:
        requires = range(1, 16)
    elif number < 16:
        requires = range(16 + (number - 1) * 2, min(PACKAGES, 18 + (number - 1) * 2))
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    metadata += "".join(f"Requires-Dist: bench_part_{other:02}==1.0\n" for other in requires)
    folder = f"{name}-1.0.dist-info"
    files = {
        f"{name}/__init__.py": b"",
        f"{name}/content.bin": rng.randbytes(size),
        f"{folder}/METADATA": metadata.encode(),
        f"{folder}/WHEEL": b"Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(content)}\n"
    files[f"{folder}/RECORD"] = (record + f"{folder}/RECORD,,\n").encode()
    return name, zipped(files, zipfile.ZIP_STORED), metadata.encode()


def python_index(root):
    """The same projects twice: below `simple` with links of the server's own, and below `named/simple` with links to the
    public host of files, as pypi.org has them, so that a client behind the agent asks the agent for them."""
    rng = random.Random(7)
    (root / "packages").mkdir(parents=True, exist_ok=True)
    (root / "named").mkdir(exist_ok=True)
    if not (root / "named" / "packages").is_symlink():
        (root / "named" / "packages").symlink_to("../packages")
    for number in range(PACKAGES):
        name, body, metadata = wheel(number, 100_000, rng)
        file = f"{name}-1.0-py3-none-any.whl"
        (root / "packages" / file).write_bytes(body)
        (root / "packages" / f"{file}.metadata").write_bytes(metadata)
        for place, host in (("simple", ""), ("named/simple", "https://files.pythonhosted.org")):
            project_page(root / place / name.replace("_", "-"), file, f"{host}/packages/{file}", body, metadata)
    projects = [f"bench-part-{number:02}" for number in range(PACKAGES)]
    listing = {"meta": {"api-version": "1.1"}, "projects": [{"name": project} for project in projects]}
    (root / "simple" / "index.json").write_text(json.dumps(listing))
    links = "".join(f'<a href="/simple/{project}/">{project}</a>\n' for project in projects)
    (root / "simple" / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")


def project_page(page, file, url, body, metadata):
    page.mkdir(parents=True, exist_ok=True)
    digests = {"sha256": hashlib.sha256(body).hexdigest()}
    core = {"sha256": hashlib.sha256(metadata).hexdigest()}
    entry = {"filename": file, "url": url, "hashes": digests, "core-metadata": core}
    entry |= {"size": len(body), "upload-time": DATE, "yanked": False, "requires-python": ">=3.8"}
    document = {"meta": {"api-version": "1.1"}, "name": page.name, "versions": ["1.0"], "files": [entry]}
    (page / "index.json").write_text(json.dumps(document))
    link = f'<a href="{url}#sha256={digests["sha256"]}" data-upload-time="{DATE}"'
    link += f' data-core-metadata="sha256={core["sha256"]}">{file}</a>'
    (page / "index.html").write_text(f"<!DOCTYPE html><html><body>{link}</body></html>")


def npm_document(root):
    """16 MB, 2,000 versions; the last ten are young, so that policy has something to hide."""
    rng = random.Random(11)
    name = "bench-large"
    versions, times = {}, {"created": "2015-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z"}
    for number in range(VERSIONS):
        version = f"{number // 100}.{number % 100}.0"
        times[version] = "2020-01-01T00:00:00.000Z" if number < VERSIONS - 10 else "2099-01-01T00:00:00.000Z"
        versions[version] = {
            "name": name,
            "version": version,
            "description": "x" * 1900,
            "scripts": {f"task-{index}": "node " + rng.randbytes(40).hex() for index in range(40)},
            "dependencies": {f"dependency-{index}": f"^{index}.0.0" for index in range(60)},
            "dist": {
                "tarball": f"https://registry.npmjs.org/{name}/-/{name}-{version}.tgz",
                "shasum": rng.randbytes(20).hex(),
                "integrity": "sha512-" + base64.b64encode(rng.randbytes(64)).decode(),
            },
            "maintainers": [{"name": "bench", "email": "bench@example.org"}],
        }
    document = {"name": name, "dist-tags": {"latest": version}, "versions": versions, "time": times}
    (root / name).write_text(json.dumps(document))


def tarball(name, version, size, rng):
    manifest = json.dumps({"name": name, "version": version}).encode()
    return tarred({"package/package.json": manifest, "package/index.js": b"// " + rng.randbytes(size).hex().encode()})


def npm_packages(root):
    """Small packages below `npm`, and the project that is locked to them all."""
    rng = random.Random(13)
    locked = {}
    for number in range(SMALL_PACKAGES):
        name = f"bench-small-{number:03}"
        folder = root / "npm" / name
        (folder / "-").mkdir(parents=True, exist_ok=True)
        versions, times = {}, {"created": DATE, "modified": DATE}
        for minor in range(10):
            version = f"1.{minor}.0"
            file = f"{name}-{version}.tgz"
            url = f"https://registry.npmjs.org/{name}/-/{file}"
            body = tarball(name, version, 8_000, rng)
            dist = {"tarball": url, "shasum": hashlib.sha1(body).hexdigest()}
            dist["integrity"] = "sha512-" + base64.b64encode(hashlib.sha512(body).digest()).decode()
            versions[version] = {"name": name, "version": version, "description": "x" * 200, "dist": dist}
            times[version] = DATE
            (folder / "-" / file).write_bytes(body)
        document = {"name": name, "dist-tags": {"latest": version}, "versions": versions, "time": times}
        (folder / "packument.json").write_text(json.dumps(document))
        locked[f"node_modules/{name}"] = {"version": version, "resolved": url, "integrity": dist["integrity"]}
    wanted = {path.removeprefix("node_modules/"): entry["version"] for path, entry in locked.items()}
    project = {"name": "bench-project", "version": "1.0.0", "dependencies": wanted}
    lock = {"name": "bench-project", "version": "1.0.0", "lockfileVersion": 3, "requires": True}
    lock["packages"] = {"": project, **locked}
    (root / "project").mkdir(exist_ok=True)
    (root / "project" / "package.json").write_text(json.dumps(project, indent=2))
    (root / "project" / "package-lock.json").write_text(json.dumps(lock, indent=2))


def lockfile(path, count):
    """A package-lock.json of packages that no advisory of `__measure advisories` names."""
    locked = {}
    for number in range(count):
        name = f"locked-{number}"
        digest = base64.b64encode(hashlib.sha512(name.encode()).digest()).decode()
        url = f"https://registry.npmjs.org/{name}/-/{name}-1.0.0.tgz"
        locked[f"node_modules/{name}"] = {"version": "1.0.0", "resolved": url, "integrity": f"sha512-{digest}"}
    project = {"name": "bench", "version": "1.0.0"}
    path.write_text(json.dumps({**project, "lockfileVersion": 3, "packages": {"": project, **locked}}, indent=2))


def make(root):
    root = pathlib.Path(root)
    root.mkdir(parents=True, exist_ok=True)
    python_index(root)
    npm_document(root)
    npm_packages(root)
    (root / "file-100k.bin").write_bytes(random.Random(3).randbytes(100_000))
