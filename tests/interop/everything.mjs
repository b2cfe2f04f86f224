// The checks against the example `everything`: what it offers and how it behaves.

import assert from "node:assert/strict";
import { asks } from "./asks.mjs";
import { handshakeEra, statelessEra } from "./eras.mjs";
import { progressDuring, rising } from "./received.mjs";

/** The tools that need nothing from the client, and the content blocks each returns. */
const PLAIN = [
  ["test_simple_text", ["text"]],
  ["test_image_content", ["image"]],
  ["test_audio_content", ["audio"]],
  ["test_embedded_resource", ["resource"]],
  ["test_multiple_content_types", ["text", "image", "resource"]],
  ["test_missing_capability", ["text"]],
];

/** The resources that are listed, and the media type of each. */
const RESOURCES = [
  ["test://static-text", "text/plain", "text"],
  ["test://static-binary", "image/png", "blob"],
];

export async function everything(peer, check) {
  await greeting(peer, check);
  await tools(peer, check);
  await argumentsOf(peer, check);
  await failures(peer, check);
  await resources(peer, check);
  await prompts(peer, check);
  await liveCalls(peer, check);
  await asks(peer, check);
  await (peer.modern ? statelessEra(peer, check) : handshakeEra(peer, check));
  await check("every listed tool was called", async () => {
    const listed = (await peer.client.listTools()).tools.map((tool) => tool.name);
    assert.deepEqual(listed.filter((name) => !peer.called.has(name)), []);
  });
}

async function greeting({ client, negotiated, expectedVersion }, check) {
  await check("agrees on the revision", () => {
    assert.equal(negotiated(), expectedVersion);
  });
  await check("introduces itself", () => {
    const server = client.getServerVersion();
    assert.ok(server?.name && server?.version, JSON.stringify(server));
  });
  await check("declares what it serves", () => {
    const capabilities = client.getServerCapabilities();
    for (const name of ["tools", "resources", "prompts", "completions"]) {
      assert.ok(capabilities[name], `no ${name} in ${JSON.stringify(capabilities)}`);
    }
  });
}

async function tools({ client, call }, check) {
  await check("lists every tool, described and with an object schema", async () => {
    const { tools } = await client.listTools();
    const names = tools.map((tool) => tool.name);
    assert.equal(new Set(names).size, names.length);
    for (const name of [...PLAIN.map(([name]) => name), "test_tool_with_progress", "slow"]) {
      assert.ok(names.includes(name), `${name} is not among ${names}`);
    }
    for (const tool of tools) {
      assert.ok(tool.description, tool.name);
      assert.equal(tool.inputSchema.type, "object", tool.name);
    }
  });
  await check("lists the tools in the same order each time", async () => {
    const [one, two] = [await client.listTools(), await client.listTools()];
    assert.deepEqual(
      one.tools.map((tool) => tool.name),
      two.tools.map((tool) => tool.name),
    );
  });
  for (const [name, types] of PLAIN) {
    await check(`calls ${name}`, async () => {
      const { content, isError } = await call({ name });
      assert.ok(!isError, JSON.stringify(content));
      for (const type of types) {
        assert.ok(content.some((block) => block.type === type), JSON.stringify(content));
      }
      assert.ok(content.every(whole), JSON.stringify(content));
    });
  }
}

/** Whether a content block carries what its type promises. */
function whole(block) {
  switch (block.type) {
    case "text":
      return block.text.length > 0;
    case "image":
      return block.mimeType === "image/png" && block.data.length > 0;
    case "audio":
      return block.mimeType === "audio/wav" && block.data.length > 0;
    case "resource":
      return block.resource.uri.startsWith("test://") && block.resource.text.length > 0;
    default:
      return false;
  }
}

async function argumentsOf({ call }, check) {
  await check("returns text beyond ASCII unchanged", async () => {
    const text = "žluťoučký 🐎\n";
    const { content } = await call({ name: "echo", arguments: { message: text } });
    assert.equal(content[0].text, text);
  });
  await check("takes an argument that is a header too", async () => {
    const value = " höher ";
    const { content } = await call({ name: "test_custom_header", arguments: { value } });
    assert.equal(content[0].text, value);
  });
  await check("returns what its output schema promises", async () => {
    const from = { name: "Lisbon", latitude: 38.7, longitude: -9.1 };
    const to = { name: "Tallinn", latitude: 59.4, longitude: 24.7 };
    const { structuredContent } = await call({ name: "plan_trip", arguments: { from, to } });
    assert.deepEqual(structuredContent.stops, ["Lisbon", "Tallinn"]);
  });
  await check("takes what a schema written by hand asks for", async () => {
    const { isError } = await call({
      name: "json_schema_2020_12_tool",
      arguments: { contactMethod: "phone", phone: "112" },
    });
    assert.ok(!isError);
  });
}

async function failures({ client, call, modern, received }, check) {
  await check("a tool's own failure is a result that the model can read", async () => {
    const { content, isError } = await call({ name: "test_error_handling" });
    assert.equal(isError, true);
    assert.ok(content[0].text.length > 0);
  });
  await check("an unknown tool is an error of the protocol", () =>
    assert.rejects(call({ name: "no_such_tool" }), { code: -32602 }));
  await check("an unknown resource is an error of the protocol", async () => {
    await assert.rejects(client.readResource({ uri: "test://nonexistent" }));
    // Judged as it came over the pipe: one of the clients renames the older era's code.
    const { error } = received.findLast((message) => message.error);
    assert.equal(error.code, modern ? -32602 : -32002);
  });
  await check("an unknown prompt is an error of the protocol", () =>
    assert.rejects(client.getPrompt({ name: "no_such_prompt" }), { code: -32602 }));
  await check("a missing prompt argument is an error of the protocol", () =>
    assert.rejects(client.getPrompt({ name: "test_prompt_with_arguments", arguments: {} }), {
      code: -32602,
    }));
}

async function resources({ client }, check) {
  await check("lists the resources", async () => {
    const uris = (await client.listResources()).resources.map((resource) => resource.uri);
    for (const [uri] of RESOURCES) {
      assert.ok(uris.includes(uri), `${uri} is not among ${uris}`);
    }
  });
  for (const [uri, mimeType, field] of RESOURCES) {
    await check(`reads ${uri}`, async () => {
      const { contents } = await client.readResource({ uri });
      assert.equal(contents[0].uri, uri);
      assert.equal(contents[0].mimeType, mimeType);
      assert.ok(contents[0][field].length > 0);
    });
  }
  await check("lists the resource template", async () => {
    const { resourceTemplates } = await client.listResourceTemplates();
    const templates = resourceTemplates.map((template) => template.uriTemplate);
    assert.ok(templates.includes("test://template/{id}/data"), `${templates}`);
  });
  await check("reads through the template", async () => {
    const { contents } = await client.readResource({ uri: "test://template/123/data" });
    assert.equal(contents[0].mimeType, "application/json");
    assert.match(contents[0].text, /123/);
  });
}

async function prompts({ client }, check) {
  await check("lists the prompts, each described", async () => {
    const { prompts } = await client.listPrompts();
    const names = prompts.map((prompt) => prompt.name);
    for (const name of ["test_simple_prompt", "test_prompt_with_arguments"]) {
      assert.ok(names.includes(name), `${name} is not among ${names}`);
    }
    assert.ok(prompts.every((prompt) => prompt.description));
  });
  await check("gets a prompt without arguments", async () => {
    const { messages } = await client.getPrompt({ name: "test_simple_prompt" });
    assert.equal(messages[0].content.type, "text");
  });
  await check("gets a prompt with arguments", async () => {
    const { messages } = await client.getPrompt({
      name: "test_prompt_with_arguments",
      arguments: { arg1: "swallow", arg2: "coconut" },
    });
    assert.match(messages[0].content.text, /swallow/);
    assert.match(messages[0].content.text, /coconut/);
  });
  await check("gets a prompt with an embedded resource", async () => {
    const { messages } = await client.getPrompt({
      name: "test_prompt_with_embedded_resource",
      arguments: { resourceUri: "test://static-text" },
    });
    const embedded = messages.find((message) => message.content.type === "resource");
    assert.equal(embedded.content.resource.uri, "test://static-text");
  });
  await check("gets a prompt with an image", async () => {
    const { messages } = await client.getPrompt({ name: "test_prompt_with_image" });
    assert.ok(messages.some((message) => message.content.type === "image"));
  });
  await check("completes a prompt's argument", async () => {
    const { completion } = await client.complete({
      ref: { type: "ref/prompt", name: "test_prompt_with_arguments" },
      argument: { name: "arg1", value: "test" },
    });
    assert.ok(Array.isArray(completion.values));
  });
}

async function liveCalls(peer, check) {
  const { client, call } = peer;
  await check("reports progress that rises", async () => {
    const progress = await progressDuring(peer, { name: "test_tool_with_progress" });
    assert.ok(progress.length >= 3, `${progress}`);
    assert.ok(rising(progress), `${progress}`);
  });
  await check("answers fifty reads at once, each with its own", async () => {
    const ids = Array.from({ length: 50 }, (_, index) => 1000 + index);
    const texts = await Promise.all(
      ids.map(async (id) => {
        const read = await client.readResource({ uri: `test://template/${id}/data` });
        return read.contents[0].text;
      }),
    );
    ids.forEach((id, index) => assert.ok(texts[index].includes(`${id}`), texts[index]));
  });
  await check("comes back for an answer where its stream is closed before", async () => {
    const { content } = await call({ name: "test_reconnection" });
    assert.equal(content[0].text, "Worked without a connection.");
  });
  await check("gives up a cancelled call, and its handler learns of it", async () => {
    const before = await givenUp(call);
    const controller = new AbortController();
    const abandoned = call({ name: "slow" }, { signal: controller.signal });
    await call({ name: "test_simple_text" });
    controller.abort("enough");
    await assert.rejects(abandoned);
    while ((await givenUp(call)) === before);
  });
}

/** How many calls of the tool `slow` ended before they were done. */
async function givenUp(call) {
  const { content } = await call({ name: "slow_calls_given_up" });
  return Number(content[0].text);
}
