"""Runs inside a session, as its command: asks the agent, and writes what it saw. probe.py TASK RESULT"""

import os
import sys
import time

import load

agent = os.getppid()


def cached():
    """A cached file over plain loopback; then the agent's memory with 64 connections, and at rest."""
    url = load.first_file(os.environ["PIP_INDEX_URL"] + "bench-part-01/")
    resting = load.status_of(agent, "VmRSS")
    load.with_curl(url, 1)
    rate = load.with_wrk(url)
    load.with_wrk(url, seconds=2, connections=64)
    return {"rate": rate, "resting": resting, "busy": load.status_of(agent, "VmHWM")}


def intercepted():
    """The same file under its public name, inside TLS."""
    # The session's authority alone, as the peer's client has the peer's: curl would read the whole bundle for each connection.
    extra = ["--cacert", os.environ["NODE_EXTRA_CA_CERTS"], "--proxy", os.environ["HTTPS_PROXY"]]
    load.with_curl("https://pypi.org/simple/bench-part-01/", 1, extra)
    url = "https://files.pythonhosted.org/packages/bench_part_01-1.0-py3-none-any.whl"
    load.with_curl(url, 1, extra)
    return {"rate": load.with_curl(url, extra=extra)}


def forward():
    """A file by its plain address, through the forward proxy."""
    proxy = os.environ.get("http_proxy") or os.environ["HTTP_PROXY"]
    extra = ["--proxy", proxy, "--noproxy", ""]
    load.with_curl(os.environ["BENCH_URL"], 1, extra)
    return {"rate": load.with_curl(os.environ["BENCH_URL"], extra=extra)}


def large():
    """A 16 MB npm document: the first answer, then twenty at once."""
    url = os.environ["npm_config_registry"].rstrip("/") + "/bench-large"
    first = load.parallel_get(url, 1)
    crowd = load.parallel_get(url, 20)
    return {"first": first, "crowd": crowd, "peak": load.status_of(agent, "VmHWM")}


def many():
    """The indexes of some hundred packages, then two thousand of their files."""
    index = os.environ["npm_config_registry"].rstrip("/")
    resting = load.status_of(agent, "VmRSS")
    names = [f"bench-small-{number:03}" for number in range(200)]
    load.all_with_curl([f"{index}/{name}" for name in names])
    load.all_with_curl([f"{index}/{name}/-/{name}-1.{minor}.0.tgz" for name in names for minor in range(10)])
    os.mkdir("dist")
    with open("dist/built.bin", "wb") as built:
        built.write(b"built")
    return {"resting": resting, "peak": load.status_of(agent, "VmHWM"), "ended": time.time()}


if __name__ == "__main__":
    time.sleep(0.2)
    tasks = {"cached": cached, "intercepted": intercepted, "forward": forward, "large": large, "many": many}
    load.write(sys.argv[2], tasks[sys.argv[1]]())
