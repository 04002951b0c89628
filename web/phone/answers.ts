/** Reading answers: what does not look like Ruhu's is no answer, whatever its status (a captive portal says 200). */

import type { Json, JsonObject } from "./canonical";
import type { Bytes } from "./digests";

/** Nothing came back, or not enough to know what: the request may or may not have arrived. */
export class NoAnswer extends Error {}

/** Something came, whole, that is not Ruhu's: from a portal that wants a sign-in, or a proxy. */
export class Stranger extends NoAnswer {}

/** The word that says why there was no answer. */
export const wordOf = (error: NoAnswer): string => (error instanceof Stranger ? "no-answer.portal" : "no-answer");

/** What became of one op, in the server's words. */
export interface Result {
  id: string;
  sha256: string;
  status: string;
  code?: string;
  missing: string[];
  told: JsonObject;
}

/** A row to put, or to delete (`content` is null). */
export interface Row {
  scope: string;
  key: string;
  content: JsonObject | null;
}

/** An answer of `/sync`. `add` holds the path of a snapshot by scope, or null when its rows come in pages. */
export interface Exchanged {
  t1: number;
  t2: number;
  results: Result[];
  have: [number, number][];
  drop: string[];
  add: Map<string, string | null>;
  reset: string[];
  rows: Row[];
  more: boolean;
  check: Map<string, [number, number]>;
  cursor: string;
  wipe: boolean;
  afterS: number;
}

/** A problem that the server told (RFC 9457). */
export interface Trouble {
  status: number;
  slug: string;
  retryable: boolean;
  waitS: number;
}

const SILENCE_MS = 60_000;
const PROBLEM = "urn:ruhu:problem:";
const DURABLE = ["stored", "duplicate", "quarantined"];

export const isDurable = (result: Result): boolean => DURABLE.includes(result.status);

export const has = (have: Exchanged["have"], n: number): boolean =>
  have.some(([first, last]) => first <= n && n <= last);

/** Read a body to its end, or as far as it came when it was cut, or fell silent; `before` is what stands before it. */
export async function readAll(response: Response, before: Bytes = new Uint8Array()): Promise<{ raw: Bytes; cut: boolean }> {
  const parts: Uint8Array[] = [before];
  let cut = false;
  const reader = response.body?.getReader();
  try {
    while (reader) {
      const next = await soon(reader.read());
      if (next.done) break;
      parts.push(next.value);
    }
  } catch {
    cut = true;
    void reader?.cancel().catch(() => undefined);
  }
  const raw = new Uint8Array(parts.reduce((sum, each) => sum + each.length, 0));
  let at = 0;
  for (const each of parts) {
    raw.set(each, at);
    at += each.length;
  }
  return { raw, cut };
}

/** What comes, unless nothing does for a minute: a line that went silent never says that it broke. */
function soon<T>(coming: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const silence = new Promise<never>((_, fail) => { timer = setTimeout(fail, SILENCE_MS); });
  return Promise.race([coming, silence]).finally(() => { clearTimeout(timer); });
}

/** Return the JSON object of an answer. @throws NoAnswer it was cut off; Stranger it is none. */
export async function readJson(response: Response): Promise<JsonObject> {
  const { raw, cut } = await readAll(response);
  if (cut) throw new NoAnswer("cut off");
  try {
    return object(JSON.parse(new TextDecoder().decode(raw)));
  } catch (error) {
    throw new Stranger(`HTTP ${response.status}: ${String(error)}`);
  }
}

/** Return the problem of an answer that is none of 2xx. @throws NoAnswer when a proxy or a portal said so. */
export async function readTrouble(response: Response): Promise<Trouble> {
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith("application/problem+json")) throw new Stranger(`HTTP ${response.status} from somebody else`);
  const told = await readJson(response);
  const slug = String(told["type"]);
  if (!slug.startsWith(PROBLEM)) throw new Stranger(`HTTP ${response.status} with a strange problem`);
  return {
    status: response.status,
    slug: slug.slice(PROBLEM.length),
    retryable: told["retryable"] === true,
    waitS: Math.max(0, Number(response.headers.get("retry-after")) || 0),
  };
}

/** Return an answer of `/sync`. @throws NoAnswer when it is none. */
export function readExchange(told: JsonObject): Exchanged {
  try {
    if (told["v"] !== 1) throw new Error("an answer of another version");
    return {
      t1: count(told["t1"]),
      t2: count(told["t2"]),
      results: list(told["results"]).map(readResult),
      have: list(told["have"]).map(pair),
      drop: list(told["drop"]).map(text),
      add: new Map(list(told["add"]).map(object).map((each) => [text(each["scope"]), maybe(each["snapshot"])])),
      reset: list(told["reset"]).map(text),
      rows: list(told["rows"]).map(readRow),
      more: told["more"] === true,
      check: new Map(Object.entries(object(told["check"])).map(([scope, each]) => [scope, pair(each)])),
      cursor: text(told["cursor"]),
      wipe: told["wipe"] === true,
      afterS: Number((told["next"] as JsonObject | undefined)?.["after_s"]) || 0,
    };
  } catch (error) {
    throw new Stranger(`JSON that is no answer of sync: ${String(error)}`);
  }
}

function readResult(value: Json): Result {
  const told = object(value);
  const missing = told["missing"] ? list(told["missing"]).map(text) : [];
  const result: Result = {
    id: String(told["id"]),
    sha256: String(told["sha256"]),
    status: text(told["status"]),
    missing,
    told,
  };
  return typeof told["code"] === "string" ? { ...result, code: told["code"] } : result;
}

function readRow(value: Json): Row {
  const [scope, key, change] = list(value);
  const [what, content] = list(change);
  if (what !== "put" && what !== "del") throw new Error(String(what));
  return { scope: text(scope), key: text(key), content: what === "put" ? object(content) : null };
}

export function object(value: Json | undefined): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("no object");
  return value;
}

export function list(value: Json | undefined): Json[] {
  if (!Array.isArray(value)) throw new Error("no list");
  return value;
}

export function text(value: Json | undefined): string {
  if (typeof value !== "string") throw new Error("no text");
  return value;
}

export function pair(value: Json | undefined): [number, number] {
  const [first, second] = list(value);
  return [count(first), count(second)];
}

function count(value: Json | undefined): number {
  if (typeof value !== "number") throw new Error("no number");
  return value;
}

const maybe = (value: Json | undefined): string | null => (typeof value === "string" ? value : null);
