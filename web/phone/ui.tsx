/** What the pages share: the phone, the words, where one is; and the frame of a page. */

import { createContext, type ComponentChildren, type JSX } from "preact";
import { useContext, useEffect, useRef } from "preact/hooks";

import type { Device } from "./device";
import type { Language, Say, Word } from "./words";

/** Where one is. It is kept in memory: no address names a household. */
export type Place =
  | { page: "work" | "records" | "sync" | "settings" | "enrol" | "pin" | "erase" }
  | { page: "household"; id: string }
  | { page: "visit"; id: string; outcome?: "refused" }
  | { page: "draft"; id: string }
  | { page: "finding"; id: string; home: string };

/** What the list of households shows; it stays while one looks into a household. */
export interface Search {
  text: string;
  filter: "all" | "todo" | "findings" | "done";
}

export interface App {
  device: Device;
  say: Say;
  language: Language;
  place: Place;
  search: Search;
  setSearch: (change: Partial<Search>) => void;
  go: (place: Place) => void;
  back: () => void;
  tell: (message: string) => void;
  setLanguage: (language: Language) => void;
}

export const Here = createContext<App>(null as unknown as App);
export const useApp = (): App => useContext(Here);

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
}

/** A page: its title has the focus when it opens, so that a reader begins there. */
export function Screen({ title, children, actions, back = false, tabs = false }: ScreenProps): JSX.Element {
  const app = useApp();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    document.title = app.say("app");
  }, [app.place]);
  return (
    <div class="screen">
      <header>
        {back && (
          <button type="button" class="icon" aria-label={app.say("back")} onClick={app.back}>
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
    </div>
  );
}

function Tabs(): JSX.Element {
  const { say, place, go, device } = useApp();
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
export function troubleOf(say: Say, code: string): string {
  const words = say(code as Word);
  return words === code ? say("trouble", { code }) : words;
}
