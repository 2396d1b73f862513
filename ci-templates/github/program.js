"use strict";
// Where the purser program comes from, and that it is the one that was meant.

const { createHash, randomBytes } = require("node:crypto");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const zlib = require("node:zlib");
const { get } = require("./transfer.js");
const { run } = require("./runner.js");

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

async function digestOf(file) {
  const hash = createHash("sha256");
  for await (const part of fs.createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(part);
  return hash.digest("hex");
}

function isExecutable(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The first program of that name on PATH. */
function onPath(name, env = process.env) {
  return (env.PATH ?? "").split(path.delimiter).filter(path.isAbsolute).map((folder) => path.join(folder, name)).find(isExecutable);
}

/** Throws unless the file has that digest. Run this before the file is run. */
async function verify(file, digest) {
  const found = await digestOf(file);
  if (digest && found !== digest) throw new Error(`the SHA-256 of ${file} is ${found}, expected ${digest}`);
  return found;
}

/** The regular files of a tar archive. */
function* filesOf(tar) {
  const text = (at, length) => tar.subarray(at, at + length).toString("latin1").replace(/\0.*$/s, "");
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const size = parseInt(text(at + 124, 12), 8);
    if (!(size >= 0) || at + 512 + size > tar.length) throw new Error("the archive is damaged");
    const prefix = text(at + 257, 5) === "ustar" ? text(at + 345, 155) : "";
    const kind = String.fromCharCode(tar[at + 156]);
    if (kind === "0" || kind === "\0") {
      yield { name: (prefix ? `${prefix}/` : "") + text(at, 100), bytes: tar.subarray(at + 512, at + 512 + size) };
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

/** The program in a release's archive. The digest is the archive's, as the file beside it says, or the program's own. */
function unpack(archive, digest) {
  const isWhole = sha256(archive) === digest;
  const files = [...filesOf(zlib.gunzipSync(archive, { maxOutputLength: 1 << 30 }))];
  const programs = files.filter((file) => /^[^/]+\/(bin\/)?purser$/.test(file.name));
  const found = programs.find((file) => isWhole || sha256(file.bytes) === digest);
  if (found) return found.bytes;
  throw new Error(
    `neither the archive (SHA-256 ${sha256(archive)}) nor the program in it ` +
      `(${programs.map((file) => sha256(file.bytes)).join(", ") || "there is none"}) has the digest ${digest}`,
  );
}

/** The archive of a version among the releases of the repository that this action is from. */
function address(version, env = process.env) {
  const repository = env.GITHUB_ACTION_REPOSITORY || env.GITHUB_REPOSITORY;
  if (!repository) throw new Error("GITHUB_ACTION_REPOSITORY does not say whose releases these are; give the program's path as 'binary'");
  const machine = { x64: "x86_64", arm64: "aarch64" }[process.arch] ?? process.arch;
  const server = env.GITHUB_SERVER_URL || "https://github.com";
  return `${server}/${repository}/releases/download/v${version}/purser-${version}-${process.platform}-${machine}.tar.gz`;
}

/** Downloads a version once for a machine; what lies there is hashed again. */
async function download(version, digest, env = process.env) {
  if (!digest) throw new Error(`version ${version} is downloaded only with its 'binary-digest'`);
  if (!/^[0-9A-Za-z.+-]+$/.test(version)) throw new Error(`'${version}' is no version`);
  const folder = path.join(env.RUNNER_TOOL_CACHE || env.RUNNER_TEMP || os.tmpdir(), "purser", digest);
  const file = path.join(folder, "purser");
  if (isExecutable(file) && (await digestOf(file)) === digest) return file;
  const bytes = unpack(await get(address(version, env), { env, pause: Number(env.PURSER_ACTION_PAUSE ?? 1_000) }), digest);
  fs.mkdirSync(folder, { recursive: true });
  const staged = `${file}.${randomBytes(8).toString("hex")}`;
  fs.writeFileSync(staged, bytes, { mode: 0o755 });
  fs.renameSync(staged, file);
  return file;
}

/** The program as its inputs say: a path, one on PATH, or a version that is downloaded. Verified, and not yet run. */
async function find({ binary, version, digest, env = process.env }) {
  digest = digest.toLowerCase().replace(/^sha256:/, "");
  version = version.replace(/^v/, "");
  if (digest && !/^[0-9a-f]{64}$/.test(digest)) throw new Error("'binary-digest' is no SHA-256 in hexadecimal");
  if (binary) {
    const file = path.resolve(binary);
    if (!isExecutable(file)) throw new Error(`there is no program at ${file}`);
    return { file, digest: await verify(file, digest) };
  }
  const installed = onPath("purser", env);
  if (installed && (!version || !digest || (await digestOf(installed)) === digest)) {
    return { file: installed, digest: await verify(installed, digest) };
  }
  if (!version) throw new Error("there is no purser program: put it on PATH, give its path as 'binary', or a 'version' with its 'binary-digest'");
  const file = await download(version, digest, env);
  return { file, digest: await digestOf(file) };
}

/** Its version; a program that cannot run here, or is another version than was asked for, is known before anything relies on it. */
async function checkRuns(file, version, env) {
  const { status, text } = await run(file, ["--version"], { env, output: "pipe" }).catch((problem) => ({ status: problem.message, text: "" }));
  if (status === 0) {
    if (version && text.trim() !== version.replace(/^v/, "")) throw new Error(`${file} is version ${text.trim()}, not ${version}`);
    return text.trim();
  }
  throw new Error(`${file} cannot run here (${status}); it needs libcurl, libarchive, jansson and zlib of a Linux with glibc, see the log`);
}

module.exports = { find, verify, checkRuns, digestOf, unpack, address, sha256 };
