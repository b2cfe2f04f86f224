// The clients under which every server is run, each behind the same few methods.

import { Client as Client2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as Stdio2 } from "@modelcontextprotocol/client/stdio";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as Stdio1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { CallToolResultSchema } from "@modelcontextprotocol/sdk/types.js";

const IDENTITY = { name: "toolwright-interop", version: "1.0.0" };

/** Who connects, and the revision that must come of it. */
export const CLIENTS = [
  { label: "client 2.4, handshake", version: "2025-11-25", make: () => second("legacy") },
  { label: "client 2.4, pinned", version: "2026-07-28", make: () => second({ pin: "2026-07-28" }) },
  { label: "client 2.4, auto", version: "2026-07-28", make: () => second("auto") },
  { label: "sdk 1.32", version: "2025-11-25", make: first },
];

/** A connected client, what it received and complained about, and how to end it. */
export async function connect({ label, version, make }, program, args) {
  const { client, transport, adapter } = make()(program, args);
  const complaints = [];
  client.onerror = (error) => complaints.push(error);
  await client.connect(transport);
  const received = [];
  const handle = transport.onmessage;
  transport.onmessage = (message, extra) => {
    received.push(message);
    handle(message, extra);
  };
  return {
    client,
    complaints,
    received,
    expectedVersion: version,
    modern: version >= "2026-07-28",
    ...adapter,
    /** Ends the connection and returns how many milliseconds the server took to leave. */
    async close() {
      const start = performance.now();
      await client.close();
      return performance.now() - start;
    },
  };
}

/** The client of the second generation, in the given negotiation mode. */
function second(mode) {
  return (command, args) => {
    const client = new Client2(IDENTITY, { versionNegotiation: { mode } });
    const transport = new Stdio2({ command, args, stderr: "ignore" });
    const adapter = {
      negotiated: () => client.getNegotiatedProtocolVersion(),
      call: (params, options) => client.callTool(params, options),
    };
    return { client, transport, adapter };
  };
}

/** The client of the first generation, which knows the handshake only. */
function first() {
  return (command, args) => {
    const client = new Client1(IDENTITY, {});
    const transport = new Stdio1({ command, args, stderr: "ignore" });
    let version;
    transport.setProtocolVersion = (agreed) => {
      version = agreed;
    };
    const adapter = {
      negotiated: () => version,
      call: (params, options) => client.callTool(params, CallToolResultSchema, options),
    };
    return { client, transport, adapter };
  };
}
