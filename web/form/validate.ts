/**
 * The validator: `@cfworker/json-schema`, which walks the schema and makes no code, with the server's formats.
 *
 * Whole answer sets are validated when an interview is finished; while it is being filled in, single answers are.
 */
import { validate } from "@cfworker/json-schema";
import type { FormSchema, Json, Schema } from "./types";

export interface Judge {
  /** The document of the version. */
  readonly document: FormSchema;
  /** Tells whether an answer set meets the schema: the verdict of the server's gate. */
  accepts(answers: Json): boolean;
  /** Tells whether a value meets a part of the document. */
  meets(schema: Schema, value: Json): boolean;
  /** The first keyword of a part of the document that a value does not meet; null when it meets it. */
  wrong(schema: Schema, value: Json): string | null;
}

const GROUPS = new Set(["$ref", "if", "then", "else", "allOf", "anyOf", "oneOf", "properties", "items", "false"]);

/** The validator as the build makes it (build/plugins.mjs): of its parameters these are left. */
type Validate = (
  value: Json,
  schema: Schema,
  lookup: { readonly [ref: string]: Json },
  first: boolean,
) => { valid: boolean; errors: { keyword: string }[] };

/** Makes what judges the answers to a version. */
export function judgeOf(document: FormSchema): Judge {
  const shared = Object.entries((document.$defs ?? {}) as FormSchema);
  const lookup = Object.fromEntries(shared.map(([name, schema]) => [`#/$defs/${name}`, schema]));
  const run = (schema: Schema, value: Json, first: boolean): ReturnType<Validate> =>
    (validate as unknown as Validate)(value, schema, lookup, first);
  return {
    document,
    accepts: (answers) => run(document, answers, true).valid,
    meets: (schema, value) => run(schema, value, true).valid,
    wrong(schema, value) {
      const { valid, errors } = run(schema, value, false);
      if (valid) return null;
      return errors.find((error) => !GROUPS.has(error.keyword))?.keyword ?? "invalid";
    },
  };
}
