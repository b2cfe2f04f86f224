// A small server on the TypeScript SDK, for our client: over standard input and output, or with an
// address such as 127.0.0.1:8001 over HTTP. `server.py` offers the same.

import { McpServer, ResourceTemplate, completable, inputRequired, inputResponse } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

import { serveHttp } from "./http.mjs";

const NAMES = ["Ada", "Alan", "Grace"];
const GREETED = z.object({ name: z.string(), age: z.int().default(30) });

/** How many calls of `wait` were given up by their callers, over all connections. */
let givenUp = 0;

const [address] = process.argv.slice(2);
if (address) {
  serveHttp(address, server);
} else {
  serveStdio(() => server());
}

/** A server for one connection, or for one request: then there are others to `notify`. */
function server(notify) {
  const peer = new McpServer(
    { name: "peer", version: "1.0.0" },
    {
      instructions: "Ask me anything.",
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        logging: {},
      },
    },
  );
  tools(peer, notify ?? announcing(peer));
  asks(peer);
  data(peer);
  peer.server.setRequestHandler("resources/subscribe", () => ({}));
  peer.server.setRequestHandler("resources/unsubscribe", () => ({}));
  return peer;
}

function tools(peer, notify) {
  peer.registerTool(
    "add",
    {
      description: "Adds two numbers.",
      inputSchema: z.object({ a: z.int(), b: z.int() }),
      outputSchema: z.object({ result: z.int() }),
    },
    ({ a, b }) => ({ content: [text(`${a + b}`)], structuredContent: { result: a + b } }),
  );
  peer.registerTool("fail", { description: "Fails." }, () => {
    throw new Error("as asked");
  });
  peer.registerTool(
    "work",
    { description: "Reports each step.", inputSchema: z.object({ steps: z.int() }) },
    async ({ steps }, context) => {
      for (let step = 1; step <= steps; step += 1) {
        await progress(context, step, steps);
      }
      return said("worked");
    },
  );
  peer.registerTool("wait", { description: "Waits until it is given up." }, async (context) => {
    const { signal } = context.mcpReq;
    const over = new Promise((resolve) => signal.addEventListener("abort", resolve));
    await progress(context, 1, 2);
    await over;
    givenUp += 1;
    return said("nobody hears this");
  });
  peer.registerTool("given_up", { description: "Counts the waits that were given up." }, () =>
    said(`${givenUp}`),
  );
  peer.registerTool("change", { description: "Tells of changes." }, () => {
    notify.toolsChanged();
    notify.resourceUpdated("memo://today");
    return said("changed");
  });
}

/** Tells the one client that there is. */
function announcing(peer) {
  return {
    toolsChanged: () => peer.sendToolListChanged(),
    resourceUpdated: (uri) => peer.server.sendResourceUpdated({ uri }),
  };
}

function asks(peer) {
  peer.registerTool("ask_user", { description: "Asks for a name." }, (context) => {
    const answer = inputResponse(context.mcpReq.inputResponses, "who");
    if (answer.kind === "missing") {
      const who = inputRequired.elicit({ message: "Who are you?", requestedSchema: GREETED });
      return inputRequired({ inputRequests: { who } });
    }
    return said(answer.action === "accept" ? `${answer.content.name}, ${answer.content.age}` : answer.action);
  });
  peer.registerTool("ask_model", { description: "Asks the model." }, (context) => {
    const answer = context.mcpReq.inputResponses?.colour;
    if (!answer) {
      const messages = [{ role: "user", content: text("Name a colour.") }];
      const colour = inputRequired.createMessage({ messages, maxTokens: 10 });
      return inputRequired({ inputRequests: { colour } });
    }
    return said(answer.content.text);
  });
  peer.registerTool("ask_roots", { description: "Asks for the roots." }, (context) => {
    const answer = context.mcpReq.inputResponses?.where;
    if (!answer) {
      return inputRequired({ inputRequests: { where: inputRequired.listRoots() } });
    }
    return said(answer.roots.map(({ uri }) => uri).join(" "));
  });
}

function data(peer) {
  peer.registerPrompt(
    "greet",
    {
      description: "Greets someone.",
      argsSchema: z.object({
        name: completable(z.string(), (typed) => NAMES.filter((name) => name.startsWith(typed))),
      }),
    },
    ({ name }) => ({ messages: [{ role: "user", content: text(`Greet ${name}.`) }] }),
  );
  peer.registerResource("today", "memo://today", { mimeType: "text/plain" }, ({ href }) => ({
    contents: [{ uri: href, text: "tea" }],
  }));
  const notes = new ResourceTemplate("note://{id}", { list: undefined });
  peer.registerResource("note", notes, {}, ({ href }, { id }) => ({
    contents: [{ uri: href, text: `note ${id}` }],
  }));
}

/** Tells the caller how far it is, if the caller wants to know. */
async function progress({ mcpReq }, done, total) {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken !== undefined) {
    await mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress: done, total } });
  }
}

function said(words) {
  return { content: [text(words)] };
}

function text(words) {
  return { type: "text", text: words };
}
