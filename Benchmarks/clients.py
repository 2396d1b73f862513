"""Package managers other than uv and npm: what each is served, and how it installs it, directly and through the agent."""

import base64
import gzip
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


class Bundler(Client):
    """Gems of one small file, in a compact index; `bundle install` of a project that is locked to all."""

    name, type, program = "bundle install", "gem", "bundle"
    packages = PACKAGES

    def make(self, www, far):
        rng = random.Random(23)
        (www / "gem" / "info").mkdir(parents=True)
        (www / "gem" / "gems").mkdir()
        versions = f"created_at: {DATE}\n---\n"
        self.gems = [f"bench-gem-{number:02}" for number in range(PACKAGES)]
        for name in self.gems:
            body = self.gem(name, rng)
            (www / "gem" / "gems" / f"{name}-1.0.0.gem").write_bytes(body)
            page = f"---\n1.0.0 |checksum:{hashlib.sha256(body).hexdigest()},created_at:{DATE}\n".encode()
            (www / "gem" / "info" / name).write_bytes(page)
            versions += f"{name} 1.0.0 {hashlib.md5(page).hexdigest()}\n"
        (www / "gem" / "versions").write_text(versions)

    @staticmethod
    def gem(name, rng):
        any_version = "!ruby/object:Gem::Requirement\n  requirements:\n  - - \">=\"\n"
        any_version += "    - !ruby/object:Gem::Version\n      version: '0'\n"
        metadata = f"--- !ruby/object:Gem::Specification\nname: {name}\nversion: !ruby/object:Gem::Version\n  version: 1.0.0\n"
        metadata += "platform: ruby\nauthors:\n- bench\ndependencies: []\nfiles:\n- lib/a.rb\nrequire_paths:\n- lib\n"
        metadata += f"required_ruby_version: {any_version}required_rubygems_version: {any_version}"
        metadata += "rubygems_version: 3.3.15\nspecification_version: 4\nsummary: bench\n"
        data = fixtures.tarred({"lib/a.rb": noise(rng).replace(b"//", b"#")})
        return fixtures.tarred({"metadata.gz": gzip.compress(metadata.encode(), mtime=0), "data.tar.gz": data}, "w:")

    def project(self, work):
        (work / "names").write_text("\n".join(self.gems))

    def command(self, far=None):
        """The project is written before each run: its registry's address stands in both of its files."""
        remote = f"{far}/gem/" if far else "https://rubygems.org/"
        gemfile = f"source '{remote}'\n" + "".join(f"gem '{name}'\n" for name in self.gems)
        specs = "".join(f"    {name} (1.0.0)\n" for name in self.gems)
        wanted = "".join(f"  {name}\n" for name in self.gems)
        lock = f"GEM\n  remote: {remote}\n  specs:\n{specs}\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n{wanted}"
        write = "import sys; open('Gemfile', 'w').write(sys.argv[1]); open('Gemfile.lock', 'w').write(sys.argv[2])"
        run = f'"{sys.executable}" -c "$0" "$1" "$2" && rm -rf gems cache && bundle install --quiet'
        return ["sh", "-c", run, write, gemfile, lock]

    def environment(self, work, authority, far=None):
        folders = {"BUNDLE_PATH": str(work / "gems"), "BUNDLE_USER_HOME": str(work / "cache"), "BUNDLE_FROZEN": "1"}
        return {**folders, "BUNDLE_SILENCE_ROOT_WARNING": "1", "BUNDLE_DISABLE_VERSION_CHECK": "1"}

    def upstream(self, far):
        return f"{far}/gem"


class Composer(Client):
    """Packages of one small file; `composer install` of a project that is locked to all. Nobody says what they hash to."""

    name, type, program = "composer install", "composer", "composer"
    packages = PACKAGES

    def make(self, www, far):
        rng = random.Random(29)
        self.names = [f"bench/part-{number:02}" for number in range(PACKAGES)]
        metadata = www / "composer" / "p2" / "bench"
        metadata.mkdir(parents=True)
        root = {"packages": [], "metadata-url": "https://repo.packagist.org/p2/%package%.json"}
        (www / "composer" / "packages.json").write_text(json.dumps(root))
        for name in self.names:
            archive = www / "composer-files" / "repos" / name / "zipball" / "c1"
            archive.parent.mkdir(parents=True)
            files = {"part/composer.json": json.dumps({"name": name}).encode(), "part/part.php": b"<?php\n" + noise(rng)}
            archive.write_bytes(fixtures.zipped(files))
            listed = {"packages": {name: [self.entry(name, "https://api.github.com")]}, "minified": "composer/2.0"}
            (www / "composer" / "p2" / f"{name}.json").write_text(json.dumps(listed))

    @staticmethod
    def entry(name, host):
        dist = {"type": "zip", "url": f"{host}/repos/{name}/zipball/c1", "reference": "c1", "shasum": ""}
        return {"name": name, "version": "1.0.0", "version_normalized": "1.0.0.0", "type": "library", "time": DATE, "dist": dist}

    def project(self, work):
        pass

    def command(self, far=None):
        """Its registry's address stands in both of the project's files, so they are written before each run."""
        wanted = {"name": "own/bench", "require": dict.fromkeys(self.names, "1.0.0")}
        if far:
            wanted["repositories"] = [{"type": "composer", "url": f"{far}/composer"}, {"packagist.org": False}]
            wanted["config"] = {"secure-http": False}
        host = f"{far}/composer-files" if far else "https://api.github.com"
        lock = {"packages": [self.entry(name, host) for name in self.names], "packages-dev": [], "aliases": []}
        lock |= {"minimum-stability": "stable", "stability-flags": {}, "prefer-stable": False, "prefer-lowest": False}
        lock |= {"platform": {}, "platform-dev": {}, "content-hash": "0" * 32}
        write = "import sys; open('composer.json', 'w').write(sys.argv[1]); open('composer.lock', 'w').write(sys.argv[2])"
        run = '"$0" -c "$1" "$2" "$3" && rm -rf vendor "$COMPOSER_CACHE_DIR" && composer install --quiet --no-autoloader'
        return ["sh", "-c", run, sys.executable, write, json.dumps(wanted), json.dumps(lock)]

    def environment(self, work, authority, far=None):
        own = {"COMPOSER_CAFILE": str(authority)} if far else {}
        folders = {"COMPOSER_HOME": str(work / "home"), "COMPOSER_CACHE_DIR": str(work / "cache")}
        return {**folders, **own, "COMPOSER_ALLOW_SUPERUSER": "1", "COMPOSER_NO_INTERACTION": "1", "COMPOSER_NO_AUDIT": "1"}

    def upstream(self, far):
        return f"{far}/composer"

    def more(self, far):
        return ["--upstream", f"composer:files={far}/composer-files"]


class Apt(Client):
    """Packages of one small file in a repository that is trusted as it is; `apt-get update` and a download of all."""

    name, type, program = "apt-get download", "deb", "apt-get"
    packages = PACKAGES

    def make(self, www, far):
        rng = random.Random(31)
        suite = www / "deb" / "debian" / "dists" / "stable"
        index = suite / "main" / "binary-amd64" / "Packages"
        index.parent.mkdir(parents=True)
        (www / "deb" / "debian" / "pool").mkdir()
        self.names = [f"bench-part-{number:02}" for number in range(PACKAGES)]
        stanzas = ""
        for name in self.names:
            fields = f"Package: {name}\nVersion: 1.0-1\nArchitecture: all\nMaintainer: bench <bench@example.org>\nDescription: bench\n"
            body = self.package(fields, rng)
            file = f"pool/{name}_1.0-1_all.deb"
            (www / "deb" / "debian" / file).write_bytes(body)
            stanzas += f"{fields}Filename: {file}\nSize: {len(body)}\nSHA256: {hashlib.sha256(body).hexdigest()}\n\n"
        index.write_text(stanzas)
        sum_of_index = hashlib.sha256(stanzas.encode()).hexdigest()
        release = "Origin: bench\nSuite: stable\nCodename: stable\nArchitectures: amd64 all\nComponents: main\n"
        release += "Date: Mon, 01 Jan 2024 00:00:00 UTC\nSHA256:\n"
        (suite / "Release").write_text(f"{release} {sum_of_index} {len(stanzas)} main/binary-amd64/Packages\n")

    @staticmethod
    def package(fields, rng):
        parts = {
            "debian-binary": b"2.0\n",
            "control.tar.gz": fixtures.tarred({"./control": fields.encode()}),
            "data.tar.gz": fixtures.tarred({"./usr/share/bench": noise(rng)}),
        }
        body = b"!<arch>\n"
        for name, content in parts.items():
            head = f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n"
            body += head.encode() + content + b"\n" * (len(content) % 2)
        return body

    def project(self, work):
        for folder in ("lists/partial", "archives/partial", "files"):
            (work / folder).mkdir(parents=True)
        (work / "status").write_text("")

    def command(self, far=None):
        source = f"deb [trusted=yes arch=amd64] {f'{far}/deb' if far else 'http://deb.debian.org'}/debian stable main"
        apt = (
            'apt-get -qq -o Dir::Etc::sourcelist="$PWD/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$PWD/lists"'
            ' -o Dir::State::status="$PWD/status" -o Dir::Cache="$PWD" -o Dir::Cache::archives="$PWD/archives"'
            " -o APT::Architecture=amd64 -o Acquire::Languages=none -o APT::Sandbox::User=root"
            ' ${BENCH_CA:+-o Acquire::https::CAInfo="$BENCH_CA"}'
        )
        run = f'rm -rf lists/* files/*; echo "$0" >sources.list; {apt} update && cd files && PWD="${{PWD%/files}}" && {apt} download {" ".join(self.names)}'
        return ["sh", "-c", run, source]

    def environment(self, work, authority, far=None):
        return {"BENCH_CA": str(authority)} if far else {}

    def upstream(self, far):
        return f"{far}/deb"
