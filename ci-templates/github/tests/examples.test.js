"use strict";
// What two of the example workflows do, run: their steps as they stand there, with a small build.

const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const { test } = require("node:test");
const fs = require("node:fs");
const path = require("node:path");
const { job, fetched, registry, program, server, top } = require("./job.js");

const text = (name) => fs.readFileSync(path.join(top, "ci-templates/github/examples", name), "utf8");

/** The scripts of a workflow's steps, in their order. */
function scripts(name) {
  return [...text(name).matchAll(/^( +)(?:- )?run: (?:\|\n((?:\1 {2,}.*\n)+)|(.*)\n)/gm)].map(([, , block, line]) => block ?? line);
}

const hasJQ = () => {
  try {
    return execFileSync("jq", ["--version"], { stdio: "pipe" }).length > 0;
  } catch {
    return false;
  }
};

test("the reproducibility check passes for a build that gives the same, and fails for one that does not", { skip: program ? false : "there is no built purser program" }, async (t) => {
  const [, clean, replay] = scripts("reproducible.yml");
  for (const [line, status] of [["cp demo*.whl dist/", 0], ["date +%N > dist/demo.txt", 6]]) {
    const a = await job(t);
    await a.sh("git init -q; git config user.email a@example.org; git config user.name a");
    fs.writeFileSync(a.place("build.sh"), `#!/bin/sh\nset -e\nmkdir dist\n${fetched("demo")}\n${line}\n`, { mode: 0o755 });
    await a.sh("git add build.sh && git commit -qm x");
    const built = await a.main({ run: "./build.sh", artifact: "dist/*", cache: path.join(a.env.RUNNER_TEMP, "purser-cache") });
    assert.equal(built.status, 0, built.log);
    const cleaned = await a.sh(clean);
    assert.equal(cleaned.status, 0, cleaned.log);
    assert.ok(!a.has("dist"));
    const replayed = await a.sh(replay);
    assert.equal(replayed.status, status, replayed.log);
  }
});

test("a release promotes the build whose statement it carries", { skip: !server || !hasJQ() ? "there is no jq, or no built purser-registry" : false }, async (t) => {
  const a = await job(t);
  const { address, secret } = await registry(t, a, "read,publish,promote");
  const built = await a.main({ run: `mkdir dist; ${fetched("demo")}; cp demo*.whl dist/`, artifact: "dist/*", registry: address, push: "true", token: secret, mode: "enforce" });
  assert.equal(built.status, 0, built.log);
  // Another build of the same, so that one has to be found among several.
  await a.sh("mkdir ../release; cp purser.intoto.json ../release");
  await a.main({ run: `${fetched("demo")}; cp demo*.whl dist/`, artifact: "dist/*", registry: address, push: "true", token: secret, mode: "enforce" });
  await a.sh("cp ../release/purser.intoto.json .");
  const [, , find, promote] = scripts("promote.yml");
  const found = await a.sh(find, { PURSER_REGISTRY: address, PURSER_TOKEN: secret });
  assert.equal(found.status, 0, found.log);
  const promoted = await a.sh(promote, { PURSER_REGISTRY: address, PURSER_TOKEN: secret, BUILD: found.outputs.build });
  assert.equal(promoted.status, 0, promoted.log);
  assert.match(promoted.log, /prod/);
});
