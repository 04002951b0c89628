/** The form by itself, for tests in a browser: form, draft and what else there is come from `given.json` beside the page. */
import { render } from "preact";
import { formOf, FormView, startDraft, type Answers, type FormSchema, type Known, type Position, type Services } from "../index";
import { loadWords, type Language } from "../../words";
import "../form.css";

interface Given {
  readonly document: FormSchema;
  readonly draft: Answers | null;
  readonly position?: Position;
  readonly language: Language;
  readonly today: string;
  readonly known?: Known;
}

const services: Services = {
  newId: () => crypto.randomUUID(),
  takePhoto: async (file) => ({ file: `${crypto.randomUUID()}.jpg`, sha256: "0".repeat(64), bytes: file.size }),
  photoUrl: async () => null,
  locate: async () => ({ lat: 39.6, lon: 109.8, acc: 12 }),
};

async function start(): Promise<void> {
  const given = (await (await fetch("given.json")).json()) as Given;
  document.documentElement.lang = given.language;
  await loadWords(given.language);
  const form = formOf(given.document);
  const kept = window as unknown as { kept: unknown; finished: unknown };
  render(
    <FormView form={form} draft={given.draft ?? startDraft(form, given.known, services.newId)} position={given.position}
      language={given.language} today={given.today} known={given.known} services={services}
      onChange={(draft, position) => { kept.kept = { draft, position }; }}
      onFinish={(answers, issues) => { kept.finished = { answers, issues }; }} />,
    document.getElementById("stage") as HTMLElement,
  );
}

void start();
