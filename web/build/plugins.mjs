/** What the build adds to Vite's own: the service worker, and gzip copies. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const TEXT = /\.(js|css|html|svg|json|webmanifest)$/;

/** Every file below a folder, as paths from it with forward slashes. */
export function filesBelow(folder, top = folder) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path, top) : [relative(top, path).split(sep).join("/")];
    })
    .sort();
}

/**
 * Builds phone/sw.ts, if it is there, into sw.js: one classic script, for browsers that know no module workers.
 * It may read `__FILES__` (what to keep for offline use: paths from the app's base, fonts apart), `__FONTS__`
 * (what to keep once it was asked for) and `__BUILD__` (a name of this very build).
 */
export function serviceWorker() {
  let folder, source;
  return {
    name: "ruhu-service-worker",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
      source = join(config.root, "sw.ts");
    },
    async closeBundle() {
      if (!existsSync(source)) return;
      const files = filesBelow(folder).filter((name) => name !== "sw.js" && !name.endsWith(".gz"));
      const digest = createHash("sha256");
      for (const name of files) digest.update(name).update(readFileSync(join(folder, name)));
      const isFont = (name) => /\.woff2?$/.test(name);
      await build({
        entryPoints: [source],
        outfile: join(folder, "sw.js"),
        bundle: true,
        minify: true,
        format: "iife",
        target: "es2019",
        define: {
          __FILES__: JSON.stringify(files.filter((name) => !isFont(name))),
          __FONTS__: JSON.stringify(files.filter(isFont)),
          __BUILD__: JSON.stringify(digest.digest("hex").slice(0, 16)),
        },
      });
    },
  };
}

/** Writes a gzip copy beside each text, which the server sends to whom accepts it. */
export function gzipped() {
  let folder;
  return {
    name: "ruhu-gzip",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle: {
      order: "post",
      sequential: true,
      handler() {
        for (const name of filesBelow(folder).filter((each) => TEXT.test(each))) {
          const path = join(folder, name);
          if (statSync(path).size > 512) writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
        }
      },
    },
  };
}

/** What no form may say (forms/faults.py, KEYWORDS), and what older drafts of JSON Schema said. */
const NEVER = [
  "$recursiveRef", "$recursiveAnchor", "patternProperties", "unevaluatedProperties", "dependentSchemas", "dependencies",
  "additionalItems", "unevaluatedItems",
];

/** What is taken out of the validator: texts and places of errors, and what only the keywords above need. */
const OUT = [
  [/^import .*$/gm, ""],
  [/,?\s*error: (`[^`]*`|'[^']*')/g, ""],
  [/\n\s*(keywordLocation|instanceLocation)(: (`[^`]*`|\w+))?,?(?=\n)/g, ""],
  [/\n\s*const (keywordLocation|subInstancePointer|subEvaluated|ifEvaluated) = .*;/g, ""],
  [/\n\s*(let subEvaluateds = |subEvaluateds\.push|Object\.assign\(evaluated|evaluated\[\w+\] = true).*;/g, ""],
  [/^export function validate\(.*\{$/m, "export function validate(instance, schema, lookup, shortCircuit, recursiveAnchor) {"],
  [/, draft, lookup, shortCircuit, .*\)(?=;|\.valid;)/g, ", lookup, shortCircuit)"],
  [/draft === '[47]'/g, "false"],
];

/**
 * Makes the validator as small as forms let it be, a third of what it is: form/formats.ts in place of its table of
 * formats, no words about errors (the renderer has its own), no keyword that no form may have. A quicker one, too.
 * Tests run on what is made here, and compare it with the server's validators.
 */
export function validator() {
  const formats = join(dirname(fileURLToPath(import.meta.url)), "../form/formats.ts");
  return {
    name: "ruhu-validator",
    enforce: "pre",
    transform(code, id) {
      if (!id.includes("@cfworker/json-schema") || !id.endsWith("/validate.js")) return null;
      let smaller = code;
      for (const [pattern, put] of OUT) {
        if (!pattern.test(smaller)) throw new Error(`the validator is not written as it was: ${pattern}`);
        smaller = smaller.replace(pattern, put);
      }
      for (const keyword of NEVER) {
        const name = keyword.startsWith("$") ? keyword : `$${keyword}`;
        const taken = keyword.startsWith("$") ? `${keyword}, ` : `${keyword}: ${name}, `;
        if (!smaller.includes(taken)) throw new Error(`the validator reads ${keyword} in another way now`);
        smaller = smaller.replace(taken, "").replaceAll(name, "undefined");
      }
      const needs = [
        `import { format } from ${JSON.stringify(formats)};`,
        'import { deepCompareStrict } from "./deep-compare-strict.js";',
        'import { ucs2length } from "./ucs2-length.js";',
      ];
      return { code: [...needs, smaller].join("\n"), map: null };
    },
  };
}
