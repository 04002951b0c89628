/** The list of what is wrong, as links to the questions; and the check at the end, page by page. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isAt, judgeWhole, type Context } from "./issues";
import { say, textIn } from "./messages";
import type { Form, Holder, Page, Question } from "./model";
import type { Node } from "./settle";
import { idOf } from "./show";
import { summary } from "./Repeat";
import { own, type Issue, type Language, type Path } from "./types";

interface ProblemsProps {
  readonly context: Context;
  readonly node: Node;
  readonly issues: readonly Issue[];
  readonly go: (path: Path) => void;
  readonly children?: JSX.Element;
}

/** Words for the place of an issue: the row's summary and the question. */
export function placeOf(form: Form, node: Node, path: Path, language: Language): string {
  let [holder, here]: [Holder, Node | undefined] = [form.root, node];
  let question: Question | undefined;
  const words: string[] = [];
  for (const part of path) {
    if (typeof part === "number") {
      here = question && here?.inner[question.name]?.[part];
      words.push((question && here && summary(question, here, language)) || say("entry", { number: part + 1 }));
      holder = question?.inner ?? holder;
    } else {
      if (question?.widget === "group") {
        here = here?.inner[question.name]?.[0];
        holder = question.inner ?? holder;
      }
      question = holder.questions.find((each) => each.name === part);
      if (path[path.length - 1] === part) words.push(question ? textIn(question.title, language) : part);
    }
  }
  return words.join(" · ") || textIn(form.title, language);
}

/** What is wrong on this screen; it takes the focus, so that it is read out. */
export function Problems({ context, node, issues, go, children }: ProblemsProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} class="problems" role="alert" tabIndex={-1}>
      <h2>{say("problems", { number: issues.length })}</h2>
      <IssueLinks context={context} node={node} issues={issues} go={go} />
      {children}
    </div>
  );
}

function IssueLinks({ context, node, issues, go }: ProblemsProps): JSX.Element {
  return (
    <ul>
      {issues.map((issue) => (
        <li key={issue.code + issue.path.join("/")}>
          <a href={`#${idOf(issue.path)}`} class={issue.severity === "error" ? "wrong" : "warning"}
            onClick={(event) => { event.preventDefault(); go(issue.path); }}>
            {placeOf(context.form, node, issue.path, context.language)}：{issue.message}
          </a>
        </li>
      ))}
    </ul>
  );
}

interface ReviewProps {
  readonly context: Context;
  readonly node: Node;
  readonly go: (path: Path) => void;
  readonly toPage: (page: string) => void;
  readonly finish: (issues: readonly Issue[]) => void;
}

/** The check at the end: each page with how much is answered and what is wrong. */
export function Review({ context, node, go, toPage, finish }: ReviewProps): JSX.Element {
  const { form, language } = context;
  const issues = judgeWhole(context, node);
  const errors = issues.some((issue) => issue.severity === "error");
  const elsewhere = issues.filter((issue) => !form.pages.some((page) => onPage(page, issue)));
  return (
    <div class="review">
      {issues.length === 0 && <p class="fine" role="status">✓ {say("noProblems")}</p>}
      {elsewhere.length > 0 && <IssueLinks context={context} node={node} issues={elsewhere} go={go} />}
      {form.pages.map((page) => {
        const asked = page.items.filter((name) => node.shown.has(name));
        const answered = asked.filter((name) => own(node.answers, name) !== undefined).length;
        const here = issues.filter((issue) => onPage(page, issue));
        return (
          <section key={page.name} class={here.length ? "card has-error" : "card"}>
            <button type="button" class="quiet" onClick={() => toPage(page.name)}>{textIn(page.title, language)}</button>
            <span>{asked.length ? say("answered", { number: `${answered}/${asked.length}` }) : say("notNeeded")}</span>
            {here.length > 0 && <IssueLinks context={context} node={node} issues={here} go={go} />}
          </section>
        );
      })}
      <button type="button" class={errors ? "danger" : "main"} onClick={() => finish(issues)}>
        {say(errors ? "finishAnyway" : "finish")}
      </button>
    </div>
  );
}

const onPage = (page: Page, issue: Issue): boolean => page.items.some((name) => isAt(issue.path, [name]) );

