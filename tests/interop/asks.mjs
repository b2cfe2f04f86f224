// The tools that ask their client something while they run, written once for both eras.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

const ASKS = JSON.parse(await readFile(new URL("asks.json", import.meta.url), "utf8"));

/** Calls every tool that asks, and the prompt that does, and sees what was asked and made of it. */
export async function asks({ client, call, asked }, check) {
  for (const { name, arguments: args, asks, answer } of ASKS.tools) {
    await check(`answers what ${name} asks`, async () => {
      const start = asked.length;
      const { content, isError } = await call({ name, arguments: args });
      assert.ok(!isError, JSON.stringify(content));
      assert.deepEqual(asked.slice(start).sort(), asks);
      assert.match(content[0].text, new RegExp(answer));
    });
  }
  for (const { name, asks, answer } of ASKS.prompts) {
    await check(`answers what the prompt ${name} asks`, async () => {
      const start = asked.length;
      const { messages } = await client.getPrompt({ name });
      assert.deepEqual(asked.slice(start).sort(), asks);
      assert.match(messages[0].content.text, new RegExp(answer));
    });
  }
}
