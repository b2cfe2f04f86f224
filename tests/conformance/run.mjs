// Runs the protocol's conformance suite against the example server and the example client whose
// executables are given.

import { client } from "./client.mjs";
import { server } from "./server.mjs";
import { Total } from "./suite.mjs";

const [serving, asking] = process.argv.slice(2);
if (!asking) {
  console.error("usage: run.mjs EVERYTHING CONFORMANCE_CLIENT");
  process.exit(2);
}
const total = new Total();
await client(asking, total);
await server(serving, total);
process.exit(total.close());
