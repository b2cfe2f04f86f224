// A server under test that listens on a port of its own choice.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { within } from "./tally.mjs";

/** How long a server may take to say where it listens, or to leave, in milliseconds. */
const PROMPTLY = 10_000;

/**
 * Starts a program, which prints its URL on standard error, and returns that: `program --http
 * 127.0.0.1:0`, or with other arguments and more in its environment.
 */
export async function serve(program, args = ["--http", "127.0.0.1:0"], more = {}) {
  const env = { ...process.env, ...more };
  const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  const left = once(child, "exit");
  const said = [];
  const lines = createInterface({ input: child.stderr });
  const url = new Promise((resolve, reject) => {
    lines.on("line", (line) => {
      said.push(line);
      const found = line.match(/http:\/\/127\.0\.0\.1:\d+\/\S*/);
      if (found) {
        resolve(found[0]);
      }
    });
    left.then(([code]) => reject(new Error(`the server left with ${code}:\n${said.join("\n")}`)), reject);
  });
  return {
    url: await within(PROMPTLY, url),
    /** What the server has written on standard error so far. */
    said,
    /** Asks the server to leave and returns its exit code and how many milliseconds it took. */
    async stop() {
      const start = performance.now();
      child.kill("SIGTERM");
      try {
        const [code] = await within(PROMPTLY, left);
        return { code, took: performance.now() - start };
      } catch (late) {
        child.kill("SIGKILL");
        throw late;
      }
    },
  };
}
