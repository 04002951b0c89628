/** An interview: consent first, then the form, page by page; every key press is kept. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { formOf, FormView, type Form, type Services } from "../../form";
import type { JsonObject } from "../canonical";
import { dayOf, today } from "../clock";
import type { Device } from "../device";
import type { Draft } from "../drafts";
import { uuid7 } from "../ids";
import { finish, started } from "../interviews";
import { nameOf } from "../model";
import { Button, Screen, useApp } from "../ui";
import { say, textIn } from "../../words";

export function DraftPage({ id }: { id: string }): JSX.Element {
  const { device, back } = useApp();
  const found = device.drafts.find((each) => each.id === id);
  const [form, setForm] = useState<Form | null>(null);
  const [fault, setFault] = useState(false);
  const [, redraw] = useState(0);
  const draft = useRef(found);
  useEffect(() => {
    void device.leave(id);
    const open = async (): Promise<void> => {
      const made = formOf((await device.form(found!.form))!);
      // Nobody is asked for consent to what is said of a place.
      if (!found!.consented && found!.household.includes(":")) change(await started(device, found!, made));
      setForm(made);
    };
    // A form that is not there or cannot be drawn takes no other page with it.
    if (found) open().catch(() => { setFault(true); });
    return () => {
      // Locking is not leaving: after the PIN the interview is there again.
      if (device.phase === "open") void device.flush().then(() => device.leave(null));
    };
  }, [id]);
  const change = (part: Partial<Draft>): void => {
    draft.current = { ...draft.current!, ...part, changed: Date.now() };
    device.keepDraft(draft.current);
  };
  if (!found || !draft.current) return <Screen title={say("drafts")} back>{say("none")}</Screen>;
  if (!form) return <Screen title={say("drafts")} back>{say(fault ? "form.missing" : "loading")}</Screen>;
  return draft.current.consented
    ? <Asking draft={draft.current} form={form} change={change} leave={back} />
    : <Consent draft={draft.current} form={form} change={change} agreed={() => { redraw(1); }} />;
}

interface Part {
  draft: Draft;
  form: Form;
  change: (part: Partial<Draft>) => void;
}

/** What is read out before the first question. Who refuses is not asked; that they refused is noted. */
function Consent({ draft, form, change, agreed }: Part & { agreed: () => void }): JSX.Element {
  const { device, go, back } = useApp();
  const agree = async (): Promise<void> => {
    change(await started(device, draft, form));
    agreed();
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
function Asking({ draft, form, change, leave }: Part & { leave: () => void }): JSX.Element {
  const { device, language, tell } = useApp();
  const home = device.model.entries.get(draft.household);
  const services = useMemo(() => servicesOf(device), [device]);
  const latest = device.model.forms.find((each) => each.formId === draft.formId);
  const done = async (answers: JsonObject): Promise<void> => {
    await finish(device, draft, answers);
    tell(say("finished"));
    leave();
  };
  const remove = async (): Promise<void> => {
    if (!confirm(say("draft.delete.sure"))) return;
    await device.deleteDraft(draft.id);
    leave();
  };
  return (
    <Screen title={`${home ? nameOf(home) : ""} · ${textIn(form.title, language)}`} back>
      {draft.returned && <p class="card mark">{say("returned.why", { reason: draft.returned })}</p>}
      {latest && latest.sha256 !== draft.form && <p class="quiet">{say("form.old")}</p>}
      <FormView
        form={form}
        draft={draft.answers}
        {...(draft.position ? { position: draft.position } : {})}
        language={language}
        today={today(device.samples)}
        {...(draft.known ? { known: draft.known } : {})}
        {...lastOf(device, draft)}
        services={services}
        onChange={(answers, position) => { change({ answers, position }); }}
        onFinish={(answers) => void done(answers)}
      />
      <details>
        <summary>{say("draft.saved")}</summary>
        <Button kind="danger" onClick={remove}>{say("draft.delete")}</Button>
      </details>
    </Screen>
  );
}

/** What was answered last time on this phone, for who looks for what changed. */
function lastOf(device: Device, draft: Draft): { last?: { day: string; answers: JsonObject } } {
  const op = device.ops.find(
    ({ content }) => content.formId === draft.formId && content.body["household"] === draft.household && content.body["interview"] !== draft.interview,
  );
  const finished = op?.content.body["finished"] as { wall: number } | undefined;
  return op && finished ? { last: { day: dayOf(finished.wall), answers: op.content.body["answers"] as JsonObject } } : {};
}

const ENDINGS: Record<string, string> = { "image/png": "png", "image/webp": "webp" };
const LOCATE_MS = 30_000;

/** What the form asks of the phone: ids, photos, the position. */
function servicesOf(device: Device): Services {
  return {
    newId: uuid7,
    takePhoto: async (file) => {
      const { sha256, length, type } = await device.keepPhoto(file);
      return { file: `${uuid7()}.${ENDINGS[type] ?? "jpg"}`, sha256, bytes: length };
    },
    photoUrl: async (answer) => {
      const photo = await device.readPhoto(String((answer as JsonObject)["sha256"]));
      return photo && URL.createObjectURL(photo);
    },
    locate: () =>
      new Promise((resolve, reject) => {
        navigator.geolocation.getCurrentPosition(
          ({ coords, timestamp }) => {
            resolve({ lat: coords.latitude, lon: coords.longitude, acc: coords.accuracy, at: new Date(timestamp).toISOString() });
          },
          reject,
          { enableHighAccuracy: true, timeout: LOCATE_MS },
        );
      }),
  };
}
