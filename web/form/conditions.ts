/**
 * Conditions of skip logic, made into functions once: they are asked at each key press.
 *
 * What a condition uses beyond these keywords is asked of the validator itself, so the meaning is JSON Schema's always;
 * conditions.test.ts compares both on every condition of the catalogue.
 */
import { equal } from "./expressions";
import { isObject, own, type FormSchema, type Json, type Schema } from "./types";

export type Condition = (value: Json) => boolean;
/** Asks the validator; for what is not made into a function. */
export type Ask = (schema: FormSchema, value: Json) => boolean;

const always: Condition = () => true;
const asNumber = (value: Json): number | null => (typeof value === "number" ? value : null);

const NUMBERS: { [keyword: string]: (value: number, limit: number) => boolean } = {
  minimum: (value, limit) => value >= limit,
  maximum: (value, limit) => value <= limit,
  exclusiveMinimum: (value, limit) => value > limit,
  exclusiveMaximum: (value, limit) => value < limit,
};

const isType = (type: Json, value: Json): boolean => {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    case "integer":
      return typeof value === "number" && Number.isInteger(value);
    default:
      return typeof value === type;
  }
};

type Maker = (given: Json, make: (schema: Schema) => Condition) => Condition;

const each = (given: Json, make: (schema: Schema) => Condition): Condition[] =>
  (given as Schema[]).map(make);

const MAKERS: { [keyword: string]: Maker } = {
  const: (given) => (value) => equal(value, given),
  enum: (given) => (value) => (given as Json[]).some((item) => equal(item, value)),
  type: (given) => (value) => (Array.isArray(given) ? given : [given]).some((type) => isType(type, value)),
  required: (given) => (value) =>
    !isObject(value) || (given as string[]).every((name) => own(value, name) !== undefined),
  properties: (given, make) => {
    const members = Object.entries(given as { [name: string]: Schema }).map(
      ([name, schema]) => [name, make(schema)] as const,
    );
    return (value) =>
      !isObject(value) ||
      members.every(([name, holds]) => {
        const member = own(value, name);
        return member === undefined || holds(member);
      });
  },
  not: (given, make) => {
    const holds = make(given as Schema);
    return (value) => !holds(value);
  },
  allOf: (given, make) => {
    const parts = each(given, make);
    return (value) => parts.every((holds) => holds(value));
  },
  anyOf: (given, make) => {
    const parts = each(given, make);
    return (value) => parts.some((holds) => holds(value));
  },
  oneOf: (given, make) => {
    const parts = each(given, make);
    return (value) => parts.filter((holds) => holds(value)).length === 1;
  },
  items: (given, make) => {
    const holds = make(given as Schema);
    return (value) => !Array.isArray(value) || value.every(holds);
  },
  contains: (given, make) => {
    const holds = make(given as Schema);
    return (value) => !Array.isArray(value) || value.some(holds);
  },
  minItems: (given) => (value) => !Array.isArray(value) || value.length >= (given as number),
  maxItems: (given) => (value) => !Array.isArray(value) || value.length <= (given as number),
};

for (const [keyword, holds] of Object.entries(NUMBERS)) {
  MAKERS[keyword] = (given) => (value) => {
    const number = asNumber(value);
    return number === null || holds(number, given as number);
  };
}

const SAYS_NOTHING = /^(x-|title$|description$|\$comment$)/;

/** Makes a condition; `ask` is asked where a keyword is not among those above. */
export function condition(schema: Schema | undefined, ask: Ask): Condition {
  if (schema === undefined || schema === true) return always;
  if (schema === false) return () => false;
  const keywords = Object.keys(schema).filter((keyword) => !SAYS_NOTHING.test(keyword));
  const whole = keywords.some((keyword) => !own(MAKERS as never, keyword)) || ("items" in schema && "prefixItems" in schema);
  if (whole) return (value) => ask(schema, value);
  const parts = keywords.map((keyword) =>
    (MAKERS[keyword] as Maker)(schema[keyword] as Json, (inner) => condition(inner, ask)),
  );
  if (parts.length === 1) return parts[0] as Condition;
  return (value) => parts.every((holds) => holds(value));
}
