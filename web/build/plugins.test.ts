/** What the build makes shorter means the same. */
import { rollup } from "rollup";
import { expect, test } from "vitest";
import { shorter } from "./plugins.mjs";

/** Runs a module's default export as it is written, and as the build shortens it; both are given `it`. */
async function both(source: string, it: unknown): Promise<[unknown, unknown]> {
  const code = `export default (it) => (${source});`;
  const entry = { name: "entry", resolveId: (id: string) => (id === "entry.ts" ? id : null), load: (id: string) => (id === "entry.ts" ? code : null) };
  const run = async (plugins: object[]): Promise<unknown> => {
    const made = await (await rollup({ input: "entry.ts", plugins: [entry, ...plugins] })).generate({});
    const text = made.output[0].code;
    if (plugins.length) expect(text).not.toContain(code);
    const module = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as { default: (it: unknown) => unknown };
    return module.default(it);
  };
  return [await run([]), await run([shorter()])];
}

const THINGS = [null, undefined, 0, "", false, "text", [], ["x"], {}, { a: null }, { a: 0 }, { a: { b: "" } }, { a: { b: { c: 1 } }, k: "a" }];
const SOURCES = [
  "it ?? 'none'",
  "(it ?? 'none') ?? 'never'",
  "it?.a ?? 'none'",
  "it?.a?.b ?? []",
  "it?.a?.b?.c",
  "it?.['a']?.b",
  "it?.[it?.k]",
  "it?.constructor === undefined",
  "it?.length ?? (it?.a ?? null)",
  "it?.at?.(0) ?? it?.k",
  "[it?.a ?? 1, `${it?.a ?? 'two'}`]",
];

test.each(SOURCES)("%s", async (source) => {
  for (const it of THINGS) {
    const [plain, made] = await both(source, it);
    expect(made, JSON.stringify(it)).toEqual(plain);
  }
});

test("an error that is thrown keeps its class and loses its text", async () => {
  const thrown = "(() => { class NoAnswer extends Error {} try { throw new NoAnswer(`${it}`); } catch (error) { return [error instanceof NoAnswer, error.message]; } })()";
  const [plain, made] = await both(thrown, "words");
  expect([plain, made]).toEqual([[true, "words"], [true, ""]]);
});
