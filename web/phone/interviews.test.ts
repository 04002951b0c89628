/** A returned interview is opened from what this phone made, or from what it was told; what was not told stays. */
import { expect, test } from "vitest";

import { formOf, judgeWhole, settler, type FormSchema } from "../form";
import type { JsonObject } from "./canonical";
import type { Device } from "./device";
import type { Draft } from "./drafts";
import { correct, finish, keptIn } from "./interviews";
import type { Returned } from "./model";

const ROW = {
  household: "h", form: "sha", form_id: "day", round: "r1", revision: "rev-1", reason: "错了",
  answers: { rooms: 3, members: [{ id: "a", name: "安娜" }, { id: "b" }] }, kept: ["/wage", "/members/0/number", "/a~1b"],
}; // prettier-ignore
const TOLD: Returned = { id: "i1", household: "h", formId: "day", reason: "错了", row: ROW };

/** A phone as far as interviews need one, and what it recorded. */
function phone(ops: JsonObject[] = []): { device: Device; recorded: JsonObject[] } {
  const recorded: JsonObject[] = [];
  const device = {
    drafts: [] as Draft[],
    ops: ops.map((body, at) => ({ record: { id: `op-${at}` }, content: { kind: "interview", body, formId: "day" }, told: {} })),
    model: { entries: new Map([["h", { list: { scope: "w-1" }, epoch: 2 }]]) },
    keepDraft(draft: Draft) { device.drafts = [draft]; },
    aboutPhoto: () => Promise.resolve({}),
    record: ({ body }: { body: JsonObject }) => Promise.resolve(recorded.push(body)),
  };
  return { device: device as unknown as Device, recorded };
}

test("from what it was told: a draft of the next revision, with marks where an answer is not told", async () => {
  const draft = (await correct(phone().device, TOLD))!;
  expect(draft).toMatchObject({ interview: "i1", parent: "rev-1", form: "sha", round: "r1", assignment: { id: "w-1", epoch: 2 }, returned: "错了" });
  expect(draft.answers).toEqual({ rooms: 3, members: [{ id: "a", name: "安娜", "~": ["number"] }, { id: "b" }], "~": ["wage", "a/b"] });
  expect(ROW.answers.members[0]).toEqual({ id: "a", name: "安娜" });
});

test("what was made here is opened whole, unless another revision counts by now", async () => {
  const own = { interview: "i1", revision: "rev-1", household: "h", form: "sha", answers: { wage: 9 } };
  expect((await correct(phone([own]).device, { ...TOLD, op: "op-0" }))!.answers).toEqual({ wage: 9 });
  expect((await correct(phone([own]).device, { ...TOLD, op: "another" }))!.answers["rooms"]).toBe(3);
  const { row: _row, ...untold } = TOLD;
  expect((await correct(phone([own]).device, untold))!.answers).toEqual({ wage: 9 });
  expect(await correct(phone().device, untold)).toBeNull();
});

test("what was not told and not answered anew is named when it is finished", async () => {
  const { device, recorded } = phone();
  const draft = (await correct(device, TOLD))!;
  const [first, second] = draft.answers["members"] as JsonObject[];
  device.keepDraft({ ...draft, answers: { ...draft.answers, wage: 7, members: [second!, first!] } });
  await finish(device, draft, { rooms: 3 });
  expect(recorded[0]).toMatchObject({ parent: "rev-1", kept: ["/members/1/number", "/a~1b"] });
  expect(keptIn({ "~": ["x"], x: 1 })).toEqual([]);
});

test("an answer that is kept is not missing, and never handed over", () => {
  const form = formOf({
    "x-form": { form_id: "x", version: "1", languages: ["zh-Hans"] },
    "x-pages": [{ page: "a", "x-i18n-title": { "zh-Hans": "甲" }, items: ["wage", "rooms"] }],
    type: "object",
    properties: { wage: { type: "number" }, rooms: { type: "number" } },
    required: ["wage"],
    additionalProperties: false,
  } as FormSchema);
  const judge = (draft: JsonObject): string[] => {
    const node = settler(form, "2026-05-04")(draft);
    expect(node.answers).toEqual({ rooms: 3 });
    return judgeWhole({ form, today: "2026-05-04", root: node.answers, language: "zh-Hans" }, node).map(({ code }) => code);
  };
  expect(judge({ rooms: 3 })).toEqual(["required"]);
  expect(judge({ rooms: 3, "~": ["wage"] })).toEqual([]);
});
