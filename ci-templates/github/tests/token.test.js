"use strict";
// A push with an identity token of GitHub's. The registry here takes the token that the test's own issuer gives out.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { job, fetched, registry, serve, server } = require("./job.js");

const options = { skip: server ? false : "there is no built purser-registry" };

/** A registry and an issuer of tokens for it. */
async function surroundings(t) {
  const a = await job(t);
  const { address, secret } = await registry(t, a, "read,publish");
  const asked = [];
  const issuer = await serve(t, (request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    response.end(JSON.stringify({ value: secret }));
  });
  const may = { ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer}/token?v=2`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "ask-77" };
  return { a, registry: address, asked, secret, may };
}

const seen = ["/token?v=2&audience=acme Bearer ask-77"];

test("a session pushes in its post step with a token that it asks for then", options, async (t) => {
  const { a, registry, asked, secret, may } = await surroundings(t);
  const main = await a.main({ registry, push: "true", "oidc-audience": "acme" }, may);
  assert.equal(main.status, 0, main.log);
  await a.sh(fetched("demo"));
  assert.deepEqual(asked, []);
  const post = await a.post();
  assert.equal(post.status, 0, post.log);
  assert.match(post.log, /purser: pushed build /);
  assert.deepEqual(asked, seen);
  assert.ok(a.masks.includes(secret) && !post.log.includes(secret));
});

test("a command's papers are pushed the same way, and only where it went well", options, async (t) => {
  const { a, registry, asked, may } = await surroundings(t);
  const inputs = { registry, push: "true", "oidc-audience": "acme", mode: "enforce" };
  const bad = await a.main({ ...inputs, run: `${fetched("fresh")} || true` }, may);
  assert.equal(bad.status, 125, bad.log);
  assert.deepEqual(asked, []);
  const good = await a.main({ ...inputs, run: fetched("demo") }, may);
  assert.equal(good.status, 0, good.log);
  assert.match(good.log, /purser: pushed build /);
  assert.deepEqual(asked, seen);
});

test("a job that may have no token is told which permission it lacks", options, async (t) => {
  const { a, registry } = await surroundings(t);
  const main = await a.main({ registry, push: "true", "oidc-audience": "acme", run: fetched("demo") });
  assert.equal(main.status, 1, main.log);
  assert.match(main.errors.join(), /id-token: write/);
});
