/** One text for one JSON value: RFC 8785, as `forms/canonical.py` writes it. */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
}

const LONE_SURROGATE = /[\ud800-\udfff]/u; // with `u`, a pair is one letter and none of these

/** The value has no canonical form: a lone surrogate, NaN, an integer beyond 2^53 − 1. */
export class NotCanonical extends Error {}

/**
 * Return the canonical JSON of a value. Members that are `undefined` are not there, as in `JSON.stringify`.
 *
 * @throws NotCanonical
 */
export function canonical(value: unknown): string {
  if (typeof value === "number") return number(value);
  if (typeof value === "string") return text(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object") throw new NotCanonical(typeof value);
  const members = value as Record<string, unknown>;
  const names = Object.keys(members)
    .filter((name) => members[name] !== undefined)
    .sort();
  return `{${names.map((name) => `${text(name)}:${canonical(members[name])}`).join(",")}}`;
}

function number(value: number): string {
  const whole = Number.isInteger(value) && Math.abs(value) < 1e21; // beyond, it is written with an exponent
  if (!Number.isFinite(value) || (whole && !Number.isSafeInteger(value))) throw new NotCanonical(String(value));
  return JSON.stringify(value);
}

function text(value: string): string {
  if (LONE_SURROGATE.test(value)) throw new NotCanonical("a lone surrogate");
  return JSON.stringify(value);
}
