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

/** The revisions that the suite requires scenarios for. */
const REVISIONS = ["2025-11-25", "2026-07-28"];

/** Unscored, and counted all the same. */
const BESIDES = ["json-schema-2020-12-preservation"];

/** What is not counted yet. */
const LATER = /^auth\//;

/** Where a client that refuses what the server does may say so by its exit code. */
const MAY_FAIL = new Set(["http-invalid-tool-headers"]);

/** Runs every scenario of both revisions with `program` as the client and adds to `total`. */
export async function client(program, total) {
  for (const revision of REVISIONS) {
    const folder = await mkdtemp(join(tmpdir(), "conformance-"));
    const wrapped = await wrap(program, folder);
    const listing = await suite(["list", "--client", "--requirements", revision]);
    const required = scenarios(listing, "client").scored.filter((name) => !LATER.test(name));
    const names = [...required, ...BESIDES];
    for (const name of names) {
      const scenario = ["--scenario", name, "--spec-version", revision, "--output-dir", folder];
      // It repeats each check there.
      await suite(["client", "--command", wrapped.command, ...scenario], "ignore");
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
    total.report(`conformance client ${revision}`, names, found);
    if (total.failed > before) {
      console.log(`details in ${folder}; the clients said:\n${await wrapped.said()}`);
    } else {
      await rm(folder, { recursive: true });
    }
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
