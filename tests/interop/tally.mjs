// Counting checks: each has a name, runs with a deadline, and fails on its own.

/** How long one check may take, in milliseconds. */
const DEADLINE = 20_000;

export class Tally {
  passed = 0;
  failed = 0;

  /** Runs `body` as the check `name` of `group` and counts how it went. */
  async check(group, name, body) {
    try {
      await within(DEADLINE, body());
      this.passed += 1;
    } catch (error) {
      this.failed += 1;
      const why = error?.stack ?? String(error);
      console.log(`FAILED ${group}: ${name}\n    ${why.replaceAll("\n", "\n    ")}`);
    }
  }

  /** Prints the closing line and returns the exit code. */
  close() {
    console.log(`interop: ${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 && this.passed > 0 ? 0 : 1;
  }
}

/** Waits for `promise`, but for no longer than `milliseconds`. */
export function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing after ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
