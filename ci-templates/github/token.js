"use strict";
// For registries that take GitHub's own identity tokens. Such a token lives for minutes: it is asked for at the push.

const { input, mask, run } = require("./runner.js");
const { get } = require("./transfer.js");

/** True where the push waits for a token of GitHub's, so that the agent shall not push by itself. */
function isWanted(env) {
  const isPush = /^(true|yes|on|1)$/i.test(env.PURSER_PUSH ?? "");
  return isPush && input("oidc-audience") !== "" && !env.PURSER_TOKEN && !env.PURSER_TOKEN_FILE;
}

async function ask(env) {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: address, ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret } = env;
  if (!address || !secret) {
    throw new Error("oidc-audience is set, but the job may have no identity token: add 'permissions: { id-token: write }' to it");
  }
  const url = new URL(address);
  url.searchParams.set("audience", input("oidc-audience"));
  const headers = { authorization: `Bearer ${secret}`, accept: "application/json" };
  const { value } = JSON.parse(await get(url.href, { headers, limit: 1 << 20, env }));
  if (!value) throw new Error("GitHub gave no identity token");
  mask(value);
  return value;
}

/** Pushes what a session left; returns the exit status. */
async function push(program, manifest, env, folder) {
  const { status } = await run(program, ["push", manifest], { env: { ...env, PURSER_TOKEN: await ask(env) }, folder });
  return status;
}

module.exports = { isWanted, push };
