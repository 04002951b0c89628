/**
 * From a draft to what counts of it: which questions are asked, computed answers, and the answer set to hand over.
 *
 * A draft keeps every answer ever given; answers of questions that are not asked are left out here, and come back when
 * the question does. Conditions read what counts, so what hangs on a question that is not asked is not asked either.
 * Only what a key press changed is settled again: drafts are never changed in place, so the same object means the same.
 */
import { equal } from "./expressions";
import type { Form, Holder, Question } from "./model";
import { rulingOf, type Rule, type Ruling } from "./rules";
import { isObject, KEPT, own, type Answers, type Json } from "./types";

/** What counts of one object of the draft. */
export interface Node {
  /** The answers of the questions that are asked, computed ones among them. */
  readonly answers: Answers;
  readonly shown: ReadonlySet<string>;
  readonly required: ReadonlySet<string>;
  /** Names of what was answered before and is not told here. */
  readonly kept: readonly string[];
  /** Nodes of the rows of repeats, and of groups (a list of one), by question. */
  readonly inner: { readonly [name: string]: readonly Node[] };
}

interface Kept {
  readonly holder: Holder;
  readonly rules: readonly Rule[];
  readonly root: Json | null;
  readonly node: Node;
}

export type Settle = (draft: Answers) => Node;

const NOTHING: Answers = {};

/** Returns a function that settles drafts of a form on a day, and remembers what has not changed. */
export function settler(form: Form, today: string): Settle {
  const kept = new WeakMap<Answers, Kept>();

  function settle(holder: Holder, draft: Answers, rules: readonly Rule[], root: Answers | null): Node {
    const seen = root && kept.get(draft);
    const reads = holder.readsRoot ? root : null;
    if (seen && seen.holder === holder && seen.root === reads && sameItems(seen.rules, rules)) return seen.node;
    let node: Node = { answers: draft, shown: new Set(), required: new Set(), kept: [], inner: {} };
    for (let round = 0; round <= holder.questions.length; round += 1) {
      const next = step(holder, draft, rulingOf(rules, node.answers), root ?? node.answers, node);
      const done = round > 0 && sameMembers(next.answers, node.answers);
      node = done ? { ...next, answers: node.answers } : next;
      if (done) break;
    }
    if (root) kept.set(draft, { holder, rules, root: reads, node });
    return node;
  }

  function step(holder: Holder, draft: Answers, ruling: Ruling, root: Answers, before: Node): Node {
    const answers: Answers = {};
    const inner: { [name: string]: readonly Node[] } = {};
    const shown = new Set<string>();
    for (const question of holder.questions) {
      if (ruling.forbidden.has(question.name)) continue;
      shown.add(question.name);
      const required = ruling.required.has(question.name);
      const nodes = question.inner && nodesOf(question, draft, ruling, root, required);
      if (nodes) inner[question.name] = nodes;
      const value = question.calc
        ? question.calc.run({ data: before.answers, root, today })
        : nodes ? valueOf(question, nodes, before.answers) : own(draft, question.name);
      if (value !== undefined && value !== null) answers[question.name] = value;
    }
    return { answers, shown, required: ruling.required, kept: (own(draft, KEPT) as string[] | undefined) ?? [], inner };
  }

  function nodesOf(question: Question, draft: Answers, ruling: Ruling, root: Answers, required: boolean): Node[] | null {
    const given = own(draft, question.name);
    const inner = question.inner as Holder;
    const reach = ruling.reach.get(question.name) ?? [];
    if (question.widget === "group") {
      return [settle(inner, isObject(given) ? given : NOTHING, [inner.rule, ...reach], root)];
    }
    if (!Array.isArray(given)) return required && !question.schema.minItems ? [] : null;
    const rules = [inner.rule, ...reach.flatMap((rule) => rule.items ?? [])];
    return given.map((row) => settle(inner, isObject(row) ? row : NOTHING, rules, root));
  }

  return (draft) => settle(form.root, draft, [form.root.rule], null);
}

/** The answer of a repeat or group, the one before if it is the same. */
function valueOf(question: Question, nodes: readonly Node[], before: Answers): Json | undefined {
  if (question.widget === "group") {
    const group = (nodes[0] as Node).answers;
    return Object.keys(group).length ? group : undefined;
  }
  const rows = nodes.map((node) => node.answers);
  const last = own(before, question.name);
  return Array.isArray(last) && sameItems(last, rows) ? last : rows;
}

const sameItems = (left: readonly unknown[], right: readonly unknown[]): boolean =>
  left.length === right.length && left.every((item, index) => item === right[index]);

function sameMembers(left: Answers, right: Answers): boolean {
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => {
    const [one, other] = [left[name] as Json, own(right, name)];
    return one === other || (other !== undefined && equal(one, other));
  });
}
