/** An interview: consent first, then the form, page by page; every key press is kept. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { JsonObject } from "../canonical";
import type { Draft } from "../drafts";
import { finish } from "../interviews";
import { nameOf } from "../model";
import { Button, Screen, useApp } from "../ui";
import { inLanguage } from "../words";

export function DraftPage({ id }: { id: string }): JSX.Element {
  const { device, say, back } = useApp();
  const found = device.drafts.find((each) => each.id === id);
  const [schema, setSchema] = useState<JsonObject | null>(null);
  const draft = useRef(found);
  useEffect(() => {
    void device.leave(id);
    if (found) void device.form(found.form).then(setSchema);
    return () => {
      // Locking is not leaving: after the PIN the interview is there again.
      if (device.phase === "open") void device.flush().then(() => device.leave(null));
    };
  }, [id]);
  if (!found || !draft.current) return <Screen title={say("drafts")} back>{say("none")}</Screen>;
  if (!schema) return <Screen title={say("loading")} back>{say("loading")}</Screen>;
  const change = (part: Partial<Draft>): void => {
    draft.current = { ...draft.current!, ...part, changed: Date.now() };
    device.keepDraft(draft.current);
  };
  return draft.current.consented
    ? <Asking draft={draft.current} schema={schema} change={change} leave={back} />
    : <Consent draft={draft.current} schema={schema} change={change} />;
}

interface Part {
  draft: Draft;
  schema: JsonObject;
  change: (part: Partial<Draft>) => void;
}

/** What is read out before the first question. Who refuses is not asked; that they refused is noted. */
function Consent({ draft, schema, change }: Part): JSX.Element {
  const { device, say, go, back } = useApp();
  const [, redraw] = useState(0);
  const agree = (): void => {
    const asks = "consent" in (schema["properties"] as JsonObject);
    change({ consented: true, answers: asks ? { ...draft.answers, consent: true } : draft.answers });
    redraw(1);
  };
  const refuse = async (): Promise<void> => {
    await device.deleteDraft(draft.id);
    back();
    go({ page: "visit", id: draft.household, outcome: "refused" });
  };
  return (
    <Screen
      title={say("consent")}
      back
      actions={<><Button onClick={refuse}>{say("consent.no")}</Button><Button kind="main" onClick={agree}>{say("consent.yes")}</Button></>}
    >
      <p class="read">{say("consent.text", { name: device.session?.user.name ?? "" })}</p>
      <p><strong>{say("consent.ask")}</strong></p>
    </Screen>
  );
}

/** The form itself, over the answers of the draft. */
function Asking({ draft, schema, change, leave }: Part & { leave: () => void }): JSX.Element {
  const { device, say, language, tell } = useApp();
  const home = device.model.households.get(draft.household);
  const title = inLanguage(schema["x-i18n-title"] as Record<string, string>, language);
  const done = async (): Promise<void> => {
    await finish(device, draft, draft.answers);
    tell(say("finished"));
    leave();
  };
  void change;
  return (
    <Screen title={`${home ? nameOf(home) : ""} · ${title}`} back actions={<Button kind="main" onClick={done}>{say("finish")}</Button>}>
      {draft.returned && <p class="card mark">{say("returned.why", { reason: draft.returned })}</p>}
    </Screen>
  );
}
