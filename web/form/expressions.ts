/**
 * Expressions of `x-check` and `x-calc`: JsonLogic with a fixed list of operators. Pure and total.
 *
 * What they mean stands in forms/expressions.py; forms/expressions.vectors.json holds both evaluators to it. `null` is
 * "cannot be said". No operator runs another once per element, so the time grows with the data and no faster.
 */
import { dayOf, type Day } from "./dates";
import { isObject, own, type Json } from "./types";

export const MAX_DEPTH = 20;
export const MAX_NODES = 500;

/** What an expression may read: the answers beside it, the whole answer set, the interview's day. */
export interface Scope {
  readonly data: Json;
  readonly root: Json;
  readonly today: string;
}
type Run = (scope: Scope) => Json;
/** A parsed expression, and the paths of its `var`s. */
export interface Expression {
  readonly run: Run;
  readonly reads: readonly string[];
}

/** A document is not an expression; the message says why. */
export class ExpressionError extends Error {}

const isNumber = (value: Json): value is number => typeof value === "number";

/** Lists and values as one list, one level deep, without nulls. */
const flat = (values: readonly Json[]): Json[] =>
  values.reduce<Json[]>((all, value) => all.concat(Array.isArray(value) ? value : [value]), []).filter((value) => value !== null);

/** Whether a value counts as true; null when it cannot be said. */
function truth(value: Json): boolean | null {
  if (value === null || typeof value === "boolean") return value;
  return !(value === 0 || value === "" || (Array.isArray(value) && value.length === 0));
}

/** Tells whether two JSON values are the same. */
export function equal(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((value, index) => equal(value, right[index] as Json));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => name in right && equal(left[name] as Json, right[name] as Json))
  );
}

/** -1, 0 or 1; null if the two have no order. Texts are ordered by UTF-16 code units, as JavaScript does. */
function order(left: Json, right: Json): number | null {
  const comparable =
    (typeof left === "string" && typeof right === "string") || (isNumber(left) && isNumber(right));
  if (!comparable) return null;
  return Number((left as number) > (right as number)) - Number((left as number) < (right as number));
}

type Apply = (values: Json[]) => Json;

const ordered =
  (holds: (order: number) => boolean): Apply =>
  ([left, right]) => {
    const found = order(left as Json, right as Json);
    return found === null ? null : holds(found);
  };

const arithmetic =
  (apply: (values: number[]) => number): Apply =>
  (values) => {
    if (!values.every(isNumber)) return null;
    const value = apply(values as number[]);
    return Number.isFinite(value) ? value + 0 : null; // + 0: there is no minus zero in JSON
  };

const total = arithmetic((values) => values.reduce((sum, value) => sum + value, 0));

const extreme =
  (sign: number): Apply =>
  (values) => {
    const items = flat(values);
    let best = items[0] ?? null;
    for (const item of items) {
      const found = order(item, best);
      if (found === null) return null;
      if (found === sign) best = item;
    }
    return best;
  };

const DAY_MS = 86_400_000;
/** The parts of a date; years begin with 1, as in Python. */
function date(value: Json): Day | null {
  const day = typeof value === "string" ? dayOf(value) : null;
  return day && day[0] >= 1 ? day : null;
}

function serial([year, month, day]: Day): number {
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, day); // Date.UTC takes years below 100 for 19xx
  return moment.getTime() / DAY_MS;
}

function months(start: Day, end: Day): number {
  if (serial(end) < serial(start)) return -months(end, start);
  return (end[0] - start[0]) * 12 + end[1] - start[1] - Number(end[2] < start[2]);
}

/** Completed years; null before birth. A birthday on 29 February is kept on 1 March of other years. */
function age(birth: Day, day: Day): number | null {
  if (serial(day) < serial(birth)) return null;
  return day[0] - birth[0] - Number(day[1] < birth[1] || (day[1] === birth[1] && day[2] < birth[2]));
}

const dates =
  (apply: (start: Day, end: Day) => Json): Apply =>
  ([left, right]) => {
    const [start, end] = [date(left as Json), date(right as Json)];
    return start && end ? apply(start, end) : null;
  };

function choose(values: Json[]): Json {
  for (let index = 0; index + 1 < values.length; index += 2) {
    if (truth(values[index] as Json)) return values[index + 1] as Json;
  }
  return values.length % 2 ? (values[values.length - 1] as Json) : null;
}

function isIn([needle, haystack]: Json[]): Json {
  if (Array.isArray(haystack)) return haystack.some((item) => equal(needle as Json, item));
  return typeof needle === "string" && typeof haystack === "string" && haystack.includes(needle);
}

function count(values: Json[]): Json {
  const items = flat(values.slice(0, 1));
  return values.length === 1 ? items.length : items.filter((item) => equal(item, values[1] as Json)).length;
}

const MANY = 1000;
const byParser: Apply = () => null;

/** Operator → least and most operands, and what it does with their values. */
const TABLE: { readonly [operator: string]: readonly [number, number, Apply] } = {
  and: [1, MANY, byParser],
  or: [1, MANY, byParser],
  "!": [
    1,
    1,
    ([value]) => {
      const holds = truth(value as Json);
      return holds === null ? null : !holds;
    },
  ],
  if: [2, MANY, choose],
  "==": [2, 2, ([left, right]) => equal(left as Json, right as Json)],
  "!=": [2, 2, ([left, right]) => !equal(left as Json, right as Json)],
  "<": [2, 2, ordered((found) => found < 0)],
  "<=": [2, 2, ordered((found) => found <= 0)],
  ">": [2, 2, ordered((found) => found > 0)],
  ">=": [2, 2, ordered((found) => found >= 0)],
  "+": [1, MANY, total],
  "-": [1, 2, arithmetic(([first, second]) => (second === undefined ? -(first as number) : (first as number) - second))],
  "*": [1, MANY, arithmetic((values) => values.reduce((product, value) => product * value, 1))],
  "/": [2, 2, arithmetic(([first, second]) => (first as number) / (second as number))],
  "%": [2, 2, arithmetic(([first, second]) => (first as number) % (second as number))],
  in: [2, 2, isIn],
  count: [1, 2, count],
  sum: [1, MANY, (values) => total(flat(values))],
  min: [1, MANY, extreme(-1)],
  max: [1, MANY, extreme(1)],
  today: [0, 0, byParser],
  days_between: [2, 2, dates((start, end) => serial(end) - serial(start))],
  months_between: [2, 2, dates(months)],
  age_on: [2, 2, dates(age)],
  month_of: [1, 1, ([value]) => (date(value as Json) ? (value as string).slice(0, 7) : null)],
};

function read(value: Json, parts: readonly string[]): Json {
  let here: Json = value;
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] as string;
    if (part === "*") {
      if (!Array.isArray(here)) return null;
      const rest = parts.slice(index + 1);
      const found = here.map((item) => read(item, rest));
      return rest.includes("*") ? flat(found) : found;
    }
    if (!isObject(here)) return null;
    here = own(here, part) ?? null;
  }
  return here;
}

/** `or` (a true operand decides) or `and` (a false one). */
function connected(runs: readonly Run[], decisive: boolean): Run {
  return (scope) => {
    let value: boolean | null = !decisive;
    for (const run of runs) {
      const said = truth(run(scope));
      if (said === decisive) return said;
      if (said === null) value = null;
    }
    return value;
  };
}

class Parser {
  readonly reads: string[] = [];
  private nodes = 0;

  parse(source: Json, depth: number): Run {
    this.nodes += 1;
    if (depth > MAX_DEPTH || this.nodes > MAX_NODES) throw new ExpressionError("too deep or too long");
    if (Array.isArray(source)) {
      const runs = source.map((item) => this.parse(item, depth + 1));
      return (scope) => runs.map((run) => run(scope));
    }
    return isObject(source) ? this.operation(source, depth) : () => source;
  }

  private operation(source: { [name: string]: Json }, depth: number): Run {
    const [name, ...others] = Object.keys(source);
    if (name === undefined || others.length) throw new ExpressionError("an operation is an object with one key");
    const given = source[name] as Json;
    const operands = Array.isArray(given) ? given : [given];
    if (name === "var") return this.variable(operands);
    const entry = Object.prototype.hasOwnProperty.call(TABLE, name) ? TABLE[name] : undefined;
    if (!entry) throw new ExpressionError(`there is no operator ${name}`);
    const [least, most, apply] = entry;
    if (operands.length < least || operands.length > most) {
      throw new ExpressionError(`operator ${name} does not take ${operands.length} operands`);
    }
    const runs = operands.map((operand) => this.parse(operand, depth + 1));
    if (name === "today") return (scope) => scope.today;
    if (name === "and" || name === "or") return connected(runs, name === "or");
    return (scope) => apply(runs.map((run) => run(scope)));
  }

  private variable(operands: readonly Json[]): Run {
    const [path, otherwise = null] = operands;
    if (typeof path !== "string" || !path.replace(/^\$\./, "") || operands.length > 2 || typeof otherwise === "object" && otherwise !== null) {
      throw new ExpressionError("var takes a path, and a plain value for when it is missing");
    }
    this.reads.push(path);
    const fromRoot = path.startsWith("$.");
    const parts = path.replace(/^\$\./, "").split(".");
    return (scope) => read(fromRoot ? scope.root : scope.data, parts) ?? otherwise;
  }
}

/** Parses an expression; throws ExpressionError. */
export function parse(source: Json): Expression {
  const parser = new Parser();
  return { run: parser.parse(source, 0), reads: parser.reads };
}
