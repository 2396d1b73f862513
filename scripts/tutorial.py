#!/usr/bin/env python3
"""Follows docs/tutorial.md to the letter, so that the page cannot say what is not so.

    scripts/tutorial.py PROGRAMS [--write] [--keep]

PROGRAMS is the folder with `purser` and `purser-registry`. Every command of the page is run, one by one in one shell,
in a scratch folder: npm is the real one, the npm registry a fake of ours on loopback that has the same packages.

How the page is read:
  - a `console` block holds commands behind `$ ` (lines behind `> ` go on with them) and what they print;
  - what follows "Save as `NAME`:" is a file, whatever its language;
  - a command ends with 0, unless the next one is `echo $?`.
Printed and shown lines are compared without what differs from run to run: digests, times, sizes, secrets. A line `…`
stands for any lines, `…` within a line for any text. `--write` puts what was printed where the page shows something else.
"""
import base64, gzip, hashlib, http.server, io, json, os, pathlib, re, shutil, socket, subprocess, sys, tarfile, tempfile, threading

top = pathlib.Path(__file__).resolve().parent.parent
page = top / "docs/tutorial.md"
# The port that the page names; the run takes a free one.
page_port = "8080"
old = "2018-06-01T12:00:00.000Z"


class Release:
    """One release of a package, as the public registry has it."""

    def __init__(self, name, version, dependencies={}, deprecated=None, license="MIT"):
        self.name, self.version = name, version
        manifest = {"name": name, "version": version, "license": license, "main": "index.js", "dependencies": dependencies}
        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w") as tar:
            for path, text in (("package.json", json.dumps(manifest)), ("index.js", Release.code.get(name, ""))):
                entry = tarfile.TarInfo(f"package/{path}")
                entry.size = len(text.encode())
                tar.addfile(entry, io.BytesIO(text.encode()))
        self.bytes = gzip.compress(raw.getvalue(), mtime=0)
        self.release = manifest | ({"deprecated": deprecated} if deprecated else {}) | {
            "dist": {
                "tarball": f"https://registry.npmjs.org/{name}/-/{name}-{version}.tgz",
                "shasum": hashlib.sha1(self.bytes).hexdigest(),
                "integrity": "sha512-" + base64.b64encode(hashlib.sha512(self.bytes).digest()).decode(),
            }
        }

    code = {
        "is-number": "module.exports = n => typeof n === 'number' && n - n === 0\n",
        "is-odd": "module.exports = n => Math.abs(n % 2) === 1\n",
        "left-pad": "module.exports = (text, length, by = ' ') => String(text).padStart(length, by)\n",
    }



def index(releases):
    return {
        "name": releases[0].name,
        "dist-tags": {"latest": releases[-1].version},
        "versions": {release.version: release.release for release in releases},
        "time": {"created": old, "modified": old} | {release.version: old for release in releases},
    }


def answers():
    packages = [
        [Release("is-odd", "3.0.1", {"is-number": "^6.0.0"})],
        [Release("is-number", "6.0.0"), Release("is-number", "7.0.0")],
        [Release("left-pad", "1.3.0", deprecated="use String.prototype.padStart()", license="WTFPL")],
    ]
    found = {"/-/npm/v1/security/advisories/bulk": b"{}"}
    for releases in packages:
        found[f"/{releases[0].name}"] = json.dumps(index(releases)).encode()
        for release in releases:
            found[f"/{release.name}/-/{release.name}-{release.version}.tgz"] = release.bytes
    return found


class Fake(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers = answers()

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = self.answers.get(self.path)
        self.send_response(404 if body is None else 200)
        body = body or b'{"error":"not found"}'
        kind = "application/octet-stream" if self.path.endswith(".tgz") else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *words):
        pass


class Block:
    """A fenced block: its language, its lines, the file that it is, and the page's line of its first one."""

    def __init__(self, language, name, first):
        self.language, self.name, self.first, self.lines = language, name, first, []


def blocks(text):
    found, block, before = [], None, ""
    for number, line in enumerate(text.split("\n")):
        if line.startswith("```"):
            if block is None:
                name = re.search(r"Save as `([^`]+)`:$", before)
                block, before = Block(line[3:].strip(), name and name[1], number + 1), ""
            else:
                found.append(block)
                block = None
        elif block is not None:
            block.lines.append(line)
        elif line.strip():
            before = line
    return found


def steps(block):
    """Commands with what they print: (command, shown lines, index of the first shown line, of the line behind)."""
    found = []
    for index, line in enumerate(block.lines):
        if line.startswith("$ "):
            found.append([line[2:], [], index + 1, index + 1])
        elif line.startswith("> ") and found and not found[-1][1]:
            found[-1][0] += "\n" + line[2:]
            found[-1][2:] = [index + 1, index + 1]
        elif found:
            found[-1][1].append(line)
            found[-1][3] = index + 1
        else:
            raise SystemExit(f"tutorial: line {block.first + index + 1} stands in a console block before any command")
    return found


def unknown_inputs(name, text):
    """What a job description gives to our action or component that these do not take."""
    if name.startswith(".github/workflows/"):
        used = re.findall(r"^      - uses: \S+/purser@.*\n        with:\n((?: {10}.*\n)+)", text, re.M)
        taken, given = (top / "action.yml").read_text().split("\ninputs:\n")[1], r"^ {10}([a-z-]+):"
        known = re.findall(r"^  ([a-z-]+):", re.split(r"^\S", taken, maxsplit=1, flags=re.M)[0], re.M)
    elif name == ".gitlab-ci.yml":
        component, given = re.search(r"/purser/([a-z-]+)@", text)[1], r"^ {6}([a-z-]+):"
        used = re.findall(r"^  - component: .*\n    inputs:\n((?: {6}.*\n)+)", text, re.M)
        template = top / f"ci-templates/gitlab/templates/{component}.yml"
        if not template.exists():
            return [f"the component {component}"]
        known = re.findall(r"^    ([a-z-]+):", template.read_text().split("\n---\n")[0], re.M)
    else:
        return []
    return sorted(set(re.findall(given, "".join(used), re.M)) - set(known)) if used else ["(none was found)"]


def same_everywhere(line):
    """A line without what differs between two runs."""
    line = re.sub(r"psr_[A-Za-z0-9_]+", "TOKEN", line)
    line = re.sub(r"\b[0-9a-f]{7,64}(?:\b|(?=…))", "HEX", line)
    line = re.sub(r"\b\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?\b", "TIME", line)
    line = re.sub(r"\b\d+ (B|kB|MB|ms|s|seconds|days|d)\b", "AMOUNT", line)
    line = re.sub(r"\b(node|npm)( +)\d+\.\d+\.\d+\b", r"\1\2VERSION", line)
    line = re.sub(r" {2,}", "  ", line)
    return line.rstrip()


def fits(shown, printed):
    """Whether printed lines are the shown ones; `…` stands for any lines, or any text of one."""
    parts = [r"(?:.*\n)*" if line.strip() == "…" else re.escape(same_everywhere(line)).replace("…", ".*") + r"\n" for line in shown]
    return re.fullmatch("".join(parts), "".join(same_everywhere(line) + "\n" for line in printed)) is not None


class Shell:
    """One bash, so that folders, variables and background jobs stay."""

    def __init__(self, folder, environment):
        self.process = subprocess.Popen(
            ["bash", "--norc"], cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )
        self.status = 0

    def run(self, command):
        end = "that-was-it-7341"
        # A status of before for `echo $?`, and no input but the page.
        # The closing line comes from a command of its own, whatever the page's command left unfinished.
        script = f"(exit {self.status})\n{command}\nstatus_of_page=$?; printf '\\n{end} %s\\n' $status_of_page\n"
        self.process.stdin.write(script)
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.startswith(end):
                self.status = int(line.split()[1])
                text = "".join(lines)[:-1].rstrip("\n")
                return text.split("\n") if text else []
            lines.append(line)
        raise SystemExit(f"tutorial: the shell ended in the middle of: {command}")

    def end(self):
        """Background jobs first, then the shell itself; each by what the shell knows of it."""
        try:
            self.process.stdin.write("kill $(jobs -p) 2>/dev/null; wait; exit\n")
            self.process.stdin.close()
            self.process.wait(timeout=20)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def environment(ground, programs, fake):
    kept = {"LANG": "C.UTF-8", "NO_COLOR": "1", "TMPDIR": f"{ground}/tmp", "HOME": f"{ground}/home"}
    quiet = {"npm_config_update_notifier": "false", "npm_config_fund": "false", "npm_config_globalconfig": "/dev/null"}
    os.makedirs(kept["TMPDIR"])
    os.makedirs(kept["HOME"])
    git = {"GIT_CONFIG_NOSYSTEM": "1"}
    for kind in ("AUTHOR", "COMMITTER"):
        git |= {f"GIT_{kind}_NAME": "Reader", f"GIT_{kind}_EMAIL": "reader@example.org"}
    path = {"PATH": f"{programs}:{os.environ.get('PATH', '/usr/bin:/bin')}"}
    return kept | quiet | git | path | {"PURSER_UPSTREAM": f"npm=http://127.0.0.1:{fake}"}


def follow(text, shell, ground, port):
    """Runs the page; gives its complaints and the page with what was printed."""
    lines, complaints, moved, count = text.split("\n"), [], 0, 0
    for block in blocks(text):
        if block.name:
            for name in unknown_inputs(block.name, "\n".join(block.lines) + "\n"):
                complaints.append(f"docs/tutorial.md line {block.first}: there is no such input: {name}")
            folder = shell.run("pwd")[-1]
            target = pathlib.Path(folder) / block.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("\n".join(block.lines).replace(page_port, port) + "\n")
        if block.language != "console":
            continue
        todo = steps(block)
        for index, (command, shown, first, behind) in enumerate(todo):
            printed = [line.replace(port, page_port).replace(str(ground), "…") for line in shell.run(command.replace(page_port, port))]
            count += 1
            told = index + 1 < len(todo) and todo[index + 1][0] == "echo $?"
            place = f"docs/tutorial.md line {block.first + first}: $ {command}"
            if shell.status != 0 and not told:
                complaints.append(f"{place}\nended with {shell.status}:\n" + "\n".join(printed))
                return complaints, "\n".join(lines), count
            if not fits(shown, printed):
                complaints.append(f"{place}\nprinted:\n" + "\n".join(printed) + "\nthe page shows:\n" + "\n".join(shown))
                at = block.first + moved
                lines[at + first : at + behind] = printed
                moved += len(printed) - (behind - first)
    return complaints, "\n".join(lines), count


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    if len(words) != 1:
        raise SystemExit(__doc__)
    programs = pathlib.Path(words[0]).resolve()
    for name in ("purser", "purser-registry"):
        if not os.access(programs / name, os.X_OK):
            raise SystemExit(f"tutorial: there is no {programs / name}")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ground = pathlib.Path(tempfile.mkdtemp(prefix="purser-tutorial-"))
    shell = Shell(str(ground), environment(ground, programs, server.server_port))
    try:
        text = page.read_text()
        complaints, written, count = follow(text, shell, ground, free_port())
    finally:
        shell.end()
        if "--keep" in sys.argv:
            print(f"tutorial: kept {ground}")
        else:
            shutil.rmtree(ground, ignore_errors=True)
    print("\n\n".join(complaints))
    if "--write" in sys.argv and complaints:
        page.write_text(written)
    if complaints:
        raise SystemExit(f"tutorial: {len(complaints)} of {count} commands do not do what docs/tutorial.md shows")
    print(f"tutorial: {count} commands, all as docs/tutorial.md shows")


main()
