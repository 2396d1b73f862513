"""bench.py PROGRAMS VENVS [ROW…]: every row measures us and the peers one after the other, on the same machine."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import fixtures
import load
from peers import HERE, Ground, clean_environment

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
        self.installer = str(pathlib.Path(venvs) / "uv/bin/uv")
        fixtures.make(self.folder / "made")
        self.nginx = self.ground.nginx(self.folder / "made")
        self.upstream = f"http://127.0.0.1:{self.nginx}"

    def session(self, options, command, extra=None):
        work = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        environment = {**clean_environment(work), **(extra or {})}
        begun = time.monotonic()
        done = subprocess.run(
            [self.purser, "run", "--cache", str(work / "cache"), *options, "--", *command],
            cwd=work, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )
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
        rate = load.with_curl(url, 300, ["--insecure", "--proxy", f"http://127.0.0.1:{port}"])
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
        port = self.ground.relay(self.nginx, 25)
        far = f"http://127.0.0.1:{port}"
        busy = self.processor_seconds()

        def command(target):
            return [self.installer, "pip", "install", "--quiet", "--no-cache", "--python", sys.executable, "--target", target, "bench-part-00"]

        def direct():
            work = tempfile.mkdtemp(dir=self.folder)
            begun = time.monotonic()
            words = command(f"{work}/site") + ["--index-url", f"{far}/simple/"]
            subprocess.run(words, check=True, env=clean_environment(work), stdin=subprocess.DEVNULL)
            return time.monotonic() - begun

        options = ["--upstream", f"pypi={far}"]
        timer = [sys.executable, str(HERE / "timed.py")]

        def through(times):
            result = self.folder / "install.json"
            self.session(options, [*timer, str(result), str(times), *command("site")])
            return json.loads(result.read_text())

        bare = statistics.median(direct() for _ in range(5))
        runs = [through(2) for _ in range(5)]
        cold, warm = (statistics.median(run[index] for run in runs) for index in (0, 1))
        row("uv, 45 packages over 50 ms, cold", cold, "s", "direct", bare, "≤ 1.10 ×", cold <= 1.1 * bare)
        row("uv, 45 packages over 50 ms, warm", warm, "s", "direct", bare, "≤ 0.5 ×", warm <= 0.5 * bare)
        row("nginx behind the relay, processor", self.processor_seconds() - busy, "s")

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


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown")
    return f"{os.cpu_count()} × {model}, Linux {os.uname().release}, {time.strftime('%Y-%m-%d')}"


def main(programs, venvs, wanted):
    names = ["start", "cached", "intercepted", "forward", "install", "large"]
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
