#!/usr/bin/env python3
"""Pulls the plug on a registry, again and again, and looks at what is left.

    unshare -m python3 scripts/power-cuts.py PROGRAMS [CUTS] [without-sync]

PROGRAMS is the folder with `purser` and `purser-registry`. Needs root, loop devices, mkfs.ext4 and mkfs.xfs.
The registry's data lies on an ext4 image (data=writeback, noauto_da_alloc) on XFS. A cut is a reflink copy of that image
while builds, uploads and blobs are pushed: what ext4 had not yet written is not in it, as after a power cut. Then every
copy is mounted and checked: fsck finds no fault, a server starts, and whatever was acknowledged before the cut is there.
With `without-sync`, strace makes every fsync of the server do nothing: that run must find losses, or the check is blind.
"""
import hashlib, io, json, os, re, shutil, subprocess, sys, tempfile, threading, time, urllib.request, zipfile

programs = os.path.abspath(sys.argv[1])
cuts = int(sys.argv[2]) if len(sys.argv) > 2 else 25
is_blind = "without-sync" in sys.argv[3:]
ground = tempfile.mkdtemp(prefix="purser-cuts-")
agent, registry = f"{programs}/purser", f"{programs}/purser-registry"
environment = {k: v for k, v in os.environ.items() if not k.startswith("PURSER_") and not k.lower().endswith("_proxy")}
environment |= {"HOME": ground, "XDG_CACHE_HOME": f"{ground}/.cache"}


def run(*words, **options):
    return subprocess.run(words, check=True, timeout=60, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


def wheel(name, version, size):
    raw = io.BytesIO()
    inside = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(f"{name}.py", os.urandom(size).hex())
        archive.writestr(f"{inside}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{inside}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{inside}/RECORD", "")
    return f"{name}-{version}-py3-none-any.whl", raw.getvalue()


def serve(data):
    server = subprocess.Popen(
        [registry, "serve", "--data", data, "--listen", "127.0.0.1:0", "--hosted-only"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    token = None
    for line in server.stdout:
        token = token or (re.search(r"psr_\S+", line) or [None])[0]
        if found := re.search(r"listening on (http://\S+)", line):
            return server, found[1], token
    server.wait()
    raise OSError(f"the server did not start on {data}")


def ask(method, url, token, body=None, headers={}):
    fields = {"Authorization": f"Bearer {token}"} | headers
    request = urllib.request.Request(url, data=body, method=method, headers=fields)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        return answer.status, answer.read()


def end(process):
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# Builds that are ready to be pushed.
def prepare(count):
    builds = []
    for number in range(count):
        folder = f"{ground}/builds/{number}"
        os.makedirs(f"{folder}/dist")
        name, content = wheel("built", f"1.{number}", 20_000)
        with open(f"{folder}/ready.whl", "wb") as file:
            file.write(content)
        run(agent, "run", "--quiet", "--artifact", "dist/*", "--signing-key", f"{ground}/key.pem", "--",
            "cp", "ready.whl", f"dist/{name}", cwd=folder)
        builds.append((folder, name, content))
    return builds


acknowledged = []  # (moment, what, how to find it again, sha256)
stop = threading.Event()


def push_builds(builds, url):
    for folder, name, content in builds:
        if stop.is_set():
            return
        run(agent, "push", "--quiet", "--registry", url, cwd=folder)
        digest = hashlib.sha256(content).hexdigest()
        acknowledged.append((time.time(), "build", f"/main/dev/pypi/files/{digest}/{name}", digest))


def push_files(url, token):
    number = 0
    while not stop.is_set():
        name, content = wheel("sent", f"1.{number}", 40_000)
        digest = hashlib.sha256(content).hexdigest()
        parts = {":action": "file_upload", "protocol_version": "1", "metadata_version": "2.1", "name": "sent",
                 "version": f"1.{number}", "filetype": "bdist_wheel", "pyversion": "py3", "sha256_digest": digest}
        form = b"".join(f'--b0\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in parts.items())
        form += f'--b0\r\nContent-Disposition: form-data; name="content"; filename="{name}"\r\n\r\n'.encode()
        form += content + b"\r\n--b0--\r\n"
        ask("POST", f"{url}/main/dev/pypi/legacy/", token, form, {"Content-Type": "multipart/form-data; boundary=b0"})
        acknowledged.append((time.time(), "file", f"/main/dev/pypi/files/{digest}/{name}", digest))
        number += 1


def push_blobs(url, token):
    while not stop.is_set():
        content = os.urandom(200_000)
        digest = hashlib.sha256(content).hexdigest()
        ask("PATCH", f"{url}/api/v1/uploads/sha256/{digest}", token, content,
            {"Upload-Offset": "0", "Upload-Length": str(len(content)), "Content-Type": "application/octet-stream"})
        acknowledged.append((time.time(), "blob", f"/api/v1/blobs/sha256/{digest}", digest))


def check(copy, moment, token):
    """What is wrong with a copy, and how many acknowledged things were looked for."""
    os.makedirs(f"{ground}/after", exist_ok=True)
    run("mount", "-o", "loop", copy, f"{ground}/after")
    wrong = []
    try:
        data = f"{ground}/after/state"
        expected = [entry for entry in acknowledged if entry[0] < moment]
        found = subprocess.run([registry, "fsck", "--data", data], env=environment, capture_output=True, text=True)
        if found.returncode != 0:
            wrong += (found.stdout + found.stderr).strip().splitlines()
        try:
            server, url, _ = serve(data)
        except OSError as error:
            return wrong + [f"no server starts: {error}"], len(expected), "no server"
        for _, what, path, digest in expected:
            try:
                status, body = ask("GET", url + path, token)
                if hashlib.sha256(body).hexdigest() != digest:
                    wrong.append(f"{what} {path} is torn")
            except OSError as error:
                wrong.append(f"{what} {path} is lost: {error}")
        end(server)
        return wrong, len(expected), found.stdout.strip()
    finally:
        run("umount", f"{ground}/after")


def main():
    run("openssl", "genpkey", "-algorithm", "ed25519", "-out", f"{ground}/key.pem")
    builds = prepare(40)
    for folder in ("outer", "inner"):
        os.mkdir(f"{ground}/{folder}")
    run("truncate", "-s", "12G", f"{ground}/outer.img")
    run("mkfs.xfs", "-q", "-m", "reflink=1", f"{ground}/outer.img")
    run("mount", "-o", "loop", f"{ground}/outer.img", f"{ground}/outer")
    image = f"{ground}/outer/inner.img"
    run("truncate", "-s", "1G", image)
    run("mkfs.ext4", "-q", "-F", image)
    run("mount", "-o", "loop,data=writeback,noauto_da_alloc,commit=1", image, f"{ground}/inner")
    server, url, token = serve(f"{ground}/inner/state")
    environment["PURSER_TOKEN"] = token
    tracers = []
    if is_blind:
        calls = "fsync,fdatasync,sync_file_range"
        tracers.append(subprocess.Popen(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:retval=0",
             "-p", str(server.pid)]))
        time.sleep(1)
    begun = time.time()
    pushers = [threading.Thread(target=push_builds, args=(builds, url + "/main")),
               threading.Thread(target=push_files, args=(url, token)),
               threading.Thread(target=push_blobs, args=(url, token))]
    for pusher in pushers:
        pusher.start()
    moments = []
    for number in range(cuts):
        time.sleep(0.2)
        moments.append(time.time())
        run("cp", "--reflink=always", image, f"{ground}/outer/cut.{number}")
    stop.set()
    for pusher in pushers:
        pusher.join()
    kinds = {kind: sum(1 for entry in acknowledged if entry[1] == kind) for kind in ("build", "file", "blob")}
    print(f"{cuts} cuts in {moments[-1] - begun:.1f} s; acknowledged meanwhile: {json.dumps(kinds)}")
    for process in [server, *tracers]:
        end(process)
    run("umount", f"{ground}/inner")
    faults, looked = 0, 0
    for number, moment in enumerate(moments):
        wrong, count, said = check(f"{ground}/outer/cut.{number}", moment, token)
        faults += len(wrong)
        looked += count
        print(f"cut {number}: {count} acknowledged, {said}" + "".join(f"\n  WRONG {line}" for line in wrong))
    run("umount", f"{ground}/outer")
    print(f"{cuts} cuts, {looked} acknowledged things looked for, {faults} lost, torn or damaged")
    return 1 if faults else 0


try:
    sys.exit(main())
finally:
    stop.set()
    for folder in ("after", "inner", "outer"):
        subprocess.run(["umount", "-l", f"{ground}/{folder}"], stderr=subprocess.DEVNULL)
    shutil.rmtree(ground, ignore_errors=True)
