/** The questions of one object that are on the screen: of a page, a row or a group. */
import type { JSX } from "preact";
import { within } from "./draft";
import { failing, issuesOf, isAt, pathKey, type Context } from "./issues";
import { say, textIn } from "./messages";
import type { Holder, Question } from "./model";
import type { Node } from "./settle";
import { idOf } from "./show";
import { QuestionView } from "./QuestionView";
import { own, type Answers, type Issue, type Known, type Path } from "./types";
import type { Ui } from "./ui";

export interface QuestionsProps {
  readonly ui: Ui;
  readonly context: Context;
  readonly holder: Holder;
  readonly node: Node;
  readonly path: Path;
  /** Only these, in this order; all if not given. */
  readonly names?: readonly string[];
  readonly known: Known | undefined;
  readonly last: Answers | undefined;
  readonly lastDay: string;
  /** Paths of questions that were left, about which one may be told. */
  readonly touched: ReadonlySet<string>;
  /** Whether all may be told, as after asking for the next page. */
  readonly all: boolean;
}

export function Questions(props: QuestionsProps): JSX.Element {
  const { holder, node, names } = props;
  const questions = names
    ? names.flatMap((name) => holder.questions.find((each) => each.name === name) ?? [])
    : holder.questions;
  return <>{questions.map((question) => !question.hidden && node.shown.has(question.name) && one(props, question))}</>;
}

function one(props: QuestionsProps, question: Question): JSX.Element {
  const { ui, context, node, path, known, last, lastDay } = props;
  const at = [...path, question.name];
  if (question.widget === "group" && question.inner) return <Group key={question.name} {...props} question={question} />;
  const issues = told(props, question, at);
  const filter = (question.schema["x-choices-filter"] as { answer: string } | undefined)?.answer;
  const kept = node.kept.includes(question.name);
  const fact = question.prefill?.confirm ? known?.facts[question.prefill.fact] : undefined;
  return (
    <QuestionView
      key={pathKey(at)}
      ui={ui}
      question={question}
      path={at}
      value={own(node.answers, question.name)}
      required={!kept && node.required.has(question.name)}
      kept={kept}
      language={context.language}
      issues={issues.filter((issue) => issue.path.length === at.length)}
      filter={filter ? own(node.answers, filter) : undefined}
      known={fact === null ? undefined : fact}
      last={question.inner || question.calc ? undefined : last && own(last, question.name)}
      lastDay={lastDay}
      rows={node.inner[question.name]}
      wrongRows={props.all && question.inner ? wrongRows(issues, at, node.inner[question.name]?.length ?? 0) : ""}
    />
  );
}

/** What may be said about a question now: warnings and failing checks always, once it is answered; the rest when it was left. */
function told({ context, node, path, touched, all }: QuestionsProps, question: Question, at: Path): Issue[] {
  if (all || touched.has(pathKey(at))) return issuesOf(context, question, node, path);
  return own(node.answers, question.name) === undefined ? [] : failing(context, question.checks, node.answers, at);
}

function wrongRows(issues: readonly Issue[], at: Path, rows: number): string {
  const count = (row: number): number => issues.filter((issue) => isAt(issue.path, [...at, row])).length;
  return Array.from({ length: rows }, (_, row) => count(row)).join(",");
}

function Group({ question, ...props }: QuestionsProps & { question: Question }): JSX.Element {
  const { names: _names, ...rest } = props;
  const at = [...props.path, question.name];
  const inner = props.node.inner[question.name]?.[0] as Node;
  return (
    <fieldset id={idOf(at)}>
      <legend>{textIn(question.title, props.context.language)}</legend>
      {props.node.kept.includes(question.name) && <p class="last">{say("kept")}</p>}
      <Questions {...rest} holder={question.inner as Holder} node={inner} path={at}
        known={within(question, props.known)} last={own(props.last ?? {}, question.name) as Answers | undefined} />
    </fieldset>
  );
}

