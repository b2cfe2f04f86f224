// What became of each scenario, read off the files that the suite writes.

import { readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The check that the suite adds to every scenario, and that passes if nothing was ever sent. */
const ADDED = "wire-schema-valid";

/** The scenarios that ran under `folder`, each with what is to be said against it. */
export async function outcomes(folder) {
  const found = new Map();
  for (const file of await readdir(folder, { recursive: true })) {
    const [, name] = dirname(file).match(/^(?:server-)?(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/) ?? [];
    if (name && file.endsWith("checks.json")) {
      found.set(name, complaints(JSON.parse(await readFile(join(folder, file), "utf8"))));
    }
  }
  return found;
}

/** What is to be said against a scenario with these checks. */
function complaints(checks) {
  const bad = checks
    .filter(({ status }) => status === "FAILURE" || status === "WARNING")
    .map(({ id, status, errorMessage, description }) => `${status} ${id}: ${errorMessage ?? description}`.slice(0, 300));
  if (!checks.some(({ id, status }) => status === "SUCCESS" && id !== ADDED)) {
    bad.push("no check of it succeeded");
  }
  return bad;
}
