/** What the rows say, for the pages: ledger entries by work list, their findings, one's own interviews. Pure. */

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

/** What a ledger entry is of: a household, a site (安置点) or a banner. */
export type Kind = "household" | "site" | "banner";

/** A ledger entry as a work list holds it. A site and a banner have no members. */
export interface Entry {
  id: string;
  kind: Kind;
  list: WorkList;
  /** The same in the other lists that hold it, which are due later. */
  also: Entry[];
  /** Those forms of its list that are about what it is. */
  forms: string[];
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

/** An interview that is to be corrected. `row`: what was told of it, for phones that have not made it. */
export interface Returned {
  id: string;
  household: string;
  formId: string;
  reason: string;
  /** The op that counts, where it is one of the user's own. */
  op?: string;
  row?: ReturnedRow;
}

/** `kept`: pointers of answers that are not told, and stand as they are unless they are given anew. */
export interface ReturnedRow {
  household: string;
  form: string;
  form_id: string;
  round: string | null;
  revision: string;
  reason: string;
  answers: JsonObject;
  kept?: string[];
}

export interface FormName {
  formId: string;
  sha256: string;
  version: string;
  title: Record<string, string>;
  subject: string;
}

/** All that is held, joined. Of an entry in several lists the one that is due first is shown; what is to be asked is that of all. */
export interface Model {
  lists: WorkList[];
  entries: Map<string, Entry>;
  interviews: OwnInterview[];
  returned: Returned[];
  forms: FormName[];
  codes: Map<string, JsonObject>;
}

export function modelOf(held: Held): Model {
  const lists: WorkList[] = [];
  const entries = new Map<string, Entry>();
  for (const [scope, rows] of held) {
    const row = scope.startsWith("w-") ? rows.get("worklist") : undefined;
    if (row) lists.push(workList(scope, row));
  }
  lists.sort((one, other) => (one.due ?? "9999").localeCompare(other.due ?? "9999"));
  const own = [...held].filter(([scope]) => scope.startsWith("u-")).flatMap(([, rows]) => [...rows]);
  const reference = [...(held.get("g") ?? [])];
  const forms = reference.flatMap(([key, row]) => after("form/", key, (id) => ({ ...row, formId: id }) as unknown as FormName));
  for (const list of lists) {
    for (const home of entriesOf(list, held.get(list.scope)!, forms)) {
      const before = entries.get(home.id);
      if (before) before.also.push(home);
      else entries.set(home.id, home);
    }
  }
  const interviews = own.flatMap(([key, row]) => after("interview/", key, (id) => ({ ...row, id }) as unknown as OwnInterview));
  return {
    lists,
    entries,
    interviews,
    returned: returnedOf(interviews, lists.flatMap((list) => [...held.get(list.scope)!])),
    forms,
    codes: new Map(reference.flatMap(([key, row]) => after("codes/", key, (id) => [id, row] as const))),
  };
}

function returnedOf(interviews: readonly OwnInterview[], rows: readonly [string, JsonObject][]): Returned[] {
  const found = new Map<string, Returned>();
  for (const { id, household, form, op, returned } of interviews) {
    if (returned) found.set(id, { id, household, formId: form, reason: returned.reason, op });
  }
  for (const [key, content] of rows) {
    for (const id of after("returned/", key, (rest) => rest)) {
      const row = content as unknown as ReturnedRow;
      found.set(id, { ...found.get(id), id, household: row.household, formId: row.form_id, reason: row.reason, row });
    }
  }
  return [...found.values()];
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

/** Whether a form is about what an entry is of; of one that is not known yet it is taken for granted. */
const fits = (forms: readonly FormName[], formId: string, kind: Kind): boolean =>
  (forms.find((each) => each.formId === formId)?.subject ?? kind) === kind;

function entriesOf(list: WorkList, rows: ReadonlyMap<string, JsonObject>, forms: readonly FormName[]): Entry[] {
  const homes = new Map<string, Entry>();
  const homeOf = new Map<string, string>();
  for (const [key, row] of rows) {
    const [, kind, id] = /^(household|site|banner)\/(.*)/.exec(key) ?? [];
    if (id) {
      const own = { id, kind, list, forms: list.forms.filter((form) => fits(forms, form, kind as Kind)), also: [], findings: [] };
      homes.set(id, { facts: {}, members: [], interviews: {}, visits: [], epoch: 0, ...row, ...own } as unknown as Entry);
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

/** Return how an entry is called: a household by its head, else its first member who is there; a place by its name. */
export function nameOf(home: Entry): string {
  const there = home.members.filter((member) => !member.left);
  const head = there.find((member) => member.relation === HEAD) ?? there[0];
  return head?.name ?? String(home.facts["name"] ?? registryNo(home));
}

/** Return the number of a household in its register, the code of a site or banner. */
export function registryNo(home: Entry): string {
  return String(home.facts["registry_no"] ?? short(home.id));
}

/** What of an id is shown where nothing else is known: the code of a site, the first digits of any other. */
export const short = (id: string): string => (/:(.*)/.exec(id) ?? [])[1] ?? id.slice(0, 8);

export function addressOf({ facts }: Entry): string {
  return String(facts["address"] ?? facts["location"] ?? "");
}

const inAll = (home: Entry): Entry[] => [home, ...home.also];

/** Whether a form was asked in the round of an entry's list; `asked`: what the server may not know yet. */
export const isAsked = ({ id, list, interviews }: Entry, form: string, asked: ReadonlySet<string>): boolean =>
  (form in interviews && (interviews[form]!.round ?? null) === list.round) || asked.has(`${id}/${form}/${list.round}`);

/** Return the forms that an entry was not yet asked in the rounds of its lists. */
export const missing = (home: Entry, asked: ReadonlySet<string>): string[] =>
  inAll(home).flatMap((each) => each.forms.filter((form) => !isAsked(each, form, asked)));

/** Return an entry in the list for which a form is asked: where that is still to be done, else where it was, if anywhere. */
export function askedIn(home: Entry, form: string, asked: ReadonlySet<string>): Entry {
  const named = inAll(home).filter(({ forms }) => forms.includes(form));
  return named.find((each) => !isAsked(each, form, asked)) ?? named[0] ?? home;
}

/** Whether any list of an entry names a form. */
export const isDue = (home: Entry, form: string): boolean => inAll(home).some(({ forms }) => forms.includes(form));

/** Return the entries that a search finds: by their name or that of a member, register number, address. */
export function found(homes: Iterable<Entry>, search: string): Entry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return [...homes].filter((home) => {
    const names = home.members.map((member) => member.name ?? "");
    const text = [nameOf(home), ...names, registryNo(home), addressOf(home)].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
