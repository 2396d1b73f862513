"use strict";
// A push with an identity token of GitHub's: the test's own issuer signs what the registry here is told to take.

const assert = require("node:assert/strict");
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");
const { job, fetched, registry, serve, server } = require("./job.js");

const options = { skip: server ? false : "there is no built purser-registry" };

const part = (value) => Buffer.from(value).toString("base64url");

/** A registry and an issuer of tokens for it; `claims` take the place of what the issuer says of the job. */
async function surroundings(t, claims = {}) {
  const a = await job(t);
  const { address } = await registry(t, a, "read,publish");
  const { publicKey, privateKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
  const now = Math.floor(Date.now() / 1000);
  const said = { iss: "https://issuer.test", aud: "acme", sub: "repo:acme/demo:ref:refs/heads/main", repository: "acme/demo", ref: "refs/heads/main" };
  const message = `${part('{"alg":"RS256","kid":"one"}')}.${part(JSON.stringify({ ...said, iat: now, exp: now + 300, ...claims }))}`;
  const secret = `${message}.${crypto.sign("sha256", Buffer.from(message), privateKey).toString("base64url")}`;
  const data = path.join(a.folder, "registry");
  fs.writeFileSync(path.join(data, "keys.json"), JSON.stringify({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one" }] }));
  const grant = { claims: { repository: "acme/demo", ref: "refs/heads/main" }, scopes: ["read", "publish"], repositories: ["main"] };
  const known = { issuer: said.iss, audience: said.aud, keys: "keys.json", grants: [grant] };
  fs.writeFileSync(path.join(data, "issuers.json"), JSON.stringify({ issuers: [known] }));
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

test("a job of another branch may not push", options, async (t) => {
  const { a, registry, may } = await surroundings(t, { ref: "refs/heads/topic" });
  const main = await a.main({ registry, push: "true", "oidc-audience": "acme", run: fetched("demo") }, may);
  assert.notEqual(main.status, 0, main.log);
  assert.match(main.log, /the identity token is of a job that issuers.json grants nothing/);
});

test("a job that may have no token is told which permission it lacks", options, async (t) => {
  const { a, registry } = await surroundings(t);
  const main = await a.main({ registry, push: "true", "oidc-audience": "acme", run: fetched("demo") });
  assert.equal(main.status, 1, main.log);
  assert.match(main.errors.join(), /id-token: write/);
});
