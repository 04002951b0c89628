/** Shapes that renderer, validator and app share. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
/** Answers of a form, a group or a row, by question. */
export type Answers = { [name: string]: Json };
/** A compiled form version: JSON Schema 2020-12 with x- keywords. */
export type FormSchema = { [keyword: string]: Json };
export type Schema = boolean | FormSchema;
/** Words by language. */
export type Texts = { [language: string]: string };
export type Language = "zh-Hans" | "en" | "mn-Mong" | (string & {});
/** Where an answer stands: names of questions and numbers of rows, from the root. */
export type Path = ReadonlyArray<string | number>;

/** Where in the form one is: a page (or the check at the end), and the open rows above what is shown. */
export interface Position {
  readonly page: string;
  readonly row: Path;
}

/** What is wrong with an answer; codes are those of the server's gate. */
export interface Issue {
  readonly code: string;
  readonly path: Path;
  readonly severity: "error" | "warning";
  readonly message: string;
}

/** What the ledger knows of the subject: facts by name as in `x-fact`, and rows by entity as in `x-entity`. */
export interface Known {
  readonly key?: string;
  readonly facts: { readonly [fact: string]: Json };
  readonly rows?: { readonly [entity: string]: readonly Known[] };
}

export const isObject = (value: unknown): value is { [name: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * In an object of a draft: the names of answers that were not told to this phone, and stand as they are unless they are
 * given anew. No question is called so, and it is never handed over.
 */
export const KEPT = "~";

/** A member of an object that is its own: a question may be called `constructor`. */
export const own = (object: { readonly [name: string]: Json }, name: string): Json | undefined =>
  Object.prototype.hasOwnProperty.call(object, name) ? object[name] : undefined;
