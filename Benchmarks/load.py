"""Asks for one address many times, and says how many answers came a second."""

import base64
import json
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request


def parted(url):
    """The address without its user information, and the header that carries it instead."""
    user, _, host = urllib.parse.urlsplit(url).netloc.rpartition("@")
    if not user:
        return url, {}
    token = base64.b64encode(urllib.parse.unquote(user).encode()).decode()
    return url.replace(f"{user}@", "", 1), {"Authorization": f"Basic {token}"}


def with_wrk(url, seconds=5, connections=16):
    """Plain HTTP: wrk, one thread."""
    plain, headers = parted(url)
    extra = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    answer = subprocess.run(
        ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", *extra, plain],
        capture_output=True, text=True, check=True,
    ).stdout
    if "Non-2xx" in answer:
        raise RuntimeError(f"{url} was not answered with 200: {answer}")
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", answer).group(1))


def with_curl(url, count=1500, extra=()):
    """Through a proxy: curl, sixteen at once, connections kept; the same address every time."""
    return count / all_with_curl([url] * count, extra)


def all_with_curl(urls, extra=()):
    """Each address once, sixteen at once; the seconds that took."""
    words = ["curl", "--silent", "--show-error", "--no-progress-meter", "--fail", "--parallel", "--parallel-max", "16"]
    wanted = "".join(f'url = "{url}"\noutput = "/dev/null"\n' for url in urls)
    begun = time.monotonic()
    subprocess.run([*words, *extra, "--config", "-"], input=wanted, text=True, check=True)
    return time.monotonic() - begun


def first_file(index):
    """The address of the first file of a simple index page."""
    plain, headers = parted(index)
    question = urllib.request.Request(plain, headers={"Accept": "text/html", **headers})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    page = direct.open(question).read().decode()
    file = urllib.parse.urljoin(plain, re.search(r'href="([^"#]+)', page).group(1))
    # As pip does, the user of the index is that of its files on the same host.
    asked, found = urllib.parse.urlsplit(index), urllib.parse.urlsplit(file)
    return file.replace(found.netloc, asked.netloc, 1) if asked.netloc.endswith("@" + found.netloc) else file


def status_of(process, key):
    """A line of /proc/PROCESS/status, in MiB."""
    for line in open(f"/proc/{process}/status"):
        if line.startswith(key + ":"):
            return int(line.split()[1]) / 1024
    raise KeyError(key)


def parallel_get(url, count, headers=None):
    """Everybody asks at once; the seconds until the last was answered."""
    words = ["curl", "--silent", "--show-error", "--no-progress-meter", "--fail"]
    words += ["--parallel", "--parallel-immediate", "--parallel-max", str(count)]
    for name, value in (headers or {}).items():
        words += ["--header", f"{name}: {value}"]
    for _ in range(count):
        words += ["--output", "/dev/null", url]
    begun = time.monotonic()
    subprocess.run(words, check=True)
    return time.monotonic() - begun


def write(path, result):
    with open(path, "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    sys.exit("load.py is imported")
