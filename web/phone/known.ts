/** What the ledger knows of a household or place, as forms prefill from it: facts and rows by the names that questions state. */

import type { Known } from "../form";
import type { JsonObject } from "./canonical";
import { spellName, uuid7 } from "./ids";
import type { Entry, Member } from "./model";

type Listed = Record<string, JsonObject[]> | undefined;

export async function knownOf(home: Entry): Promise<Known> {
  const there = home.members.filter((member) => !member.left);
  const [persons, rows] = await Promise.all([Promise.all(there.map(personOf)), rowsOf(home.id, home.spells, home.records)]);
  return { facts: named(home.kind, { ...home.facts, ...nowOf(home.spells) }), rows: { ...rows, person: persons } };
}

async function personOf(member: Member): Promise<Known> {
  const { name, sex, birth_date, relation } = member;
  const own = Object.entries({ name, sex, birth_date, relation }).filter(([, value]) => value !== undefined);
  return {
    key: member.id,
    facts: named("person", { ...member.facts, ...nowOf(member.spells), ...(Object.fromEntries(own) as JsonObject) }),
    rows: await rowsOf(member.id, member.spells, member.records, birth_date),
  };
}

/** The spells and records of a household or a member, by the names that questions state. */
async function rowsOf(whose: string, spells: Listed, records: Listed, born = ""): Promise<Record<string, Known[]>> {
  const rows: Record<string, Known[]> = {};
  for (const [kind, listed] of Object.entries(spells ?? {})) {
    rows[`spell:${kind}`] = await Promise.all(listed.map((spell) => spellOf(whose, kind, spell, born)));
  }
  for (const [kind, listed] of Object.entries(records ?? {})) rows[`record:${kind}`] = listed.map(recordOf);
  return rows;
}

/** An open spell says that there is one now. */
const nowOf = (spells: Listed): JsonObject =>
  Object.fromEntries(Object.entries(spells ?? {}).flatMap(([kind, listed]) => (listed.some(({ end }) => !end) ? [[`${kind}.now`, "yes"]] : [])));

/** A record without `key` is told from others by what it says: its row of this draft gets a key of its own. */
const recordOf = ({ key = uuid7(), ...facts }: JsonObject): Known => ({ key: String(key), facts });

/** A spell without `start` began on the day of birth; one without `key` is answered about under its name. */
async function spellOf(whose: string, kind: string, { key, ...fields }: JsonObject, born: string): Promise<Known> {
  const start = String(fields["start"] ?? born);
  const name = key === undefined ? await spellName(whose, kind, start) : String(key);
  return { key: name, facts: { ...fields, ...(start ? { start } : {}) } };
}

const named = (level: string, facts: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(facts).map(([name, value]) => [`${level}.${name}`, value]));
