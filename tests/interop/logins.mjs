// The authorization server `oidc-provider` on loopback, at which users log in without being asked.

import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

import { Provider } from "oidc-provider";

/** The one user there is. */
const USER = "ann";

/** Starts it. */
export async function startLogins() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(url, configuration());
  const answer = provider.callback();
  const state = { allowed: [], granted: [], registered: 0 };
  provider.on("grant.success", (context) => state.granted.push(context.oidc.params.grant_type));
  provider.on("registration_create.success", () => {
    state.registered += 1;
  });
  server.on("request", (request, response) => {
    if (request.url.startsWith("/interaction/")) {
      agree(provider, state, request, response).catch((error) => {
        response.writeHead(500).end(String(error));
      });
    } else {
      answer(request, response);
    }
  });
  return {
    url,
    /** What the user agrees to, login by login; null is a refusal. Without a word, to everything. */
    allow: (...logins) => {
      state.allowed = logins;
    },
    /** The grants of the tokens since this was last asked. */
    granted: () => state.granted.splice(0),
    /** How many clients registered since this was last asked. */
    registered: () => {
      const count = state.registered;
      state.registered = 0;
      return count;
    },
    close: () => server.close(),
  };
}

/** The user, who logs in and agrees. */
async function agree(provider, state, request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === "login") {
    const login = { login: { accountId: USER } };
    return provider.interactionFinished(request, response, login, { mergeWithLastSubmission: false });
  }
  const allowed = state.allowed.length > 0 ? state.allowed.shift() : undefined;
  if (allowed === null) {
    const refusal = { error: "access_denied", error_description: "not today" };
    return provider.interactionFinished(request, response, refusal, { mergeWithLastSubmission: false });
  }
  const known = grantId && (await provider.Grant.find(grantId));
  const grant = known ?? new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const { missingOIDCScope = [], missingResourceScopes = {} } = prompt.details;
  grant.addOIDCScope(missingOIDCScope.join(" "));
  for (const [resource, scopes] of Object.entries(missingResourceScopes)) {
    const agreed = scopes.filter((scope) => !allowed || allowed.includes(scope));
    grant.addResourceScope(resource, agreed.join(" "));
    const refused = scopes.filter((scope) => !agreed.includes(scope));
    grant.rejectResourceScope(resource, refused.join(" "));
  }
  const consent = { consent: { grantId: await grant.save() } };
  return provider.interactionFinished(request, response, consent, { mergeWithLastSubmission: true });
}

function configuration() {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = { ...privateKey.export({ format: "jwk" }), alg: "ES256", use: "sig", kid: "one" };
  return {
    jwks: { keys: [key] },
    cookies: { keys: ["not a secret here"] },
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({
          scope: "orders:read orders:write",
          audience: resource,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "ES256" } },
        }),
      },
    },
  };
}
