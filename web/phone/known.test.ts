/** A draft begins with the spells and records that the household's row tells of. */
import { expect, test } from "vitest";

import { knownOf } from "./known";
import type { Entry } from "./model";

const MADE = expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown;
const HOME = {
  id: "0190b000-0000-7000-8000-000000000001",
  kind: "household",
  facts: { address: "1" },
  spells: { dibao: [{ start: "2020-01-01", kind: "1" }] },
  records: { dwelling: [{ cert: "1" }], plot: [{ key: "p1", area: 3 }] },
  members: [
    { id: "m1", birth_date: "1980-03-02", spells: { hukou: [{ place: "150625" }] }, records: { training: [{ year: 2024 }] } },
    { id: "m2", left: "2024-01-01" },
  ],
} as unknown as Entry;

test("the household's own spells and records are known, and those of who lives there", async () => {
  const { facts, rows } = await knownOf(HOME);
  expect(facts).toEqual({ "household.address": "1", "household.dibao.now": "yes" });
  expect(rows!["record:dwelling"]).toEqual([{ key: MADE, facts: { cert: "1" } }]);
  expect(rows!["record:plot"]).toEqual([{ key: "p1", facts: { area: 3 } }]);
  expect(rows!["spell:dibao"]![0]!.facts).toEqual({ start: "2020-01-01", kind: "1" });
  expect(rows!["person"]!.map((each) => each.key)).toEqual(["m1"]);
  const [member] = rows!["person"]!;
  expect(member!.rows!["record:training"]).toEqual([{ key: MADE, facts: { year: 2024 } }]);
  expect(member!.rows!["spell:hukou"]![0]!.facts).toEqual({ place: "150625", start: "1980-03-02" });
});

test("a spell without a key is answered about under a name made of whose it is, what it is and when it began", async () => {
  const [own] = (await knownOf(HOME)).rows!["spell:dibao"]!;
  const [other] = (await knownOf({ ...HOME, id: "another" })).rows!["spell:dibao"]!;
  expect(own!.key).toMatch(/^[0-9a-f-]{36}$/);
  expect(own!.key).not.toBe(other!.key);
});

test("a site begins with its own facts and records", async () => {
  const site = { id: "site:s1", kind: "site", facts: { name: "一号点" }, records: { infrastructure: [{ item: "1", status: "2" }] }, members: [] };
  const { facts, rows } = await knownOf(site as unknown as Entry);
  expect(facts).toEqual({ "site.name": "一号点" });
  expect(rows).toEqual({ person: [], "record:infrastructure": [{ key: MADE, facts: { item: "1", status: "2" } }] });
});
