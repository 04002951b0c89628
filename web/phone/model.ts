/** What the rows say, for the pages: households by work list, findings by household, one's own interviews. Pure. */

import type { JsonObject } from "./canonical";
import type { Held } from "./rows";

export interface Member {
  id: string;
  name?: string;
  sex?: string;
  birth_date?: string;
  relation?: string;
  joined?: string;
  left?: string;
  event?: string;
  facts?: JsonObject;
  spells?: Record<string, JsonObject[]>;
  records?: Record<string, JsonObject[]>;
}

export interface WorkList {
  scope: string;
  title: string;
  round: string | null;
  forms: string[];
  due: string | null;
}

/** A finding as it travels: what its message says. */
export interface Finding {
  id: string;
  rule: string;
  clause: string;
  subject: string;
  severity: string;
  unit: string;
  due: string;
  variant: string[];
  values: JsonObject;
  span?: string[];
  household?: string;
  /** Kind of the record that it is about, and whose. */
  record?: string;
  person?: string;
}

export interface Household {
  id: string;
  list: WorkList;
  region: string;
  epoch: number;
  facts: JsonObject;
  /** The household's own, those of its members apart. */
  spells?: Record<string, JsonObject[]>;
  records?: Record<string, JsonObject[]>;
  members: Member[];
  interviews: Record<string, { on: string; round?: string; state?: string }>;
  visits: [string, string][];
  findings: Finding[];
}

/** What became of one of one's own interviews. */
export interface OwnInterview {
  id: string;
  household: string;
  form: string;
  round: string | null;
  on: string;
  op: string;
  state: string;
  issues: JsonObject[];
  returned?: { on: string; reason: string };
}

export interface FormName {
  formId: string;
  sha256: string;
  version: string;
  title: Record<string, string>;
  subject: string;
}

/** All that is held, joined. Of a household in two lists the one that is due first is shown. */
export interface Model {
  lists: WorkList[];
  households: Map<string, Household>;
  interviews: OwnInterview[];
  forms: FormName[];
  codes: Map<string, JsonObject>;
}

export function modelOf(held: Held): Model {
  const lists: WorkList[] = [];
  const households = new Map<string, Household>();
  for (const [scope, rows] of held) {
    const row = scope.startsWith("w-") ? rows.get("worklist") : undefined;
    if (row) lists.push(workList(scope, row));
  }
  lists.sort((one, other) => (one.due ?? "9999").localeCompare(other.due ?? "9999"));
  for (const list of lists) {
    for (const home of householdsOf(list, held.get(list.scope)!)) {
      if (!households.has(home.id)) households.set(home.id, home);
    }
  }
  const own = [...held].filter(([scope]) => scope.startsWith("u-")).flatMap(([, rows]) => [...rows]);
  const reference = [...(held.get("g") ?? [])];
  return {
    lists,
    households,
    interviews: own.flatMap(([key, row]) => after("interview/", key, (id) => ({ ...row, id }) as unknown as OwnInterview)),
    forms: reference.flatMap(([key, row]) => after("form/", key, (id) => ({ ...row, formId: id }) as unknown as FormName)),
    codes: new Map(reference.flatMap(([key, row]) => after("codes/", key, (id) => [id, row] as const))),
  };
}

function after<T>(prefix: string, key: string, make: (rest: string) => T): T[] {
  return key.startsWith(prefix) ? [make(key.slice(prefix.length))] : [];
}

function workList(scope: string, row: JsonObject): WorkList {
  return {
    scope,
    title: String(row["title"] ?? ""),
    round: (row["round"] as string | undefined) ?? null,
    forms: (row["forms"] as string[] | undefined) ?? [],
    due: (row["due"] as string | undefined) ?? null,
  };
}

function householdsOf(list: WorkList, rows: ReadonlyMap<string, JsonObject>): Household[] {
  const homes = new Map<string, Household>();
  const homeOf = new Map<string, string>();
  for (const [key, row] of rows) {
    for (const id of after("household/", key, (rest) => rest)) {
      const home = { facts: {}, members: [], interviews: {}, visits: [], epoch: 0, ...row, id, list, findings: [] };
      homes.set(id, home as unknown as Household);
      for (const member of homes.get(id)!.members) homeOf.set(member.id, id);
    }
  }
  for (const [key, row] of rows) {
    for (const finding of after("finding/", key, (id) => ({ variant: [], values: {}, ...row, id }) as unknown as Finding)) {
      homes.get(finding.household ?? homeOf.get(finding.subject) ?? "")?.findings.push(finding);
    }
  }
  return [...homes.values()];
}

const HEAD = "02";

/** Return by whom a household is called: its head, else its first member who is there, else its number. */
export function nameOf(home: Household): string {
  const there = home.members.filter((member) => !member.left);
  const head = there.find((member) => member.relation === HEAD) ?? there[0];
  return head?.name ?? registryNo(home);
}

export function registryNo(home: Household): string {
  return String(home.facts["registry_no"] ?? home.id.slice(0, 8));
}

/** Return the forms of its list that a household was not yet asked in this round, drafts and outbox counted as asked. */
export function missing(home: Household, asked: ReadonlySet<string>): string[] {
  return home.list.forms.filter((form) => {
    const last = home.interviews[form];
    const here = last !== undefined && (last.round ?? null) === home.list.round;
    return !here && !asked.has(`${home.id}/${form}`);
  });
}

/** Return the households that a search finds: by name of a member, register number, address. */
export function found(homes: Iterable<Household>, search: string): Household[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return [...homes].filter((home) => {
    const names = home.members.map((member) => member.name ?? "");
    const text = [...names, registryNo(home), String(home.facts["address"] ?? "")].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
