/** Interviews as the phone makes them: begun, resumed, corrected, finished. */

import { startDraft, type Form } from "../form";
import type { JsonObject } from "./canonical";
import { moment } from "./clock";
import type { Device } from "./device";
import type { Draft } from "./drafts";
import { uuid7 } from "./ids";
import { knownOf } from "./known";
import type { Entry, FormName } from "./model";
import { photosOf } from "./photos";

/** Return the draft of a form that was left unfinished in a household or place, if there is one. */
export function resumed(device: Device, household: string, formId: string): Draft | undefined {
  return device.drafts.find((each) => each.household === household && each.formId === formId);
}

export function beginInterview(device: Device, home: Entry, form: FormName): Draft {
  const draft: Draft = {
    id: uuid7(),
    interview: uuid7(),
    parent: null,
    household: home.id,
    round: home.list.round,
    form: form.sha256,
    formId: form.formId,
    assignment: { id: home.list.scope, epoch: home.epoch },
    started: moment(),
    answers: {},
    changed: Date.now(),
    consented: false,
    returned: null,
  };
  device.keepDraft(draft);
  return draft;
}

/** Return what a draft begins with once it may: what the ledger knows, as the form starts from it. */
export async function started(device: Device, { household }: Draft, form: Form): Promise<Partial<Draft>> {
  const home = device.model.entries.get(household);
  const known = home && (await knownOf(home));
  const asks = form.root.questions.some((each) => each.name === "consent");
  const answers = { ...startDraft(form, known, uuid7), ...(asks ? { consent: true } : {}) };
  return { consented: true, answers, ...(known ? { known } : {}) };
}

/** Open one's own interview again: its answers, as a new revision of the one that counts. Null when they are gone. */
export async function correct(device: Device, interview: string): Promise<Draft | null> {
  const open = device.drafts.find((each) => each.interview === interview);
  if (open) return open;
  const row = device.model.interviews.find((each) => each.id === interview);
  const own = device.ops.filter(({ content }) => content.body["interview"] === interview);
  const op = own.find(({ record }) => record.id === row?.op) ?? own[0];
  if (!op || op.content.kind !== "interview") return null;
  const { body, formId } = op.content;
  const home = device.model.entries.get(String(body["household"]));
  const draft: Draft = {
    id: uuid7(),
    interview,
    parent: String(body["revision"]),
    household: String(body["household"]),
    round: (body["round"] as string | null) ?? null,
    form: String(body["form"]),
    formId: formId ?? row?.form ?? "",
    assignment: home ? { id: home.list.scope, epoch: home.epoch } : (body["assignment"] as Draft["assignment"]),
    started: moment(),
    answers: body["answers"] as JsonObject,
    changed: Date.now(),
    consented: true,
    returned: row?.returned?.reason ?? null,
  };
  device.keepDraft(draft);
  return draft;
}

/** Put a finished interview into the outbox, in place of its draft. */
export async function finish(device: Device, draft: Draft, answers: JsonObject): Promise<void> {
  const body: JsonObject = {
    interview: draft.interview,
    revision: uuid7(),
    parent: draft.parent,
    household: draft.household,
    round: draft.round,
    form: draft.form,
    assignment: draft.assignment as unknown as JsonObject | null,
    started: draft.started as unknown as JsonObject,
    finished: moment() as unknown as JsonObject,
    answers,
    blobs: await blobsOf(device, answers),
  };
  await device.record({ kind: "interview", body, formId: draft.formId }, draft.id);
}

/** Return the photos that answers name, as an op names them. */
async function blobsOf(device: Device, answers: JsonObject): Promise<JsonObject[]> {
  const found = photosOf(answers, "");
  return Promise.all(
    found.map(async ([question, sha256]) => ({ question, sha256, ...(await device.aboutPhoto(sha256)) })),
  );
}
