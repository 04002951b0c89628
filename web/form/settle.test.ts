/** Drafts of the example and of the catalogue: what is shown and what counts. */
import { expect, test } from "vitest";
import exampleFile from "../../tests/unit/forms/examples/form-example.schema.json";
import { formOf, settler } from "./index";
import type { Answers, FormSchema } from "./types";

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
