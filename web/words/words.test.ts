import { expect, test } from "vitest";
import en from "./en.json";
import mn from "./mn-Mong.json";
import zh from "./zh-Hans.json";

/** What is said in Chinese on a Mongolian screen until somebody who knows writes it. */
const NO_MONGOLIAN_YET = 42;

test("each message has words in Chinese and English, with the same things to fill in", () => {
  expect(Object.keys(en)).toEqual(Object.keys(zh));
  for (const [name, words] of Object.entries(zh)) {
    const filled = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
    expect(filled((en as { [name: string]: string })[name] as string), name).toEqual(filled(words));
  }
});

test("what is said in Mongolian is said in Chinese too, and what is not is known", () => {
  expect(Object.keys(zh)).toEqual(expect.arrayContaining(Object.keys(mn)));
  expect(Object.keys(zh).filter((name) => !(name in mn)).length).toBe(NO_MONGOLIAN_YET);
});
