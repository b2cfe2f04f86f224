// Runs the protocol's conformance suite against the example server whose executable is given.
//
// The suite's own summary counts checks, and lets a scenario pass that checked nothing. Here a
// scenario counts: it passes if one of its own checks succeeded and none failed or warned.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { serve } from "../interop/serving.mjs";
import { outcomes } from "./outcomes.mjs";
import { scenarios } from "./scenarios.mjs";

const SUITE = fileURLToPath(
  new URL("node_modules/@modelcontextprotocol/conformance/dist/index.js", import.meta.url),
);

/** What the suite is asked for in each leg. */
const LEGS = [
  { revision: "2025-11-25", select: ["--requirements", "2025-11-25"], run: [] },
  { revision: "2026-07-28", select: ["--requirements", "2026-07-28"], run: [] },
  { revision: "2025-06-18", select: ["--spec-version", "2025-06-18"], run: ["--suite", "all"] },
  { revision: "2025-03-26", select: ["--spec-version", "2025-03-26"], run: ["--suite", "all"] },
];

/** The unscored scenarios of what is not offered: the tasks extension. They are listed, not counted. */
const NOT_OFFERED = /^tasks-/;

const [program] = process.argv.slice(2);
if (!program) {
  console.error("usage: run.mjs EVERYTHING");
  process.exit(2);
}

const total = { passed: 0, failed: 0 };
for (const leg of LEGS) {
  await server(leg);
}
console.log(`conformance: ${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);

/** Runs one leg against a server of its own and adds to the total. */
async function server({ revision, select, run }) {
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
  report(label, scored, found);
  if (unscored.length > 0) {
    report(`${label}, unscored`, offered, found);
  }
  const others = unscored.filter((name) => NOT_OFFERED.test(name));
  if (others.length > 0) {
    console.log(`${label}, not counted: ${others.join(", ")}`);
  }
  if (total.failed > before) {
    console.log(`details in ${folder}; the server said:\n${said.slice(-20).join("\n")}`);
  } else {
    await rm(folder, { recursive: true });
  }
}

/** Prints what failed of the named scenarios and how many passed; having none is a failure. */
function report(label, names, found) {
  let passed = 0;
  for (const name of names) {
    const complaints = found.get(name) ?? ["it did not run"];
    if (complaints.length === 0) {
      passed += 1;
    } else {
      console.log(`FAILED ${label}: ${name}`);
      complaints.forEach((complaint) => console.log(`    ${complaint}`));
    }
  }
  console.log(`${label}: ${passed}/${names.length}`);
  total.passed += passed;
  total.failed += names.length === 0 ? 1 : names.length - passed;
}

/** Runs the suite and returns what it printed; its exit code says nothing that is not counted here. */
async function suite(args) {
  const child = spawn(process.execPath, [SUITE, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    printed += text;
  });
  await once(child, "close");
  return printed;
}
