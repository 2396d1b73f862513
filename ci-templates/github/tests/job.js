"use strict";
// GitHub's runner as far as an action can see it, and a package index on loopback.

const { createHash } = require("node:crypto");
const { execFileSync, spawn } = require("node:child_process");
const fs = require("node:fs");
const http = require("node:http");
const os = require("node:os");
const path = require("node:path");
const { entries } = require("../runner.js");

const top = path.resolve(__dirname, "../../..");
const FILES = ["GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"];

/** The built program that these tests run; undefined where there is none. */
const program = [process.env.PURSER_TEST_PROGRAM, path.join(top, ".build/debug/purser"), path.join(top, ".build/dist/purser")]
  .filter(Boolean).find((file) => fs.existsSync(file));

/** The defaults in an action's file, as the runner reads them; `${{ job.status }}` stays as it is. */
function defaults(file) {
  const inputs = /^inputs:\n((?: .*\n|\n)+)/m.exec(fs.readFileSync(file, "utf8"))[1];
  const found = {};
  for (const [, name, line, rest] of inputs.matchAll(/^ {2}([a-z-]+):(.*)\n((?: {4}.*\n)*)/gm)) {
    const value = /default: (?:"([^"]*)"|([^ }\n]+))/.exec(`${line}\n${rest}`);
    found[name] = value ? (value[1] ?? value[2]) : "";
  }
  return found;
}

function command(words, { env, cwd }) {
  return new Promise((resolve, reject) => {
    const child = spawn(words[0], words.slice(1), { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
    let log = "";
    child.stdout.on("data", (text) => (log += text));
    child.stderr.on("data", (text) => (log += text));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, log }));
  });
}

/** One job: each step is a process with fresh files, and what these say holds for later steps. */
class Job {
  constructor(more = {}) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "purser-action-tests-"));
    for (const name of ["work", "temp", "home"]) fs.mkdirSync(path.join(this.folder, name));
    this.work = path.join(this.folder, "work");
    this.status = "success";
    this.count = 0;
    this.masks = [];
    this.path = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
    this.env = {
      HOME: path.join(this.folder, "home"), LANG: "C.UTF-8", TMPDIR: path.join(this.folder, "temp"), CI: "true", GITHUB_ACTIONS: "true",
      GITHUB_WORKSPACE: this.work, GITHUB_REPOSITORY: "acme/app", GITHUB_ACTION_REPOSITORY: "acme/purser", GITHUB_SHA: "c0ffee",
      GITHUB_REF: "refs/heads/main", GITHUB_RUN_ID: "17", GITHUB_SERVER_URL: "https://github.com", GITHUB_JOB: "build",
      GITHUB_EVENT_NAME: "push", RUNNER_TEMP: path.join(this.folder, "temp"), PURSER_CACHE: path.join(this.folder, "cache"), ...more,
    };
  }

  async step(words, more = {}) {
    this.count += 1;
    const env = { ...this.env, PATH: this.path.join(":"), ...more };
    for (const name of FILES) {
      env[name] = path.join(this.folder, `${name}-${this.count}`);
      fs.writeFileSync(env[name], "");
    }
    const { status, log } = await command(words, { env, cwd: this.work });
    const text = (name) => fs.readFileSync(env[name], "utf8");
    const exported = entries(text("GITHUB_ENV"));
    for (const name of Object.keys(exported)) {
      if (/^(GITHUB_|RUNNER_)|^NODE_OPTIONS$/.test(name)) throw new Error(`the runner refuses ${name}`);
    }
    Object.assign(this.env, exported);
    this.path = [...text("GITHUB_PATH").split("\n").filter(Boolean).reverse(), ...this.path];
    const lines = log.split("\n");
    this.masks.push(...lines.filter((line) => line.startsWith("::add-mask::")).map((line) => line.slice(12)));
    if (status !== 0 && !more.continues) this.status = "failure";
    return {
      status, outputs: entries(text("GITHUB_OUTPUT")), state: entries(text("GITHUB_STATE")), summary: text("GITHUB_STEP_SUMMARY"),
      // As a person sees it.
      log: this.masks.reduce((shown, secret) => shown.replaceAll(secret, "***"), lines.filter((line) => !line.startsWith("::add-mask::")).join("\n")),
      errors: lines.filter((line) => line.startsWith("::error ")),
    };
  }

  sh(script, more) {
    return this.step(["bash", "-eo", "pipefail", "-c", script], more);
  }

  /** One of the action's scripts with inputs as a workflow gives them. */
  async script(name, inputs, more = {}) {
    const known = defaults(path.join(top, name === "finish" ? "ci-templates/github/finish/action.yml" : "action.yml"));
    const env = {};
    for (const key of Object.keys(inputs)) if (!(key in known)) throw new Error(`the action has no input ${key}`);
    for (const [key, value] of Object.entries({ ...known, ...inputs })) {
      env[`INPUT_${key.toUpperCase()}`] = value.replace("${{ job.status }}", this.status);
    }
    return this.step([process.execPath, path.join(top, `ci-templates/github/${name}.js`)], { ...env, ...more });
  }

  /** The main step; what it saved is there for `post`. */
  async main(inputs = {}, more = {}) {
    this.inputs = { binary: program, upstream: this.upstream ?? "", ...inputs };
    this.more = more;
    const step = await this.script("main", this.inputs, { ACTIONS_RUNTIME_TOKEN: "runtime-3b1e", ...more });
    this.state = Object.fromEntries(Object.entries(step.state).map(([name, value]) => [`STATE_${name}`, value]));
    return step;
  }

  post() {
    return this.script("post", this.inputs, { ...this.more, ...this.state });
  }

  finish(inputs = {}) {
    return this.script("finish", inputs);
  }

  place(name) {
    return path.join(this.work, name);
  }

  read(name) {
    return fs.readFileSync(this.place(name), "utf8");
  }

  has(name) {
    return fs.existsSync(this.place(name));
  }

  /** The agent's process. */
  agent() {
    return JSON.parse(fs.readFileSync(path.join(this.env.PURSER_SESSION, "session.json"), "utf8")).process;
  }

  end() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A server on loopback that ends with the test. */
async function serve(test, answer, connect) {
  const server = http.createServer(answer);
  if (connect) server.on("connect", connect);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => (server.closeAllConnections?.(), server.close()));
  return `http://127.0.0.1:${server.address().port}`;
}

/** An index with `demo`, which is old, and `fresh`, which was published this minute; it may be asked as a proxy is. */
async function index(test, seen = []) {
  const fixture = (name) => fs.readFileSync(path.join(top, `Tests/CommandTests/Fixtures/${name}-1.0-py3-none-any.whl`));
  const times = { demo: "2020-01-02T03:04:05Z", fresh: new Date().toISOString() };
  const base = await serve(test, (request, response) => {
    seen.push(request.url);
    const [, kind, name] = /^(?:http:\/\/[^/]+)?\/(simple|files)\/([a-z]+)/.exec(request.url) ?? [];
    if (!times[name]) return response.writeHead(404).end("nothing here");
    const file = `${name}-1.0-py3-none-any.whl`;
    if (kind === "files") return response.writeHead(200, { "content-type": "application/octet-stream" }).end(fixture(name));
    const hashes = { sha256: createHash("sha256").update(fixture(name)).digest("hex") };
    const entry = { filename: file, url: `https://files.pythonhosted.org/files/${file}`, hashes, "upload-time": times[name], yanked: false };
    response.writeHead(200, { "content-type": "application/vnd.pypi.simple.v1+json" });
    response.end(JSON.stringify({ meta: { "api-version": "1.1" }, name, versions: ["1.0"], files: [entry] }));
  });
  return base;
}

const upstream = (base) => `pypi=${base}/\npypi:files=${base}/`;

/** A job whose packages come from the index on loopback. */
async function job(test, more) {
  const made = new Job(more);
  test.after(() => made.end());
  made.upstream = upstream(await index(test));
  return made;
}

const server = program && [path.join(path.dirname(program), "purser-registry")].find((file) => fs.existsSync(file));

/** A central registry, empty, that ends with the test, and a token for it. */
async function registry(test, { folder }, scope) {
  const data = path.join(folder, "registry");
  execFileSync(server, ["init", "--data", data], { stdio: "pipe" });
  const words = ["token", "create", "--data", data, "--scope", scope, "--repository", "main"];
  const [secret] = /psr_\S+/.exec(execFileSync(server, words, { stdio: "pipe" }).toString());
  const child = spawn(server, ["serve", "--data", data, "--listen", "127.0.0.1:0", "--hosted-only"], { stdio: ["ignore", "pipe", "pipe"] });
  test.after(() => child.kill());
  const address = await new Promise((resolve, reject) => {
    let text = "";
    const look = (part) => {
      text += part;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text);
      if (found) resolve(`${found[0]}/main`);
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    child.on("close", () => reject(new Error(`the registry ended: ${text}`)));
  });
  return { address, secret };
}

/** What a client does for one package. */
const fetched = (name) =>
  `curl -sSf https://pypi.org/simple/${name}/ -o /dev/null && curl -sSfO https://files.pythonhosted.org/files/${name}-1.0-py3-none-any.whl`;

module.exports = { job, index, upstream, registry, serve, fetched, program, server, defaults, top };
