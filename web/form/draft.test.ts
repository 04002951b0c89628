/** What a draft begins with, and what is known of its rows. */
import { expect, test } from "vitest";

import { knownAt, startDraft } from "./draft";
import { formOf } from "./index";
import type { FormSchema, Known } from "./types";

const FORM = formOf({
  "x-form": { form_id: "x", version: "1", languages: ["zh-Hans"] },
  "x-pages": [{ page: "a", "x-i18n-title": { "zh-Hans": "甲" }, items: ["facilities"] }],
  type: "object",
  properties: {
    facilities: {
      type: "array",
      "x-entity": "record:facility",
      "x-widget": "repeat",
      "x-repeat": { summary: ["kind"] },
      items: {
        type: "object",
        properties: {
          kind: { type: "string", "x-fact": "kind", "x-prefill": { fact: "kind" } },
          staff: { type: "integer", "x-fact": "staff", "x-prefill": { fact: "staff", confirm: true } },
        },
      },
    },
  },
} as FormSchema);
const KNOWN: Known = {
  facts: {},
  rows: { "record:facility": [{ key: "1", facts: { kind: "clinic", staff: 2 } }, { key: "2", facts: { kind: "primary", staff: 9 } }] },
};

test("rows without a key begin with what identifies them, and are known by it wherever they stand", () => {
  const draft = startDraft(FORM, KNOWN, () => "new");
  expect(draft).toEqual({ facilities: [{ kind: "clinic" }, { kind: "primary" }] });
  const fewer = { facilities: [{ kind: "primary" }, {}] };
  expect(knownAt(FORM, fewer, KNOWN, ["facilities", 0])?.facts["staff"]).toBe(9);
  expect(knownAt(FORM, fewer, KNOWN, ["facilities", 1])).toBeUndefined();
});
