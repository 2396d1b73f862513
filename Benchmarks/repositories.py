"""More package managers: those whose registries keep checksums beside their files, or none."""

import gzip
import hashlib
import json
import os
import random
import subprocess
import sys

import fixtures
from clients import DATE, PACKAGES, Client, noise


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
        run = f'"{sys.executable}" -c "$0" "$1" "$2" && rm -rf gems client-cache && bundle install --quiet'
        return ["sh", "-c", run, write, gemfile, lock]

    def environment(self, work, authority, far=None):
        folders = {"BUNDLE_PATH": str(work / "gems"), "BUNDLE_USER_HOME": str(work / "client-cache"), "BUNDLE_FROZEN": "1"}
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
        folders = {"COMPOSER_HOME": str(work / "home"), "COMPOSER_CACHE_DIR": str(work / "client-cache")}
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


class Maven(Client):
    """Jars of one small file, each with its model and checksums beside both; `mvn validate` of a project with one extension
    that needs them all, since any plugin would bring a hundred packages of its own."""

    name, type, program = "mvn validate", "maven", "mvn"
    count = 30
    # A jar and a model each, of the extension too; and the jar alone of what Maven itself adds to any.
    packages = 2 * (count + 1) + 1

    def make(self, www, far):
        rng = random.Random(37)
        self.place = www / "maven" / "maven2"
        names = [f"part{number:02}" for number in range(self.count)]
        for name in names:
            self.put("bench", name, "1.0", rng)
        self.put("org.codehaus.plexus", "plexus-utils", "1.1", rng)
        needs = "".join(f"<dependency>{self.coordinates('bench', name, '1.0')}</dependency>" for name in names)
        self.put("bench", "all", "1.0", rng, f"<dependencies>{needs}</dependencies>")

    @staticmethod
    def coordinates(group, name, version):
        return f"<groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version>"

    def put(self, group, name, version, rng, needs=""):
        model = self.coordinates(group, name, version) + needs
        files = {
            "pom": f"<project><modelVersion>4.0.0</modelVersion>{model}</project>".encode(),
            "jar": fixtures.zipped({"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\r\n\r\n", f"{name}.txt": noise(rng)}),
        }
        folder = self.place / group.replace(".", "/") / name / version
        folder.mkdir(parents=True)
        for kind, body in files.items():
            file = folder / f"{name}-{version}.{kind}"
            file.write_bytes(body)
            os.utime(file, (1_700_000_000, 1_700_000_000))
            for algorithm in ("md5", "sha1", "sha256", "sha512"):
                (folder / f"{file.name}.{algorithm}").write_text(hashlib.new(algorithm, body).hexdigest())

    def project(self, work):
        extension = f"<extension>{self.coordinates('bench', 'all', '1.0')}</extension>"
        model = f"{self.coordinates('own', 'bench', '1')}<packaging>pom</packaging>"
        build = f"<build><extensions>{extension}</extensions></build>"
        (work / "pom.xml").write_text(f"<project><modelVersion>4.0.0</modelVersion>{model}{build}</project>")

    def command(self, far=None):
        mirror = f"<mirrors><mirror><id>far</id><mirrorOf>*</mirrorOf><url>{far}/maven/maven2</url></mirror></mirrors>" if far else ""
        run = 'echo "$0" >settings.xml; rm -rf m2; mvn -B -q -s settings.xml -Dmaven.repo.local="$PWD/m2" validate'
        return ["sh", "-c", run, f"<settings>{mirror}</settings>"]

    def environment(self, work, authority, far=None):
        if not far:
            return {}
        # Java takes no certificate from a variable, so who comes without the agent gets a store of his own.
        store = work / "trust.p12"
        words = ["keytool", "-importcert", "-noprompt", "-alias", "bench", "-file", authority, "-keystore", store]
        subprocess.run([*words, "-storetype", "PKCS12", "-storepass", "changeit"], check=True, capture_output=True)
        return {"MAVEN_OPTS": f"-Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStorePassword=changeit"}

    def upstream(self, far):
        return f"{far}/maven"
