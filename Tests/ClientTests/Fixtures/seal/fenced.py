"""Tries the ways round the agent that a fence promises to stop and prints one line each: closed or OPEN."""
import ctypes
import os
import socket
import subprocess
import sys
import threading

library = ctypes.CDLL(None, use_errno=True)


def attempt(name, action):
    try:
        action()
        print("OPEN", name)
    except Exception as error:
        print("closed", name, "-", type(error).__name__, error)


def stream(address):
    socket.create_connection(address, 3)


def unix(address):
    other = socket.socket(socket.AF_UNIX)
    other.connect(address)
    other.sendall(b"x")


def call(number):
    if number < 0:
        raise OSError(os.strerror(ctypes.get_errno()))


def many(paths):
    errors = []
    for path in paths:
        try:
            unix(path)
            return
        except OSError as error:
            errors.append(error)
    raise errors[0]


def program(words):
    if subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
        raise OSError("refused")


def fast_open(address):
    socket.socket().sendto(b"x", 0x20000000, address)


def read(path):
    with open(path, "rb", buffering=0) as file:
        file.read(1)


def race(address):
    """The address is changed by another thread while the kernel and the agent look at it."""
    def bytes_of(host, port):
        return b"\2\0" + port.to_bytes(2, "big") + socket.inet_aton(host) + bytes(8)

    good, bad = bytes_of("127.0.0.1", int(sys.argv[4])), bytes_of(*address)
    space = ctypes.create_string_buffer(good, 16)
    ended = []

    def flip():
        while not ended:
            ctypes.memmove(space, bad, 16)
            ctypes.memmove(space, good, 16)

    threading.Thread(target=flip, daemon=True).start()
    reached = set()
    for _ in range(400):
        one = socket.socket()
        one.setblocking(False)
        library.connect(one.fileno(), space, 16)
        try:
            reached.add(one.getpeername()[0])
        except OSError:
            pass
        one.close()
    ended.append(True)
    if "127.0.0.1" not in reached:
        raise SystemExit("the race never reached loopback, so it shows nothing")
    if reached == {"127.0.0.1"}:
        raise OSError("only loopback was reached")


agent, abstract, path, own = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[5]
ports = int(sys.argv[4])
attempt("raw socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
attempt("packet socket", lambda: socket.socket(17, socket.SOCK_RAW, 0))
attempt("vsock socket", lambda: socket.socket(40, socket.SOCK_STREAM, 0))
attempt("datagram socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
attempt("datagram socket over IPv6", lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
attempt("unix datagram socket", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
attempt("MPTCP", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262))
attempt("SCTP", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132))
attempt("connect to a public address", lambda: stream(("1.1.1.1", 443)))
attempt("connect to a private address", lambda: stream(("10.0.0.1", 80)))
attempt("connect to the metadata service", lambda: stream(("169.254.169.254", 80)))
attempt("IPv6", lambda: stream(("2606:4700:4700::1111", 443)))
attempt("IPv4 in IPv6", lambda: stream(("::ffff:1.1.1.1", 443)))
attempt("the machine's own address", lambda: stream((own, ports)))
attempt("names over TCP", lambda: stream(("127.0.0.53", 53)))
attempt("fast open", lambda: fast_open(("1.1.1.1", 443)))
attempt("a route through others", lambda: socket.socket().setsockopt(0, 4, bytes([1, 131, 7, 4, 1, 1, 1, 1])))
attempt("a device of one's choice", lambda: socket.socket().setsockopt(1, 25, b"lo\0"))
attempt("abstract socket outside", lambda: unix("\0" + abstract))
attempt("socket in a folder outside", lambda: unix(path))
attempt("socket in a folder outside, by another name", lambda: (os.symlink(path, "link.sock"), unix("link.sock")))
attempt("docker, containerd, podman", lambda: many(["/var/run/docker.sock", "/run/docker.sock",
                                                    "/run/containerd/containerd.sock", "/run/podman/podman.sock"]))
attempt("io_uring", lambda: call(library.syscall(425, 1, 0)))
attempt("terminal's input", lambda: call(library.ioctl(0, 0x5412, b"x")))
attempt("ptrace of the agent", lambda: call(library.ptrace(16, agent, 0, 0)))
attempt("memory of the agent", lambda: read(f"/proc/{agent}/mem"))
# Landlock knows of signals from version 6 on.
attempt("kill of the agent", lambda: os.kill(agent, 0) if library.syscall(444, None, 0, 1) >= 6 else call(-1))
attempt("setuid", lambda: program(["su", "-s", "/bin/sh", "-c", "nsenter -t 1 -n true"]))
attempt("a network of another's", lambda: program(["nsenter", "-t", "1", "-n", "true"]))
attempt("a descriptor that was inherited", lambda: os.fstat(19))
attempt("an address that changes", lambda: race((own, ports)))
