/**
 * The words of all pages: one catalogue a language, fetched once and kept by the service worker. Those of the form view
 * begin with `form.`.
 *
 * What a language lacks is said in zh-Hans. The Mongolian words are unreviewed, all of them; which of the form view have
 * none yet is listed in words.test.ts.
 */

import enUrl from "./en.json?url";
import mnUrl from "./mn-Mong.json?url";
import zhUrl from "./zh-Hans.json?url";
import type zh from "./zh-Hans.json";

export type Word = keyof typeof zh;
export type Words = { readonly [word: string]: string };
export type Language = "zh-Hans" | "mn-Mong" | "en";
/** Values for the names in braces. */
export type Values = Record<string, string | number>;
/** Say a word; `{name}` in it is filled in. */
export type Say = (word: Word, values?: Values) => string;

export const DEFAULT = "zh-Hans";
const SOURCES: Record<Language, string> = { [DEFAULT]: zhUrl, "mn-Mong": mnUrl, en: enUrl };
export const LANGUAGES: readonly [Language, string][] = [
  ["zh-Hans", "中文"],
  ["mn-Mong", "ᠮᠣᠩᠭᠣᠯ"],
  ["en", "English"],
];

let known: Words = {};

/** Speak with these words from now on, for who has them already. */
export function setWords(words: Words): void {
  known = words;
}

/** Fetch the words of a language, and speak with them from now on. */
export async function loadWords(language: Language): Promise<void> {
  const [words, own] = await Promise.all(
    [DEFAULT as Language, language].map(async (each) => (await (await fetch(SOURCES[each])).json()) as Words),
  );
  setWords({ ...words, ...own });
}

/** The words of a message, with what stands in braces filled in. */
export const say: Say = (word, values = {}) =>
  (known[word] ?? word).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));

/** A text in a language, else in zh-Hans, else in any there is; empty when there is none. */
export function textIn(texts: Words | undefined, language: string): string {
  return (texts && (texts[language] || texts[DEFAULT] || Object.values(texts)[0])) || "";
}
