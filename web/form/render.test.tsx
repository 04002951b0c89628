// @vitest-environment happy-dom
/** The form on a page: filled in by clicks and key presses, as a person does. */
import { render } from "preact";
import { afterEach, expect, test } from "vitest";
import exampleFile from "../../tests/unit/forms/examples/form-example.schema.json";
import { setWords } from "../words";
import zh from "../words/zh-Hans.json";
import { formOf, FormView, startDraft, type Answers, type FormSchema, type Issue, type Known, type Position, type Services } from "./index";

const example = exampleFile as unknown as FormSchema;
setWords(zh);
let ids = 0;
const services: Services = {
  newId: () => `00000000-0000-7000-8000-00000000000${(ids += 1)}`,
  takePhoto: async () => ({ file: "00000000-0000-7000-8000-000000000000.jpg", sha256: "a".repeat(64) }),
  photoUrl: async () => null,
  locate: async () => ({ lat: 39.6, lon: 109.8, acc: 12 }),
};
const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 30));

interface Shown {
  place: HTMLElement;
  saved: { draft: Answers; position: Position }[];
  finished: { answers: Answers; issues: readonly Issue[] }[];
}
type More = { position?: Position; known?: Known; last?: { day: string; answers: Answers } };

function show(schema: FormSchema, draft: Answers = {}, more: More = {}): Shown {
  const place = document.body.appendChild(document.createElement("div"));
  const shown: Shown = { place, saved: [], finished: [] };
  render(
    <FormView form={formOf(schema)} draft={draft} language="zh-Hans" today="2026-05-04" services={services} {...more}
      onChange={(kept, position) => shown.saved.push({ draft: kept, position })}
      onFinish={(answers, issues) => shown.finished.push({ answers, issues })} />,
    place,
  );
  return shown;
}

const button = (place: HTMLElement, words: string): HTMLButtonElement =>
  [...place.querySelectorAll("button")].find((each) => each.textContent?.includes(words)) as HTMLButtonElement;
const choice = (place: HTMLElement, words: string): HTMLInputElement =>
  [...place.querySelectorAll("label.choice")].find((each) => each.textContent?.trim() === words)?.querySelector("input") as HTMLInputElement;
const lastDraft = (shown: Shown): Answers => shown.saved[shown.saved.length - 1]?.draft as Answers;

async function press(element: HTMLElement): Promise<void> {
  element.click();
  await settled();
}

async function type(place: HTMLElement, id: string, text: string): Promise<void> {
  const input = place.querySelector<HTMLInputElement>(`#${id}`) as HTMLInputElement;
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  await settled();
}

afterEach(() => document.body.replaceChildren());

test("an interview from the first page to the end", async () => {
  const shown = show(example);
  const { place } = shown;
  await type(place, "q-hh_id", "150625");
  expect(lastDraft(shown)).toEqual({ hh_id: "150625" });
  await type(place, "q-visit_date", "2026-05-04");
  await press(choice(place, "是"));
  await press(button(place, "下一页"));
  await press(choice(place, "绵羊"));
  await type(place, "q-sheep_count", "１２");
  await press(button(place, "下一页"));
  await press(button(place, "添加成员"));
  expect(shown.saved[shown.saved.length - 1]?.position).toEqual({ page: "people", row: ["members", 0] });
  await type(place, "q-members-0-name", "布和");
  await type(place, "q-members-0-age", "14");
  expect(place.querySelector("#q-members-0-worked_7d")).toBeNull();
  await press(button(place, "这一项好了"));
  expect(place.querySelector(".card")?.textContent).toContain("布和 · 14");
  await press(button(place, "下一页"));
  await press(button(place, "检查"));
  await press(button(place, "完成"));
  const members = [{ name: "布和", age: 14 }];
  const answers = { hh_id: "150625", visit_date: "2026-05-04", consent: "yes", livestock: ["sheep"], sheep_count: 12, members };
  expect(shown.finished).toEqual([{ answers, issues: [] }]);
});

test("what is wrong is said beside the question and above the page, with links that lead there", async () => {
  const { place } = show(example, { hh_id: "12" });
  await press(button(place, "检查"));
  const links = [...place.querySelectorAll<HTMLAnchorElement>(".problems a")];
  expect(links.map((link) => link.textContent)).toEqual([
    "户编号：请输入6位数字",
    "访问日期：请回答这一题",
    "是否同意参加调查?：请回答这一题",
  ]);
  const control = place.querySelector("#q-hh_id") as HTMLElement;
  expect(control.getAttribute("aria-invalid")).toBe("true");
  const said = control.getAttribute("aria-describedby")?.split(" ").pop();
  expect(place.querySelector(`#${said}`)?.textContent).toContain("请输入6位数字");
  await press(links[1] as HTMLElement);
  expect(document.activeElement?.id).toBe("q-visit_date");
  await press(button(place, "先往下走"));
  expect(place.querySelector("h1")?.textContent).toBe("检查");
});

test("an interview goes on where it stopped, in the row that was open", () => {
  const draft: Answers = { consent: "yes", members: [{ name: "A", age: 40 }] };
  const { place } = show(example, draft, { position: { page: "people", row: ["members", 0] } });
  expect((place.querySelector("#q-members-0-name") as HTMLInputElement).value).toBe("A");
});

test("a position that is no more falls back to its page", () => {
  const { place } = show(example, { consent: "yes" }, { position: { page: "people", row: ["members", 3] } });
  expect(place.querySelector("h1")?.textContent).toBe("成员");
});

test("a row is removed only when one is sure", async () => {
  const members = [{ name: "A", age: 40 }, { name: "B", age: 3 }];
  const shown = show(example, { consent: "yes", members }, { position: { page: "people", row: [] } });
  await press(button(shown.place, "删掉"));
  expect(shown.saved).toEqual([]);
  await press(button(shown.place, "不删"));
  await press(button(shown.place, "删掉"));
  await press(shown.place.querySelector(".danger") as HTMLElement);
  expect(lastDraft(shown).members).toEqual([members[1]]);
});

test("what is no number stays as it was typed, and is said to be none", async () => {
  const shown = show(example, { consent: "yes", livestock: ["sheep"] }, { position: { page: "herd", row: [] } });
  await type(shown.place, "q-sheep_count", "很多");
  expect(lastDraft(shown).sheep_count).toBe("很多");
  shown.place.querySelector("#q-sheep_count")?.dispatchEvent(new Event("blur"));
  await settled();
  expect(shown.place.querySelector("#q-sheep_count-wrong")?.textContent).toContain("请填数字");
});

const CONFIRM: FormSchema = {
  "x-form": { form_id: "x", version: "1", languages: ["zh-Hans"] },
  "x-pages": [{ page: "a", "x-i18n-title": { "zh-Hans": "甲" }, items: ["day", "people"] }],
  type: "object",
  additionalProperties: false,
  properties: {
    day: {
      "x-i18n-title": { "zh-Hans": "哪天" },
      "x-prefill": { fact: "household.move_in", confirm: true },
      "x-missing": ["dk"],
      if: { enum: ["dk"] },
      else: { type: "string", format: "date" },
    },
    people: {
      type: "array",
      "x-entity": "person",
      "x-widget": "repeat",
      "x-repeat": { "x-key": "id", summary: ["name"] },
      items: {
        type: "object",
        additionalProperties: false,
        properties: {
          id: { type: "string" },
          name: { type: "string", "x-prefill": "person.name" },
          sex: { enum: ["1", "2"], "x-prefill": { fact: "person.sex", confirm: true } },
        },
      },
    },
  },
};
const KNOWN: Known = {
  facts: { "household.move_in": "2026-03-15" },
  rows: { person: [{ key: "p1", facts: { "person.name": "布和", "person.sex": "1" } }] },
};

test("a group that is a record begins with what is known of the record", () => {
  const dwelling: FormSchema = {
    "x-form": { form_id: "x", version: "1", languages: ["zh-Hans"] },
    "x-pages": [{ page: "a", "x-i18n-title": { "zh-Hans": "甲" }, items: ["dwelling"] }],
    type: "object",
    additionalProperties: false,
    properties: {
      dwelling: {
        type: "object",
        additionalProperties: false,
        "x-entity": "record:dwelling",
        properties: { area: { type: "number", "x-prefill": "area" } },
      },
    },
  };
  const known: Known = { facts: { area: 1 }, rows: { "record:dwelling": [{ key: "dwelling", facts: { area: 80 } }] } };
  expect(startDraft(formOf(dwelling), known, services.newId)).toEqual({ dwelling: { area: 80 } });
  expect(startDraft(formOf(dwelling), { facts: { area: 1 } }, services.newId)).toEqual({});
});

test("what the ledger knows is confirmed with one press, or asked", async () => {
  const draft = startDraft(formOf(CONFIRM), KNOWN, services.newId);
  expect(draft).toEqual({ people: [{ id: "p1", name: "布和" }] });
  const shown = show(CONFIRM, draft, { known: KNOWN, last: { day: "2025-11-03", answers: { day: "2025-01-01" } } });
  const { place } = shown;
  expect(place.textContent).toContain("台账里是 2026-03-15");
  expect(place.textContent).toContain("上次（2025-11-03）：2025-01-01");
  await press(button(place, "对"));
  expect(lastDraft(shown).day).toBe("2026-03-15");
  await press(button(place, "改"));
  expect(lastDraft(shown).day).toBeUndefined();
  await press(button(place, "不知道"));
  expect(lastDraft(shown).day).toBe("dk");
  await press(button(place, "填写"));
  await press(button(place, "对"));
  expect(lastDraft(shown).people).toEqual([{ id: "p1", name: "布和", sex: "1" }]);
});

test("what is known of the record that a group is about is confirmed, and what was said of it last time is shown", async () => {
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema", type: "object", title: "访问", "x-i18n-title": { "zh-Hans": "访问" },
    "x-pages": [{ name: "home", "x-i18n-title": { "zh-Hans": "住房" }, items: ["dwelling"] }],
    properties: {
      dwelling: {
        type: "object", title: "这套房子", "x-entity": "record:dwelling", additionalProperties: false,
        properties: {
          handover_on: { type: "string", format: "date", title: "哪天拿到钥匙的？", "x-widget": "date", "x-prefill": { fact: "handover_on", confirm: true } },
          rooms: { type: "integer", title: "几间房？", "x-widget": "number" },
        },
      },
    },
    additionalProperties: false,
  } as unknown as FormSchema;
  const known: Known = { facts: {}, rows: { "record:dwelling": [{ key: "d", facts: { handover_on: "2025-04-28" } }] } };
  const shown = show(schema, {}, { known, last: { day: "2026-04-01", answers: { dwelling: { rooms: 3 } } } });
  expect(shown.place.textContent).toContain("台账里是 2025-04-28");
  expect(shown.place.querySelector(".last")?.textContent).toContain("3");
  await press(button(shown.place, "对"));
  expect(lastDraft(shown)).toEqual({ dwelling: { handover_on: "2025-04-28" } });
});
