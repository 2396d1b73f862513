"""Tries every way round the agent that a build can think of and prints one line each: closed or OPEN."""
import ctypes
import os
import socket
import subprocess
import sys

library = ctypes.CDLL(None, use_errno=True)


def attempt(name, action):
    try:
        action()
        print("OPEN", name)
    except Exception as error:
        print("closed", name, "-", type(error).__name__, error)


def datagram(family, address):
    socket.socket(family, socket.SOCK_DGRAM).sendto(b"x", address)


def stream(address):
    socket.create_connection(address, 3)


def unix(address):
    other = socket.socket(socket.AF_UNIX)
    other.connect(address)


def call(number):
    if number < 0:
        raise OSError(os.strerror(ctypes.get_errno()))


def program(words):
    if subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
        raise OSError("refused")


def write(path):
    with open(path, "r+b", buffering=0) as file:
        file.read(1)


def read(path):
    with open(path, "rb", buffering=0) as file:
        file.read(1)


def many(paths):
    """Open when one of them is."""
    errors = []
    for path in paths:
        try:
            unix(path)
            return
        except OSError as error:
            errors.append(error)
    raise errors[0] if errors else OSError("none there")


def alive(pid):
    if not os.path.exists(f"/proc/{pid}/exe") and not os.path.exists(f"/proc/{pid}"):
        raise OSError("no such process")
    # The number may belong to somebody inside.
    if b"purser" not in open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0")[0]:
        raise OSError("another process")


agent, abstract, path, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
attempt("raw socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).sendto(b"x", ("1.1.1.1", 0)))
attempt("packet socket", lambda: socket.socket(17, socket.SOCK_RAW, 0))
attempt("vsock socket", lambda: socket.socket(40, socket.SOCK_STREAM, 0))
attempt("datagram to a public address", lambda: datagram(socket.AF_INET, ("1.1.1.1", 9)))
attempt("name server of others over UDP", lambda: datagram(socket.AF_INET, ("8.8.8.8", 53)))
attempt("QUIC", lambda: datagram(socket.AF_INET, ("1.1.1.1", 443)))
attempt("connect to a public address", lambda: stream(("1.1.1.1", 443)))
attempt("connect to a private address", lambda: stream(("10.0.0.1", 80)))
attempt("connect to the metadata service", lambda: stream(("169.254.169.254", 80)))
attempt("IPv6", lambda: stream(("2606:4700:4700::1111", 443)))
attempt("datagram over IPv6", lambda: datagram(socket.AF_INET6, ("2606:4700:4700::1111", 53)))
attempt("port of another process outside", lambda: stream(("127.0.0.1", int(sys.argv[5]))))
attempt("abstract socket outside", lambda: unix("\0" + abstract))
attempt("socket in a folder outside", lambda: unix(path))
attempt("docker, containerd, podman", lambda: many(["/var/run/docker.sock", "/run/docker.sock",
                                                    "/run/containerd/containerd.sock", "/run/podman/podman.sock"]))
attempt("buses", lambda: many(["/run/dbus/system_bus_socket", f"/run/user/{os.getuid()}/bus"]))
attempt("io_uring", lambda: call(library.syscall(425, 1, 0)))
attempt("terminal's input", lambda: call(library.ioctl(0, 0x5412, b"x")))
attempt("the agent's process", lambda: alive(agent))
attempt("ptrace of the agent", lambda: call(library.ptrace(16, agent, 0, 0)))
attempt("memory of the agent", lambda: read(f"/proc/{agent}/mem"))
attempt("ptrace of the first process", lambda: call(library.ptrace(16, 1, 0, 0)))
attempt("memory of the first process", lambda: write("/proc/1/mem"))
attempt("variables of the first process", lambda: read("/proc/1/environ"))
attempt("nsenter", lambda: program(["nsenter", "-t", "1", "-n", "true"]))
attempt("nsenter as another user", lambda: program(["nsenter", "-t", "1", "-U", "true"]))
attempt("mounts taken away", lambda: program(["umount", "/run"]))
attempt("mounts taken away in namespaces of its own", lambda: program(["unshare", "-Urm", "umount", "/run"]))
# An ordinary user may mount one, of processes of its own; the agent must not be among them.
attempt("a new /proc", lambda: program(["unshare", "-Urpfm", "sh", "-c",
                                        "mount -t proc proc /mnt && grep -qs purser /mnt/[0-9]*/comm"]))
attempt("the session's journal", lambda: read(folder + "/journal"))
attempt("the session's settings rewritten", lambda: open(folder + "/clients/ca.pem", "ab"))
attempt("the job cache", lambda: program(["sh", "-c", 'test -n "$(ls -A "$1" 2>/dev/null)"', "sh", sys.argv[6]]))
attempt("a descriptor that was inherited", lambda: os.fstat(19))
attempt("the kernel's switches", lambda: open("/proc/sys/kernel/core_pattern", "w"))
attempt("the kernel's settings", lambda: open("/sys/kernel/mm/ksm/run", "w"))
attempt("disks", lambda: program(["sh", "-c", "for d in /dev/[svx]d[a-z] /dev/nvme0n1; do head -c1 $d && exit 0; done; exit 1"]))
attempt("a device made by hand", lambda: os.mknod("device", 0o60600, os.makedev(254, 0)))
attempt("setuid", lambda: program(["su", "-s", "/bin/sh", "-c", "nsenter -t 1 -n true"]))
