"""bench.py PROGRAMS VENVS [ROW…]: every row measures us and the peers one after the other, on the same machine."""

import contextlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import clients
import fixtures
import load
import repositories
from peers import HERE, Ground, clean_environment, free_port

rows = []


def row(what, ours, unit, peer="", theirs=None, aim="", is_met=None):
    ratio = f"{ours / theirs:.2f}" if theirs else ""
    rows.append((what, f"{ours:.1f} {unit}", peer, f"{theirs:.1f} {unit}" if theirs else "", ratio, aim, is_met))
    print("  " + " | ".join(str(cell) for cell in rows[-1][:6]), flush=True)


class Bench:
    def __init__(self, folder, programs, venvs):
        self.ground = Ground(folder, venvs)
        self.folder = pathlib.Path(folder)
        self.purser = str(pathlib.Path(programs) / "purser")
        self.registry = str(pathlib.Path(programs) / "purser-registry")
        self.installer = str(pathlib.Path(venvs) / "uv/bin/uv")
        fixtures.make(self.folder / "made")
        self.nginx, self.secure = self.ground.nginx(self.folder / "made")
        self.upstream = f"http://127.0.0.1:{self.nginx}"

    def session(self, options, command, extra=None, work=None):
        work = work or pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        environment = {**clean_environment(work), **(extra or {})}
        begun = time.monotonic()
        done = subprocess.run(
            [self.purser, "run", "--cache", str(work / "cache"), *options, "--", *command],
            cwd=work, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )
        self.ended = time.time()
        if done.returncode != 0:
            raise RuntimeError(f"{command[:3]} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}")
        return time.monotonic() - begun

    def probe(self, task, options, extra=None):
        result = self.folder / f"{task}.json"
        self.session(options, [sys.executable, str(HERE / "probe.py"), task, str(result)], extra)
        return json.loads(result.read_text())

    def start(self):
        def moment(command):
            work = tempfile.mkdtemp(dir=self.folder)
            begun = time.time_ns()
            answer = subprocess.run(
                [*command, "date", "+%s%N"], cwd=work, env=clean_environment(work), stdin=subprocess.DEVNULL,
                capture_output=True, text=True, check=True,
            ).stdout
            return (int(answer.split()[0]) - begun) / 1e6

        ours = statistics.median(moment([self.purser, "run", "--"]) for _ in range(21))
        bare = statistics.median(moment(["env"]) for _ in range(21))
        row("start of the command", ours, "ms", "without the agent", bare, "≤ 50 ms", ours <= 50)
        sealed = statistics.median(moment([self.purser, "run", "--isolation", "seal", "--"]) for _ in range(21))
        row("start of a sealed command", sealed, "ms", "not sealed", ours, "≤ 10 ms more", sealed <= ours + 10)

    def cached(self):
        ours = self.probe("cached", ["--intercept", "registry", "--upstream", f"pypi={self.upstream}"])
        row("memory at rest", ours["resting"], "MiB", aim="≤ 40 MiB", is_met=ours["resting"] <= 40)
        row("memory, 64 connections", ours["busy"], "MiB", aim="≤ 80 MiB", is_met=ours["busy"] <= 80)
        what = "cached file of 100 KB, plain"
        file = load.first_file(f"{self.upstream}/simple/bench-part-01/")
        rate = load.with_wrk(file)
        row(what, ours["rate"], "/s", "nginx", rate, "≥ 0.7 ×", ours["rate"] >= 0.7 * rate)
        for name, port, index in (
            ("proxpi", self.ground.proxpi(self.nginx), "index/bench-part-01/"),
            ("devpi", self.ground.devpi(self.nginx), "root/pypi/+simple/bench-part-01/"),
        ):
            file = load.first_file(f"http://127.0.0.1:{port}/{index}")
            load.with_curl(file, 1)
            time.sleep(2)
            rate = load.with_wrk(file)
            row(what, ours["rate"], "/s", name, rate, "≥ 10 ×", ours["rate"] >= 10 * rate)

    def intercepted(self):
        ours = self.probe("intercepted", ["--intercept", "proxy", "--upstream", f"pypi={self.upstream}"])["rate"]
        port = self.ground.mitmproxy(self.nginx)
        url = "https://files.pythonhosted.org/packages/bench_part_01-1.0-py3-none-any.whl"
        own = ["--cacert", str(self.folder / "mitm/mitmproxy-ca-cert.pem"), "--proxy", f"http://127.0.0.1:{port}"]
        load.with_curl(url, 1, own)
        rate = load.with_curl(url, extra=own)
        row("cached file of 100 KB, in TLS", ours, "/s", "mitmproxy", rate, "≥ 10 ×", ours >= 10 * rate)

    def forward(self):
        url = f"{self.upstream}/file-100k.bin"
        options = ["--intercept", "proxy", "--origin", f"generic={self.upstream}"]
        ours = self.probe("forward", options, {"BENCH_URL": url})["rate"]
        for name in ("squid", "apt_cacher_ng"):
            program = name.replace("_", "-")
            if not os.path.exists(f"/usr/sbin/{program}"):
                continue
            try:
                extra = ["--proxy", f"http://127.0.0.1:{getattr(self.ground, name)()}", "--noproxy", ""]
                load.with_curl(url, 1, extra)
            except (RuntimeError, subprocess.CalledProcessError) as problem:
                print(f"  {program} not measured: {problem}", flush=True)
                continue
            row("file without a digest, forward proxy", ours, "/s", program, load.with_curl(url, extra=extra))

    def install(self):
        """uv writes hundreds of small files, on a disk for longer than it waits for the network: both sides get a folder
        in memory, and both are slow only where the relay makes them."""
        far = f"https://127.0.0.1:{self.ground.relay(self.secure, 25)}"
        busy = self.processor_seconds()

        def command(*more):
            words = [self.installer, "pip", "install", "--quiet", "--no-cache", "--python", sys.executable]
            return [*words, "--target", "site", "bench-part-00", *more]

        with self.quick_folders() as folders:
            bare = [self.timed(folders(), command("--index-url", f"{far}/simple/"), 1) for _ in range(5)]
            options = ["--upstream", f"pypi={far}/named"]
            runs = [self.timed(folders(), command(), 2, options, fixtures.PACKAGES) for _ in range(5)]
        self.install_rows(f"uv, {fixtures.PACKAGES} packages over 50 ms", runs, bare, 1.1, 0.5)
        row("nginx behind the relay, processor", self.processor_seconds() - busy, "s")

    def locked(self):
        """npm takes the files its lockfile names and asks for no index; the agent has to, since no lockfile says when a
        release was published. Cold it asks for each, warm it has all of them in the job cache."""
        far = f"https://127.0.0.1:{self.ground.relay(self.secure, 25)}/npm"

        def command(*more):
            words = "npm ci --silent --no-audit --no-fund --ignore-scripts --cache npm-cache"
            return ["sh", "-c", f"rm -rf npm-cache node_modules && {' '.join([words, *more])}"]

        with self.quick_folders() as folders:
            project = self.folder / "made/project"
            bare = [self.timed(folders(project), command("--registry", far + "/"), 1) for _ in range(5)]
            options = ["--upstream", f"npm={far}"]
            runs = [self.timed(folders(project), command(), 2, options, fixtures.SMALL_PACKAGES) for _ in range(5)]
        self.install_rows(f"npm ci, {fixtures.SMALL_PACKAGES} packages over 50 ms", runs, bare)

    def clients(self):
        """The other package managers that are here, each over the same distance."""
        far = f"https://127.0.0.1:{self.ground.relay(self.secure, 25)}"
        others = (repositories.Bundler(), repositories.Composer(), repositories.Apt(), repositories.Maven())
        for client in (clients.Pip(fixtures.PACKAGES), clients.Cargo(), clients.Go(), *others):
            if not shutil.which(client.program):
                print(f"  {client.name} not measured: {client.program} is not installed", flush=True)
                continue
            client.make(self.folder / "www", far)
            with self.quick_folders() as folders:

                def runs(times, far=None, options=None):
                    work = folders()
                    client.project(work)
                    extra = client.environment(work, self.ground.authority, far)
                    return self.timed(work, client.command(far), times, options, client.packages, extra)

                bare = [runs(1, far) for _ in range(5)]
                ours = [runs(2, options=["--upstream", f"{client.type}={client.upstream(far)}", *client.more(far)]) for _ in range(5)]
            self.install_rows(f"{client.name}, {client.packages} packages over 50 ms", ours, bare, 1.1, 0.5)

    def install_rows(self, what, runs, bare, cold_aim=None, warm_aim=None):
        bare = statistics.median(run[0] for run in bare)
        for index, (name, aim) in enumerate((("cold", cold_aim), ("warm", warm_aim))):
            ours = statistics.median(run[index] for run in runs)
            is_met = ours <= aim * bare if aim else None
            row(f"{what}, {name}", ours, "s", "direct", bare, f"≤ {aim:.2f} ×" if aim else "", is_met)

    @contextlib.contextmanager
    def quick_folders(self):
        """Gives fresh folders in memory where the machine has a place for that."""
        place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        with tempfile.TemporaryDirectory(prefix="purser-bench.", dir=place) as root:

            def fresh(project=None):
                work = pathlib.Path(tempfile.mkdtemp(dir=root))
                if project:
                    shutil.copytree(project, work, dirs_exist_ok=True)
                return work

            yield fresh

    def timed(self, work, command, times, options=None, inputs=None, extra=None):
        """How long each run of the command took: through the agent where there are options for it, else without."""
        result = work / "seconds.json"
        words = [sys.executable, str(HERE / "timed.py"), str(result), str(times), *command]
        trusted = str(self.ground.authority)
        apart = {"TMPDIR": str(work), "SSL_CERT_FILE": trusted, "NODE_EXTRA_CA_CERTS": trusted, "npm_config_cafile": trusted}
        apart |= extra or {}
        if options is None:
            environment = {**clean_environment(work), **apart}
            subprocess.run(words, check=True, cwd=work, env=environment, stdin=subprocess.DEVNULL)
            return json.loads(result.read_text())
        self.session(options, words, apart, work)
        came = len(json.loads((work / "purser.lock").read_text())["inputs"])
        if came != inputs:
            raise RuntimeError(f"{came} of {inputs} packages came through the agent")
        return json.loads(result.read_text())

    def processor_seconds(self):
        """What nginx and its worker used, so that nobody waits for the upstream instead of the relay."""
        ticks = 0
        master = self.ground.running[0].pid
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(entry.name) == master or int(fields[1]) == master:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def large(self):
        ours = self.probe("large", ["--intercept", "registry", "--upstream", f"npm={self.upstream}"])
        row("16 MB npm index, first answer", ours["first"], "s", aim="≤ 1.5 s", is_met=ours["first"] <= 1.5)
        row("16 MB npm index, twenty at once", ours["crowd"], "s", aim="≤ 2.5 s", is_met=ours["crowd"] <= 2.5)
        row("16 MB npm index, peak memory", ours["peak"], "MiB", aim="≤ 300 MiB", is_met=ours["peak"] <= 300)


    def many(self):
        """A job with 2,000 inputs that signs and pushes what it made, and then the same job again: the registry has
        everything then. What is measured is what comes after the command."""
        port, work = free_port(), pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        store = self.folder / "registry"
        words = [self.registry, "serve", "--hosted-only", "--data", store, "--listen", f"127.0.0.1:{port}"]
        self.ground.start("registry", words, port)
        token = [self.registry, "token", "create", "--data", str(store), "--scope", "read,publish"]
        (work / "token").write_text(subprocess.check_output(token, text=True))
        subprocess.run([self.purser, "keygen", "--out", "key.pem"], cwd=work, check=True, stdout=subprocess.DEVNULL)
        options = ["--intercept", "registry", "--upstream", f"npm={self.upstream}/npm", "--artifact", "dist/*"]
        options += ["--registry", f"http://127.0.0.1:{port}/main", "--token-file", "token", "--push"]
        options += ["--signing-key", "key.pem"]
        ends, seen = [], []
        for _ in range(4):
            shutil.rmtree(work / "dist", ignore_errors=True)
            command = [sys.executable, str(HERE / "probe.py"), "many", str(work / "seen.json")]
            self.session(options, command, work=work)
            seen.append(json.loads((work / "seen.json").read_text()))
            ends.append(self.ended - seen[-1]["ended"])
        came = len(json.loads((work / "purser.lock").read_text())["inputs"])
        if came != 2000:
            raise RuntimeError(f"{came} of 2000 files came through the agent")
        again = statistics.median(ends[1:])
        row("2,000 files: after the command, all pushed", ends[0], "s")
        row("2,000 files: after the command, nothing new", again, "s", aim="≤ 1 s", is_met=again <= 1)
        more = max(one["peak"] for one in seen) - seen[0]["resting"]
        row("2,000 files: memory more than at rest", more, "MiB", aim="≤ 64 MiB", is_met=more <= 64)

    def policy(self):
        def measured(name):
            return json.loads(subprocess.check_output([self.purser, "__measure", name, str(self.folder)]))

        seconds = measured("policy")["seconds"]
        row("100,000 verdicts, every rule on", seconds, "s", aim="≤ 2 s", is_met=seconds <= 2)
        data = measured("advisories")
        opened, lookup = data["open"] * 1000, data["lookup"] * 1_000_000
        row("250,000 advisories, opened", opened, "ms", aim="≤ 100 ms", is_met=opened <= 100)
        row("a package looked up in them", lookup, "µs", aim="≤ 20 µs", is_met=lookup <= 20)
        cold = self.judged()
        row("5,000-input lockfile judged cold, snapshot included", cold, "ms", aim="≤ 300 ms", is_met=cold <= 300)
        cost = self.policy_cost()
        row("warm install under every rule, npm ci", cost[0], "s", "every rule off", cost[1], "≤ 1.03 ×", cost[0] <= 1.03 * cost[1])

    def judged(self):
        """A process that starts, opens the snapshot of the row above, reads a lockfile and judges all of it, the network
        and every cache away."""
        work = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        fixtures.lockfile(work / "package-lock.json", 5_000)
        os.link(self.folder / "records.snapshot", work / "osv.snapshot")
        rules = "rules: { min_age: { on_missing_data: warn } }"
        (work / "purser.yml").write_text(f"version: 1\nmode: enforce\ndata: {{ osv: osv.snapshot }}\n{rules}\n")

        def once():
            begun = time.monotonic()
            done = subprocess.run(
                [self.purser, "check", "--offline", "--cache", "off", "package-lock.json"], cwd=work,
                env=clean_environment(work), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            )
            if "5000 pins, 0 denied" not in done.stdout:
                raise RuntimeError(f"check ended with {done.returncode}:\n{done.stdout[-500:]}\n{done.stderr[-500:]}")
            return (time.monotonic() - begun) * 1000

        return statistics.median(once() for _ in range(7))

    def policy_cost(self):
        """The same warm install under every rule with data, and with every rule off, in turn."""
        far = f"https://127.0.0.1:{self.ground.relay(self.secure, 25)}/npm"
        everything = subprocess.check_output([self.purser, "__measure", "rules", str(self.folder)], text=True)
        schema = json.loads(subprocess.check_output([self.purser, "__docs", "schema"]))
        everything = everything.replace("mode: enforce", "mode: audit").replace("osv: x", "osv: osv.snapshot")
        off = "version: 1\nmode: audit\nrules:\n"
        for key, rule in schema["properties"]["rules"]["properties"].items():
            section = rule.get("anyOf", [rule])[-1]
            # A rule that has to be told what about is off where nobody tells.
            if "action" in section["properties"] and "required" not in section:
                off += f"  {key}: {{ action: allow }}\n"
        command = ["sh", "-c", "rm -rf npm-cache node_modules && npm ci --silent --no-audit --no-fund --ignore-scripts --cache npm-cache"]
        seconds = {"on": [], "off": []}
        with self.quick_folders() as folders:
            for name, policy in [("on", everything), ("off", off)] * 5:
                work = folders(self.folder / "made/project")
                (work / "purser.yml").write_text(policy)
                shutil.copy(self.folder / "records.snapshot", work / "osv.snapshot")
                seconds[name] += self.timed(work, command, 4, ["--upstream", f"npm={far}"], fixtures.SMALL_PACKAGES)[1:]
        return statistics.median(seconds["on"]), statistics.median(seconds["off"])


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown")
    return f"{os.cpu_count()} × {model}, Linux {os.uname().release}, {time.strftime('%Y-%m-%d')}"


def main(programs, venvs, wanted):
    names = ["start", "cached", "intercepted", "forward", "install", "locked", "clients", "large", "many", "policy"]
    failed = []
    with tempfile.TemporaryDirectory(prefix="purser-bench.") as folder:
        os.chmod(folder, 0o755)
        bench = Bench(folder, programs, venvs)
        try:
            for name in wanted or names:
                print(f"{name}:", flush=True)
                try:
                    getattr(bench, name)()
                except Exception as problem:
                    failed.append(name)
                    print(f"  not measured: {problem}", flush=True)
        finally:
            bench.ground.end()
    print(f"\nMeasured on {machine()}.\n")
    print("| what | purser | peer | peer's | ratio | aim | met |\n|---|---|---|---|---|---|---|")
    for cells in rows:
        met = {None: "", True: "yes", False: "**no**"}[cells[6]]
        print("| " + " | ".join(cells[:6]) + f" | {met} |")
    if failed:
        print(f"\nNot measured: {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
