"use strict";
// The action's whole life: main, steps of the job, post.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const fs = require("node:fs");
const path = require("node:path");
const { execFileSync, spawnSync } = require("node:child_process");
const { job, index, upstream, fetched, program, serve } = require("./job.js");
const { digestOf, sha256 } = require("../program.js");

const options = { skip: program ? false : "there is no built purser program" };

test("a session covers the steps between main and post, and post leaves the papers", options, async (t) => {
  const a = await job(t);
  const main = await a.main({ artifact: "dist/*" });
  assert.equal(main.status, 0, main.log);
  const step = await a.sh(`${fetched("demo")}; mkdir dist; cp demo*.whl dist/; purser mark pack; env`);
  assert.equal(step.status, 0, step.log);
  assert.match(step.log, /https_proxy=http:\/\/purser:\*\*\*@127\.0\.0\.1:/);
  assert.doesNotMatch(step.log, /INPUT_|runtime-3b1e/);
  const post = await a.post();
  assert.equal(post.status, 0, post.log);
  assert.match(a.read("purser.lock"), /pkg:pypi\/demo@1\.0/);
  assert.match(a.read("purser.lock"), /dist\/demo-1\.0/);
  assert.ok(a.has("purser-run.json") && a.has("purser.intoto.json"));
  assert.match(post.summary, /^### Purser: ✅ passed/);
  assert.equal(post.errors.length, 0);
  const late = await a.sh('test -z "$https_proxy$HTTPS_PROXY$PURSER_SESSION"');
  assert.equal(late.status, 0, late.log);
});

test("a denial fails the post step, with one annotation for its rule", options, async (t) => {
  const a = await job(t);
  await a.main({ mode: "enforce" });
  const step = await a.sh(`${fetched("fresh")} || true`);
  assert.equal(step.status, 0, step.log);
  const post = await a.post();
  assert.equal(post.status, 3, post.log);
  assert.equal(post.errors.length, 1);
  assert.match(post.errors[0], /^::error title=purser min_age::1 denied: pkg:pypi\/fresh@1\.0/);
  assert.match(post.summary, /\| denied \| pkg:pypi\/fresh&#64;1\.0 \|/);
});

test("an agent that was killed makes later fetches fail, and the post step", options, async (t) => {
  const a = await job(t);
  await a.main();
  process.kill(a.agent(), "SIGKILL");
  assert.notEqual((await a.sh(fetched("demo"), { continues: true })).status, 0);
  const post = await a.post();
  assert.equal(post.status, 14, post.log);
  assert.match(post.errors.join(), /session\.agent-died/);
});

test("the finish action has the result before later steps; post says the same once more, and tells nothing twice", options, async (t) => {
  const a = await job(t);
  await a.main({ mode: "enforce" });
  await a.sh(`${fetched("demo")}; ${fetched("fresh")} || true`);
  const finish = await a.finish();
  assert.equal(finish.status, 3, finish.log);
  assert.equal(finish.outputs["denied-count"], "1");
  assert.equal(finish.outputs.manifest, a.place("purser.lock"));
  assert.match(finish.outputs["manifest-digest"], /^sha256:[0-9a-f]{64}$/);
  assert.match(finish.summary, /^### Purser: ❌/);
  const lock = a.read("purser.lock");
  const again = await a.finish();
  assert.equal(again.status, 3, again.log);
  const post = await a.post();
  assert.equal(post.status, 3, post.log);
  assert.equal(again.summary + post.summary, "");
  assert.deepEqual([...again.errors, ...post.errors], []);
  assert.equal(a.read("purser.lock"), lock);
});

test("a job that failed keeps the manifest that was there", options, async (t) => {
  const a = await job(t);
  fs.writeFileSync(a.place("purser.lock"), '{"gaps":[],"inputs":[],"purser":1,"tools":[]}\n');
  const before = a.read("purser.lock");
  await a.main();
  await a.sh(`${fetched("demo")}; exit 9`);
  const post = await a.post();
  assert.equal(post.status, 0, post.log);
  assert.equal(a.read("purser.lock"), before);
});

test("a session that cannot start lets nothing through, even where the workflow goes on, and fails the post step", options, async (t) => {
  const a = await job(t);
  const main = await a.main({ mode: "bogus" }, { continues: true });
  assert.equal(main.status, 2, main.log);
  assert.equal(main.errors.length, 1, main.log);
  assert.match(main.errors[0], /--mode bogus/);
  const step = await a.sh(fetched("demo"), { continues: true });
  assert.ok([5, 7].includes(step.status), step.log);
  const post = await a.post();
  assert.equal(post.status, 1, post.log);
  assert.match(post.errors.join(), /was not started/);
});

test("a program that was exchanged meanwhile is not run by post", options, async (t) => {
  const a = await job(t);
  const copy = path.join(a.folder, "agent");
  fs.copyFileSync(program, copy);
  await a.main({ binary: copy, "binary-digest": await digestOf(program) });
  await a.sh(`rm ${copy}; printf '#!/bin/sh\\ntouch ran\\n' > ${copy}; chmod +x ${copy}`);
  const post = await a.post();
  assert.equal(post.status, 1, post.log);
  assert.match(post.errors.join(), /expected/);
  assert.ok(!a.has("ran"));
  process.kill(a.agent(), "SIGKILL");
});

test("a program without the expected digest is not run at all", options, async (t) => {
  const a = await job(t);
  const script = path.join(a.folder, "purser");
  fs.writeFileSync(script, "#!/bin/sh\ntouch ran\n", { mode: 0o755 });
  const main = await a.main({ binary: script, "binary-digest": "0".repeat(64) });
  assert.equal(main.status, 1);
  assert.match(main.errors.join(), /expected 0000/);
  assert.ok(!a.has("ran"));
});

test("a version of a release is downloaded, verified and offered to the steps", options, async (t) => {
  const a = await job(t);
  const [version] = execFileSync(program, ["--version"], { stdio: "pipe" }).toString().trim().split("\n");
  const folder = path.join(a.folder, `purser-${version}/bin`);
  fs.mkdirSync(folder, { recursive: true });
  // Stands for the program, which is big.
  fs.writeFileSync(path.join(folder, "purser"), `#!/bin/sh\nexec ${program} "$@"\n`, { mode: 0o755 });
  execFileSync("tar", ["-C", a.folder, "-czf", path.join(a.folder, "archive"), `purser-${version}`]);
  const archive = fs.readFileSync(path.join(a.folder, "archive"));
  const server = await serve(t, (request, response) => response.writeHead(request.url.includes(`/v${version}/`) ? 200 : 404).end(archive));
  const inputs = { binary: "", version, "binary-digest": sha256(archive) };
  const bad = await a.main({ ...inputs, "binary-digest": "0".repeat(64) }, { GITHUB_SERVER_URL: server, continues: true });
  assert.equal(bad.status, 1, bad.log);
  for (const name of Object.keys(a.env)) if (/proxy/i.test(name)) delete a.env[name];
  const main = await a.main(inputs, { GITHUB_SERVER_URL: server });
  assert.equal(main.status, 0, main.log);
  const step = await a.sh(`${fetched("demo")}; purser status`);
  assert.match(step.log, /^inputs +1$/m);
  assert.equal((await a.post()).status, 0);
});

test("behind a network's proxy the session goes out through it, and later steps get it back", options, async (t) => {
  const seen = [];
  const proxy = await index(t, seen);
  const a = await job(t, { http_proxy: proxy, https_proxy: proxy, no_proxy: "localhost" });
  const main = await a.main({ upstream: upstream("http://index.example") });
  assert.equal(main.status, 0, main.log);
  const step = await a.sh(fetched("demo"));
  assert.equal(step.status, 0, step.log);
  assert.ok(seen.includes("http://index.example/simple/demo/"), seen.join());
  const post = await a.post();
  assert.equal(post.status, 0, post.log);
  assert.deepEqual([a.env.http_proxy, a.env.https_proxy, a.env.no_proxy], [proxy, proxy, "localhost"]);
});

test("where there is no bash, sh runs the command", options, async (t) => {
  const a = await job(t);
  const bin = path.join(a.folder, "bin");
  fs.mkdirSync(bin);
  fs.symlinkSync("/bin/sh", path.join(bin, "sh"));
  a.path = [bin];
  const main = await a.main({ run: 'echo "bash ${BASH_VERSION:-none}"\nfalse\necho not here' });
  assert.equal(main.status, 1, main.log);
  assert.match(main.log, /^bash none$/m);
  assert.doesNotMatch(main.log, /^not here$/m);
});

const seals = spawnSync("unshare", ["--user", "--map-root-user", "--net", "true"]).status === 0;

test("a sealed command has no other way out, and sealed steps have none either", { skip: options.skip || (seals ? false : "this machine allows no namespaces") }, async (t) => {
  const a = await job(t);
  const past = "curl -sS --noproxy '*' --max-time 5 http://192.0.2.1/ && exit 1; true";
  const main = await a.main({ run: `${fetched("demo")}; ${past}`, isolation: "seal" });
  assert.equal(main.status, 0, main.log);
  assert.match(main.summary, /isolation seal/);
  const b = await job(t);
  const start = await b.main({ isolation: "seal" });
  assert.equal(start.status, 0, start.log);
  const [, shell] = /shell: '(.*) \{0\}'/.exec(start.log);
  const script = path.join(b.folder, "step.sh");
  fs.writeFileSync(script, `${fetched("demo")}; ${past}\n`);
  const step = await b.sh(`${shell} ${script}`);
  assert.equal(step.status, 0, step.log);
  const post = await b.post();
  assert.equal(post.status, 0, post.log);
  assert.match(post.summary, /isolation seal/);
});

test("secrets reach the agent alone and stay out of the log", options, async (t) => {
  const a = await job(t, { PURSER_WEBHOOK_SECRET: "hook-5521" });
  const main = await a.main({ token: "tok-7f3a1d", "signing-key-env": "KEY" }, { KEY: "none-of-a-key" });
  assert.notEqual(main.status, 0, "a key that is none is refused");
  assert.deepEqual(a.masks.slice(0, 3).sort(), ["hook-5521", "none-of-a-key", "tok-7f3a1d"]);
  const b = await job(t);
  const start = await b.main({ token: "tok-7f3a1d" });
  assert.equal(start.status, 0, start.log);
  const step = await b.sh('echo "token ${PURSER_TOKEN:-none}"; cat /proc/*/environ 2>/dev/null | tr "\\0" "\\n" | grep -c tok-7f || true');
  assert.match(step.log, /^token none\n0/);
  assert.equal((await b.post()).status, 0);
});

test("run covers one command, gives its status and the outputs, and leaves nothing to post", options, async (t) => {
  const a = await job(t);
  const run = 'x="quotes \' and $(echo sub)"; [[ $x ]] && false | true || echo "pipefail"\n' + fetched("demo") + '\nenv | grep -cE "INPUT_|ACTIONS_RUNTIME|GITHUB_STATE" || true';
  const main = await a.main({ run });
  assert.equal(main.status, 0, main.log);
  assert.match(main.log, /^pipefail\n0$/m);
  assert.equal(main.outputs.manifest, a.place("purser.lock"));
  assert.equal(main.outputs["denied-count"], "0");
  assert.match(main.summary, /^### Purser: ✅ passed/);
  assert.equal(a.env.PURSER_SESSION, undefined);
  const post = await a.post();
  assert.equal(post.status, 0);
  assert.equal(post.log, "");
  const b = await job(t);
  assert.equal((await b.main({ run: "exit 9" })).status, 9);
  assert.equal((await b.main({ run: `${fetched("fresh")} || true`, mode: "enforce" })).status, 125);
});

test("what a command writes into the runner's file of states leads post nowhere", options, async (t) => {
  const a = await job(t);
  const evil = path.join(a.folder, "evil");
  fs.writeFileSync(evil, "#!/bin/sh\ntouch evil-ran\n", { mode: 0o755 });
  const lines = `kind=session\\nsession=x\\nfolder=.\\nprogram=${evil}\\ndigest=${await digestOf(evil)}\\n`;
  const main = await a.main({ run: `printf '${lines}' >> ${a.folder}/GITHUB_STATE-1` });
  assert.equal(main.status, 0, main.log);
  assert.equal(main.state.program, evil);
  assert.equal((await a.post()).status, 0);
  assert.ok(!a.has("evil-ran"));
});

test("the step summary shows all, problems or none of the agent's page, and always the command's own", options, async (t) => {
  const a = await job(t);
  const run = (summary, line) => a.main({ run: `echo own >> $GITHUB_STEP_SUMMARY; ${line}`, summary, mode: "enforce" });
  assert.match((await run("all", "true")).summary, /^own\n### Purser: /);
  assert.equal((await run("none", `${fetched("fresh")} || true`)).summary, "own\n");
  assert.equal((await run("problems", "true")).summary, "own\n");
  assert.match((await run("problems", `${fetched("fresh")} || true`)).summary, /^own\n### Purser: ❌/);
  assert.equal((await run("some", "true")).status, 1);
});

test("two sessions of one job each end by their own post step", options, async (t) => {
  const a = await job(t);
  await a.main({ manifest: "a.lock", report: "a.json" });
  const [inputs, state] = [a.inputs, a.state];
  await a.main({ manifest: "b/b.lock", report: "b/b.json" });
  const last = await a.post();
  assert.equal(last.status, 0, last.log);
  Object.assign(a, { inputs, state });
  const first = await a.post();
  assert.equal(first.status, 0, first.log);
  assert.ok(a.has("a.lock") && a.has("b/b.lock"));
});

test("a cancelled command is told, and the action ends with what it says", options, async (t) => {
  const a = await job(t);
  const waits = a.main({ run: "trap 'exit 33' TERM; echo $PPID; touch ready; while :; do sleep 0.05; done" });
  while (!a.has("ready")) await new Promise((resolve) => setTimeout(resolve, 20));
  const [own] = fs.readdirSync("/proc").filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
    try {
      return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("main.js") &&
        fs.readFileSync(`/proc/${pid}/environ`, "utf8").includes(a.folder);
    } catch {
      return false;
    }
  });
  process.kill(Number(own), "SIGTERM");
  const main = await waits;
  assert.equal(main.status, 33, main.log);
});
