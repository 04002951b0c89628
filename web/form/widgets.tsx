/** The controls: one for each widget, large, labelled, and made of what the browser has. */
import { Component, type JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { say, textIn } from "./messages";
import type { Choice, Question } from "./model";
import { equal } from "./expressions";
import { idOf } from "./show";
import type { Ui } from "./ui";
import { isObject, type Json, type Language, type Path } from "./types";

export interface ControlProps {
  readonly ui: Ui;
  readonly question: Question;
  readonly path: Path;
  readonly value: Json | undefined;
  readonly language: Language;
  /** Choices that are offered, by `x-choices-filter`. */
  readonly choices: readonly Choice[];
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
}

interface Common {
  readonly id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": true | undefined;
  readonly onBlur: () => void;
}

const common = ({ path, describedBy, invalid, ui }: ControlProps): Common => ({
  id: idOf(path),
  "aria-describedby": describedBy,
  "aria-invalid": invalid || undefined,
  onBlur: () => ui.touch(path),
});

const valueOf = (event: Event): string => (event.currentTarget as HTMLInputElement).value;

function TextControl(props: ControlProps): JSX.Element {
  const { question, path, value, ui } = props;
  const given = typeof value === "string" && !question.missing.includes(value) ? value : "";
  const onInput = (event: Event): void => ui.answer(path, valueOf(event));
  if (question.widget === "textarea") return <textarea {...common(props)} rows={4} value={given} onInput={onInput} />;
  const type = question.widget === "date" || question.widget === "month" ? question.widget : "text";
  const digits = type === "text" && /^\^?\[0-9\]/.test(String(question.schema.pattern ?? ""));
  return (
    <input {...common(props)} type={type} value={given} onInput={onInput} autocomplete="off" inputMode={digits ? "numeric" : "text"} />
  );
}

/** A number as it is typed: the text stays as it is, the answer is its number, or the text if it is none. */
class NumberControl extends Component<ControlProps, { text: string }> {
  override state = { text: this.fromAnswer() };

  private fromAnswer(): string {
    const { value, question } = this.props;
    return value === undefined || question.missing.includes(value as string) ? "" : String(value);
  }

  override componentDidUpdate(): void {
    const { value, question } = this.props;
    const given = question.missing.includes(value as string) ? undefined : value;
    if (numberOf(this.state.text) !== given) this.setState({ text: this.fromAnswer() });
  }

  override render(): JSX.Element {
    const { ui, path, question } = this.props;
    const onInput = (event: Event): void => {
      const text = valueOf(event);
      this.setState({ text });
      ui.answer(path, numberOf(text));
    };
    const mode = question.kind === "integer" ? "numeric" : "decimal";
    return <input {...common(this.props)} type="text" inputMode={mode} autocomplete="off" value={this.state.text} onInput={onInput} />;
  }
}

function numberOf(text: string): Json | undefined {
  const plain = text.normalize("NFKC").trim().replace("。", ".");
  if (!plain) return undefined;
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : plain;
}

function Choices(props: ControlProps): JSX.Element {
  const { ui, question, path, value, language, choices, invalid, describedBy } = props;
  const several = question.widget === "checkboxes";
  const chosen = Array.isArray(value) ? value : [];
  const choose = (choice: Choice): void => {
    if (!several) return ui.answer(path, choice.value);
    const others = chosen.filter((item) => !equal(item, choice.value));
    const next = others.length < chosen.length ? others : [...chosen, choice.value];
    ui.answer(path, next.length ? next : undefined);
  };
  return (
    <div id={idOf(path)} class="choices" role={several ? "group" : "radiogroup"} tabIndex={-1}
      aria-labelledby={`${idOf(path)}-label`} aria-describedby={describedBy} aria-invalid={invalid || undefined}>
      {choices.map((choice) => (
        <label key={String(choice.value)} class="choice">
          <input
            type={several ? "checkbox" : "radio"}
            name={idOf(path)}
            checked={several ? chosen.some((item) => equal(item, choice.value)) : equal(value ?? null, choice.value)}
            onChange={() => choose(choice)}
            onBlur={() => ui.touch(path)}
          />
          <span>
            {textIn(choice.title, language)}
            {textIn(choice.hint, language) && <small>{textIn(choice.hint, language)}</small>}
          </span>
        </label>
      ))}
    </div>
  );
}

function Select(props: ControlProps): JSX.Element {
  const { ui, path, value, language, choices } = props;
  const index = choices.findIndex((choice) => equal(choice.value, value ?? null));
  return (
    <select {...common(props)} value={String(index)} onChange={(event) => ui.answer(path, choices[Number(valueOf(event))]?.value)}>
      <option value="-1">{say("choose")}</option>
      {choices.map((choice, number) => (
        <option key={number} value={String(number)}>{textIn(choice.title, language)}</option>
      ))}
    </select>
  );
}

function Gps(props: ControlProps): JSX.Element {
  const { ui, path, value } = props;
  const [state, setState] = useState<"" | "locating" | "noPosition">("");
  const take = async (): Promise<void> => {
    setState("locating");
    try {
      ui.answer(path, await ui.services.locate());
      setState("");
    } catch {
      setState("noPosition");
    }
  };
  const here = isObject(value) ? value : null;
  return (
    <div class="device">
      <button {...common(props)} type="button" disabled={state === "locating"} onClick={take}>{say("locate")}</button>
      <output aria-live="polite">
        {state ? say(state) : here ? `${here.lat}, ${here.lon}` : ""}
        {!state && here && typeof here.acc === "number" ? ` · ${say("accuracy", { metres: Math.round(here.acc) })}` : ""}
      </output>
      {here && <button type="button" class="quiet" onClick={() => ui.answer(path, undefined)}>{say("clear")}</button>}
    </div>
  );
}

function Photo({ ui, answer }: { ui: Ui; answer: Json }): JSX.Element {
  const [url, setUrl] = useState<string | null>(null);
  const name = JSON.stringify(answer);
  useEffect(() => {
    let [made, gone]: [string | null, boolean] = [null, false];
    void ui.services.photoUrl(answer).then((found) => {
      made = found;
      if (gone && found) URL.revokeObjectURL(found);
      else setUrl(found);
    });
    return () => {
      gone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [name]);
  return url ? <img class="photo" src={url} alt={say("photo")} /> : <span class="photo">{say("photo")} ✓</span>;
}

function Camera(props: ControlProps): JSX.Element {
  const { ui, question, path, value } = props;
  const [failed, setFailed] = useState(false);
  const several = question.kind === "array";
  const photos = several ? (Array.isArray(value) ? value : []) : value === undefined || typeof value === "string" ? [] : [value];
  const full = several && photos.length >= Number(question.schema.maxItems ?? Infinity);
  const take = async (event: Event): Promise<void> => {
    const input = event.currentTarget as HTMLInputElement;
    const file = input.files?.[0];
    if (!file) return;
    try {
      const answer = await ui.services.takePhoto(file, path);
      ui.answer(path, several ? [...photos, answer] : answer);
      setFailed(false);
    } catch {
      setFailed(true);
    }
    input.value = "";
  };
  const drop = (index: number): void => {
    const rest = photos.filter((_, each) => each !== index);
    ui.answer(path, several && rest.length ? rest : undefined);
  };
  return (
    <div class="device">
      {photos.map((photo, index) => (
        <figure key={JSON.stringify(photo)}>
          <Photo ui={ui} answer={photo} />
          <button type="button" class="quiet" onClick={() => drop(index)}>{say("remove")}</button>
        </figure>
      ))}
      {!full && (
        <label class="button">
          <input {...common(props)} class="unseen" type="file" accept="image/*" capture="environment" onChange={take} />
          {say(photos.length && !several ? "photoAgain" : "takePhoto")}
        </label>
      )}
      {failed && <p class="wrong" role="alert">{say("noPhoto")}</p>}
    </div>
  );
}

/** The control of a question; of a repeat, a group or a note there is none here. */
export function Control(props: ControlProps): JSX.Element | null {
  switch (props.question.widget) {
    case "number":
      return <NumberControl {...props} />;
    case "radio":
    case "checkboxes":
      return <Choices {...props} />;
    case "select":
      return <Select {...props} />;
    case "gps":
      return <Gps {...props} />;
    case "camera":
      return <Camera {...props} />;
    case "note":
      return null;
    default:
      return <TextControl {...props} />;
  }
}
