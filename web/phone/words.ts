/** The app's words: one catalogue a language, fetched once and kept by the service worker. */

import enUrl from "./words/en.json?url";
import mnUrl from "./words/mn-Mong.json?url";
import zhUrl from "./words/zh-Hans.json?url";
import type zh from "./words/zh-Hans.json";

export type Word = keyof typeof zh;
export type Language = "zh-Hans" | "mn-Mong" | "en";
/** Say a word; `{name}` in it is filled in. */
export type Say = (word: Word, values?: Record<string, string | number>) => string;

const SOURCES: Record<Language, string> = { "zh-Hans": zhUrl, "mn-Mong": mnUrl, en: enUrl };
export const LANGUAGES: readonly [Language, string][] = [
  ["zh-Hans", "中文"],
  ["mn-Mong", "ᠮᠣᠩᠭᠣᠯ"],
  ["en", "English"],
];

export async function loadWords(language: Language): Promise<Say> {
  const words = (await (await fetch(SOURCES[language])).json()) as Record<string, string>;
  return sayWith(words);
}

export function sayWith(words: Record<string, string>): Say {
  return (word, values = {}) =>
    (words[word] ?? word).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** Return the first of a text's languages that is there: the one wanted, Chinese, English, whatever there is. */
export function inLanguage(text: Record<string, string> | undefined, language: Language): string {
  if (!text) return "";
  return text[language] ?? text["zh-Hans"] ?? text["en"] ?? Object.values(text)[0] ?? "";
}
