// Notifications as they came over the pipe.
//
// A client hands a notification on one turn after it read it, but settles the call at once: the
// progress that shares a read with the answer is dropped, with a complaint that its token is
// unknown. So notifications are judged by what was received, and that complaint is not counted.

import assert from "node:assert/strict";

/** Calls with a progress token and returns the progress values received meanwhile. */
export async function progressDuring(peer, params) {
  const notified = await during(peer, params, { onprogress: () => {} });
  return notified.filter(isProgress).map(({ params }) => params.progress);
}

/** Calls and returns the levels of the log messages received meanwhile. */
export async function logDuring(peer, params) {
  const notified = await during(peer, params);
  return notified
    .filter(({ method }) => method === "notifications/message")
    .map(({ params }) => params.level);
}

/** Calls and returns everything received until the answer had been handled. */
async function during({ call, received }, params, options) {
  const start = received.length;
  const { isError } = await call(params, options);
  assert.ok(!isError);
  return received.slice(start);
}

/** Whether each value is above the one before it. */
export function rising(values) {
  return values.every((value, index) => index === 0 || value > values[index - 1]);
}

/** The progress that came after the answer to its call; both clients use the id as the token. */
export function lateProgress(received) {
  return received.filter(
    (message, index) =>
      isProgress(message) &&
      received.slice(0, index).some(({ id, method }) => !method && id === message.params.progressToken),
  );
}

/** What a client complains of that is its own doing: the order of its turns, and its own end. */
const OWN_DOING = [
  "progress notification for an unknown token",
  "SSE stream disconnected: AbortError",
];

/** Whether a complaint is about the server; a stream that the client itself broke off is not. */
export function serious(complaint) {
  return complaint.name !== "AbortError" && !OWN_DOING.some((what) => complaint.message.includes(what));
}

function isProgress({ method }) {
  return method === "notifications/progress";
}
