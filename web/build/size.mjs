/** Prints what the phone loads, gzipped, and fails when it is more than it may be. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { filesBelow } from "./plugins.mjs";

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "../../api/web/dist");
const LIMITS = { JavaScript: 40, "first load": 100 }; // kB of 1000 bytes, gzip

const size = (name) => gzipSync(readFileSync(join(FOLDER, name)), { level: 9 }).length;
const sizes = filesBelow(FOLDER)
  .filter((name) => /\.(js|css|html|webmanifest)$/.test(name))
  .map((name) => [name, size(name)]);
const sum = (test) => sizes.filter(([name]) => test(name)).reduce((total, [, bytes]) => total + bytes, 0);
const totals = { JavaScript: sum((name) => name.endsWith(".js")), "first load": sum(() => true) };

for (const [name, bytes] of sizes) console.log(`${(bytes / 1000).toFixed(2).padStart(8)} kB  ${name}`);
let over = false;
for (const [what, limit] of Object.entries(LIMITS)) {
  const kilobytes = totals[what] / 1000;
  over = over || kilobytes > limit;
  console.log(`${kilobytes.toFixed(2).padStart(8)} kB  ${what}, gzip (at most ${limit})`);
}
process.exitCode = over ? 1 : 0;
