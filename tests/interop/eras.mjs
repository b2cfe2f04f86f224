// The checks against the example `everything` that differ from one era to the other.

import assert from "node:assert/strict";
import { logDuring } from "./received.mjs";

/** The resource that `update_watched_resource` changes. */
const WATCHED = "test://watched-resource";

/** The call that logs three messages at the level `info`. */
const LOGGING = { name: "test_tool_with_logging" };

/** What only clients of the handshake can do. */
export async function handshakeEra(peer, check) {
  const { client } = peer;
  await check("answers a ping", async () => {
    assert.deepEqual(await client.ping(), {});
  });
  await check("sends log messages once a level is set", async () => {
    await client.setLoggingLevel("debug");
    const levels = await logDuring(peer, LOGGING);
    assert.ok(levels.length >= 3, `${levels}`);
    assert.ok(levels.every((level) => level === "info"), `${levels}`);
  });
  await check("sends none below the level that was set", async () => {
    await client.setLoggingLevel("error");
    assert.deepEqual(await logDuring(peer, LOGGING), []);
    assert.deepEqual(await logDuring(peer, { name: "test_logging_tool" }), []);
  });
  await check("hears of changes, of a resource after subscribing to it", async () => {
    assert.deepEqual(await client.subscribeResource({ uri: WATCHED }), {});
    const heard = await changesDuring(peer, 3);
    assert.deepEqual(heard, [
      "notifications/prompts/list_changed",
      "notifications/resources/updated",
      "notifications/tools/list_changed",
    ]);
    assert.deepEqual(await client.unsubscribeResource({ uri: WATCHED }), {});
  });
}

/** Changes everything that can change, and returns the first so many changes heard of, sorted. */
async function changesDuring({ call, received }, count) {
  const start = received.length;
  for (const name of ["test_trigger_tool_change", "update_watched_resource", "test_trigger_prompt_change"]) {
    await call({ name });
  }
  let heard = [];
  while (heard.length < count) {
    await new Promise(setImmediate);
    heard = received.slice(start).filter(({ method }) => /changed|updated/.test(method));
  }
  return heard.map(({ method }) => method).sort();
}

/** What only clients of the newest revision can do. */
export async function statelessEra(peer, check) {
  const { client } = peer;
  await check("tells the revisions it speaks", async () => {
    const { supportedVersions } = await client.discover();
    assert.ok(supportedVersions.includes("2026-07-28"), `${supportedVersions}`);
  });
  await check("sends log messages to the call that asks for them", async () => {
    const _meta = { "io.modelcontextprotocol/logLevel": "info" };
    const levels = await logDuring(peer, { ...LOGGING, _meta });
    assert.ok(levels.length >= 3, `${levels}`);
    assert.deepEqual(await logDuring(peer, { name: "test_logging_tool", _meta }), ["info"]);
  });
  await check("sends no log messages to a call that does not ask", async () => {
    assert.deepEqual(await logDuring(peer, LOGGING), []);
    assert.deepEqual(await logDuring(peer, { name: "test_logging_tool" }), []);
  });
  await check("hears of changes while it listens, and only of those it chose", async () => {
    const filter = { promptsListChanged: true, resourceSubscriptions: [WATCHED] };
    const subscription = await client.listen(filter);
    assert.deepEqual(subscription.honoredFilter, filter);
    assert.deepEqual(await changesDuring(peer, 2), [
      "notifications/prompts/list_changed",
      "notifications/resources/updated",
    ]);
    await subscription.close();
    assert.equal(await subscription.closed, "local");
  });
}
