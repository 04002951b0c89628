/** What is wrong with answers, in the codes of the server's gate and in plain words. */
import { own, type Answers, type Issue, type Json, type Language, type Path, type Texts } from "./types";
import type { Check, Form, Holder, Question } from "./model";
import type { Node } from "./settle";
import { say, textIn, type Message } from "./messages";

/** Issue code by the JSON Schema keyword that was not met, as forms/explain.py has it; any other is `invalid`. */
const CODES: { readonly [keyword: string]: Message } = {
  type: "type",
  enum: "not-a-choice",
  const: "not-a-choice",
  minimum: "too-small",
  exclusiveMinimum: "too-small",
  maximum: "too-large",
  exclusiveMaximum: "too-large",
  minLength: "too-short",
  maxLength: "too-long",
  pattern: "pattern",
  format: "format",
  multipleOf: "step",
  minItems: "too-few",
  maxItems: "too-many",
  uniqueItems: "repeated",
};

/** What an issue is looked for in: the form, the day, the answers as a whole, and the language of the words. */
export interface Context {
  readonly form: Form;
  readonly today: string;
  readonly root: Answers;
  readonly language: Language;
}

/** What is wrong with one answer that is given, by itself. */
export function wrongWith(context: Context, question: Question, value: Json, path: Path): Issue | null {
  const keyword = question.inner ? listKeyword(question, value) : context.form.judge.wrong(question.raw, value);
  if (keyword === null) return null;
  const code = CODES[keyword] ?? "invalid";
  const limit = question.schema[keyword];
  const said = !question.inner && textIn(question.error, context.language);
  const words = code === "type" && question.widget === "number" ? say("not-a-number") : "";
  const message = said || words || say(code, { limit: String(limit ?? "") });
  return { code, path, severity: "error", message };
}

/** Of a repeat, whose rows are looked through one by one, the length alone. */
function listKeyword(question: Question, value: Json): string | null {
  if (!Array.isArray(value)) return null;
  const { minItems, maxItems } = question.schema as { minItems?: number; maxItems?: number };
  if (value.length < (minItems ?? 0)) return "minItems";
  return value.length > (maxItems ?? Infinity) ? "maxItems" : null;
}

/** The checks that fail for an object of answers; `about` as the server's gate names it. */
export function failing(context: Context, checks: readonly Check[], answers: Answers, path: Path): Issue[] {
  const scope = { data: answers, root: context.root, today: context.today };
  return checks
    .filter((check) => check.that.run(scope) === false)
    .map((check) => ({
      code: `check:${check.name}`,
      path,
      severity: check.severity,
      message: textIn(check.words, context.language) || say("check"),
    }));
}

/** Everything that is wrong with one question as it stands: no answer, a wrong one, checks; and inside it. */
export function issuesOf(context: Context, question: Question, node: Node, above: Path): Issue[] {
  if (!node.shown.has(question.name)) return [];
  const path = [...above, question.name];
  const value = own(node.answers, question.name);
  const found: Issue[] = [];
  const needed = node.required.has(question.name) && !node.kept.includes(question.name);
  if (value === undefined) {
    if (needed) {
      found.push({ code: "required", path, severity: "error", message: say("required") });
    }
  } else {
    const wrong = wrongWith(context, question, value, path);
    if (wrong) found.push(wrong);
  }
  if (question.inner && (value !== undefined || question.widget === "group")) {
    (node.inner[question.name] ?? []).forEach((inner, index) => {
      if (question.widget === "group" && value === undefined && !needed) return;
      const at = question.widget === "group" ? path : [...path, index];
      found.push(...issuesIn(context, question.inner as Holder, inner, at));
    });
  }
  return found.concat(failing(context, question.checks, node.answers, path));
}

/** Everything that is wrong in an object of answers; of the root, only with the named questions if they are given. */
export function issuesIn(context: Context, holder: Holder, node: Node, path: Path, names?: readonly string[]): Issue[] {
  const questions = names ? holder.questions.filter((question) => names.includes(question.name)) : holder.questions;
  const found = questions.flatMap((question) => issuesOf(context, question, node, path));
  return names ? found : found.concat(failing(context, holder.checks, node.answers, path));
}

/** Whether anything inside was answered before and is not told here: then only the server can judge the whole. */
const keeps = ({ kept, inner }: Node): boolean => kept.length > 0 || Object.values(inner).some((nodes) => nodes.some(keeps));

/** Everything that is wrong with a finished interview; last of all, whether the validator takes it as a whole. */
export function judgeWhole(context: Context, node: Node): Issue[] {
  const found = issuesIn(context, context.form.root, node, []);
  if (!found.some((issue) => issue.severity === "error") && !keeps(node) && !context.form.judge.accepts(node.answers)) {
    found.push({ code: "invalid", path: [], severity: "error", message: say("invalid") });
  }
  return found;
}

export const pathKey = (path: Path): string => path.join("/");
export const isAt = (path: Path, start: Path): boolean => start.every((part, index) => path[index] === part);
export type { Texts };
