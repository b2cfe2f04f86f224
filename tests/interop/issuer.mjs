// The authorization server `oidc-provider` on loopback, with keys that are made as it starts.

import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

import { Provider } from "oidc-provider";

/** The signatures of its tokens; a client of that name gets tokens signed so. */
export const ALGORITHMS = ["ES256", "RS256", "PS256", "EdDSA"];

/** A client whose tokens are not signed. */
export const OPAQUE = "opaque";

const KEYS = {
  ES256: ["ec", { namedCurve: "P-256" }],
  RS256: ["rsa", { modulusLength: 2048 }],
  PS256: ["rsa", { modulusLength: 2048 }],
  EdDSA: ["ed25519", {}],
};

/** Starts it. */
export async function startIssuer() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  let generation = 0;
  let answer;

  /** Begins anew with other keys, under the same name. */
  function rotate() {
    generation += 1;
    const provider = new Provider(url, configuration(generation));
    answer = provider.callback();
  }

  rotate();
  server.on("request", (request, response) => answer(request, response));
  return { url, rotate, close: () => server.close() };
}

function configuration(generation) {
  const key = (alg) => {
    const { privateKey } = generateKeyPairSync(...KEYS[alg]);
    const jwk = privateKey.export({ format: "jwk" });
    return { ...jwk, alg, use: "sig", kid: `${alg}-${generation}` };
  };
  const client = (id) => ({
    client_id: id,
    client_secret: secretOf(id),
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
  });
  return {
    clients: [...ALGORITHMS, OPAQUE].map(client),
    jwks: { keys: ALGORITHMS.map(key) },
    scopes: ["orders:read", "orders:write"],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource, { clientId }) => ({
          scope: "orders:read orders:write",
          audience: resource,
          accessTokenFormat: clientId === OPAQUE ? "opaque" : "jwt",
          jwt: { sign: { alg: clientId === OPAQUE ? "ES256" : clientId } },
        }),
      },
    },
  };
}

/** The secret of a client. */
export function secretOf(id) {
  return `the-secret-of-${id}`;
}

/** Posts a form to it as a client. */
export async function post(issuer, path, id, form, headers = {}) {
  const credentials = Buffer.from(`${id}:${secretOf(id)}`).toString("base64");
  return fetch(`${issuer.url}${path}`, {
    method: "POST",
    headers: { authorization: `Basic ${credentials}`, ...headers },
    body: new URLSearchParams(form),
  });
}

/** A token for a client. */
export async function token(issuer, id, resource, scope, headers = {}) {
  const form = { grant_type: "client_credentials", resource, scope };
  const answer = await (await post(issuer, "/token", id, form, headers)).json();
  if (!answer.access_token) {
    throw new Error(`no token: ${JSON.stringify(answer)}`);
  }
  return answer.access_token;
}
