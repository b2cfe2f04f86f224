// The checks against the example `filesystem`, which serves one folder.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { progressDuring, rising } from "./received.mjs";

export async function filesystem(peer, check, root) {
  const { client, call } = peer;
  await check("lists its tools", async () => {
    const names = (await client.listTools()).tools.map((tool) => tool.name);
    for (const name of ["read", "list", "search", "write"]) {
      assert.ok(names.includes(name), `${name} is not among ${names}`);
    }
  });
  await check("reads a file", async () => {
    const text = await textOf(call({ name: "read", arguments: { path: "hello.txt" } }));
    assert.match(text, /Hello, file\./);
  });
  await check("lists the folder", async () => {
    const text = await textOf(call({ name: "list", arguments: { path: "." } }));
    assert.match(text, /hello\.txt/);
    assert.match(text, /poem\.txt/);
  });
  await check("searches the files", async () => {
    const text = await textOf(call({ name: "search", arguments: { pattern: "needle" } }));
    assert.match(text, /poem\.txt/);
  });
  await check("reports progress while it searches", async () => {
    const progress = await progressDuring(peer, {
      name: "search",
      arguments: { pattern: "needle" },
    });
    assert.ok(progress.length > 0);
    assert.ok(rising(progress), `${progress}`);
  });
  await check("writes a file", async () => {
    await textOf(call({ name: "write", arguments: { path: "new.txt", content: "fresh\n" } }));
    assert.equal(await readFile(join(root, "new.txt"), "utf8"), "fresh\n");
  });
  await check("refuses a path outside the folder", async () => {
    const { isError } = await call({ name: "read", arguments: { path: "../outside.txt" } });
    assert.equal(isError, true);
  });
  await check("names the argument that is missing", async () => {
    const { content, isError } = await call({ name: "read", arguments: {} });
    assert.equal(isError, true);
    assert.match(content[0].text, /path/);
  });
  await check("reads a file as a resource", async () => {
    const uri = pathToFileURL(join(root, "hello.txt")).href;
    const { contents } = await client.readResource({ uri });
    assert.equal(contents[0].text, "Hello, file.\n");
  });
}

/** The text of a call's result, which must not be an error. */
async function textOf(answer) {
  const { content, isError } = await answer;
  const text = content.map((block) => block.text ?? "").join("\n");
  assert.ok(!isError, text);
  return text;
}
