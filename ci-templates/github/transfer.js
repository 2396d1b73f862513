"use strict";
// Fetches a file over HTTP(S), through the network's proxy where its variables name one. Node's own fetch knows none.

const http = require("node:http");
const https = require("node:https");

const IDLE = 30_000;
const REDIRECTS = 5;

/** True where `no_proxy` has the host: `*`, `host`, `.domain`, `domain`, each with or without a port. */
function isDirect(url, env) {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  return (env.no_proxy || env.NO_PROXY || "").toLowerCase().split(/[\s,]+/).filter(Boolean).some((rule) => {
    if (rule === "*") return true;
    if (rule.includes("::")) return host === rule.replace(/^\[|\]$/g, "");
    const [, name, only] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(rule);
    if (only && only !== port) return false;
    return host === name || host.endsWith(`.${name}`);
  });
}

/** The proxy for an address; null where there is none. */
function proxyFor(url, env = process.env) {
  if (isDirect(url, env)) return null;
  const name = url.protocol === "https:" ? "https_proxy" : "http_proxy";
  const text = env[name] || env[name.toUpperCase()] || env.all_proxy || env.ALL_PROXY;
  if (!text) return null;
  const proxy = new URL(text.includes("://") ? text : `http://${text}`);
  if (!["http:", "https:"].includes(proxy.protocol)) throw new Error(`${name} names a ${proxy.protocol} proxy; http and https are known`);
  return proxy;
}

function authorization(proxy) {
  if (!proxy.username) return {};
  const words = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(words).toString("base64")}` };
}

function endpoint(url) {
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port || (url.protocol === "https:" ? 443 : 80),
  };
}

/** A connection through the proxy to the address. */
function tunnel(url, proxy) {
  return new Promise((resolve, reject) => {
    const { port } = endpoint(url);
    const target = `${url.hostname}:${port}`;
    const headers = { host: target, ...authorization(proxy) };
    const call = (proxy.protocol === "https:" ? https : http).request({
      ...endpoint(proxy), method: "CONNECT", path: target, headers, agent: false, timeout: IDLE,
    });
    call.on("connect", (answer, socket) => {
      if (answer.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy ${proxy.host} answers ${answer.statusCode} for ${target}`));
    });
    call.on("timeout", () => call.destroy(new Error(`the proxy ${proxy.host} does not answer`)));
    call.on("error", reject);
    call.end();
  });
}

/** One request; resolves with the answer's head and body. */
async function request(url, { headers, limit, env }) {
  const proxy = proxyFor(url, env);
  const options = { ...endpoint(url), path: url.pathname + url.search, headers: { ...headers }, agent: false, timeout: IDLE };
  if (proxy && url.protocol === "https:") {
    options.socket = await tunnel(url, proxy);
    options.servername = options.host;
  } else if (proxy) {
    Object.assign(options, endpoint(proxy), { path: url.href });
    Object.assign(options.headers, { host: url.host }, authorization(proxy));
  }
  const isSecure = proxy && url.protocol === "http:" ? proxy.protocol === "https:" : url.protocol === "https:";
  return new Promise((resolve, reject) => {
    const call = (isSecure ? https : http).get(options, (answer) => {
      const parts = [];
      let size = 0;
      answer.on("data", (part) => {
        parts.push(part);
        size += part.length;
        if (size <= limit) return;
        reject(Object.assign(new Error(`${url.origin} sends more than ${limit} bytes`), { isFinal: true }));
        call.destroy();
      });
      answer.on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
    });
    call.on("timeout", () => call.destroy(new Error(`${url.origin} does not answer`)));
    call.on("error", reject);
  });
}

/** The body at an address, after redirects. Never from https to http. Headers go to the first host alone. */
async function follow(address, options) {
  let url = new URL(address);
  let { headers } = options;
  for (let hop = 0; hop <= REDIRECTS; hop += 1) {
    const answer = await request(url, { ...options, headers });
    if (![301, 302, 303, 307, 308].includes(answer.status)) {
      if (answer.status === 200) return answer.body;
      throw Object.assign(new Error(`${url.origin}${url.pathname} answers ${answer.status}`), { isFinal: answer.status < 500 });
    }
    const next = new URL(answer.headers.location ?? "", url);
    if (!["https:", url.protocol].includes(next.protocol)) {
      throw Object.assign(new Error(`${url.origin} leads to ${next.protocol}`), { isFinal: true });
    }
    if (next.origin !== url.origin) headers = {};
    url = next;
  }
  throw Object.assign(new Error(`${address} leads on and on`), { isFinal: true });
}

/** The same, asked again where the network or a server failed. */
async function get(address, { headers = {}, limit = 1 << 30, env = process.env, pause = 1_000, tries = 3 } = {}) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await follow(address, { headers: { "user-agent": "purser-action", ...headers }, limit, env });
    } catch (problem) {
      if (problem.isFinal || attempt >= tries) throw problem;
      await new Promise((resolve) => setTimeout(resolve, pause * attempt));
    }
  }
}

module.exports = { get, proxyFor };
