// The suite against the example server.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { serve } from "../interop/serving.mjs";
import { outcomes } from "./outcomes.mjs";
import { scenarios } from "./scenarios.mjs";
import { suite } from "./suite.mjs";

/** What the suite is asked for in each leg. */
const LEGS = [
  { revision: "2025-11-25", select: ["--requirements", "2025-11-25"], run: [] },
  { revision: "2026-07-28", select: ["--requirements", "2026-07-28"], run: [] },
  { revision: "2025-06-18", select: ["--spec-version", "2025-06-18"], run: ["--suite", "all"] },
  { revision: "2025-03-26", select: ["--spec-version", "2025-03-26"], run: ["--suite", "all"] },
];

/** The unscored scenarios of what is not offered: the tasks extension. They are listed, not counted. */
const NOT_OFFERED = /^tasks-/;

/** Runs every leg against a server of its own and adds to `total`. */
export async function server(program, total) {
  for (const leg of LEGS) {
    await one(program, total, leg);
  }
}

async function one(program, total, { revision, select, run }) {
  const label = `conformance server ${revision}`;
  const { scored, unscored } = scenarios(await suite(["list", "--server", ...select]), "server");
  const folder = await mkdtemp(join(tmpdir(), "conformance-"));
  const { url, said, stop } = await serve(program);
  try {
    await suite(["server", "--url", url, ...select, ...run, "--output-dir", folder]);
  } finally {
    await stop();
  }
  const found = await outcomes(folder);
  const offered = unscored.filter((name) => !NOT_OFFERED.test(name));
  const before = total.failed;
  total.report(label, scored, found);
  if (unscored.length > 0) {
    total.report(`${label}, unscored`, offered, found);
    const others = unscored.filter((name) => NOT_OFFERED.test(name));
    console.log(`${label}, not counted: ${others.join(", ")}`);
  }
  if (total.failed > before) {
    console.log(`details in ${folder}; the server said:\n${said.slice(-20).join("\n")}`);
  } else {
    await rm(folder, { recursive: true });
  }
}
