/**
 * The renderer's words, Chinese first. What stands in no language but these falls back to zh-Hans.
 *
 * Mongolian: the words with `mn-Mong` are taken from the reviewed forms and from plain dictionary words; whoever reviews
 * them finds what is missing by `unreviewed` in messages.test.ts.
 */
import type { Language, Texts } from "./types";

const WORDS = {
  required: { "zh-Hans": "请回答这一题", en: "Please answer this", "mn-Mong": "ᠬᠠᠷᠢᠭᠤᠯᠤᠭᠠᠷᠠᠢ" },
  type: { "zh-Hans": "填写的内容不对", en: "This is not the right kind of answer" },
  "not-a-number": { "zh-Hans": "请填数字", en: "Enter a number", "mn-Mong": "ᠲᠣᠭ᠎ᠠ ᠪᠢᠴᠢᠭᠡᠷᠡᠢ" },
  "not-a-choice": { "zh-Hans": "请从选项里选", en: "Choose one of the choices" },
  "too-small": { "zh-Hans": "不能小于{limit}", en: "Not less than {limit}" },
  "too-large": { "zh-Hans": "不能大于{limit}", en: "Not more than {limit}" },
  "too-short": { "zh-Hans": "至少写{limit}个字", en: "At least {limit} characters" },
  "too-long": { "zh-Hans": "最多写{limit}个字", en: "At most {limit} characters" },
  pattern: { "zh-Hans": "写法不对，请看看", en: "Check how this is written" },
  format: { "zh-Hans": "请选一个真实的日期", en: "Choose a real date" },
  step: { "zh-Hans": "应当是{limit}的倍数", en: "Must be a multiple of {limit}" },
  "too-few": { "zh-Hans": "至少要有{limit}项", en: "At least {limit}" },
  "too-many": { "zh-Hans": "最多{limit}项", en: "At most {limit}" },
  repeated: { "zh-Hans": "有重复的", en: "The same entry twice" },
  invalid: { "zh-Hans": "有的回答不合要求", en: "Some answers do not meet the form's requirements" },
  check: { "zh-Hans": "和别的回答对不上", en: "Does not agree with other answers" },

  page: { "zh-Hans": "第{number}页，共{total}页", en: "Page {number} of {total}", "mn-Mong": "{number} / {total}" },
  back: { "zh-Hans": "上一页", en: "Back", "mn-Mong": "ᠡᠮᠦᠨᠡᠬᠢ" },
  next: { "zh-Hans": "下一页", en: "Next", "mn-Mong": "ᠳᠠᠷᠠᠭᠠᠬᠢ" },
  review: { "zh-Hans": "检查", en: "Check answers", "mn-Mong": "ᠰᠢᠯᠭᠠᠬᠤ" },
  finish: { "zh-Hans": "完成", en: "Finish", "mn-Mong": "ᠳᠠᠭᠤᠰᠬᠠᠬᠤ" },
  finishAnyway: { "zh-Hans": "有问题，也先交", en: "Finish with these problems" },
  goOn: { "zh-Hans": "先往下走", en: "Go on anyway" },
  problems: { "zh-Hans": "有{number}处要看看", en: "{number} to look at" },
  warning: { "zh-Hans": "请再看看：", en: "Please check: " },
  error: { "zh-Hans": "要改：", en: "To correct: " },
  noProblems: { "zh-Hans": "都填好了", en: "Everything is answered" },
  answered: { "zh-Hans": "已答{number}题", en: "{number} answered" },
  notNeeded: { "zh-Hans": "不用填", en: "Nothing to ask" },
  must: { "zh-Hans": "必答", en: "required" },

  known: { "zh-Hans": "台账里是", en: "On record", "mn-Mong": "ᠳᠠᠩᠰᠠ" },
  right: { "zh-Hans": "对", en: "Right", "mn-Mong": "ᠵᠥᠪ" },
  notRight: { "zh-Hans": "不对", en: "Not right", "mn-Mong": "ᠪᠤᠷᠤᠭᠤ" },
  change: { "zh-Hans": "改", en: "Change", "mn-Mong": "ᠰᠣᠯᠢᠬᠤ" },
  lastTime: { "zh-Hans": "上次（{day}）：", en: "Last time ({day}): " },
  clear: { "zh-Hans": "清除", en: "Clear", "mn-Mong": "ᠠᠷᠢᠯᠭᠠᠬᠤ" },
  choose: { "zh-Hans": "请选", en: "Choose", "mn-Mong": "ᠰᠣᠩᠭᠤᠬᠤ" },
  computed: { "zh-Hans": "自动算出", en: "Worked out" },
  notYet: { "zh-Hans": "还算不出", en: "Not known yet" },
  yes: { "zh-Hans": "是", en: "Yes", "mn-Mong": "ᠲᠡᠶᠢᠮᠦ" },
  no: { "zh-Hans": "不是", en: "No", "mn-Mong": "ᠦᠭᠡᠢ" },

  dk: { "zh-Hans": "不知道", en: "Don't know", "mn-Mong": "ᠮᠡᠳᠡᠬᠦ ᠦᠭᠡᠢ" },
  refused: { "zh-Hans": "不愿说", en: "Refused" },
  na: { "zh-Hans": "用不上", en: "Does not apply" },
  not_asked: { "zh-Hans": "没有问", en: "Not asked" },
  not_seen: { "zh-Hans": "代答的人没见过", en: "Not seen by proxy" },

  add: { "zh-Hans": "添一项", en: "Add", "mn-Mong": "ᠨᠡᠮᠡᠬᠦ" },
  edit: { "zh-Hans": "填写", en: "Fill in", "mn-Mong": "ᠪᠢᠴᠢᠬᠦ" },
  remove: { "zh-Hans": "删掉", en: "Remove", "mn-Mong": "ᠬᠠᠰᠤᠬᠤ" },
  removeSure: { "zh-Hans": "真的删掉？", en: "Really remove?" },
  keep: { "zh-Hans": "不删", en: "Keep" },
  rowDone: { "zh-Hans": "这一项好了", en: "Done with this one" },
  entry: { "zh-Hans": "第{number}项", en: "Entry {number}" },
  none: { "zh-Hans": "还没有", en: "None yet" },

  locate: { "zh-Hans": "取现在的位置", en: "Take this position" },
  locating: { "zh-Hans": "正在找位置…", en: "Looking for the position…" },
  noPosition: { "zh-Hans": "没找到位置。到屋外开阔处，打开手机定位再试", en: "No position. Step outside, switch on location, try again" },
  accuracy: { "zh-Hans": "误差约{metres}米", en: "within about {metres} m" },
  takePhoto: { "zh-Hans": "拍照", en: "Take a photo" },
  photoAgain: { "zh-Hans": "重拍", en: "Take it again" },
  noPhoto: { "zh-Hans": "照片没有存下来，请重拍", en: "The photo was not kept: take it again" },
  photo: { "zh-Hans": "照片", en: "Photo", "mn-Mong": "ᠵᠢᠷᠤᠭ" },
} as const;

export type Message = keyof typeof WORDS;
export const DEFAULT_LANGUAGE = "zh-Hans";

/** The words of a message, with what stands in braces filled in. */
export function say(message: Message, language: Language, values: { [name: string]: string | number } = {}): string {
  return textIn(WORDS[message], language).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** A text in a language, else in zh-Hans, else in any there is; empty when there is none. */
export function textIn(texts: Texts, language: Language): string {
  return texts[language] || texts[DEFAULT_LANGUAGE] || Object.values(texts)[0] || "";
}

/** Messages that have no words of their own in a language. */
export const missingIn = (language: Language): string[] =>
  Object.entries(WORDS as { [name: string]: Texts }).flatMap(([name, texts]) => (texts[language] ? [] : [name]));
