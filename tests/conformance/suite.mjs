// Running the suite, and counting what came of it.
//
// The suite's own summary counts checks, and lets a scenario pass that checked nothing. Here a
// scenario counts: it passes if one of its own checks succeeded and none failed or warned.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const SUITE = fileURLToPath(
  new URL("node_modules/@modelcontextprotocol/conformance/dist/index.js", import.meta.url),
);

/**
 * Runs the suite and returns what it printed; its exit code says nothing that is not counted here.
 * What it says of its own doings goes to `log`.
 */
export async function suite(args, log = "inherit") {
  const child = spawn(process.execPath, [SUITE, ...args], { stdio: ["ignore", "pipe", log] });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    printed += text;
  });
  await once(child, "close");
  return printed;
}

/** How many scenarios passed and failed. */
export class Total {
  passed = 0;
  failed = 0;

  /** Prints what failed of the named scenarios and how many passed; having none is a failure. */
  report(label, names, found) {
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
    this.passed += passed;
    this.failed += names.length === 0 ? 1 : names.length - passed;
  }

  /** Prints the closing line and returns the exit code. */
  close() {
    console.log(`conformance: ${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 && this.passed > 0 ? 0 : 1;
  }
}
