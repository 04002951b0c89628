/** What the ledger knows of a household, as forms prefill from it: facts and rows by the names that questions state. */

import type { Known } from "../form";
import type { JsonObject } from "./canonical";
import { spellName } from "./ids";
import type { Household, Member } from "./model";

export async function knownOf(home: Household): Promise<Known> {
  const there = home.members.filter((member) => !member.left);
  return { facts: named("household", home.facts), rows: { person: await Promise.all(there.map(personOf)) } };
}

async function personOf(member: Member): Promise<Known> {
  const { name, sex, birth_date, relation } = member;
  const own = Object.entries({ name, sex, birth_date, relation }).filter(([, value]) => value !== undefined);
  const rows = await Promise.all(
    Object.entries(member.spells ?? {}).map(async ([kind, spells]) => [
      `spell:${kind}`,
      await Promise.all(spells.map((spell) => spellOf(member, kind, spell))),
    ]),
  );
  return {
    key: member.id,
    facts: named("person", { ...member.facts, ...(Object.fromEntries(own) as JsonObject) }),
    rows: Object.fromEntries(rows) as Record<string, Known[]>,
  };
}

/** A spell without `start` began on the day of birth; one without `key` is answered about under its name. */
async function spellOf(member: Member, kind: string, spell: JsonObject): Promise<Known> {
  const { key, ...fields } = spell;
  const start = String(fields["start"] ?? member.birth_date ?? "");
  const name = key === undefined ? await spellName(member.id, kind, start) : String(key);
  return { key: name, facts: { ...fields, ...(start ? { start } : {}) } };
}

const named = (level: string, facts: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(facts).map(([name, value]) => [`${level}.${name}`, value]));
