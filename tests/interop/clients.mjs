// The clients under which every server is run, each behind the same few methods.

import { Client as Client2, StreamableHTTPClientTransport as Http2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as Stdio2 } from "@modelcontextprotocol/client/stdio";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport as Sse1 } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport as Stdio1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as Http1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  CallToolResultSchema,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";

import { answering } from "./answers.mjs";

const IDENTITY = { name: "toolwright-interop", version: "1.0.0" };

/** What every client lets a server ask for. */
const CAPABILITIES = { elicitation: {}, sampling: {}, roots: {} };

/** Who connects, the revision that must come of it, and whether they know HTTP+SSE as well. */
export const CLIENTS = [
  { label: "client 2.4, handshake", version: "2025-11-25", make: () => second("legacy") },
  { label: "client 2.4, pinned", version: "2026-07-28", make: () => second({ pin: "2026-07-28" }) },
  { label: "client 2.4, auto", version: "2026-07-28", make: () => second("auto") },
  { label: "sdk 1.32", version: "2025-11-25", make: first, httpSse: true },
];

/**
 * A connected client, what it received and complained about, and how to end it. The target is
 * either a program to start, `{ command, args }`, or the `url` of one that is running, which is called
 * `sse` where it is that of HTTP+SSE.
 */
export async function connect({ label, version, make }, target) {
  const { client, transport, adapter } = make()(target);
  const complaints = [];
  client.onerror = (error) => complaints.push(error);
  await client.connect(transport);
  const received = [];
  const handle = transport.onmessage;
  transport.onmessage = (message, extra) => {
    received.push(message);
    handle(message, extra);
  };
  const called = new Set();
  return {
    client,
    complaints,
    received,
    /** The names of the tools that were called. */
    called,
    expectedVersion: version,
    modern: version >= "2026-07-28",
    ...adapter,
    call(params, options) {
      called.add(params.name);
      return adapter.call(params, options);
    },
    /** Ends the connection and returns how many milliseconds that took. */
    async close() {
      const start = performance.now();
      await client.close();
      return performance.now() - start;
    },
  };
}

/** The client of the second generation, in the given negotiation mode. */
function second(mode) {
  return ({ url, ...process }) => {
    const client = new Client2(IDENTITY, {
      capabilities: CAPABILITIES,
      versionNegotiation: { mode },
    });
    const asked = answering((method, answer) => client.setRequestHandler(method, answer));
    const transport = url ? new Http2(new URL(url)) : new Stdio2({ ...process, stderr: "ignore" });
    const adapter = {
      asked,
      negotiated: () => client.getNegotiatedProtocolVersion(),
      call: (params, options) => client.callTool(params, options),
    };
    return { client, transport, adapter };
  };
}

/** The schemas by which the client of the first generation knows what a server asks. */
const ASKS = {
  "elicitation/create": ElicitRequestSchema,
  "sampling/createMessage": CreateMessageRequestSchema,
  "roots/list": ListRootsRequestSchema,
};

/** The client of the first generation, which knows the handshake only. */
function first() {
  return (target) => {
    const client = new Client1(IDENTITY, { capabilities: CAPABILITIES });
    const asked = answering((method, answer) => client.setRequestHandler(ASKS[method], answer));
    const transport = firstTransport(target);
    let version;
    const told = transport.setProtocolVersion?.bind(transport);
    transport.setProtocolVersion = (agreed) => {
      version = agreed;
      told?.(agreed);
    };
    const adapter = {
      asked,
      negotiated: () => version,
      call: (params, options) => client.callTool(params, CallToolResultSchema, options),
    };
    return { client, transport, adapter };
  };
}

function firstTransport({ url, sse, ...process }) {
  if (sse) {
    return new Sse1(new URL(sse));
  }
  return url ? new Http1(new URL(url)) : new Stdio1({ ...process, stderr: "ignore" });
}
