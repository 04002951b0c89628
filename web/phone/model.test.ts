/** What the rows of a work list become: households and places, each with its own forms and findings. */
import { expect, test } from "vitest";

import type { JsonObject } from "./canonical";
import { addressOf, askedIn, found, isAsked, missing, modelOf, nameOf, registryNo, short } from "./model";
import type { Held } from "./rows";

const LIST = { title: "一组", round: "r1", forms: ["visit", "site"], due: "2026-11-30" };
const HELD: Held = new Map([
  ["g", rows({ "form/visit": { subject: "household", sha256: "a" }, "form/site": { subject: "site", sha256: "b" } })],
  [
    "w-1",
    rows({
      worklist: LIST,
      "household/0190b000-1": { facts: { registry_no: "HJ-1", address: "1号楼" }, members: [{ id: "m", name: "巴图", relation: "02" }] },
      "site/site:s1": { facts: { name: "一号点", location: "东街" }, interviews: { site: { on: "2026-11-20", round: "r1" } } },
      "banner/banner:150625": { facts: {} },
      "finding/f1": { rule: "site/survey-stale", subject: "site:s1", household: "site:s1" },
      "finding/f2": { rule: "insurance/lapse", subject: "m" },
    }),
  ],
]);

function rows(given: Record<string, unknown>): Map<string, JsonObject> {
  return new Map(Object.entries(given) as [string, JsonObject][]);
}

const { entries } = modelOf(HELD);
const [home, site, banner] = [entries.get("0190b000-1")!, entries.get("site:s1")!, entries.get("banner:150625")!];

test("each entry knows what it is, how it is called and where it is", () => {
  expect([home, site, banner].map((each) => [each.kind, nameOf(each), registryNo(each), addressOf(each)])).toEqual([
    ["household", "巴图", "HJ-1", "1号楼"],
    ["site", "一号点", "s1", "东街"],
    ["banner", "150625", "150625", ""],
  ]);
  expect(short("0190b000-0000")).toBe("0190b000");
});

test("of the forms of a list only those are to be asked that are about what an entry is", () => {
  expect([home, site, banner].map((each) => each.forms)).toEqual([["visit"], ["site"], []]);
  expect(missing(home, new Set())).toEqual(["visit"]);
  expect(missing(site, new Set())).toEqual([]);
  expect(missing({ ...site, interviews: {} }, new Set(["site:s1/site/r1"]))).toEqual([]);
});

test("a household in the lists of two rounds is asked for both, each form in the round that names it", () => {
  const other = { title: "劳动力月报", round: "r2", forms: ["labour", "visit"], due: "2026-12-05" };
  const visited = { interviews: { visit: { on: "2026-11-20", round: "r1" } }, epoch: 3 };
  const both: Held = new Map([...HELD, ["w-2", rows({ worklist: other, "household/0190b000-1": visited })]]);
  const first = modelOf(both).entries.get("0190b000-1")!;
  const none = new Set<string>();
  expect([first.list.round, missing(first, none)]).toEqual(["r1", ["visit", "labour", "visit"]]);
  expect(askedIn(first, "labour", none).list.round).toBe("r2");
  const sent = new Set(["0190b000-1/visit/r1"]);
  const next = askedIn(first, "visit", sent);
  expect([next.list.round, next.epoch, isAsked(next, "visit", sent)]).toEqual(["r2", 3, false]);
  expect(missing(first, new Set([...sent, "0190b000-1/visit/r2", "0190b000-1/labour/r2"]))).toEqual([]);
  expect(askedIn(first, "rights", none)).toBe(first);
});

test("a form that the phone has not heard of yet is taken for one that fits", () => {
  const early = modelOf(new Map([...HELD].filter(([scope]) => scope !== "g")));
  expect(early.entries.get("0190b000-1")!.forms).toEqual(LIST.forms);
});

test("a finding is its subject's, of a site as of a member", () => {
  expect([home, site, banner].map((each) => each.findings.map(({ id }) => id))).toEqual([["f2"], ["f1"], []]);
});

test("a search finds a site by name, code and address", () => {
  const ids = (text: string): string[] => found(entries.values(), text).map(({ id }) => id);
  expect([ids("一号"), ids("s1"), ids("东街"), ids("巴图"), ids("hj-1 1号")]).toEqual([
    ["site:s1"], ["site:s1"], ["site:s1"], ["0190b000-1"], ["0190b000-1"],
  ]); // prettier-ignore
});
