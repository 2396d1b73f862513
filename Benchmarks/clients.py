"""Package managers other than uv and npm: what each is served, and how it installs it, directly and through the agent."""

import base64
import hashlib
import json
import os
import pathlib
import random
import sys

import fixtures

PACKAGES = 60
DATE = "2024-01-01T00:00:00Z"
SIZE = 30_000


def noise(rng):
    """A comment of many languages that does not get smaller."""
    return b"// " + rng.randbytes(SIZE // 2).hex().encode() + b"\n"


class Client:
    """What one package manager needs beside what all do."""

    def more(self, far):
        """Further options of the agent's."""
        return []


class Pip(Client):
    """The made-up wheels that uv gets as well, without its parallel requests."""

    name, type, program = "pip", "pypi", "python3"

    def __init__(self, packages):
        self.packages = packages

    def make(self, www, far):
        pass

    def project(self, work):
        pass

    def command(self, far=None):
        index = ["--index-url", f"{far}/simple/"] if far else []
        words = [sys.executable, "-m", "pip", "install", "--quiet", "--no-cache-dir", "--disable-pip-version-check"]
        words += ["--root-user-action", "ignore"]
        return [*words, *index, "--target", "site", "bench-part-00"]

    def environment(self, work, authority, far=None):
        return {"PIP_CERT": str(authority)} if far else {}

    def upstream(self, far):
        return f"{far}/named"


class Cargo(Client):
    """Crates of one small file, in a sparse index; `cargo fetch --locked` of a project that is locked to all."""

    name, type, program = "cargo fetch --locked", "cargo", "cargo"
    packages = PACKAGES

    def make(self, www, far):
        rng = random.Random(17)
        self.sums = {}
        for number in range(PACKAGES):
            name = f"bench-crate-{number:02}"
            body = self.crate(name, rng)
            self.sums[name] = hashlib.sha256(body).hexdigest()
            line = {"name": name, "vers": "1.0.0", "deps": [], "cksum": self.sums[name], "features": {}, "yanked": False}
            index = www / "cargo" / "be" / "nc" / name
            index.parent.mkdir(parents=True, exist_ok=True)
            index.write_text(json.dumps(line | {"pubtime": DATE}) + "\n")
            file = www / "cargo" / "crates" / name / "1.0.0" / "download"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(body)
        (www / "cargo" / "config.json").write_text(json.dumps({"dl": "https://static.crates.io/crates"}))
        # The same for who comes without the agent: its files are where its index is.
        (www / "cargo-direct").mkdir(exist_ok=True)
        (www / "cargo-direct" / "config.json").write_text(json.dumps({"dl": f"{far}/cargo/crates"}))
        (www / "cargo-direct" / "be").symlink_to("../cargo/be")

    @staticmethod
    def crate(name, rng):
        manifest = f'[package]\nname = "{name}"\nversion = "1.0.0"\nedition = "2021"\n'.encode()
        folder = f"{name}-1.0.0"
        return fixtures.tarred({f"{folder}/Cargo.toml": manifest, f"{folder}/src/lib.rs": noise(rng)})

    def project(self, work):
        wanted = "".join(f'{name} = "=1.0.0"\n' for name in self.sums)
        (work / "src").mkdir()
        (work / "src" / "lib.rs").write_text("")
        (work / "Cargo.toml").write_text(
            f'[package]\nname = "bench"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\n{wanted}'
        )
        source = "registry+https://github.com/rust-lang/crates.io-index"
        entries = "".join(
            f'\n[[package]]\nname = "{name}"\nversion = "1.0.0"\nsource = "{source}"\nchecksum = "{digest}"\n'
            for name, digest in self.sums.items()
        )
        listed = "".join(f' "{name}",\n' for name in self.sums)
        own = f'\n[[package]]\nname = "bench"\nversion = "0.0.0"\ndependencies = [\n{listed}]\n'
        (work / "Cargo.lock").write_text(f"version = 3\n{own}{entries}")

    def command(self, far=None):
        place = f"--config source.crates-io.replace-with='\"far\"' --config source.far.registry='\"sparse+{far}/cargo-direct/\"'"
        return ["sh", "-c", f"rm -rf \"$CARGO_HOME\" && cargo fetch --quiet --locked {place if far else ''}"]

    def environment(self, work, authority, far=None):
        own = {"CARGO_HTTP_CAINFO": str(authority)} if far else {}
        # Where cargo is rustup's, it looks for the toolchain in the home folder, which is a fresh one here.
        toolchains = os.environ.get("RUSTUP_HOME", str(pathlib.Path.home() / ".rustup"))
        return {"CARGO_HOME": str(work / "cargo-home"), "RUSTUP_HOME": toolchains, **own}

    def upstream(self, far):
        return f"{far}/cargo"


class Go(Client):
    """Modules of one small file; `go mod download` of a project whose go.sum has them all."""

    name, type, program = "go mod download", "golang", "go"
    packages = PACKAGES

    def make(self, www, far):
        rng = random.Random(19)
        self.sums = {}
        for number in range(PACKAGES):
            module = f"bench.example/part{number:02}"
            place = www / "go" / module / "@v"
            place.mkdir(parents=True)
            manifest = f"module {module}\n\ngo 1.19\n".encode()
            files = {"go.mod": manifest, "part.go": b"package part\n\n" + noise(rng)}
            whole = {f"{module}@v1.0.0/{path}": content for path, content in files.items()}
            (place / "list").write_text("v1.0.0\n")
            (place / "v1.0.0.info").write_text(json.dumps({"Version": "v1.0.0", "Time": DATE}))
            (place / "v1.0.0.mod").write_bytes(manifest)
            (place / "v1.0.0.zip").write_bytes(fixtures.zipped(whole))
            zipped, own = self.sums[module] = (self.directory_hash(whole), self.directory_hash({"go.mod": manifest}))
            # The public proxy relays the checksum database, and the agent asks it about every zip.
            record = www / "go" / "sumdb" / "sum.golang.org" / "lookup" / f"{module}@v1.0.0"
            record.parent.mkdir(parents=True, exist_ok=True)
            sums = f"{module} v1.0.0 {zipped}\n{module} v1.0.0/go.mod {own}\n"
            record.write_text(f"{number}\n{sums}\ngo.sum database tree\n{PACKAGES}\nAAAA\n\n— sum.golang.org BBBB\n")

    @staticmethod
    def directory_hash(files):
        """`h1:` of golang.org/x/mod/sumdb/dirhash."""
        lines = "".join(f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))
        return "h1:" + base64.b64encode(hashlib.sha256(lines.encode()).digest()).decode()

    def project(self, work):
        wanted = "".join(f"\t{module} v1.0.0\n" for module in self.sums)
        # Not in the folder itself: go takes no module at the root of TMPDIR.
        folder = work / "project"
        folder.mkdir()
        (folder / "go.mod").write_text(f"module bench\n\ngo 1.19\n\nrequire (\n{wanted})\n")
        lines = (f"{module} v1.0.0 {zipped}\n{module} v1.0.0/go.mod {own}\n" for module, (zipped, own) in self.sums.items())
        (folder / "go.sum").write_text("".join(lines))

    def command(self, far=None):
        place = f"GOPROXY={far}/go" if far else ""
        return ["sh", "-c", f"cd project && go clean -modcache && {place} go mod download"]

    def environment(self, work, authority, far=None):
        folders = {"GOPATH": str(work / "gopath"), "GOCACHE": str(work / "gocache"), "GOFLAGS": "-modcacherw"}
        return {**folders, "GONOSUMDB": "*", "GOTOOLCHAIN": "local"}

    def upstream(self, far):
        return f"{far}/go"
