// Logs our example client in to our protected example server, whose executables are given, at an
// authorization server that other people wrote: with a code and PKCE, in what stands for a browser.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { startLogins } from "./logins.mjs";
import { serve } from "./serving.mjs";
import { Tally } from "./tally.mjs";

const [protectedServer, client] = process.argv.slice(2);
if (!client) {
  console.error("usage: login.mjs PROTECTED LOGIN");
  process.exit(2);
}

const tally = new Tally();
const check = (title, body) => tally.check("login", title, body);
const issuer = await startLogins();
const address = await unused();
const url = `http://${address}/mcp`;
const server = await serve(protectedServer, [issuer.url, url], { PROTECTED_ADDRESS: address });
const folder = await mkdtemp(join(tmpdir(), "login-"));

await check("registers, logs a user in and calls as that user", async () => {
  const { said, pages } = await run("whoami");
  assert.match(said, /^place_order: /m);
  assert.match(said, /^ann, who may: orders:read orders:write$/m);
  assert.equal(pages, 1);
  assert.deepEqual(issuer.granted(), ["authorization_code"]);
  assert.equal(issuer.registered(), 1);
});

await check("goes on with what was kept", async () => {
  const { said, pages } = await run("whoami");
  assert.match(said, /^ann, /m);
  assert.equal(pages, 0);
  assert.deepEqual(issuer.granted(), []);
});

await check("renews a token that ended, without the user", async () => {
  await change((kept) => ("ends" in kept ? { ...kept, ends: 1 } : kept));
  const { said, pages } = await run("whoami");
  assert.match(said, /^ann, /m);
  assert.equal(pages, 0);
  assert.deepEqual(issuer.granted(), ["refresh_token"]);
});

await check("asks the user again when the refresh token counts no more", async () => {
  await change((kept) => ("ends" in kept ? { ...kept, ends: 1, refresh: "unknown" } : kept));
  const { said, pages } = await run("whoami");
  assert.match(said, /^ann, /m);
  assert.equal(pages, 1);
  // It comes back to another port than before.
  assert.equal(issuer.registered(), 1);
});

await check("asks for more when a call needs what the user left out", async () => {
  await rm(folder, { recursive: true });
  issuer.allow(["orders:read"], ["orders:read", "orders:write"]);
  const { said, pages } = await run("place_order");
  assert.equal(pages, 2);
  // It got as far as the tool, which misses its argument.
  assert.match(said, /article/);
});

await check("takes no for an answer", async () => {
  await rm(folder, { recursive: true });
  issuer.allow(null);
  const { errors, pages } = await run("whoami", 1);
  assert.equal(pages, 1);
  assert.match(errors, /access_denied/);
});

await server.stop();
await rm(folder, { recursive: true, force: true });
issuer.close();
process.exit(tally.close());

/** Runs the client, which has to exit with this code, and visits every page that it shows. */
async function run(tool, expected = 0) {
  const child = spawn(client, ["--show", url, tool], {
    env: { ...process.env, LOGIN_CREDENTIALS: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const result = { said: "", errors: "", pages: 0 };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    result.said += text;
  });
  createInterface({ input: child.stderr }).on("line", (line) => {
    result.errors += `${line}\n`;
    const page = line.match(/^Log in at (\S+)$/)?.[1];
    if (page) {
      result.pages += 1;
      visit(page).catch((error) => {
        result.errors += `${error.stack}\n`;
        child.kill();
      });
    }
  });
  const [code] = await once(child, "close");
  assert.equal(code, expected, result.errors);
  return result;
}

/** Follows a page to where it leads, as a browser does. */
async function visit(page) {
  const cookies = new Map();
  let next = page;
  for (let hops = 0; next && hops < 10; hops += 1) {
    const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
    const answer = await fetch(next, { headers: { cookie }, redirect: "manual" });
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = set.match(/^([^=]+)=([^;]*)/);
      cookies.set(name, value);
    }
    const location = answer.headers.get("location");
    assert.ok(location || answer.status === 200, `${next}: ${answer.status}`);
    next = location && new URL(location, next).href;
  }
}

/** Changes what the client keeps. */
async function change(edit) {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const entry = JSON.parse(await readFile(path, "utf8"));
    const credential = JSON.stringify(edit(JSON.parse(entry.credential)));
    await writeFile(path, JSON.stringify({ ...entry, credential }));
  }
}

/** An address at which nobody listens. */
async function unused() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return `127.0.0.1:${port}`;
}
