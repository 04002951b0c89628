/** Drafts of the example and of the catalogue: what is shown, what counts, and that conditions mean what they say. */
import { expect, test } from "vitest";
import exampleFile from "../../tests/unit/forms/examples/form-example.schema.json";
import { condition } from "./conditions";
import { formOf, settler } from "./index";
import { judgeOf } from "./validate";
import type { Answers, FormSchema, Json, Schema } from "./types";

const example = exampleFile as unknown as FormSchema;
const settle = settler(formOf(example), "2026-05-04");

test("a question is shown when its property is not forbidden", () => {
  expect(settle({ consent: "no" }).shown.has("refusal_reason")).toBe(true);
  expect(settle({ consent: "yes" }).shown.has("refusal_reason")).toBe(false);
  expect(settle({ consent: "yes" }).required.has("members")).toBe(true);
  expect(settle({ consent: "yes", livestock: ["sheep"] }).shown.has("sheep_count")).toBe(true);
});

test("an answer of a question that is not asked stays in the draft and does not count", () => {
  const draft: Answers = { consent: "no", refusal_reason: "x", livestock: ["sheep"], sheep_count: 3 };
  expect(settle(draft).answers).toEqual({ consent: "no", refusal_reason: "x" });
  expect(settle({ ...draft, consent: "yes" }).answers).toEqual({ consent: "yes", livestock: ["sheep"], sheep_count: 3 });
});

test("what hangs on an answer that does not count is not asked: in rows too", () => {
  const draft: Answers = { consent: "yes", members: [{ name: "A", age: 12, worked_7d: "yes", hours_7d: 3 }] };
  expect(settle(draft).answers.members).toEqual([{ name: "A", age: 12 }]);
  const older: Answers = { consent: "yes", members: [{ name: "A", age: 15, worked_7d: "yes", hours_7d: 3 }] };
  expect(settle(older).answers.members).toEqual(older.members);
});

test("a row that did not change is not settled again", () => {
  const rows: Answers[] = [{ name: "A", age: 40 }, { name: "B", age: 41 }];
  const before = settle({ consent: "yes", members: rows });
  const after = settle({ consent: "yes", members: [rows[0] as Answers, { name: "C", age: 41 }] });
  expect(after.inner.members?.[0]).toBe(before.inner.members?.[0]);
  expect(after.inner.members?.[1]).not.toBe(before.inner.members?.[1]);
});

const ROOT: FormSchema = {
  "x-form": { form_id: "x", version: "1", languages: ["zh-Hans"] },
  "x-pages": [{ page: "a", "x-i18n-title": { "zh-Hans": "甲" }, items: ["away", "rows", "total", "late"] }],
  type: "object",
  additionalProperties: false,
  properties: {
    away: { enum: ["yes", "no"] },
    rows: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        properties: { n: { type: "number" }, twice: { type: "number", "x-calc": { "*": [{ var: "n" }, 2] } }, why: { type: "string" }, constructor: { type: "string" } },
      },
    },
    total: { type: "number", "x-calc": { sum: { var: "rows.*.twice" } } },
    late: { type: "string" },
  },
  allOf: [
    { if: { properties: { away: { const: "yes" } }, required: ["away"] }, then: { properties: { rows: { items: { required: ["why"] } } } }, else: { properties: { rows: { items: { properties: { why: false } } } } } },
    { if: { properties: { total: { minimum: 10 } }, required: ["total"] }, else: { properties: { late: false } } },
  ],
};

test("branches of the root reach into rows, and computed answers feed conditions", () => {
  const own = settler(formOf(ROOT), "2026-05-04");
  const node = own({ away: "no", rows: [{ n: 2, why: "x" }, { n: 4 }], late: "y" });
  expect(node.answers).toEqual({ away: "no", rows: [{ n: 2, twice: 4 }, { n: 4, twice: 8 }], total: 12, late: "y" });
  const away = own({ away: "yes", rows: [{ n: 2 }], late: "y" });
  expect(away.answers).toEqual({ away: "yes", rows: [{ n: 2, twice: 4 }], total: 4 });
  expect(away.inner.rows?.[0]?.required.has("why")).toBe(true);
});

function conditionsIn(node: Json, found: Schema[] = []): Schema[] {
  if (Array.isArray(node)) node.forEach((item) => conditionsIn(item, found));
  else if (typeof node === "object" && node !== null) {
    if ("if" in node) found.push(node.if as Schema);
    Object.values(node).forEach((item) => conditionsIn(item, found));
  }
  return found;
}

test("conditions made into functions say what the validator says", () => {
  const judge = judgeOf(example);
  const odd: Schema[] = [
    { type: ["integer", "null"] }, { minimum: 3, exclusiveMaximum: 5 }, { oneOf: [{ const: 1 }, { type: "integer" }] },
    { items: { const: 1 } }, { contains: { enum: [1, "a"] }, maxItems: 2 }, { not: { required: ["a"] } }, { pattern: "^a" },
    { anyOf: [{ properties: { a: { type: "boolean" } } }, { minItems: 3 }] }, { properties: { a: false } }, true, false,
  ];
  const values: Json[] = [
    null, true, 0, 1, 3, 4.5, 5, "", "a", "yes", [], [1], [1, "a", 2], ["sheep"], {}, { a: 1 }, { a: true }, { consent: "yes" }, { age: 15 },
    { age: "dk" }, { livestock: ["sheep", "goat"] }, { worked_7d: "yes" },
  ];
  for (const schema of [...odd, ...conditionsIn(example)]) {
    const holds = condition(schema, judge.meets);
    for (const value of values) expect(holds(value), JSON.stringify([schema, value])).toBe(judge.meets(schema, value));
  }
});
