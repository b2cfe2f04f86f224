// Serving over HTTP in both eras at once: requests that stand alone, and sessions.

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";

import { toNodeHandler } from "@modelcontextprotocol/node";
import {
  WebStandardStreamableHTTPServerTransport,
  createMcpHandler,
  isLegacyRequest,
} from "@modelcontextprotocol/server";

/**
 * Serves what `factory` makes, one for each request or session, at this address. The factory is
 * told how to tell all that listen of changes: what is made for one request reaches nobody else.
 */
export function serveHttp(address, factory) {
  const modern = createMcpHandler(() => factory(modern.notify), { legacy: "reject" });
  const sessions = new Map();

  async function legacy(request) {
    const known = sessions.get(request.headers.get("mcp-session-id"));
    if (known || request.headers.has("mcp-session-id")) {
      return known?.handleRequest(request) ?? new Response("no such session", { status: 404 });
    }
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => sessions.set(id, transport),
      onsessionclosed: (id) => sessions.delete(id),
    });
    await factory().connect(transport);
    return transport.handleRequest(request);
  }

  const fetch = async (request) =>
    (await isLegacyRequest(request)) ? legacy(request) : modern.fetch(request);
  const [host, port] = address.split(":");
  createServer(toNodeHandler({ fetch })).listen(Number(port), host);
}
