/** Changes to a draft, never in place; and the draft one starts from. */
import { equal } from "./expressions";
import type { Form, Holder, Question } from "./model";
import { isObject, own, type Answers, type Json, type Known, type Path } from "./types";

/** The draft with the answer at a path put in, or taken out if it is undefined or an empty text. */
export function withAnswer(draft: Answers, path: Path, value: Json | undefined): Answers {
  return put(draft, path, value === "" || value === null ? undefined : value) as Answers;
}

function put(value: Json | undefined, path: Path, answer: Json | undefined): Json | undefined {
  const [part, ...rest] = path;
  if (part === undefined) return answer;
  if (typeof part === "number") {
    const list = Array.isArray(value) ? value : [];
    const changed = put(list[part], rest, answer);
    const copy = list.slice();
    if (changed === undefined) copy.splice(part, 1);
    else copy[part] = changed;
    return copy;
  }
  const { [part]: before, ...others } = isObject(value) ? value : ({} as Answers);
  const changed = put(before, rest, answer);
  return changed === undefined ? others : { ...(isObject(value) ? value : {}), [part]: changed };
}

/** What a draft holds at a path. */
export function answerAt(draft: Json | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((here, part) => {
    if (typeof part === "number") return Array.isArray(here) ? here[part] : undefined;
    return isObject(here) ? own(here, part) : undefined;
  }, draft);
}

/** A new row of a repeat with a key of its own, if the phone makes the keys, and what is copied from the ledger. */
export function newRow(inner: Holder, newId: () => string, known?: Known): Answers {
  const hidden = inner.questions.find((question) => question.hidden);
  const row = startOf(inner, known, newId);
  return hidden ? { [hidden.name]: known?.key ?? newId(), ...row } : row;
}

/** The draft that an interview begins with: what the ledger knows and is not to be asked; rows for all it knows of. */
export function startDraft(form: Form, known: Known | undefined, newId: () => string): Answers {
  return startOf(form.root, known, newId);
}

function startOf(holder: Holder, known: Known | undefined, newId: () => string): Answers {
  const draft: Answers = {};
  if (!known) return draft;
  for (const question of holder.questions) {
    const { prefill, inner } = question;
    if (prefill && !prefill.confirm) {
      const value = known.facts[prefill.fact];
      if (value !== undefined && value !== null) draft[question.name] = value;
    } else if (inner && question.widget === "group") {
      const group = startOf(inner, within(question, known), newId);
      if (Object.keys(group).length) draft[question.name] = group;
    } else if (inner && question.entity && asks(inner)) {
      const rows = known.rows?.[question.entity] ?? [];
      if (rows.length) draft[question.name] = rows.map((row) => newRow(inner, newId, row));
    }
  }
  return draft;
}

/** What is known of what a group holds: of the one record that it is (`x-entity`), or of what it stands in. */
export const within = (question: Question, known: Known | undefined): Known | undefined =>
  question.entity ? known?.rows?.[question.entity]?.[0] : known;

/** Whether a row has anything to show of what is known. */
const asks = (inner: Holder): boolean => inner.questions.some((question) => question.prefill !== null || (question.inner !== null && asks(question.inner)));

/** Whether a row without a key is of what is known: all that was copied from that is in it. */
function isOf(holder: Holder, { facts }: Known, row: Answers): boolean {
  const copied = holder.questions.filter(({ prefill }) => prefill && !prefill.confirm);
  return copied.length > 0 && copied.every(({ name, prefill }) => equal(own(row, name) ?? null, facts[prefill!.fact] ?? null));
}

/** What is known of the object that holds a path's rows, by the rows of the draft: their keys, or what is copied into them. */
export function knownAt(form: Form, draft: Answers, known: Known | undefined, path: Path): Known | undefined {
  let [holder, here, found]: [Holder, Json | undefined, Known | undefined] = [form.root, draft, known];
  for (const part of path) {
    if (typeof part === "string") {
      const question = holder.questions.find((each) => each.name === part);
      if (!question?.inner) return undefined;
      here = isObject(here) ? own(here, part) : undefined;
      if (question.widget === "repeat") {
        const rows: readonly Known[] = (question.entity && found?.rows?.[question.entity]) || [];
        found = { facts: {}, rows: { "": rows }, key: question.key ?? "" };
      } else {
        found = within(question, found);
      }
      holder = question.inner;
    } else {
      here = Array.isArray(here) ? here[part] : undefined;
      const row = isObject(here) ? here : {};
      found = found?.rows?.[""]?.find((known) => (found!.key ? known.key === own(row, found!.key) : isOf(holder, known, row)));
    }
  }
  return found;
}
