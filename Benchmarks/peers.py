"""Starts what is measured beside us, each on a port of its own, and ends it by its process."""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait(port, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port} after {seconds} s")


class Ground:
    """The run's folder and everything started in it."""

    def __init__(self, folder, venvs):
        self.folder = pathlib.Path(folder)
        self.venvs = pathlib.Path(venvs)
        self.running = []

    def start(self, name, command, port, environment=None, seconds=30):
        log = open(self.folder / f"{name}.log", "wb")
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
            env={**clean_environment(self.folder), **(environment or {})},
        )
        self.running.append(process)
        wait(port, seconds)
        return process

    def end(self):
        for process in reversed(self.running):
            process.terminate()
        for process in self.running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

    def certificate(self):
        """An authority of this run, and the certificate of 127.0.0.1 that it signed."""
        words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        quiet = {"check": True, "cwd": self.folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([*words, "-subj", "/CN=bench", "-keyout", "authority.key", "-out", "authority.pem"], **quiet)
        words += ["-CA", "authority.pem", "-CAkey", "authority.key", "-addext", "subjectAltName=IP:127.0.0.1"]
        words += ["-addext", "basicConstraints=critical,CA:FALSE"]
        subprocess.run([*words, "-subj", "/CN=127.0.0.1", "-keyout", "host.key", "-out", "host.pem"], **quiet)
        return self.folder / "authority.pem"

    def nginx(self, root):
        """Serves the folder on two ports: plain, and in TLS with HTTP/2, as the public registries do."""
        port, secure = free_port(), free_port()
        self.authority = self.certificate()
        shutil.copytree(root, self.folder / "www", symlinks=True, dirs_exist_ok=True)
        configuration = self.folder / "nginx.conf"
        configuration.write_text(f"""
            daemon off; worker_processes 1; pid {self.folder}/nginx.pid; error_log {self.folder}/nginx-error.log;
            {'user root;' if os.geteuid() == 0 else ''}
            events {{ worker_connections 1024; }}
            http {{
                access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
                types {{ text/html html; application/json json; application/octet-stream whl bin deb tgz; }}
                default_type application/json;
                client_body_temp_path {self.folder}/t1; proxy_temp_path {self.folder}/t2;
                fastcgi_temp_path {self.folder}/t3; uwsgi_temp_path {self.folder}/t4; scgi_temp_path {self.folder}/t5;
                map $http_accept $page {{ default index.html; "~simple.v1.json" index.json; }}
                server {{
                    listen 127.0.0.1:{port}; listen 127.0.0.1:{secure} ssl http2; root {self.folder}/www;
                    ssl_certificate {self.folder}/host.pem; ssl_certificate_key {self.folder}/host.key;
                    location ~ ^(/named)?/simple/ {{
                        index $page; add_header Vary Accept; add_header Cache-Control "max-age=600";
                        types {{ application/vnd.pypi.simple.v1+json json; text/html html; }}
                    }}
                    # Bundler takes an entity tag for the MD5 of what it tags, and asks without one.
                    location /gem/ {{ etag off; }}
                    location /go/ {{ add_header Cache-Control "public, max-age=10800"; }}
                    location /npm/ {{ try_files $uri/packument.json $uri =404; add_header Cache-Control "public, max-age=300"; }}
                    location ~ \\.metadata$ {{ default_type application/octet-stream; }}
                }}
            }}""")
        self.start("nginx", ["nginx", "-p", self.folder, "-c", configuration], port)
        return port, secure

    def relay(self, target, milliseconds):
        port = free_port()
        self.start("relay", [sys.executable, HERE / "relay.py", port, target, milliseconds], port)
        return port

    def proxpi(self, upstream):
        port = free_port()
        command = [self.venvs / "proxpi/bin/gunicorn", "-b", f"127.0.0.1:{port}", "--threads", "4", "proxpi.server:app"]
        settings = {"PROXPI_INDEX_URL": f"http://127.0.0.1:{upstream}/simple/", "PROXPI_CACHE_DIR": f"{self.folder}/proxpi"}
        self.start("proxpi", command, port, settings)
        return port

    def devpi(self, upstream):
        port = free_port()
        tools, state = self.venvs / "devpi/bin", self.folder / "devpi"
        quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": self.folder}
        quiet["env"] = clean_environment(self.folder)
        subprocess.run([tools / "devpi-init", "--serverdir", state, "--root-passwd", "bench"], **quiet)
        self.start("devpi", [tools / "devpi-server", "--serverdir", state, "--port", port], port, seconds=60)
        client = [str(tools / "devpi")]
        for words in (
            ["use", f"http://127.0.0.1:{port}"], ["login", "root", "--password", "bench"],
            ["index", "root/pypi", f"mirror_url=http://127.0.0.1:{upstream}/simple/"],
        ):
            subprocess.run(client + words, **quiet)
        return port

    def mitmproxy(self, upstream):
        port = free_port()
        command = [
            self.venvs / "mitmproxy/bin/mitmdump", "--quiet", "--listen-host", "127.0.0.1", "-p", port,
            "--set", f"confdir={self.folder}/mitm", "--set", "connection_strategy=lazy",
            "--map-remote", f"|https://files.pythonhosted.org/|http://127.0.0.1:{upstream}/",
        ]
        self.start("mitmproxy", command, port, seconds=60)
        return port

    def squid(self):
        port = free_port()
        configuration = self.folder / "squid.conf"
        configuration.write_text(
            f"http_port 127.0.0.1:{port}\nhttp_access allow all\ncache_mem 64 MB\nmaximum_object_size_in_memory 8 MB\n"
            f"pid_filename {self.folder}/squid.pid\naccess_log none\ncache_log {self.folder}/squid-cache.log\n"
            "refresh_pattern . 60 100% 60 override-expire\nshutdown_lifetime 1 seconds\n"
        )
        os.chmod(self.folder, 0o777)
        self.start("squid", ["squid", "-N", "-f", configuration], port)
        return port

    def apt_cacher_ng(self):
        port = free_port()
        state = self.folder / "acng"
        state.mkdir(exist_ok=True)
        settings = {"CacheDir": state, "LogDir": state, "Port": port, "BindAddress": "127.0.0.1", "ForeGround": 1}
        words = [f"{key}={value}" for key, value in settings.items()]
        self.start("apt-cacher-ng", ["apt-cacher-ng", "-c", "/etc/apt-cacher-ng", *words], port)
        return port


def clean_environment(folder):
    """Nobody's caches, indexes and certificates but the run's own."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**kept, "HOME": str(folder), "NO_PROXY": "127.0.0.1,localhost", "PATH": kept.get("PATH", "") + ":/usr/sbin"}
