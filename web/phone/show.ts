/** How values are written on the pages. Pure. */

import type { Json, JsonObject } from "./canonical";
import { inChinese, isDay } from "./days";
import type { Templates } from "./findings";
import type { Model } from "./model";
import { textIn, type Language, type Words } from "../words";

/** Write a day: 2020年4月1日, 2020-04-01. */
export function sayDate(day: string, language: Language): string {
  return language === "zh-Hans" ? inChinese(day) : day;
}

export function sayTime(millis: number, language: Language): string {
  const local = new Date(millis);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${local.getFullYear()}-${two(local.getMonth() + 1)}-${two(local.getDate())}`;
  return `${sayDate(day, language)} ${two(local.getHours())}:${two(local.getMinutes())}`;
}

export function ageOn(birth: string, day: string): number {
  const age = Number(day.slice(0, 4)) - Number(birth.slice(0, 4));
  return day.slice(5) < birth.slice(5) ? age - 1 : age;
}

/** Writes facts: their names and the labels of their codes, as far as the phone has been told. */
export class Facts {
  constructor(
    private readonly model: Model,
    private readonly templates: Templates | null,
    private readonly language: Language,
  ) {}

  name(fact: string): string {
    return this.templates?.words["ledger/fact"]?.texts?.[fact] ?? fact;
  }

  value(level: string, fact: string, value: Json): string {
    if (Array.isArray(value)) return value.map((each) => this.value(level, fact, each)).join("、");
    if (typeof value === "boolean") return this.templates?.fixed[value ? "true" : "false"] ?? String(value);
    const label = this.model.codes.get(`${level}/${fact}`)?.[String(value)];
    if (label) return textIn(label as Words, this.language);
    if (isDay(value)) return sayDate(value, this.language);
    const region = /^\d{6}(\d{6})?$/.test(String(value)) ? this.templates?.places[String(value).slice(0, 6)] : undefined;
    return region ?? String(value);
  }

  /** Return facts as [name, value], in the order of their names. */
  list(level: string, facts: JsonObject | undefined, without: readonly string[] = []): [string, string][] {
    return Object.entries(facts ?? {})
      .filter(([name]) => !without.includes(name))
      .map(([name, value]) => [this.name(name), this.value(level, name, value)]);
  }
}
