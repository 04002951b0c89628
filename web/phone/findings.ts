/** A finding said in words, the same as the server's (`validators/messages/render.py`), from the templates it gives. Pure. */

import type { Json } from "./canonical";
import type { Finding, Entry } from "./model";
import { inChinese, isDay } from "./days";

interface Wording {
  title?: string;
  text?: string;
  ask?: string;
  append?: string;
}

interface Template extends Wording {
  values: string[];
  variants: Record<string, Wording>;
}

interface Words {
  place?: true;
  codes_of?: string;
  texts?: Record<string, string>;
}

/** `GET /policy/messages`: all that is needed to say findings in one language. */
export interface Templates {
  version: string;
  language: string;
  fixed: Record<"open" | "unknown" | "no_relation" | "true" | "false" | "join" | "date", string>;
  clauses: Record<string, string>;
  units: Record<string, string>;
  places: Record<string, string>;
  codes: Record<string, Record<string, string>>;
  records: Record<string, string>;
  words: Record<string, Words>;
  messages: Record<string, Template>;
}

export interface Message {
  title: string;
  text: string;
  ask: string;
}

/** The open ends of time, as they travel. */
const NEVER = ["9999-12-31", "0001-01-01"];
const REGION = 6;

/** Return a finding in words, or null when the templates do not know its rule: they are older than the finding. */
export function render(finding: Finding, home: Entry, templates: Templates): Message | null {
  const template = templates.messages[finding.rule];
  if (!template) return null;
  const parts = { title: template.title ?? "", text: template.text ?? "", ask: template.ask ?? "" };
  for (const name of finding.variant) {
    const change = template.variants[name];
    parts.title = change?.title || parts.title;
    parts.text = (change?.text || parts.text) + (change?.append ?? "");
    parts.ask = change?.ask || parts.ask;
  }
  const said = { ...standard(finding, home, templates), ...valuesOf(finding, template, templates) };
  const fill = (text: string): string =>
    text.replace(/\{\{|\}\}|\{(\w+)\}/g, (whole, name?: string) => (name ? (said[name] ?? "") : whole.slice(1)));
  return { title: fill(parts.title), text: fill(parts.text), ask: fill(parts.ask) };
}

function standard(finding: Finding, home: Entry, templates: Templates): Record<string, string> {
  const { fixed } = templates;
  const whose = finding.person ?? finding.subject;
  const member = home.members.find((each) => each.id === whose) ?? home.members.find((each) => each.relation === "02");
  const number = String(home.facts["registry_no"] ?? home.facts["name"] ?? home.id);
  const [start, end] = finding.span ?? [];
  const open = (day: string | undefined): string => (day === undefined ? fixed.open : sayDay(day, templates));
  return {
    person: member ? (member.name ?? member.id) : number,
    relation: templates.codes["relation"]?.[member?.relation ?? ""] ?? fixed.no_relation,
    household: number,
    site: number,
    record: templates.records[finding.record ?? ""] ?? "",
    from: finding.span ? open(start) : fixed.unknown,
    to: finding.span ? open(end) : fixed.unknown,
    clause: finding.clause,
    clause_title: templates.clauses[finding.clause] ?? "",
    unit: templates.units[finding.unit] ?? finding.unit,
    due: sayDay(finding.due, templates),
    region: placeOf(home.region, templates),
  };
}

function valuesOf(finding: Finding, template: Template, templates: Templates): Record<string, string> {
  const area = finding.rule.split("/")[0]!;
  const said: Record<string, string> = {};
  for (const name of template.values) {
    let words = templates.words[`${area}/${name}`];
    if (words?.codes_of !== undefined) {
      const codes = templates.codes[String(finding.values[words.codes_of])] ?? {};
      words = { texts: { ...codes, ...words.texts } };
    }
    said[name] = say(words, finding.values[name] ?? null, templates);
  }
  return said;
}

function say(words: Words | undefined, value: Json, templates: Templates): string {
  const { fixed } = templates;
  if (Array.isArray(value)) return value.map((each) => say(words, each, templates)).join(fixed.join);
  if (typeof value === "boolean") return value ? fixed.true : fixed.false;
  if (isDay(value)) return sayDay(value, templates);
  if (words?.place) return placeOf(String(value), templates);
  if (words?.texts) return words.texts[String(value)] ?? String(value);
  return typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : String(value);
}

const placeOf = (code: string, templates: Templates): string => templates.places[code.slice(0, REGION)] ?? code;

/** Say a day: 2020年4月1日, 2020-04-01; the open ends of time have words of their own. */
export function sayDay(day: string, { fixed }: Pick<Templates, "fixed">): string {
  if (day === NEVER[0]) return fixed.open;
  if (day === NEVER[1]) return fixed.unknown;
  return fixed.date === "iso" ? day : inChinese(day);
}
