/** One question with its words, its control, what is known, what was said last time, and what is wrong. */
import { Component, type JSX } from "preact";
import { useState } from "preact/hooks";
import { say, textIn, type Message } from "./messages";
import type { Choice, Question } from "./model";
import type { Node } from "./settle";
import { RepeatList } from "./Repeat";
import { idOf, shown } from "./show";
import { equal } from "./expressions";
import { Control } from "./widgets";
import type { Issue, Json, Language, Path } from "./types";
import type { Ui } from "./ui";

export interface QuestionProps {
  readonly ui: Ui;
  readonly question: Question;
  readonly path: Path;
  readonly value: Json | undefined;
  readonly required: boolean;
  /** It was answered before, and the answer is not told here. */
  readonly kept: boolean;
  readonly language: Language;
  readonly issues: readonly Issue[];
  /** The answer that the choices hang on. */
  readonly filter: Json | undefined;
  /** What the ledger knows, if the question asks whether it still holds. */
  readonly known: Json | undefined;
  readonly last: Json | undefined;
  readonly lastDay: string;
  /** Of a repeat, its rows. */
  readonly rows: readonly Node[] | undefined;
  /** Of a repeat, how much is wrong inside each row, once that may be said. */
  readonly wrongRows: string;
}

/** The choices that are offered: those of the filter, and what is chosen already. */
export function offered(question: Question, filter: Json | undefined, value: Json | undefined): readonly Choice[] {
  const given = question.schema["x-choices-filter"] as { choices: { [value: string]: Json[] } } | undefined;
  const allowed = filter === undefined ? undefined : given?.choices[String(filter)];
  if (!allowed) return question.choices;
  const chosen: readonly (Json | undefined)[] = Array.isArray(value) ? value : [value];
  return question.choices.filter((choice) => allowed.includes(choice.value) || chosen.includes(choice.value));
}

const same = (left: unknown, right: unknown): boolean =>
  left === right || (Array.isArray(left) && Array.isArray(right) && equal(left as Json[], right as Json[]));

/** Drawn again only when something it shows has changed: a key press in one question costs the others nothing. */
export class QuestionView extends Component<QuestionProps> {
  override shouldComponentUpdate({ rows, ...next }: QuestionProps): boolean {
    const names = Object.keys(next) as (keyof typeof next)[];
    return !sameRows(this.props.rows, rows) || names.some((name) => !same(this.props[name], next[name]));
  }

  override render(): JSX.Element {
    const { question, path, language, issues, last, lastDay, required, kept } = this.props;
    const id = idOf(path);
    const hint = textIn(question.hint, language);
    const described = [hint && `${id}-hint`, issues.length && `${id}-wrong`].filter(Boolean).join(" ");
    const Label = LABELLED.has(question.widget) ? "label" : "div";
    return (
      <div class={`question${issues.some((issue) => issue.severity === "error") ? " has-error" : ""}`}>
        <Label class="title" id={`${id}-label`} {...(Label === "label" ? { for: id } : {})}>
          {textIn(question.title, language)}
          {required && <span class="must">{say("must")}</span>}
        </Label>
        {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
        {kept && <p class="last">{say("kept")}</p>}
        {last !== undefined && (
          <p class="last">{say("lastTime", { day: lastDay })}{shown(question, last, language)}</p>
        )}
        <Body {...this.props} described={described || undefined} />
        {issues.length > 0 && (
          <div id={`${id}-wrong`} class="issues">
            {issues.map((issue) => (
              <p key={issue.code} class={issue.severity === "error" ? "wrong" : "warning"}>
                {say(issue.severity)}{issue.message}
              </p>
            ))}
          </div>
        )}
      </div>
    );
  }
}

const LABELLED = new Set(["text", "textarea", "number", "select", "date", "month"]);

const sameRows = (left: readonly Node[] | undefined, right: readonly Node[] | undefined): boolean =>
  left === right || (!!left && !!right && left.length === right.length && left.every((node, index) => node === right[index]));

function Body(props: QuestionProps & { described: string | undefined }): JSX.Element | null {
  const { ui, question, path, value, language, known, described, issues, filter } = props;
  if (question.widget === "repeat") {
    return <RepeatList ui={ui} question={question} path={path} rows={props.rows ?? []} language={language} wrong={props.wrongRows} />;
  }
  if (question.calc) {
    const text = shown(question, value, language);
    return <output id={idOf(path)} class="computed" aria-labelledby={`${idOf(path)}-label`}>{text || say("notYet")}</output>;
  }
  const control = (
    <>
      <Control ui={ui} question={question} path={path} value={value} language={language}
        choices={offered(question, filter, value)} describedBy={described}
        invalid={issues.some((issue) => issue.severity === "error")} />
      <Missing ui={ui} question={question} path={path} value={value} />
    </>
  );
  return known === undefined ? control : <Confirm {...props} known={known}>{control}</Confirm>;
}

/** The codes that say why there is no answer, as buttons that stay pressed. */
function Missing({ ui, question, path, value }: Pick<QuestionProps, "ui" | "question" | "path" | "value">): JSX.Element | null {
  if (!question.missing.length) return null;
  return (
    <div class="missing">
      {question.missing.map((code) => (
        <button key={code} type="button" class="quiet" aria-pressed={value === code}
          onClick={() => ui.answer(path, value === code ? undefined : code)}>
          {say(code as Message)}
        </button>
      ))}
    </div>
  );
}

/** What the ledger has, with two large buttons: right, or not right and then the control. */
function Confirm(props: QuestionProps & { known: Json; children: JSX.Element }): JSX.Element {
  const { ui, question, path, value, language, known } = props;
  const [asking, setAsking] = useState(false);
  const holds = value !== undefined && equal(value, known);
  if (asking || (value !== undefined && !holds)) return props.children;
  return (
    <div class="known" id={idOf(path)} role="group" tabIndex={-1} aria-labelledby={`${idOf(path)}-label`}>
      <p>{say("known")} <strong>{shown(question, known, language)}</strong></p>
      {holds ? (
        <p class="confirmed">
          ✓ {say("right")}{" "}
          <button type="button" class="quiet" onClick={() => { setAsking(true); ui.answer(path, undefined); }}>{say("change")}</button>
        </p>
      ) : (
        <div class="two">
          <button type="button" onClick={() => ui.answer(path, known)}>{say("right")}</button>
          <button type="button" onClick={() => setAsking(true)}>{say("notRight")}</button>
        </div>
      )}
    </div>
  );
}
