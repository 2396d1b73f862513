"use strict";
// What the action's steps do: start a session, run one command in a session, finish a session.

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { input, mask, run, state, saveState, addPath, exportVariable, given } = require("./runner.js");
const { find, verify, checkRuns } = require("./program.js");
const token = require("./token.js");

// The options of `purser start`; each is an input and a variable. What is empty here, purser.yml or the default says.
const OPTIONS = [
  "policy", "policy-trust", "mode", "as-of", "registry", "push", "token-file", "artifact", "manifest", "report", "locked", "offline",
  "cache", "max-duration", "intercept", "isolation", "reach", "expect", "origin", "upstream", "tunnel", "webhook", "pass-env",
];

/** Without what only the action itself shall have: its inputs, and the runner's tokens that other steps do not get. */
function own(env = process.env) {
  const isOurs = (name) => /^(INPUT_|STATE_|ACTIONS_RUNTIME_|ACTIONS_RESULTS_URL$|ACTIONS_CACHE_|PURSER_ACTION_)/.test(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isOurs(name)));
}

/** The agent's surroundings: inputs travel as variables, never as text of a script. */
function settings() {
  const env = own();
  for (const name of OPTIONS) {
    const value = input(name);
    if (value) env[`PURSER_${name.toUpperCase().replaceAll("-", "_")}`] = value;
  }
  if (input("token")) env.PURSER_TOKEN = input("token");
  const key = input("signing-key-env");
  if (key && key !== "PURSER_SIGNING_KEY" && env[key]) {
    env.PURSER_SIGNING_KEY = env[key];
    delete env[key];
  }
  for (const name of ["PURSER_TOKEN", "PURSER_SIGNING_KEY", "PURSER_WEBHOOK_SECRET"]) {
    // Line by line, since a key has several; its first and last line are no secret.
    if (env[name]) env[name].split(/\r?\n/).filter((line) => line.length > 3 && !line.startsWith("-----")).forEach(mask);
    else delete env[name];
  }
  return env;
}

function summary() {
  const word = input("summary") || "all";
  if (!["all", "problems", "none"].includes(word)) throw new Error(`summary is '${word}', which is none of all, problems, none`);
  return word;
}

/** Leaves what the agent adds to the step's summary there always, when something is wrong, or never. */
async function withSummary(work) {
  const wanted = summary();
  const file = process.env.GITHUB_STEP_SUMMARY;
  const size = () => (file && fs.existsSync(file) ? fs.statSync(file).size : 0);
  const before = size();
  const ended = await work();
  if (wanted === "all" || (wanted === "problems" && ended.status !== 0) || size() === before) return ended;
  // The agent's page comes last, behind what the command may have written there.
  const page = fs.readFileSync(file).lastIndexOf("### Purser: ");
  if (page >= before) fs.truncateSync(file, page);
  return ended;
}

/** `purser` for the steps, under that name whatever the file's name is. */
function offer(file) {
  const folder = fs.mkdtempSync(path.join(process.env.RUNNER_TEMP || os.tmpdir(), "purser-action-"));
  fs.symlinkSync(file, path.join(folder, "purser"));
  addPath(folder);
}

/** Later steps fetch nothing past a session that did not come up, also where the workflow lets this step fail. */
function closeDoors() {
  for (const name of ["http_proxy", "https_proxy", "all_proxy"]) {
    for (const variable of [name, name.toUpperCase()]) exportVariable(variable, "http://no-purser-session.invalid:9");
  }
  for (const variable of ["no_proxy", "NO_PROXY"]) exportVariable(variable, "");
}

async function start(program, folder) {
  const env = settings();
  const pushes = token.isWanted(env);
  const { status } = await run(program, ["start", "--format", "github", ...(pushes ? ["--no-push"] : [])], { env, folder });
  if (status !== 0) throw Object.assign(new Error("the session was not started"), { status, isTold: status < 125 });
  saveState("session", given("GITHUB_ENV").PURSER_SESSION ?? "");
  saveState("pushes", String(pushes));
  if (!["", "none"].includes(input("isolation"))) {
    console.log("Steps are inside the session's isolation only with this in the job (steps with 'uses:' never are):");
    console.log("  defaults: { run: { shell: 'purser exec -- bash --noprofile --norc -eo pipefail {0}' } }");
  }
}

/** Runs the text of `run` as GitHub runs a step's: by bash where there is one, else by sh. */
async function command(program, folder) {
  const env = settings();
  delete env.GITHUB_STATE;
  const hasBash = (env.PATH ?? "").split(":").some((place) => fs.existsSync(path.join(place, "bash")));
  const shell = hasBash ? ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"] : ["sh", "-e", "-c"];
  const pushes = token.isWanted(env);
  const words = ["run", ...(pushes ? ["--no-push"] : []), "--", ...shell, input("run")];
  const { status } = await withSummary(() => run(program, words, { env, folder }));
  // The last word counts: nothing that the command may have written there leads the post step elsewhere.
  saveState("kind", "run");
  return status === 0 && pushes ? token.push(program, given("GITHUB_OUTPUT").manifest, env, folder) : status;
}

/** The action's main step. */
async function main() {
  const isSession = !input("run");
  try {
    saveState("kind", isSession ? "session" : "run");
    summary();
    const folder = path.resolve(input("working-directory") || ".");
    saveState("folder", folder);
    const program = await find({ binary: input("binary"), version: input("version"), digest: input("binary-digest") });
    const version = await checkRuns(program.file, input("version"), own());
    console.log(`purser ${version} at ${program.file}, SHA-256 ${program.digest}`);
    saveState("program", program.file);
    saveState("digest", program.digest);
    offer(program.file);
    if (!isSession) return await command(program.file, folder);
    await start(program.file, folder);
    return 0;
  } catch (problem) {
    if (isSession) closeDoors();
    throw problem;
  }
}

async function close(program, session, folder) {
  const words = ["finish", ...(session ? ["--session", session] : [])];
  const status = input("job-status");
  if (status) words.push("--job-status", status);
  return (await withSummary(() => run(program, words, { env: own(), folder }))).status;
}

/** The action's post step: by the same bytes that started the session, whatever steps did to files and PATH. */
async function post() {
  if (state("kind") === "run") return 0;
  if (!state("session")) throw new Error("the session was not started, so that nothing of this job was covered");
  const [program, folder] = [state("program"), state("folder")];
  await verify(program, state("digest"));
  const status = await close(program, state("session"), folder);
  if (status !== 0 || state("pushes") !== "true") return status;
  // The session is over; what `finish` gave back leads out of here again.
  return token.push(program, given("GITHUB_OUTPUT").manifest, { ...settings(), ...given("GITHUB_ENV") }, folder);
}

/** The sub-action's step, for those who need the result before later steps. */
async function finish() {
  const program = await find({ binary: input("binary"), version: "", digest: input("binary-digest") });
  const folder = path.resolve(input("working-directory") || ".");
  return close(program.file, process.env.PURSER_SESSION, folder);
}

module.exports = { main, post, finish, OPTIONS };
