"use strict";
// What the action's files say, and the forms in which it speaks with the runner.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const fs = require("node:fs");
const path = require("node:path");
const { defaults, top } = require("./job.js");
const { entry, entries, input } = require("../runner.js");
const { OPTIONS } = require("../session.js");

const text = (name) => fs.readFileSync(path.join(top, name), "utf8");
const actions = ["action.yml", "ci-templates/github/finish/action.yml"];

test("every option of the agent is an input under its own name", () => {
  const options = [...text("docs/configuration.md").matchAll(/^\| `--([a-z-]+)` \|/gm)].map(([, name]) => name);
  assert.ok(options.length > 20);
  assert.deepEqual(options.filter((name) => name !== "signing-key").sort(), [...OPTIONS].sort());
  const inputs = Object.keys(defaults(path.join(top, "action.yml")));
  assert.deepEqual(OPTIONS.filter((name) => !inputs.includes(name)), []);
  for (const name of ["run", "binary", "binary-digest", "version", "oidc-audience", "signing-key-env", "summary"]) assert.ok(inputs.includes(name), name);
});

test("both actions have the same outputs, and their scripts are there", () => {
  const outputs = (name) => [.../^outputs:\n((?: .*\n)+)/m.exec(text(name))[1].matchAll(/^ {2}([a-z-]+):/gm)].map(([, word]) => word);
  for (const name of actions) {
    assert.deepEqual(outputs(name), ["manifest", "manifest-digest", "statement", "denied-count", "warned-count", "gap-count"]);
    const scripts = [...text(name).matchAll(/^ {2}(?:main|post): (.*)$/gm)];
    assert.ok(scripts.length > 0);
    for (const [, script] of scripts) assert.ok(fs.existsSync(path.join(top, path.dirname(name), script)), script);
  }
  assert.match(text("action.yml"), /^ {2}post-if: always\(\)$/m);
});

test("the scripts need nothing but node", () => {
  const folder = path.join(top, "ci-templates/github");
  for (const name of fs.readdirSync(folder).filter((file) => file.endsWith(".js"))) {
    for (const [, module] of text(`ci-templates/github/${name}`).matchAll(/require\("([^"]+)"\)/g)) {
      assert.ok(module.startsWith("node:") || fs.existsSync(path.join(folder, module)), `${name} needs ${module}`);
    }
  }
});

test("a value of several lines comes through the runner's files, whatever it holds", () => {
  const values = { A: "1\n2", B: "x=y<<EOF\nC<<z", C: "", D: "a<<b" };
  const file = Object.entries(values).map(([name, value]) => entry(name, value)).join("");
  assert.deepEqual(entries(file), values);
  assert.deepEqual(entries("A=1\nB=<<2\nC=\n"), { A: "1", B: "<<2", C: "" });
  assert.deepEqual(entries("A<<x\nnever ends"), { A: "never ends" });
  assert.notEqual(entry("A", "1"), entry("A", "1"));
});

test("an input is read as the runner writes it", () => {
  assert.equal(input("binary-digest", { "INPUT_BINARY-DIGEST": " ab \n" }), "ab");
  assert.equal(input("mode", {}), "");
});
