/**
 * The ops of a phone: recorded, offered until the server says of each that it is kept, held 30 days after that.
 *
 * `have` tells which numbers the log holds, not which ops: of two copies of one phone, one may find its number taken by
 * the other's op once a backup was restored. So all that is kept is offered again when the server begins a scope again.
 */

import { has, isDurable, type Exchanged, type Result } from "./answers";
import { canonical, type JsonObject } from "./canonical";
import type { Vault } from "./crypto";
import { begin, readMeta, type Change, type Database, type OpRecord, type OpState } from "./db";
import { sha256Hex, utf8, type Bytes } from "./digests";
import { uuid7 } from "./ids";

/** How long an op is held after its tick, by the server's clock: the phone's own may be years off. */
export const KEPT_MS = 30 * 24 * 3600 * 1000;

/** What an op says, beside its number and state. `formId`: for the phone's own lists, it does not travel. */
export interface OpContent {
  kind: string;
  body: JsonObject;
  formId?: string;
}

export interface SentOp {
  kind: string;
  body: JsonObject;
  id: string;
  n: number;
  sha256: string;
}

/** What the results of an answer changed: ops that left the outbox, photos by name, whether the phone is a copy. */
export interface Ticked {
  ops: number;
  wanted: Set<string>;
  complete: Set<string>;
  forked: boolean;
}

const place = (id: string): string => `ops/${id}`;

/** Record an op in the outbox, and in the same change whatever else belongs to it. */
export async function record(
  database: Database,
  vault: Vault,
  content: OpContent,
  also: (change: Change) => Promise<unknown> = () => Promise.resolve(),
): Promise<string> {
  const id = uuid7();
  const text = utf8(canonical(content.body));
  const [sha256, sealed] = await Promise.all([sha256Hex(text), vault.sealJson(place(id), content)]);
  const change = begin(database, ["meta", "ops", "drafts", "photos"]);
  const n = await nextN(change);
  const order = ((await readMeta<number>(change, "place")) ?? 0) + 1;
  await change.objectStore("meta").put(order, "place");
  const blobs = namesOf(content.body);
  await change.objectStore("ops").put({
    id, place: order, n, state: "pending", elsewhere: false, sha256, size: text.length, at: 0, blobs, sealed,
    told: null,
  }); // prettier-ignore
  await also(change);
  await change.done;
  return id;
}

function namesOf(body: JsonObject): string[] {
  const blobs = Array.isArray(body["blobs"]) ? (body["blobs"] as JsonObject[]) : [];
  return blobs.map((blob) => String(blob["sha256"]));
}

async function nextN(change: Change): Promise<number> {
  const n = ((await readMeta<number>(change, "n")) ?? 0) + 1;
  await change.objectStore("meta").put(n, "n");
  return n;
}

/** Return what an op says. */
export function contentOf(vault: Vault, op: OpRecord): Promise<OpContent> {
  return vault.openJson<OpContent>(place(op.id), op.sealed);
}

/** Return what the server said of an op. */
export function toldOf(vault: Vault, op: OpRecord): Promise<JsonObject> | JsonObject {
  return op.told ? vault.openJson<JsonObject>(place(op.id), op.told) : {};
}

/** Return the next ops to send, in order: at least one, if there is any. */
export async function outbox(database: Database, vault: Vault, most: number, mostBytes: number): Promise<SentOp[]> {
  const waiting = await database.getAllFromIndex("ops", "state", "pending");
  waiting.sort((one, other) => (one.n ?? 0) - (other.n ?? 0));
  const found: SentOp[] = [];
  let size = 0;
  for (const op of waiting.slice(0, most)) {
    size += op.size;
    if (found.length && size > mostBytes) break;
    const { kind, body } = await contentOf(vault, op);
    found.push({ id: op.id, n: op.n ?? 0, sha256: op.sha256, kind, body });
  }
  return found;
}

export function countOps(database: Database, state: OpState): Promise<number> {
  return database.countFromIndex("ops", "state", state);
}

/** Return the results of ops that were sent, by id and digest, and what was said of each, sealed. */
export async function echoed(
  vault: Vault,
  answer: Exchanged,
  sent: readonly SentOp[],
): Promise<[Result, Bytes][]> {
  const digests = new Map(sent.map((op) => [op.id, op.sha256]));
  const ours = answer.results.filter((result) => digests.get(result.id) === result.sha256);
  return Promise.all(
    ours.map(async (result): Promise<[Result, Bytes]> => [result, await vault.sealJson(place(result.id), result.told)]),
  );
}

/**
 * Tick off, put aside and offer again as an answer says.
 *
 * @param keep ids of ops that are held however long ago they were ticked off.
 */
export async function takeResults(
  change: Change,
  answer: Exchanged,
  results: readonly [Result, Bytes][],
  keep: ReadonlySet<string>,
): Promise<Ticked> {
  const ticked: Ticked = { ops: 0, wanted: new Set(), complete: new Set(), forked: false };
  for (const [result, told] of results) {
    if (result.status === "rejected" && result.code === "device-forked") {
      ticked.forked = true;
      ticked.ops += 1;
    } else if (result.status === "rejected") {
      await settle(change, result, told, "rejected", answer);
      ticked.ops += 1;
    } else if (isDurable(result)) {
      const op = await settle(change, result, told, "acknowledged", answer);
      result.missing.forEach((name) => ticked.wanted.add(name));
      op?.blobs.filter((name) => !result.missing.includes(name)).forEach((name) => ticked.complete.add(name));
      ticked.ops += 1;
    }
  }
  await offerAgain(change, answer, keep);
  return ticked;
}

async function settle(
  change: Change,
  result: Result,
  told: Bytes,
  state: OpState,
  answer: Exchanged,
): Promise<OpRecord | undefined> {
  const op = await change.objectStore("ops").get(result.id);
  if (!op) return undefined;
  const elsewhere = state === "acknowledged" && (op.n === null || !has(answer.have, op.n));
  await change.objectStore("ops").put({ ...op, state, told, elsewhere, at: answer.t1 });
  return op;
}

/** Put back what the log lacks (a backup was restored), and forget what was kept long enough. */
async function offerAgain(change: Change, answer: Exchanged, keep: ReadonlySet<string>): Promise<void> {
  if (answer.reset.length) return offerAll(change);
  const ops = change.objectStore("ops");
  for (const op of await ops.index("state").getAll("acknowledged")) {
    if (!op.elsewhere && op.n !== null && !has(answer.have, op.n)) await ops.put({ ...op, state: "pending" });
    else if (op.at < answer.t1 - KEPT_MS && !keep.has(op.id)) await ops.delete(op.id);
  }
}

/** Put back all that is kept: the server may have lost any of it. */
export async function offerAll(change: Change): Promise<void> {
  for (const op of await inOrder(change, "acknowledged")) {
    const n = op.n ?? (await nextN(change));
    await change.objectStore("ops").put({ ...op, n, state: "pending" });
  }
}

/** Begin to count anew under a new install id: what is unsent from 1, what is kept when it is offered again. */
export async function move(change: Change, install: string): Promise<void> {
  await change.objectStore("meta").put(install, "install");
  await change.objectStore("meta").put(0, "n");
  for (const state of ["acknowledged", "rejected", "pending"] as const) {
    for (const op of await inOrder(change, state)) {
      const waits = state === "pending";
      await change.objectStore("ops").put({ ...op, n: waits ? await nextN(change) : null, elsewhere: !waits });
    }
  }
}

async function inOrder(change: Change, state: OpState): Promise<OpRecord[]> {
  const found = await change.objectStore("ops").index("state").getAll(state);
  return found.sort((one, other) => one.place - other.place);
}

/** Keep and show an op that the server will not take, so that it hinders no other. */
export async function putAside(database: Database, vault: Vault, id: string, why: string): Promise<void> {
  const told = await vault.sealJson(place(id), { status: "rejected", code: why });
  const op = await database.get("ops", id);
  if (op) await database.put("ops", { ...op, state: "rejected", told });
}
