/** A form on the screen: its pages, rows one at a time, and the check at the end. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { answerAt, knownAt, newRow, withAnswer } from "./draft";
import { issuesIn, pathKey, type Context } from "./issues";
import { say, textIn } from "./messages";
import type { Form, Holder, Page } from "./model";
import { Questions } from "./Questions";
import { placeOf, Problems, Review } from "./Review";
import { settler, type Node } from "./settle";
import { focusOn, lastAt } from "./show";
import { isObject, type Answers, type Issue, type Known, type Language, type Path, type Position } from "./types";
import type { Services, Ui } from "./ui";

export interface FormViewProps {
  readonly form: Form;
  /** What to begin with; from then on the view holds the draft. Another interview needs another `key`. */
  readonly draft: Answers;
  readonly position?: Position | undefined;
  readonly language: Language;
  /** The interview's day, YYYY-MM-DD. */
  readonly today: string;
  readonly known?: Known | undefined;
  /** What was answered last time, and on which day. */
  readonly last?: { readonly day: string; readonly answers: Answers } | undefined;
  readonly services: Services;
  /** Called at each change, each key press among them: keep what is handed over. */
  readonly onChange: (draft: Answers, position: Position) => void;
  /** The interview is over: the answers that count, and what is still wrong with them. */
  readonly onFinish: (answers: Answers, issues: readonly Issue[]) => void;
}

/** The page after the last: the check. */
export const REVIEW = "";

interface State {
  readonly draft: Answers;
  readonly position: Position;
  readonly touched: ReadonlySet<string>;
  /** Whether everything wrong on this screen may be said. */
  readonly all: boolean;
  /** What to focus once it is drawn. */
  readonly target: Path | null;
}

function begin(props: FormViewProps): State {
  const first = props.form.pages[0]?.name ?? REVIEW;
  const given = props.position;
  const there = given && (given.page === REVIEW || props.form.pages.some((page) => page.name === given.page));
  const position = there && given.row.every((part, index, row) => typeof part === "string" || isObject(answerAt(props.draft, row.slice(0, index + 1))))
    ? given
    : { page: there ? given.page : first, row: [] };
  return { draft: props.draft, position, touched: new Set(), all: false, target: null };
}

/** Holds the state, and hands each change on. */
function useFormState(props: FormViewProps): [State, (change: (state: State) => Partial<State>) => void] {
  const [state, setState] = useState(() => begin(props));
  const now = useRef(state);
  const told = useRef(props.onChange);
  told.current = props.onChange;
  const change = (make: (state: State) => Partial<State>): void => {
    const before = now.current;
    now.current = { ...before, ...make(before) };
    setState(now.current);
    if (now.current.draft !== before.draft || now.current.position !== before.position) {
      told.current(now.current.draft, now.current.position);
    }
  };
  return [state, change];
}

const NEW_SCREEN = { all: false, target: null };

function makeUi(change: (make: (state: State) => Partial<State>) => void, props: () => FormViewProps): Ui {
  const at = (position: Position, row: Path): Position => ({ ...position, row });
  return {
    services: props().services,
    answer: (path, value) => change(({ draft }) => ({ draft: withAnswer(draft, path, value) })),
    touch: (path) => change(({ touched }) => (touched.has(pathKey(path)) ? {} : { touched: new Set(touched).add(pathKey(path)) })),
    open: (path) => change(({ position }) => ({ position: at(position, path), ...NEW_SCREEN })),
    add: (path) =>
      change(({ draft, position }) => {
        const rows = answerAt(draft, path);
        const index = Array.isArray(rows) ? rows.length : 0;
        const row = newRow(holderAt(props().form, [...path, index]), props().services.newId);
        return { draft: withAnswer(draft, [...path, index], row), position: at(position, [...path, index]), ...NEW_SCREEN };
      }),
    remove: (path) => change(({ draft }) => ({ draft: withAnswer(draft, path, undefined) })),
  };
}

function holderAt(form: Form, path: Path): Holder {
  return path.reduce<Holder>((holder, part) => {
    if (typeof part === "number") return holder;
    return holder.questions.find((question) => question.name === part)?.inner ?? holder;
  }, form.root);
}

/** The node of an open row. */
function nodeAt(node: Node, path: Path): Node | undefined {
  let [here, name]: [Node | undefined, string | null] = [node, null];
  for (const part of path) {
    if (typeof part === "number") {
      here = here?.inner[name as string]?.[part];
      name = null;
    } else {
      if (name !== null) here = here?.inner[name]?.[0];
      name = part;
    }
  }
  return here;
}

/** The form; who shows it has fetched the words (`words/`). */
export function FormView(props: FormViewProps): JSX.Element {
  const { form, language, today } = props;
  const [state, change] = useFormState(props);
  const latest = useRef(props);
  latest.current = props;
  const ui = useMemo(() => makeUi(change, () => latest.current), [form]);
  const settle = useMemo(() => settler(form, today), [form, today]);
  const node = useMemo(() => settle(state.draft), [settle, state.draft]);
  const context: Context = { form, today, root: node.answers, language };
  const { page, row } = state.position;
  const screen = useRef<HTMLElement>(null);
  useEffect(() => {
    if (state.target) focusOn(state.target);
    else {
      screen.current?.focus({ preventScroll: true });
      screen.current?.scrollIntoView?.(); // its beginning, wherever lines run
    }
  }, [page, pathKey(row), state.target]);

  const go = (path: Path): void => change((before) => ({ position: { page: pageOf(form, path, before.position.page), row: rowOf(path) }, target: [...path], all: true }));
  const toPage = (name: string): void => change(() => ({ position: { page: name, row: [] }, ...NEW_SCREEN }));
  const shared = { ui, context, change, state, go, toPage, node, props };
  const inner = row.length ? nodeAt(node, row) : undefined;
  return (
    <section class="ruhu-form" lang={language} ref={screen} tabIndex={-1} aria-label={textIn(form.title, language)}>
      {page === REVIEW && !inner ? (
        <ReviewScreen {...shared} />
      ) : inner ? (
        <RowScreen {...shared} inner={inner} />
      ) : (
        <PageScreen {...shared} />
      )}
    </section>
  );
}

const pageOf = (form: Form, path: Path, otherwise: string): string =>
  form.pages.find((page) => page.items.includes(path[0] as string))?.name ?? otherwise;

/** The row that a path lies in: up to its last number. */
function rowOf(path: Path): Path {
  const last = path.reduce<number>((found, part, index) => (typeof part === "number" ? index : found), -1);
  return path.slice(0, last + 1);
}

interface ScreenProps {
  readonly ui: Ui;
  readonly context: Context;
  readonly change: (make: (state: State) => Partial<State>) => void;
  readonly state: State;
  readonly node: Node;
  readonly go: (path: Path) => void;
  readonly toPage: (name: string) => void;
  readonly props: FormViewProps;
}

/** Pages on which something is asked. */
const asked = (form: Form, node: Node): readonly Page[] =>
  form.pages.filter((page) => page.items.some((name) => node.shown.has(name)));

/** A page of the form. */
function PageScreen(screen: ScreenProps): JSX.Element {
  const { context: { form, language }, state, node, toPage, props } = screen;
  const pages = asked(form, node);
  const page = form.pages.find((each) => each.name === state.position.page) as Page;
  const number = pages.indexOf(page);
  const hint = textIn(page.hint, language);
  return (
    <Asked {...screen} holder={form.root} inner={node} path={[]} names={page.items} known={props.known} last={props.last?.answers}
      leave={() => toPage(pages[number + 1]?.name ?? REVIEW)} onward={say(number + 1 < pages.length ? "next" : "review")}
      back={number > 0 && <button type="button" class="quiet" onClick={() => toPage((pages[number - 1] as Page).name)}>{say("back")}</button>}>
      <Progress number={number + 1} total={pages.length} />
      <h1>{textIn(page.title, language)}</h1>
      {hint && <p class="hint">{hint}</p>}
    </Asked>
  );
}

/** An open row of a repeat. */
function RowScreen(screen: ScreenProps & { inner: Node }): JSX.Element {
  const { context: { form, language }, state, change, node, props } = screen;
  const { row, page } = state.position;
  const leave = (): void => change(() => ({ position: { page, row: rowOf(row.slice(0, -1)) }, all: false, target: row }));
  return (
    <Asked {...screen} holder={holderAt(form, row)} path={row} known={knownAt(form, state.draft, props.known, row)}
      last={props.last && lastAt(form, state.draft, props.last.answers, row)} leave={leave} onward={say("rowDone")}>
      <h1>{placeOf(form, node, row, language)}</h1>
    </Asked>
  );
}

interface AskedProps extends ScreenProps {
  readonly holder: Holder;
  /** What counts of the object whose questions are asked. */
  readonly inner: Node;
  readonly path: Path;
  readonly names?: readonly string[];
  readonly known: Known | undefined;
  readonly last: Answers | undefined;
  /** The heading. */
  readonly children: ComponentChildren;
  readonly leave: () => void;
  /** What stands on the button that leaves. */
  readonly onward: string;
  readonly back?: ComponentChildren;
}

/** Questions under a heading, above the way on: it is taken once nothing is wrong, or all the same. */
function Asked({ children, leave, onward, back, ...asked }: AskedProps): JSX.Element {
  const { context, state, change, node, go, props, ui, holder, inner, path, names, known, last } = asked;
  const find = (): Issue[] => issuesIn(context, holder, inner, path, names);
  const issues = state.all ? find() : [];
  const next = (): void => {
    if (find().some((issue) => issue.severity === "error")) change(() => ({ all: true, target: null }));
    else leave();
  };
  return (
    <>
      {children}
      {issues.length > 0 && (
        <Problems context={context} node={node} issues={issues} go={go}>
          <button type="button" class="quiet" onClick={leave}>{say("goOn")}</button>
        </Problems>
      )}
      <Questions ui={ui} context={context} holder={holder} node={inner} path={path} {...(names ? { names } : {})}
        known={known} last={last} lastDay={props.last?.day ?? ""} touched={state.touched} all={state.all} />
      <nav class="steps">
        {back}
        <button type="button" class="main" onClick={next}>{onward}</button>
      </nav>
    </>
  );
}

function ReviewScreen({ context, node, go, toPage, props }: ScreenProps): JSX.Element {
  const pages = asked(context.form, node);
  return (
    <>
      <h1>{say("review")}</h1>
      <Review context={context} node={node} go={go} toPage={toPage} finish={(issues) => props.onFinish(node.answers, issues)} />
      <nav class="steps">
        <button type="button" class="quiet" onClick={() => toPage(pages[pages.length - 1]?.name ?? REVIEW)}>{say("back")}</button>
      </nav>
    </>
  );
}

function Progress({ number, total }: { number: number; total: number }): JSX.Element {
  const words = say("page", { number, total });
  return (
    <div class="progress">
      <progress max={total} value={number} aria-label={words} />
      <span aria-hidden="true">{words}</span>
    </div>
  );
}

