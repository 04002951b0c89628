/** What the pages share: the phone, the words, where one is; and the frame of a page. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { Device } from "./device";
import { say, type Language, type Word } from "../words";

/** Where one is. It is kept in memory: no address names a household. */
export type Place =
  | { page: "work" | "records" | "sync" | "settings" | "enrol" | "pin" | "erase" }
  | { page: "household"; id: string }
  | { page: "visit"; id: string; outcome?: "refused" }
  | { page: "draft"; id: string }
  | { page: "finding"; id: string; home: string };

/** What the work list shows; it stays while one looks into a household. */
export interface Search {
  text: string;
  filter: "all" | "todo" | "findings" | "done" | "places";
}

export interface App {
  device: Device;
  language: Language;
  place: Place;
  search: Search;
  setSearch: (change: Partial<Search>) => void;
  go: (place: Place) => void;
  back: () => void;
  tell: (message: string) => void;
  setLanguage: (language: Language) => Promise<void>;
}

let shown: App;

/** Tell the pages what they show. There is one app, and all of it is drawn anew when it changes. */
export function show(app: App): void {
  shown = app;
}
export const useApp = (): App => shown;

const TABS: readonly ["work" | "records" | "sync" | "settings", string][] = [
  ["work", "⌂"],
  ["records", "☰"],
  ["sync", "⇅"],
  ["settings", "⚙"],
];

interface ScreenProps {
  title: string;
  children: ComponentChildren;
  /** Main actions: at the bottom, where the thumb is. */
  actions?: ComponentChildren;
  back?: boolean;
  tabs?: boolean;
  /** The page is a form, and this is what its main action does. */
  submit?: () => unknown;
}

/** A page: its title has the focus when it opens, so that a reader begins there. */
export function Screen({ title, children, actions, back = false, tabs = false, submit }: ScreenProps): JSX.Element {
  const app = useApp();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    document.title = say("app");
  }, [app.place]);
  const Frame = submit ? "form" : "div";
  return (
    <Frame class="screen" onSubmit={(event: Event) => (event.preventDefault(), void submit!())}>
      <header>
        {back && (
          <button type="button" class="icon" aria-label={say("back")} onClick={app.back}>
            ←
          </button>
        )}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
      </header>
      <main>{children}</main>
      {actions && <div class="actions">{actions}</div>}
      {tabs && <Tabs />}
    </Frame>
  );
}

function Tabs(): JSX.Element {
  const { place, go, device } = useApp();
  return (
    <nav aria-label={say("app")}>
      {TABS.map(([page, sign]) => (
        <button
          type="button"
          key={page}
          aria-current={place.page === page ? "page" : undefined}
          onClick={() => {
            go({ page });
          }}
        >
          <span aria-hidden="true">{sign}</span>
          {say(page)}
          {page === "sync" && device.unsent > 0 && <b>{device.unsent}</b>}
        </button>
      ))}
    </nav>
  );
}

interface ButtonProps {
  children: ComponentChildren;
  onClick?: () => unknown;
  kind?: "main" | "plain" | "danger";
  disabled?: boolean;
  submit?: boolean;
}

export function Button({ children, onClick, kind = "plain", disabled = false, submit = false }: ButtonProps): JSX.Element {
  const click = onClick ? () => void onClick() : undefined;
  return (
    <button type={submit ? "submit" : "button"} class={kind} disabled={disabled} onClick={click}>
      {children}
    </button>
  );
}

interface FieldProps {
  label: string;
  value: string;
  onValue: (value: string) => void;
  type?: string;
  complete?: string;
  mode?: "numeric" | "text";
  autofocus?: boolean;
}

export function Field({ label, value, onValue, type = "text", complete = "off", mode, autofocus }: FieldProps): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type={type}
        value={value}
        autocomplete={complete}
        autocapitalize="none"
        spellcheck={false}
        {...(mode ? { inputMode: mode } : {})}
        {...(autofocus ? { autoFocus: true } : {})}
        onInput={(event) => {
          onValue(event.currentTarget.value);
        }}
      />
    </label>
  );
}

/** Say a problem by its code: in its own words, or in words that name it. */
export function troubleOf(code: string): string {
  const words = say(code as Word);
  return words === code ? say("trouble", { code }) : words;
}
