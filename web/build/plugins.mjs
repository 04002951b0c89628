/** What the build adds to Vite's own: the service worker, and gzip copies. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";

/** Elements as calls of `h`: shorter than those of the automatic runtime, and without its own code. */
export const JSX = { jsx: "transform", jsxFactory: "h", jsxFragment: "Fragment", jsxInject: 'import { h, Fragment } from "preact";' };

/**
 * How scripts are made small: 4 % smaller than esbuild makes them. What gzip finds twice anyway is not inlined. Names that
 * begin with one underscore are preact's own: nothing that is stored or travels is called so.
 */
export const TERSER = {
  ecma: 2019,
  module: true,
  compress: { passes: 3, inline: 1, hoist_vars: true, unsafe_arrows: true, pure_getters: true, keep_fargs: false },
  mangle: { properties: { regex: /^_[a-z]/ } },
};

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
      const made = await build({
        entryPoints: [source],
        write: false,
        bundle: true,
        format: "iife",
        target: "es2019",
        define: {
          __FILES__: JSON.stringify(files.filter((name) => !isFont(name))),
          __FONTS__: JSON.stringify(files.filter(isFont)),
          __BUILD__: JSON.stringify(digest.digest("hex").slice(0, 16)),
        },
      });
      writeFileSync(join(folder, "sw.js"), (await minify(made.outputFiles[0].text, TERSER)).code);
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
  [/__absolute_ref__ \|\| /, ""],
  [/, __absolute_ref__(?=, )/, ""],
  [/if \(Array\.isArray\(\$items\)\) \{[^]*?\n {12}\}\n {12}else /, ""],
  [/ {8}let message = `Unresolved[^]*?throw new Error\(message\);/, "throw new Error();"],
];

/**
 * Makes the validator as small as forms let it be, a third of what it is: form/formats.ts in place of its table of
 * formats, no words about errors (the renderer has its own), no keyword that no form may have. A quicker one, too.
 * Tests run on what is made here, and compare it with the server's validators.
 */
export function validator() {
  const beside = (name) => join(dirname(fileURLToPath(import.meta.url)), "../form", name);
  return {
    name: "ruhu-validator",
    enforce: "pre",
    transform(code, id) {
      if (!id.includes("@cfworker/json-schema") || !id.endsWith("/validate.js")) return null;
      let smaller = without(code, OUT, "the validator");
      for (const keyword of NEVER) {
        const name = keyword.startsWith("$") ? keyword : `$${keyword}`;
        const taken = keyword.startsWith("$") ? `${keyword}, ` : `${keyword}: ${name}, `;
        if (!smaller.includes(taken)) throw new Error(`the validator reads ${keyword} in another way now`);
        smaller = smaller.replace(taken, "").replaceAll(name, "undefined");
      }
      const needs = [
        `import { format } from ${JSON.stringify(beside("formats.ts"))};`,
        `import { equal as deepCompareStrict } from ${JSON.stringify(beside("expressions.ts"))};`,
        "const ucs2length = (text) => [...text].length;", // code points, a lone surrogate among them
      ];
      return { code: [...needs, smaller].join("\n"), map: null };
    },
  };
}

/**
 * What is taken out of idb: cursors and all that walks over them, which the app never opens; hooks it does not use; what a
 * proxy says to `in` and takes by `=`; and the ends of listeners, which go with their request.
 */
const OUT_OF_IDB = [
  [/const advanceMethodProps = [^]*(?=export \{)/, ""],
  [/let cursorAdvanceMethods;\n/, ""],
  [/\/\/ [^\n]*\nfunction getCursorAdvanceMethods\(\) \{[^]*?\n\}\n/, ""],
  [/ {4}if \(getCursorAdvanceMethods\(\)[^]*?\n {4}\}\n/, ""],
  [/ {12}IDBCursor,\n/, ""],
  [/ {4}if \(blocked\) \{[^]*?\n {4}\}\n/, ""],
  [/ {8}if \(terminated\)\n.*\n/, ""],
  [/\n {8}const unlisten = \(\) => \{[^]*?\n {8}\};/g, ""],
  [/\n {12}unlisten\(\);/g, ""],
  [/\n {4}set\(target, prop, value\) \{[^]*?\n {4}\},\n {4}has\(target, prop\) \{[^]*?\n {4}\},/, ""],
  [/\n {4}has: \(target, prop\) => .*/, ""],
  [/ {4}reverseTransformCache\.set\(promise, request\);\n/, ""],
  [/ {4}\/\/ Bail if [^\n]*\n {4}!\(targetFuncName in .*\n/, ""],
  [/, event\.oldVersion, event\.newVersion, wrap\(request\.transaction\), event/, ""],
  [/event\.oldVersion, event\.newVersion, event(?=\))/, ""],
];

/** Makes idb as small as the app lets it be: a third of it is for cursors. */
export function database() {
  return {
    name: "ruhu-idb",
    enforce: "pre",
    transform(code, id) {
      if (!id.includes("/node_modules/idb/build/")) return null;
      return { code: without(code, OUT_OF_IDB, "idb"), map: null };
    },
  };
}

/** Returns a source without what the patterns find. @throws Error a pattern finds nothing: the source is another one. */
export function without(code, patterns, what) {
  return patterns.reduce((left, [pattern, put]) => {
    if (!pattern.test(left)) throw new Error(`${what} is not written as it was: ${pattern}`);
    return left.replace(pattern, put);
  }, code);
}

/** What stands for `?.` and `??` in browsers that know neither. */
const ABSENT = "\0absent";
const ABSENT_CODE = `const nothing = Object.create(null);
export const of = (value) => (value == null ? nothing : value);
export const or = (value, other) => (value == null ? other : value);`;

/** Errors whose texts nobody on a phone ever reads: by their class the app knows what to do. */
const UNREAD = ["Error", "NoAnswer", "Stranger", "NotCanonical", "ExpressionError"];

/** Whether it changes nothing to evaluate an expression that may not be needed: a constant, a name, a member of one. */
const idle = ({ type, elements, properties, object, property, computed }) =>
  type === "Literal" ||
  type === "Identifier" ||
  type === "ThisExpression" ||
  (type === "MemberExpression" && idle(object) && (!computed || property.type === "Literal")) ||
  (type === "ArrayExpression" && elements.length === 0) ||
  (type === "ObjectExpression" && properties.length === 0);

/** Calls back for each node of a syntax tree, outer ones first. */
function walk(node, visit) {
  if (Array.isArray(node)) return node.forEach((each) => walk(each, visit));
  if (typeof node !== "object" || node === null) return;
  if (typeof node.type === "string" && visit(node) === false) return;
  Object.values(node).forEach((part) => walk(part, visit));
}

/** The links of a chain from its end to the first that may be absent; none when one of them is a call. */
function links({ expression }) {
  const found = [];
  let last = 0;
  for (let node = expression; node.type === "MemberExpression" || node.type === "CallExpression"; node = node.object ?? node.callee) {
    found.push(node);
    if (node.optional) last = found.length;
  }
  const links = found.slice(0, last);
  return links.every((node) => node.type === "MemberExpression") ? links : [];
}

/** The edits that shorten a module: [from, to, text]. */
function edits(code, tree) {
  const made = [];
  const between = (from, to, pattern, text) => made.push([from, to, code.slice(from, to).replace(pattern, text)]);
  walk(tree, (node) => {
    if (node.type === "ThrowStatement" && UNREAD.includes(node.argument.callee?.name) && node.argument.arguments.length) {
      made.push([node.argument.callee.end, node.argument.end, "()"]);
      return false;
    }
    if (node.type === "LogicalExpression" && node.operator === "??" && idle(node.right)) {
      made.push([node.start, node.start, "absentOr("], [node.end, node.end, ")"]);
      between(node.left.end, node.right.start, "??", ",");
    } else if (node.type === "ChainExpression") {
      for (const { object, property, computed, start } of links(node)) {
        made.push([start, start, "absentOf("]);
        between(object.end, property.start, computed ? /(\?\.)?\[/ : /\??\./, computed ? ")[" : ").");
      }
    }
    return true;
  });
  return made.sort((one, other) => one[0] - other[0] || one[1] - other[1]); // what is put in comes before what is replaced
}

/**
 * Writes `a?.b.c` as `of(of(a).b).c`, and `a ?? b` as `or(a, b)` where b only reads: in ES2019 that is shorter than
 * what esbuild makes of them, which is left the rest. And takes the texts out of errors.
 */
export function shorter() {
  return {
    name: "ruhu-shorter",
    enforce: "post",
    resolveId: (id) => (id === ABSENT ? id : null),
    load: (id) => (id === ABSENT ? ABSENT_CODE : null),
    transform(code, id) {
      if (!/\.tsx?$/.test(id)) return null; // our own: types say that a member that is read has an owner
      let [written, at] = ["", 0];
      for (const [from, to, text] of edits(code, this.parse(code))) {
        written += code.slice(at, from) + text;
        at = to;
      }
      if (!at) return null;
      const helpers = `import { of as absentOf, or as absentOr } from ${JSON.stringify(ABSENT)};\n`;
      return { code: helpers + written + code.slice(at), map: null };
    },
  };
}
