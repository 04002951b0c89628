/**
 * The renderer's words: a catalogue a language in `words/`, Chinese first, fetched once and kept by the service worker.
 *
 * What a language lacks is said in zh-Hans. The Mongolian words are taken from the forms and from plain dictionary words
 * and are unreviewed, all of them; what has none yet is listed in messages.test.ts.
 */
import { useEffect, useState } from "preact/hooks";
import enUrl from "./words/en.json?url";
import mnUrl from "./words/mn-Mong.json?url";
import zhUrl from "./words/zh-Hans.json?url";
import type zh from "./words/zh-Hans.json";
import type { Language, Texts } from "./types";

export type Message = keyof typeof zh;
type Words = { readonly [message in Message]?: string };

export const DEFAULT_LANGUAGE = "zh-Hans";
const SOURCES: { readonly [language: string]: string } = { "zh-Hans": zhUrl, en: enUrl, "mn-Mong": mnUrl };
const known: { [language: string]: Words } = {};

/** Gives the words of a language, for who has them already. */
export function setWords(language: Language, words: Words): void {
  known[language] = words;
}

async function fetchWords(language: Language): Promise<void> {
  const source = SOURCES[language];
  if (known[language] || !source) return;
  setWords(language, (await (await fetch(source)).json()) as Words);
}

/** Fetches the words of a language and those it falls back to; says when they are there. */
export function useWords(language: Language): boolean {
  const [ready, setReady] = useState("");
  const there = known[DEFAULT_LANGUAGE] && (known[language] || !SOURCES[language]);
  useEffect(() => {
    if (!there) void Promise.all([DEFAULT_LANGUAGE, language].map(fetchWords)).then(() => setReady(language));
  }, [language]);
  return !!there || ready === language;
}

/** The words of a message, with what stands in braces filled in. */
export function say(message: Message, language: Language, values: { [name: string]: string | number } = {}): string {
  const words = known[language]?.[message] || known[DEFAULT_LANGUAGE]?.[message] || message;
  return words.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** A text in a language, else in zh-Hans, else in any there is; empty when there is none. */
export function textIn(texts: Texts, language: Language): string {
  return texts[language] || texts[DEFAULT_LANGUAGE] || Object.values(texts)[0] || "";
}
