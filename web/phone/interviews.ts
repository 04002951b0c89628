/** Interviews as the phone makes them: begun, resumed, corrected, finished. */

import { KEPT, startDraft, type Form } from "../form";
import type { Json, JsonObject } from "./canonical";
import { moment } from "./clock";
import type { Device } from "./device";
import type { Draft } from "./drafts";
import { uuid7 } from "./ids";
import { knownOf } from "./known";
import type { Entry, FormName, Returned } from "./model";
import { photosOf, token } from "./photos";

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

/**
 * Open a returned interview again: its answers, as a new revision of the one that counts. They are in the op that this
 * phone made, else in what it was told; null when they are nowhere.
 */
export async function correct(device: Device, { id: interview, op, row, formId, reason }: Returned): Promise<Draft | null> {
  const open = device.drafts.find((each) => each.interview === interview);
  if (open) return open;
  const made = device.ops.filter(({ content }) => content.kind === "interview" && content.body["interview"] === interview);
  const own = made.find(({ record }) => record.id === op) ?? (row ? undefined : made[0]);
  const body = own?.content.body ?? row;
  if (!body) return null;
  const household = String(body["household"]);
  const home = device.model.entries.get(household);
  const draft: Draft = {
    id: uuid7(),
    interview,
    parent: String(body["revision"]),
    household,
    round: (body["round"] as string | null) ?? null,
    form: String(body["form"]),
    formId,
    assignment: home ? { id: home.list.scope, epoch: home.epoch } : ((own?.content.body["assignment"] ?? null) as Draft["assignment"]),
    started: moment(),
    answers: marked(body["answers"] as JsonObject, (body["kept"] ?? []) as string[]),
    changed: Date.now(),
    consented: true,
    returned: reason,
  };
  device.keepDraft(draft);
  return draft;
}

/** Return the answers of a draft with marks where one is not told. */
function marked(answers: JsonObject, kept: readonly string[]): JsonObject {
  const draft = JSON.parse(JSON.stringify(answers)) as JsonObject;
  for (const pointer of kept) {
    const path = pointer.split("/").slice(1).map((part) => part.replace(/~1/g, "/").replace(/~0/g, "~"));
    const name = path.pop()!;
    const holder = path.reduce<JsonObject>((here, part) => here[part] as JsonObject, draft);
    holder[KEPT] = [...((holder[KEPT] as string[] | undefined) ?? []), name];
  }
  return draft;
}

/** Return the pointers of what a draft leaves as it is: what was not told, nor answered anew. */
export function keptIn(value: Json, at = ""): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) =>
    name === KEPT && !Array.isArray(value)
      ? (each as string[]).filter((kept) => !(kept in value)).map((kept) => at + token(kept))
      : keptIn(each, at + token(name)),
  );
}

/** Put a finished interview into the outbox, in place of its draft. */
export async function finish(device: Device, draft: Draft, answers: JsonObject): Promise<void> {
  const kept = keptIn(device.drafts.find((each) => each.id === draft.id)?.answers ?? {});
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
    ...(kept.length ? { kept } : {}),
    blobs: await blobsOf(device, answers),
  };
  await device.record({ kind: "interview", body, formId: draft.formId }, draft.id);
}

/** Return the photos that answers name, as an op names them. */
const blobsOf = (device: Device, answers: JsonObject): Promise<JsonObject[]> =>
  Promise.all(photosOf(answers, "").map(async (each) => ({ ...each, ...(await device.aboutPhoto(each.sha256)) })));
