/**
 * Skip logic, read from the schema itself: which questions of an object are forbidden, and which are required.
 *
 * Publishing wrote `x-when` out as if/then/else (forms/compile.py); a question is shown if and only if no branch that
 * holds makes its property `false`. Branches of the root may reach into groups and rows: what they say there is handed
 * down to them.
 */
import { isObject, type FormSchema, type Json, type Schema } from "./types";

/** Asks the validator whether a condition holds. */
export type Ask = (schema: Schema, value: Json) => boolean;
type Condition = (value: Json) => boolean;

/** What a schema says about the members of an object, made ready once. */
export interface Rule {
  readonly required: readonly string[];
  readonly forbids: readonly string[];
  readonly reach: ReadonlyArray<readonly [string, Rule]>;
  readonly items: Rule | null;
  readonly parts: readonly Rule[];
  readonly branch: readonly [Condition, Rule | null, Rule | null] | null;
}

/** What the rules say about one object. */
export interface Ruling {
  readonly required: Set<string>;
  readonly forbidden: Set<string>;
  readonly reach: Map<string, Rule[]>;
}

/** Makes the rule of a schema; of a holder, the members of `properties` are questions and no rules. */
export function ruleOf(schema: Schema | undefined, ask: Ask, isHolder = false): Rule | null {
  if (!isObject(schema)) return null;
  const members = Object.entries((schema.properties ?? {}) as { [name: string]: Schema });
  const inner = (value: Json | undefined): Rule | null => ruleOf(value as Schema | undefined, ask);
  return {
    required: (schema.required ?? []) as string[],
    forbids: members.filter(([, member]) => member === false).map(([name]) => name),
    reach: isHolder
      ? []
      : members.flatMap(([name, member]) => {
          const rule = ruleOf(member, ask);
          return rule ? [[name, rule] as const] : [];
        }),
    items: isHolder ? null : inner(schema.items),
    parts: ((schema.allOf ?? []) as FormSchema[]).flatMap((part) => inner(part) ?? []),
    branch:
      "if" in schema ? [(value) => ask(schema.if as Schema, value), inner(schema.then), inner(schema.else)] : null,
  };
}

/** Says what rules make of an object's answers. */
export function rulingOf(rules: readonly Rule[], answers: Json): Ruling {
  const ruling: Ruling = { required: new Set(), forbidden: new Set(), reach: new Map() };
  rules.forEach((rule) => collect(rule, answers, ruling));
  return ruling;
}

function collect(rule: Rule, answers: Json, ruling: Ruling): void {
  rule.required.forEach((name) => ruling.required.add(name));
  rule.forbids.forEach((name) => ruling.forbidden.add(name));
  for (const [name, inner] of rule.reach) {
    const list = ruling.reach.get(name);
    if (list) list.push(inner);
    else ruling.reach.set(name, [inner]);
  }
  rule.parts.forEach((part) => collect(part, answers, ruling));
  if (rule.branch) {
    const [holds, then, otherwise] = rule.branch;
    const taken = holds(answers) ? then : otherwise;
    if (taken) collect(taken, answers, ruling);
  }
}
