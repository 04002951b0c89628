/** A form version as the renderer reads it: pages, questions, rules, made once from the compiled document. */
import { parse, type Expression } from "./expressions";
import { ruleOf, type Rule } from "./rules";
import { isObject, type FormSchema, type Json, type Schema, type Texts } from "./types";
import { judgeOf, type Judge } from "./validate";

export type Widget =
  | "text" | "textarea" | "number" | "radio" | "checkboxes" | "select" | "date" | "month" | "gps" | "camera"
  | "repeat" | "note" | "group";

export interface Choice {
  readonly value: Json;
  readonly title: Texts;
  readonly hint: Texts;
}

/** An `x-check`: it fails when its expression is exactly false. */
export interface Check {
  readonly name: string;
  readonly severity: "error" | "warning";
  readonly words: Texts;
  readonly that: Expression;
}

export interface Question {
  readonly name: string;
  /** As the document has it, for the validator. */
  readonly raw: Schema;
  /** With what it refers to merged in. */
  readonly schema: FormSchema;
  readonly kind: string;
  readonly widget: Widget;
  readonly title: Texts;
  readonly hint: Texts;
  readonly error: Texts;
  readonly choices: readonly Choice[];
  readonly missing: readonly string[];
  readonly calc: Expression | null;
  readonly checks: readonly Check[];
  /** Ledger fact to start from, and whether it is asked rather than copied. */
  readonly prefill: { readonly fact: string; readonly confirm: boolean } | null;
  /** Of a repeat: the question that makes a row the same one next time. */
  readonly key: string | null;
  readonly summary: readonly string[];
  readonly entity: string | null;
  /** Of a repeat its rows, of a group its members. */
  readonly inner: Holder | null;
  /** Made by the phone, never asked: the key of a row. */
  readonly hidden: boolean;
}

/** An object whose members are questions: the root, a group, the rows of a repeat. */
export interface Holder {
  readonly questions: readonly Question[];
  readonly rule: Rule;
  readonly checks: readonly Check[];
  /** Whether an expression inside reads the root of the answers. */
  readonly readsRoot: boolean;
}

export interface Page {
  readonly name: string;
  readonly title: Texts;
  readonly hint: Texts;
  readonly items: readonly string[];
}

export interface Form {
  readonly document: FormSchema;
  readonly judge: Judge;
  readonly title: Texts;
  readonly languages: readonly string[];
  readonly pages: readonly Page[];
  readonly root: Holder;
}

const HOPS = 32;
const SELECT_FROM = 8;
const LIST = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
const texts = (value: Json | undefined): Texts => (isObject(value) ? (value as Texts) : {});

/** A question's schema with `$ref` merged in and the encoding of `x-missing` opened; its own keywords prevail. */
export function resolve(document: FormSchema, schema: Json | undefined): FormSchema {
  let merged: FormSchema = isObject(schema) ? { ...schema } : {};
  for (let hop = 0; hop < HOPS; hop += 1) {
    if ("x-missing" in merged && isObject(merged.else)) {
      const { if: _if, then: _then, else: inner, ...own } = merged;
      merged = { ...(inner as FormSchema), ...own };
    } else if (typeof merged.$ref === "string") {
      const { $ref, ...own } = merged;
      const target = ((document.$defs ?? {}) as FormSchema)[String($ref).replace("#/$defs/", "")];
      merged = { ...(isObject(target) ? target : {}), ...own };
    } else return merged;
  }
  throw new Error("a $ref leads back to itself");
}

/** Makes a form of a compiled version. */
export function formOf(version: FormSchema): Form {
  const judge = judgeOf(version);
  const document = judge.document;
  const about = texts(document["x-form"]);
  return {
    document,
    judge,
    title: texts(document["x-i18n-title"]),
    languages: LIST((about as FormSchema).languages) as string[],
    root: holderOf(judge, document),
    pages: LIST(document["x-pages"]).map((page) => {
      const schema = page as FormSchema;
      return {
        name: String(schema.page),
        title: texts(schema["x-i18n-title"]),
        hint: texts(schema["x-i18n-hint"]),
        items: LIST(schema.items) as string[],
      };
    }),
  };
}

function holderOf(judge: Judge, schema: FormSchema, key: string | null = null): Holder {
  const questions = Object.entries((schema.properties ?? {}) as { [name: string]: Schema })
    .filter(([, member]) => isObject(member))
    .map(([name, member]) => questionOf(judge, name, member as FormSchema, key));
  const checks = checksOf(schema);
  return {
    questions,
    checks,
    rule: ruleOf(schema, judge.meets, true) as Rule,
    readsRoot: questions.some(readsRoot) || checks.some((check) => fromRoot(check.that)),
  };
}

const fromRoot = (expression: Expression): boolean => expression.reads.some((path) => path.startsWith("$."));

function readsRoot(question: Question): boolean {
  return (question.calc !== null && fromRoot(question.calc)) || (question.inner?.readsRoot ?? false);
}

const checksOf = (schema: FormSchema): Check[] =>
  LIST(schema["x-check"]).map((entry) => {
    const check = entry as FormSchema;
    return {
      name: String(check.name),
      severity: check.severity === "warning" ? "warning" : "error",
      words: texts(check["x-i18n-error"]),
      that: parse(check.that ?? null),
    };
  });

function questionOf(judge: Judge, name: string, raw: FormSchema, holderKey: string | null): Question {
  const document = judge.document;
  const schema = resolve(document, raw);
  const row = resolve(document, schema.items);
  const repeat = texts(schema["x-repeat"]) as FormSchema;
  const key = (repeat["x-key"] as string | undefined) ?? null;
  const values = LIST(schema.enum ?? row.enum);
  const entries = LIST(schema["x-choices"] ?? row["x-choices"]) as FormSchema[];
  const kind = kindOf(schema);
  const widget = (schema["x-widget"] as Widget | undefined) ?? widgetOf(schema, row, kind);
  const holds = widget === "repeat" ? row : widget === "group" ? schema : null;
  const prefill = schema["x-prefill"];
  const inner = holds && "properties" in holds ? holderOf(judge, holds, key) : null;
  return {
    name, raw, schema, kind, widget, key, inner,
    title: "x-i18n-title" in schema ? texts(schema["x-i18n-title"]) : { "": String(schema.title ?? name) },
    hint: texts(schema["x-i18n-hint"]),
    error: texts(schema["x-i18n-error"]),
    choices: entries.length
      ? entries.map((entry) => ({
          value: entry.const as Json,
          title: texts(entry["x-i18n-title"]),
          hint: texts(entry["x-i18n-hint"]),
        }))
      : values.map((value) => ({ value, title: { "": String(value) }, hint: {} })),
    missing: entries.length || values.length ? [] : (LIST(schema["x-missing"]) as string[]),
    calc: "x-calc" in schema ? parse(schema["x-calc"] as Json) : null,
    checks: inner && widget === "group" ? [] : checksOf(schema),
    prefill: !prefill ? null : isObject(prefill)
      ? { fact: String(prefill.fact), confirm: prefill.confirm === true }
      : { fact: String(prefill), confirm: false },
    summary: LIST(repeat.summary) as string[],
    entity: (schema["x-entity"] as string | undefined) ?? null,
    hidden: name === holderKey && !("x-widget" in schema),
  };
}

function kindOf(schema: FormSchema): string {
  if (typeof schema.type === "string") return schema.type;
  const kinds = new Set(LIST(schema.enum).map((value) => typeof value));
  return kinds.size === 1 ? (kinds.values().next().value as string) : "";
}

/** The widget of a question that names none. */
function widgetOf(schema: FormSchema, row: FormSchema, kind: string): Widget {
  if (schema.enum) return LIST(schema.enum).length < SELECT_FROM ? "radio" : "select";
  if (kind === "array") return "properties" in row ? "repeat" : "checkboxes";
  if (kind === "object") return "group";
  if (kind === "number" || kind === "integer") return "number";
  return schema.format === "date" ? "date" : kind === "" && !("type" in schema) ? "note" : "text";
}
