// The checks against the example `filesystem`, which serves one folder.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { progressDuring, rising } from "./received.mjs";

export async function filesystem(peer, check, root) {
  const { client, call } = peer;
  const at = (name) => join(root, name);
  const search = { name: "search_files", arguments: { path: root, pattern: "needle" } };
  await check("lists its tools", async () => {
    const names = (await client.listTools()).tools.map((tool) => tool.name);
    for (const name of ["read_file", "list_directory", "search_files", "write_file"]) {
      assert.ok(names.includes(name), `${name} is not among ${names}`);
    }
  });
  await check("reads a file", async () => {
    const text = await textOf(call({ name: "read_file", arguments: { path: at("hello.txt") } }));
    assert.match(text, /Hello, file\./);
  });
  await check("lists the folder", async () => {
    const text = await textOf(call({ name: "list_directory", arguments: { path: root } }));
    assert.match(text, /hello\.txt/);
    assert.match(text, /poem\.txt/);
  });
  await check("searches the files", async () => {
    const text = await textOf(call(search));
    assert.match(text, /poem\.txt/);
  });
  await check("reports progress while it searches", async () => {
    const progress = await progressDuring(peer, search);
    assert.ok(progress.length > 0);
    assert.ok(rising(progress), `${progress}`);
  });
  await check("writes a file", async () => {
    const path = at("new.txt");
    await textOf(call({ name: "write_file", arguments: { path, content: "fresh\n" } }));
    assert.equal(await readFile(path, "utf8"), "fresh\n");
  });
  await check("refuses a path outside the folder", async () => {
    const { isError } = await call({ name: "read_file", arguments: { path: `${root}/../outside.txt` } });
    assert.equal(isError, true);
  });
  await check("names the argument that is missing", async () => {
    const { content, isError } = await call({ name: "read_file", arguments: {} });
    assert.equal(isError, true);
    assert.match(content[0].text, /path/);
  });
  await check("reads a file as a resource", async () => {
    const uri = pathToFileURL(at("hello.txt")).href;
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
