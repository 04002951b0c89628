/** What the phone computes and says, against the server's own results. */
import { describe, expect, it } from "vitest";

import { canonical, NotCanonical, type JsonObject } from "./canonical";
import { added, mix, sha256Hex, utf8, versionOf, type Sum } from "./digests";
import { render, type Templates } from "./findings";
import { spellName } from "./ids";
import type { Finding, Entry } from "./model";
import digests from "./vectors/digests.json";
import findings from "./vectors/findings.json";

describe("digests", () => {
  it.each(digests.values)("canonical JSON of $text", async ({ value, text, sha256 }) => {
    expect(canonical(value)).toBe(text);
    expect(await sha256Hex(utf8(canonical(value)))).toBe(sha256);
  });

  it("adds up the check of a scope", async () => {
    const sums: Sum[] = [];
    for (const { key, row, version } of digests.rows) {
      expect(await versionOf(row)).toBe(version);
      sums.push(await mix(key, version));
    }
    expect(added(Array.from({ length: digests.repeated }, () => sums).flat())).toBe(digests.sum);
  });

  it("names spells without a key", async () => {
    for (const { person, kind, start, name } of digests.spells) expect(await spellName(person, kind, start)).toBe(name);
  });

  it.each([NaN, Infinity, 2 ** 53, "\ud800", { "\udc00": 1 }])("refuses what has no canonical form: %s", (value) => {
    expect(() => canonical(value)).toThrow(NotCanonical);
  });
});

describe("findings", () => {
  it.each(findings.cases)("says $finding.subject $finding.variant in $language", ({ finding, language, said }) => {
    const templates = (findings.templates as Record<string, unknown>)[language] as Templates;
    const whole = { ...(finding as unknown as JsonObject), id: "f" } as unknown as Finding;
    expect(render(whole, findings.household as unknown as Entry, templates)).toEqual(said);
  });
});
