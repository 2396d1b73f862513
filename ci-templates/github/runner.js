"use strict";
// What GitHub's runner gives to a step and takes from it: inputs, files for later steps, commands in the log.

const { randomBytes } = require("node:crypto");
const fs = require("node:fs");
const os = require("node:os");
const { spawn } = require("node:child_process");

/** The value of an input; empty where the workflow gives none. */
function input(name, env = process.env) {
  return (env[`INPUT_${name.replaceAll(" ", "_").toUpperCase()}`] ?? "").trim();
}

/** One value in the form of the runner's files. No value can end itself: nobody can guess the mark. */
function entry(name, value) {
  const mark = `ghadelimiter_${randomBytes(16).toString("hex")}`;
  return `${name}<<${mark}\n${value}\n${mark}\n`;
}

/** The reverse: `NAME=value` and `NAME<<MARK … MARK`. */
function entries(text) {
  const values = {};
  const lines = text.split("\n");
  while (lines.length > 0) {
    const line = lines.shift();
    const equal = line.indexOf("=");
    const open = line.indexOf("<<");
    if (open >= 0 && (equal < 0 || open < equal)) {
      const end = lines.indexOf(line.slice(open + 2));
      values[line.slice(0, open)] = lines.splice(0, end < 0 ? lines.length : end + 1).slice(0, end < 0 ? undefined : -1).join("\n");
    } else if (equal > 0) {
      values[line.slice(0, equal)] = line.slice(equal + 1);
    }
  }
  return values;
}

function append(variable, text) {
  const path = process.env[variable];
  if (!path) throw new Error(`${variable} is not set: this runner has no way to tell later steps anything`);
  fs.appendFileSync(path, text);
}

const runner = {
  exportVariable: (name, value) => append("GITHUB_ENV", entry(name, value)),
  addPath: (folder) => append("GITHUB_PATH", `${folder}\n`),
  /** For this action's own post step; steps between cannot change it. */
  saveState: (name, value) => append("GITHUB_STATE", entry(name, value)),
  state: (name) => process.env[`STATE_${name}`] ?? "",
  /** What this step has written into one of its files so far. */
  given: (variable) => (process.env[variable] ? entries(fs.readFileSync(process.env[variable], "utf8")) : {}),
};

/** The text behind the second `::` of a command. */
function escaped(text) {
  return String(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** From now on the log shows *** in its place. */
function mask(secret) {
  if (secret) process.stdout.write(`::add-mask::${escaped(secret)}\n`);
}

/** Performs a step: its exit status is the action's. */
async function perform(step) {
  try {
    process.exitCode = await step();
  } catch (problem) {
    // The program annotates its own problems.
    process.stdout.write(problem.isTold ? `${problem.message}\n` : `::error title=Purser::${escaped(problem.message)}\n`);
    process.exitCode = problem.status || 1;
  }
}

/** Runs a program to its end and returns its exit status. A runner that cancels the job tells us only, so we tell it. */
function run(program, words, { env, folder, output = "inherit" } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { env, cwd: folder, stdio: ["ignore", output, "inherit"] });
    const forward = (signal) => child.kill(signal);
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) process.on(signal, forward);
    const done = () => signals.forEach((signal) => process.off(signal, forward));
    let text = "";
    child.stdout?.on("data", (bytes) => (text += bytes));
    child.on("error", (problem) => (done(), reject(problem)));
    child.on("close", (code, signal) => {
      done();
      resolve({ status: code ?? 128 + (os.constants.signals[signal] ?? 0), text });
    });
  });
}

module.exports = { ...runner, input, entry, entries, mask, perform, run };
