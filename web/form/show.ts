/** Answers as words, and the ids of what is on the screen. */
import { say, textIn, type Message } from "./messages";
import type { Form, Holder, Question } from "./model";
import { isObject, own, type Answers, type Json, type Language, type Path } from "./types";

/** An answer in words; empty when there is none. */
export function shown(question: Question, value: Json | undefined, language: Language): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) {
    return question.inner ? String(value.length) : value.map((item) => shown(question, item, language)).join("、");
  }
  const choice = question.choices.find((each) => each.value === value);
  if (choice) return textIn(choice.title, language);
  if (question.missing.includes(value as string)) return say(value as Message);
  if (typeof value === "boolean") return say(value ? "yes" : "no");
  if (isObject(value)) return "lat" in value ? `${value.lat}, ${value.lon}` : say("photo");
  return String(value);
}

/** The id of the control of a question, for labels and for links from what is wrong. */
export const idOf = (path: Path): string => `q-${path.join("-")}`;

/** Puts the focus on a question; on its first control if it has several. */
export function focusOn(path: Path): void {
  const place = document.getElementById(idOf(path));
  const control = place?.matches("input,select,textarea,button,[tabindex]")
    ? place
    : place?.querySelector<HTMLElement>("input,select,textarea,button");
  (control ?? place)?.focus();
  place?.scrollIntoView?.({ block: "center" });
}

/** What was answered last time at a path of the draft: rows are those with the same key. */
export function lastAt(form: Form, draft: Answers, last: Answers, path: Path): Answers | undefined {
  let [holder, here, then, key]: [Holder, Json | undefined, Json | undefined, string | null] = [form.root, draft, last, null];
  for (const part of path) {
    if (typeof part === "string") {
      const question = holder.questions.find((each) => each.name === part);
      if (!question?.inner) return undefined;
      here = isObject(here) ? own(here, part) : undefined;
      then = isObject(then) ? own(then, part) : undefined;
      holder = question.inner;
      key = question.key;
    } else {
      here = Array.isArray(here) ? here[part] : undefined;
      const id = isObject(here) && key ? own(here, key) : undefined;
      then = Array.isArray(then) && id !== undefined ? then.find((row) => isObject(row) && own(row, key as string) === id) : undefined;
    }
  }
  return isObject(then) ? then : undefined;
}
