// Runs every client against the two example servers whose executables are given.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CLIENTS, connect } from "./clients.mjs";
import { everything } from "./everything.mjs";
import { filesystem } from "./filesystem.mjs";
import { lateProgress, serious } from "./received.mjs";
import { serve } from "./serving.mjs";
import { Tally } from "./tally.mjs";

/** After so long without an end of their own, the clients kill the server, in milliseconds. */
const KILLED = 1_900;

const [everythingServer, filesystemServer] = process.argv.slice(2);
if (!filesystemServer) {
  console.error("usage: run.mjs EVERYTHING FILESYSTEM");
  process.exit(2);
}

const tally = new Tally();
for (const who of CLIENTS) {
  await session(who, "everything", { command: everythingServer, args: [] }, everything);
  const { around, root } = await folder();
  await session(who, "filesystem", { command: filesystemServer, args: [root] }, (peer, check) =>
    filesystem(peer, check, root),
  );
  await rm(around, { recursive: true });
}
await overHttp();
process.exit(tally.close());

/** All clients against one server, which answers whoever comes and leaves when it is told. */
async function overHttp() {
  let server;
  await tally.check("everything over HTTP", "listens", async () => {
    server = await serve(everythingServer);
  });
  if (!server) {
    return;
  }
  const { url, stop } = server;
  for (const who of CLIENTS) {
    await session(who, "everything over HTTP", { url }, everything);
  }
  for (const who of CLIENTS.filter(({ httpSse }) => httpSse)) {
    await session(who, "everything over HTTP+SSE", { sse: new URL("/sse", url) }, everything);
  }
  await tally.check("everything over HTTP", "leaves when it is told", async () => {
    const { code, took } = await stop();
    assert.equal(code, 0);
    assert.ok(took < KILLED, `${took} ms`);
  });
}

/** Connects, runs the checks and ends; a connection that fails is one failed check. */
async function session(who, name, target, checks) {
  const group = `${name}, ${who.label}`;
  const check = (title, body) => tally.check(group, title, async () => body());
  const before = tally.passed;
  let peer;
  await check("connects", async () => {
    peer = await connect(who, target);
  });
  if (!peer) {
    return;
  }
  await checks(peer, check);
  await check("ends without delay, and the program with it", async () => {
    const took = await peer.close();
    assert.ok(took < KILLED, `${took} ms`);
  });
  await check("sent nothing that the client could not place", () => {
    assert.deepEqual(peer.complaints.filter(serious), []);
  });
  await check("sent no progress after the answer", () => {
    assert.deepEqual(lateProgress(peer.received), []);
  });
  console.log(`${group}: ${tally.passed - before} passed`);
}

/** A folder with a few files to serve, within one that holds a file to keep out of reach. */
async function folder() {
  const around = await mkdtemp(join(tmpdir(), "toolwright-"));
  const root = join(around, "served");
  await mkdir(root);
  await writeFile(join(around, "outside.txt"), "out of reach\n");
  await writeFile(join(root, "hello.txt"), "Hello, file.\n");
  await writeFile(join(root, "poem.txt"), "one needle\nin the hay\n");
  for (let index = 0; index < 40; index += 1) {
    await writeFile(join(root, `hay-${index}.txt`), "hay\n");
  }
  return { around, root };
}
