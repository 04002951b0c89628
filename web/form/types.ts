/** Shapes that renderer, validator and app share. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
/** Answers of a form, a group or a row, by question. */
export type Answers = { [name: string]: Json };
/** A compiled form version: JSON Schema 2020-12 with x- keywords. */
export type FormSchema = { [keyword: string]: Json };
