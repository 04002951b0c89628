/** A repeat: a card for each row with its summary, and buttons to add, fill in and remove. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { say, textIn } from "./messages";
import type { Question } from "./model";
import type { Node } from "./settle";
import { idOf, shown } from "./show";
import { own, type Language, type Path } from "./types";
import type { Ui } from "./ui";

interface RepeatProps {
  readonly ui: Ui;
  readonly question: Question;
  readonly path: Path;
  readonly rows: readonly Node[];
  readonly language: Language;
  /** How much is wrong in each row, as numbers with commas between; empty while that is not said. */
  readonly wrong: string;
}

/** What stands on a row's card. */
export function summary(question: Question, node: Node, language: Language): string {
  return question.summary
    .map((name) => {
      const inner = question.inner?.questions.find((each) => each.name === name);
      return inner ? shown(inner, own(node.answers, name), language) : "";
    })
    .filter(Boolean)
    .join(" · ");
}

export function RepeatList({ ui, question, path, rows, language, wrong }: RepeatProps): JSX.Element {
  const [leaving, setLeaving] = useState<string | null>(null);
  const counts = wrong ? wrong.split(",").map(Number) : [];
  const repeat = (question.schema["x-repeat"] ?? {}) as { "x-i18n-add"?: { [language: string]: string } };
  const add = textIn(repeat["x-i18n-add"] ?? {}, language) || say("add");
  const full = rows.length >= Number(question.schema.maxItems ?? Infinity);
  return (
    <div id={idOf(path)} class="repeat" tabIndex={-1} role="group" aria-labelledby={`${idOf(path)}-label`}>
      {rows.length === 0 && <p class="hint">{say("none")}</p>}
      <ul>
        {rows.map((row, index) => {
          const name = summary(question, row, language) || say("entry", { number: index + 1 });
          const key = String(own(row.answers, question.key ?? "") ?? index);
          return (
            <li key={key} class={counts[index] ? "card has-error" : "card"}>
              <strong id={`${idOf(path)}-${index}-name`}>{name}</strong>
              {!!counts[index] && <span class="wrong">{say("problems", { number: counts[index] as number })}</span>}
              {leaving === key ? (
                <div class="two" role="alert">
                  <span>{say("removeSure")}</span>
                  <button type="button" class="danger" onClick={() => { setLeaving(null); ui.remove([...path, index]); }}>{say("remove")}</button>
                  <button type="button" onClick={() => setLeaving(null)}>{say("keep")}</button>
                </div>
              ) : (
                <div class="two">
                  <button id={idOf([...path, index])} type="button" aria-describedby={`${idOf(path)}-${index}-name`} onClick={() => ui.open([...path, index])}>{say("edit")}</button>
                  <button type="button" class="quiet" aria-describedby={`${idOf(path)}-${index}-name`} onClick={() => setLeaving(key)}>{say("remove")}</button>
                </div>
              )}
            </li>
          );
        })}
      </ul>
      {!full && <button type="button" class="add" onClick={() => ui.add(path)}>＋ {add}</button>}
    </div>
  );
}

