// The suite against the example client.
//
// The suite starts the client anew for each scenario. It runs all of them at once if it is told to,
// and then ignores how the client ends; here they run one after the other, and a client that does
// not exit with 0 has failed, unless the scenario is one in which a client may.

import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { outcomes } from "./outcomes.mjs";
import { scenarios } from "./scenarios.mjs";
import { suite } from "./suite.mjs";

/** The revisions that the suite requires scenarios for. Those that it does not score count here. */
const REVISIONS = ["2025-11-25", "2026-07-28"];

/** What servers did about authorization before there was a way to say who gives tokens. */
const BEFORE = {
  revision: "2025-03-26",
  names: [
    "auth/2025-03-26-oauth-metadata-backcompat",
    "auth/2025-03-26-oauth-endpoint-fallback",
  ],
};

/** Where a client that refuses what the server does may say so by its exit code. */
const MAY_FAIL = new Set(["http-invalid-tool-headers"]);

/** Runs every scenario with `program` as the client and adds to `total`. */
export async function client(program, total) {
  for (const revision of REVISIONS) {
    const listing = await suite(["list", "--client", "--requirements", revision]);
    const { scored, unscored } = scenarios(listing, "client");
    await leg(program, revision, scored, total);
    await leg(program, revision, unscored, total, ", unscored");
  }
  await leg(program, BEFORE.revision, BEFORE.names, total);
}

/** Runs these scenarios of one revision and adds to `total`. */
async function leg(program, revision, names, total, note = "") {
  const folder = await mkdtemp(join(tmpdir(), "conformance-"));
  const wrapped = await wrap(program, folder);
  for (const name of names) {
    // Extensions belong to no revision, and are run only when that is insisted on.
    const scenario = ["--scenario", name, "--spec-version", revision, "--force"];
    // It repeats each check there.
    const run = ["client", "--command", wrapped.command, ...scenario, "--output-dir", folder];
    await suite(run, "ignore");
  }
  const found = await outcomes(folder);
  const ends = await wrapped.ends();
  for (const name of names) {
    const end = ends.get(name) ?? "unknown";
    if (end !== "0" && !MAY_FAIL.has(name)) {
      found.set(name, [...(found.get(name) ?? []), `the client's exit code is ${end}`]);
    }
  }
  const before = total.failed;
  total.report(`conformance client ${revision}${note}`, names, found);
  if (total.failed > before) {
    console.log(`details in ${folder}; the clients said:\n${await wrapped.said()}`);
  } else {
    await rm(folder, { recursive: true });
  }
}

/** A command that runs `program` and notes its exit code and what it says. */
async function wrap(program, folder) {
  const [command, ends, said] = ["client.sh", "ends", "said"].map((name) => join(folder, name));
  const script = [
    "#!/bin/sh",
    `echo "== $MCP_CONFORMANCE_SCENARIO" >> '${said}'`,
    `'${program}' "$@" 2>> '${said}'`,
    "end=$?",
    `echo "$MCP_CONFORMANCE_SCENARIO $end" >> '${ends}'`,
    "exit $end",
    "",
  ];
  await writeFile(command, script.join("\n"));
  await chmod(command, 0o755);
  return {
    command,
    /** The exit code of each scenario. */
    ends: async () => {
      const lines = await readFile(ends, "utf8").catch(() => "");
      return new Map(lines.trim().split("\n").map((line) => line.split(" ")));
    },
    said: () => readFile(said, "utf8"),
  };
}
