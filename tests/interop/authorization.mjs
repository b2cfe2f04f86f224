// Holds the protected example server, whose executable is given, against tokens of an
// authorization server that other people wrote.

import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";

import { SignJWT, exportJWK, generateKeyPair } from "jose";

import { ALGORITHMS, OPAQUE, post, secretOf, startIssuer, token } from "./issuer.mjs";
import { serve } from "./serving.mjs";
import { Tally } from "./tally.mjs";

/** What tokens are issued for. */
const RESOURCE = "http://127.0.0.1/mcp";
const VERSION = "2026-07-28";
const META = {
  "io.modelcontextprotocol/protocolVersion": VERSION,
  "io.modelcontextprotocol/clientCapabilities": {},
};

const [program] = process.argv.slice(2);
if (!program) {
  console.error("usage: authorization.mjs PROTECTED");
  process.exit(2);
}

const tally = new Tally();
const issuer = await startIssuer();
const server = await serve(program, [issuer.url, RESOURCE], {
  PROTECTED_ADDRESS: "127.0.0.1:0",
  PROTECTED_CLIENT: OPAQUE,
  PROTECTED_SECRET: secretOf(OPAQUE),
});
const check = (title, body) => tally.check("authorization", title, body);

await check("names its issuer to whoever comes without a token", async () => {
  const refused = await ask({}, "tools/list");
  assert.equal(refused.status, 401);
  const told = refused.headers.get("www-authenticate");
  const path = new URL(told.match(/resource_metadata="([^"]+)"/)[1]).pathname;
  const metadata = await (await fetch(new URL(path, server.url))).json();
  assert.equal(metadata.resource, RESOURCE);
  assert.deepEqual(metadata.authorization_servers, [issuer.url]);
});

for (const id of [...ALGORITHMS, OPAQUE]) {
  await check(`takes a token of the kind ${id}`, async () => {
    const own = await token(issuer, id, RESOURCE, "orders:read");
    assert.match(await whoami(own), new RegExp(`^${id}, who may: orders:read$`));
  });
  await check(`refuses a token of the kind ${id} for another resource`, async () => {
    const foreign = await token(issuer, id, "https://other.example/mcp", "orders:read");
    assert.equal((await ask(bearer(foreign), "tools/list")).status, 401);
  });
}

await check("refuses a token that was revoked", async () => {
  const revoked = await token(issuer, OPAQUE, RESOURCE, "orders:read");
  assert.equal((await post(issuer, "/token/revocation", OPAQUE, { token: revoked })).status, 200);
  assert.equal((await ask(bearer(revoked), "tools/list")).status, 401);
});

await check("asks for the scopes that a call needs, and takes the token that has them", async () => {
  const order = { name: "place_order", arguments: { article: "tea" } };
  const few = await token(issuer, "ES256", RESOURCE, "orders:read");
  const refused = await ask(bearer(few), "tools/call", order);
  assert.equal(refused.status, 403);
  const scope = refused.headers.get("www-authenticate").match(/scope="([^"]+)"/)[1];
  const more = await token(issuer, "ES256", RESOURCE, `orders:read ${scope}`);
  assert.equal((await ask(bearer(more), "tools/call", order)).status, 200);
});

await check("shows what a caller may call", async () => {
  const few = await token(issuer, "ES256", RESOURCE, "orders:read");
  const { result } = await (await ask(bearer(few), "tools/list")).json();
  const names = result.tools.map((tool) => tool.name);
  assert.deepEqual(names, ["whoami", "list_orders"]);
  assert.equal(result.cacheScope, "private");
});

await check("takes a token that is bound to a key with a fresh proof, and nothing less", async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const jwk = await exportJWK(publicKey);
  const proof = (claims) =>
    new SignJWT({ jti: randomUUID(), htm: "POST", ...claims })
      .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk })
      .setIssuedAt()
      .sign(privateKey);
  const first = await proof({ htu: `${issuer.url}/token` });
  const bound = await token(issuer, "ES256", RESOURCE, "orders:read", { dpop: first });
  const ath = createHash("sha256").update(bound).digest("base64url");
  const own = await proof({ htu: RESOURCE, ath });
  const shown = { authorization: `DPoP ${bound}`, dpop: own };
  assert.equal((await ask(shown, "tools/list")).status, 200);
  assert.equal((await ask(shown, "tools/list")).status, 401, "the same proof again");
  assert.equal((await ask(bearer(bound), "tools/list")).status, 401, "no proof");
  const other = { ...shown, dpop: await proof({ htu: RESOURCE }) };
  assert.equal((await ask(other, "tools/list")).status, 401, "a proof for no token");
});

await check("finds the new keys of its issuer in the middle of a session", async () => {
  const before = await token(issuer, "RS256", RESOURCE, "orders:read");
  assert.match(await whoami(before), /^RS256/);
  issuer.rotate();
  const after = await token(issuer, "RS256", RESOURCE, "orders:read");
  assert.match(await whoami(after), /^RS256/);
});

await check("leaves when it is told", async () => {
  assert.equal((await server.stop()).code, 0);
});
issuer.close();
process.exit(tally.close());

function bearer(own) {
  return { authorization: `Bearer ${own}` };
}

async function whoami(own) {
  const answer = await ask(bearer(own), "tools/call", { name: "whoami", arguments: {} });
  assert.equal(answer.status, 200, answer.headers.get("www-authenticate"));
  return (await answer.json()).result.content[0].text;
}

function ask(headers, method, params = {}) {
  const named = params.name ? { "mcp-name": params.name } : {};
  return fetch(server.url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": VERSION,
      "mcp-method": method,
      ...named,
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: META } }),
  });
}
