#!/usr/bin/env python3
"""git-server.py FOLDER: serves the bare repositories below FOLDER over HTTP on loopback, read-only.

Prints the port that it listens on. What git says is said by `git upload-pack` itself.
"""
import gzip
import http.server
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1]).resolve()
LIMIT = 64 << 20


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def repository(self, ending):
        """The folder that is meant, or None: a name that leads out of ROOT, or one that is not there."""
        path = self.path.split("?")[0]
        if not path.endswith(ending):
            return None
        place = (ROOT / path[: -len(ending)].lstrip("/")).resolve()
        for folder in (place, place.with_name(place.name + ".git")):
            if ROOT in folder.parents and (folder / "objects").is_dir():
                return folder
        return None

    def reply(self, status, kind="text/plain", body=b""):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        self.wfile.write(body)

    def speak(self, folder, *options, given=b""):
        environment = dict(os.environ, GIT_PROTOCOL=self.headers.get("Git-Protocol", ""))
        command = ["git", "-c", "safe.directory=*", "upload-pack", "--stateless-rpc", *options, str(folder)]
        return subprocess.run(command, input=given, capture_output=True, env=environment).stdout

    def do_GET(self):
        folder = self.repository("/info/refs")
        if folder is None or "service=git-upload-pack" not in self.path:
            return self.reply(404)
        head = b"001e# service=git-upload-pack\n0000"
        self.reply(200, "application/x-git-upload-pack-advertisement", head + self.speak(folder, "--advertise-refs"))

    def do_POST(self):
        folder = self.repository("/git-upload-pack")
        body = self.body()
        if folder is None or body is None:
            self.close_connection = True
            return self.reply(404 if folder is None else 413)
        self.reply(200, "application/x-git-upload-pack-result", self.speak(folder, given=body))

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            parts, size = [], 0
            while count := int(self.rfile.readline(20), 16):
                size += count
                if size > LIMIT:
                    return None
                parts.append(self.rfile.read(count))
                self.rfile.readline(4)
            self.rfile.readline(4)
            body = b"".join(parts)
        else:
            size = int(self.headers.get("Content-Length", "0"))
            if size > LIMIT:
                return None
            body = self.rfile.read(size)
        return gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
