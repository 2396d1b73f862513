"use strict";
// Where the program comes from: a path, PATH, or a release, through the network's proxy.

const assert = require("node:assert/strict");
const { execFileSync, spawn } = require("node:child_process");
const fs = require("node:fs");
const https = require("node:https");
const net = require("node:net");
const os = require("node:os");
const path = require("node:path");
const { test } = require("node:test");
const { address, find, sha256, unpack } = require("../program.js");
const { get, proxyFor } = require("../transfer.js");
const { serve } = require("./job.js");

const script = "#!/bin/sh\necho 1.2.3\n";

function scratch(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "purser-action-tests-"));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A release's archive with the program where `place` says. */
function archive(t, place = "bin/purser") {
  const folder = scratch(t);
  const name = `purser-1.2.3-${"long-".repeat(12)}`;
  const file = path.join(folder, name, place);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, script);
  fs.mkdirSync(path.join(folder, name, "share/completions"), { recursive: true });
  fs.writeFileSync(path.join(folder, name, "share/completions/purser"), "not this one");
  execFileSync("tar", ["-C", folder, "--sort=name", "-czf", path.join(folder, "a.tar.gz"), name]);
  return fs.readFileSync(path.join(folder, "a.tar.gz"));
}

/** Releases of `acme/purser` on loopback, which send on to another host as GitHub's do. */
async function releases(t, bytes) {
  const seen = [];
  const server = await serve(t, (request, response) => {
    seen.push(request);
    if (request.url === "/elsewhere") return response.end(bytes);
    if (!request.url.startsWith("/acme/purser/releases/download/v1.2.3/purser-1.2.3-linux-")) return response.writeHead(404).end();
    response.writeHead(302, { location: "/elsewhere" }).end();
  });
  const env = { GITHUB_SERVER_URL: server, GITHUB_ACTION_REPOSITORY: "acme/purser", RUNNER_TEMP: scratch(t), PURSER_ACTION_PAUSE: "1" };
  return { env, seen };
}

const wanted = (more) => ({ binary: "", version: "", digest: "", env: {}, ...more });

test("a version is downloaded once, by its program's digest or its archive's", async (t) => {
  const bytes = archive(t);
  const { env, seen } = await releases(t, bytes);
  for (const digest of [sha256(script), `sha256:${sha256(script).toUpperCase()}`, sha256(bytes)]) {
    const found = await find(wanted({ version: "v1.2.3", digest, env }));
    assert.equal(fs.readFileSync(found.file, "utf8"), script);
    assert.equal(found.digest, sha256(script));
    assert.equal(fs.statSync(found.file).mode & 0o777, 0o755);
  }
  // The second is there already; what lies under an archive's digest is not taken on trust.
  assert.equal(seen.length, 4);
});

test("what lies in the tool cache is hashed again", async (t) => {
  const { env } = await releases(t, archive(t));
  const digest = sha256(script);
  const first = await find(wanted({ version: "1.2.3", digest, env }));
  fs.writeFileSync(first.file, "planted");
  const second = await find(wanted({ version: "1.2.3", digest, env }));
  assert.equal(fs.readFileSync(second.file, "utf8"), script);
});

test("nothing is downloaded without a digest, and nothing is kept that has another", async (t) => {
  const { env, seen } = await releases(t, archive(t));
  await assert.rejects(find(wanted({ version: "1.2.3", env })), /only with its 'binary-digest'/);
  await assert.rejects(find(wanted({ version: "1.2.3", digest: "12", env })), /no SHA-256/);
  await assert.rejects(find(wanted({ version: "../1", digest: "0".repeat(64), env })), /no version/);
  assert.equal(seen.length, 0);
  await assert.rejects(find(wanted({ version: "1.2.3", digest: "0".repeat(64), env })), /neither the archive/);
  assert.deepEqual(fs.readdirSync(env.RUNNER_TEMP), []);
  await assert.rejects(find(wanted({ version: "9.9.9", digest: "0".repeat(64), env })), /answers 404/);
});

test("a program on PATH is taken where its digest is the expected one", async (t) => {
  const folder = scratch(t);
  fs.writeFileSync(path.join(folder, "purser"), script, { mode: 0o755 });
  const env = { PATH: `relative:${folder}` };
  assert.equal((await find(wanted({ env }))).digest, sha256(script));
  assert.equal((await find(wanted({ env, digest: sha256(script), version: "1.2.3" }))).file, path.join(folder, "purser"));
  await assert.rejects(find(wanted({ env, digest: "0".repeat(64) })), /expected 0000/);
  await assert.rejects(find(wanted({ env: { PATH: "" } })), /there is no purser program/);
  await assert.rejects(find(wanted({ binary: path.join(folder, "none") })), /there is no program at/);
});

test("an archive that is damaged, or holds no program, is refused", (t) => {
  const bytes = archive(t, "purser");
  assert.equal(unpack(bytes, sha256(script)).toString(), script);
  assert.throws(() => unpack(bytes.subarray(0, bytes.length / 2), sha256(script)));
  const other = archive(t, "lib/x/purser");
  assert.throws(() => unpack(other, sha256(other)), /there is none/);
  assert.throws(() => unpack(Buffer.from("plain"), sha256("plain")));
});

test("the address of a release is that of the action's own repository", () => {
  const env = { GITHUB_SERVER_URL: "https://ghe.example", GITHUB_ACTION_REPOSITORY: "acme/purser", GITHUB_REPOSITORY: "acme/app" };
  assert.match(address("1.0", env), /^https:\/\/ghe\.example\/acme\/purser\/releases\/download\/v1\.0\/purser-1\.0-linux-/);
  assert.throws(() => address("1.0", {}), /GITHUB_ACTION_REPOSITORY/);
});

test("the network's proxy is chosen by its variables", () => {
  const env = { HTTPS_PROXY: "http://corp:3128", http_proxy: "plain:80", no_proxy: "localhost, .internal,10.0.0.1:8443 ::1" };
  const proxy = (url, from = env) => proxyFor(new URL(url), from)?.host;
  assert.equal(proxy("https://github.com/x"), "corp:3128");
  assert.equal(proxy("http://github.com/x"), "plain");
  assert.equal(proxy("https://git.internal/"), undefined);
  assert.equal(proxy("https://internal/"), undefined);
  assert.equal(proxy("https://notinternal/"), "corp:3128");
  assert.equal(proxy("https://10.0.0.1:8443/"), undefined);
  assert.equal(proxy("https://10.0.0.1/"), "corp:3128");
  assert.equal(proxy("https://[::1]/"), undefined);
  assert.equal(proxy("https://x/", { ALL_PROXY: "http://all:1" }), "all:1");
  assert.equal(proxy("https://x/", { ALL_PROXY: "http://all:1", NO_PROXY: "*" }), undefined);
  assert.throws(() => proxy("https://x/", { https_proxy: "socks5://s:1" }), /socks5/);
});

test("plain HTTP goes through a proxy with its user and password", async (t) => {
  const seen = [];
  const proxy = await serve(t, (request, response) => {
    seen.push([request.url, request.headers.host, request.headers["proxy-authorization"]]);
    response.end("by proxy");
  });
  const env = { http_proxy: proxy.replace("//", "//user:p%40ss@") };
  assert.equal((await get("http://releases.example/x?y", { env })).toString(), "by proxy");
  assert.deepEqual(seen, [["http://releases.example/x?y", "releases.example", `Basic ${Buffer.from("user:p@ss").toString("base64")}`]]);
});

const hasOpenSSL = () => {
  try {
    return execFileSync("openssl", ["version"], { stdio: "pipe" }).length > 0;
  } catch {
    return false;
  }
};

test("HTTPS goes through a tunnel, and its certificate is checked", { skip: hasOpenSSL() ? false : "there is no openssl" }, async (t) => {
  const folder = scratch(t);
  const [key, certificate] = ["key.pem", "cert.pem"].map((name) => path.join(folder, name));
  execFileSync("openssl", [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=releases.example",
    "-addext", "subjectAltName=DNS:releases.example", "-keyout", key, "-out", certificate,
  ], { stdio: "pipe" });
  const origin = https.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(certificate) }, (request, response) => response.end("by tunnel"));
  await new Promise((resolve) => origin.listen(0, "127.0.0.1", resolve));
  t.after(() => (origin.closeAllConnections?.(), origin.close()));
  const asked = [];
  const refuse = { now: false };
  const proxy = await serve(t, (request, response) => response.writeHead(500).end(), (request, socket) => {
    asked.push(request.url);
    if (refuse.now) return socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const way = net.connect(origin.address().port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      way.pipe(socket).pipe(way);
    });
    way.on("error", () => socket.destroy());
    socket.on("error", () => way.destroy());
  });
  // Node reads further authorities only at its start.
  const ask = (more) => new Promise((resolve) => {
    const code = `require(${JSON.stringify(require.resolve("../transfer.js"))}).get("https://releases.example/x", { tries: 1 })
      .then((body) => console.log(String(body)), (problem) => console.log("refused: " + problem.message))`;
    const child = spawn(process.execPath, ["-e", code], { env: { https_proxy: proxy, ...more }, stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (part) => (text += part));
    child.on("close", () => resolve(text.trim()));
  });
  assert.equal(await ask({ NODE_EXTRA_CA_CERTS: certificate }), "by tunnel");
  assert.match(await ask({}), /^refused: .*self.signed/);
  refuse.now = true;
  assert.match(await ask({ NODE_EXTRA_CA_CERTS: certificate }), /^refused: the proxy .* answers 403/);
  assert.deepEqual([...new Set(asked)], ["releases.example:443"]);
});

test("a server that fails is asked again, one that refuses is not, and a body has its limit", async (t) => {
  let count = 0;
  const base = await serve(t, (request, response) => {
    count += 1;
    if (request.url === "/flaky") return response.writeHead(count < 3 ? 503 : 200).end("at last");
    if (request.url === "/loop") return response.writeHead(302, { location: "/loop" }).end();
    if (request.url === "/file") return response.writeHead(302, { location: "file:///etc/passwd" }).end();
    if (request.url === "/long") return response.end("x".repeat(100));
    response.writeHead(403).end();
  });
  const ask = (target) => get(base + target, { env: {}, pause: 1, limit: 50 });
  assert.equal((await ask("/flaky")).toString(), "at last");
  count = 0;
  await assert.rejects(ask("/denied"), /answers 403/);
  assert.equal(count, 1);
  await assert.rejects(ask("/loop"), /leads on and on/);
  await assert.rejects(ask("/file"), /leads to file:/);
  await assert.rejects(ask("/long"), /more than 50 bytes/);
});

test("headers go to the first host alone", async (t) => {
  const seen = [];
  const second = await serve(t, (request, response) => (seen.push(request.headers.authorization), response.end("x")));
  const first = await serve(t, (request, response) => (seen.push(request.headers.authorization), response.writeHead(302, { location: second }).end()));
  await get(first, { env: {}, headers: { authorization: "Bearer t" } });
  assert.deepEqual(seen, ["Bearer t", undefined]);
});
