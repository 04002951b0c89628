/**
 * The exchange with the server. An op is ticked off only on its own durable result with its id and digest. Whatever else
 * comes back (nothing, half of an answer, a portal's page, a problem) changes nothing but when it is tried again.
 */

import { NoAnswer, readExchange, readJson, readTrouble, type Exchanged, type Trouble, wordOf } from "./answers";
import { measured, moment, offset, SAMPLES, type Moment, type Sample } from "./clock";
import type { Vault } from "./crypto";
import { begin, getMeta, readMeta, SYNCED, type Change, type Database } from "./db";
import { uuid7 } from "./ids";
import * as oplog from "./oplog";
import { photosIn, takePhotos, Uploads } from "./photos";
import { failedScopes, finish, putRows, readyRows, takeRows } from "./rows";
import * as snapshots from "./snapshots";
import { packed, send } from "./transport";

const BATCH = 50;
const BATCH_BYTES = 512 * 1024;
const STUCK_S = 1;
const MAX_BYTES = 49_152;
const MOST = 10_000;

/** What needs a person: no valid token, a phone marked as stolen, or whatever sending again will not mend. */
export type Refusal = "not-authenticated" | "device-revoked" | string;

/** What came of an exchange. `refused`: sending the same again will not mend it. */
export interface Outcome {
  heard: boolean;
  again: boolean;
  waitS: number;
  trouble: string;
  refused: boolean;
}

/** What the phone is, for the exchange. */
export interface Terminal {
  database: Database;
  vault: Vault;
  token: string;
  app: string;
  /** Ids of ops that are held however long ago they were ticked off. */
  keep: () => ReadonlySet<string>;
}

interface Request {
  told: Map<string, string>;
  sent: oplog.SentOp[];
  fromNothing: boolean;
  body: Record<string, unknown>;
}

const heard = (part: Partial<Outcome> = {}): Outcome => ({
  heard: true, again: false, waitS: 0, trouble: "", refused: false, ...part,
}); // prettier-ignore
const unheard = (part: Partial<Outcome>): Outcome => heard({ heard: false, ...part });

/** One phone's exchanges. */
export class Exchange {
  private batch = BATCH;
  private readonly uploads: Uploads;

  constructor(private readonly phone: Terminal) {
    this.uploads = new Uploads(phone.database, phone.vault, this.send);
  }

  /** Send with the phone's token. */
  readonly send = (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: Uint8Array<ArrayBuffer>,
  ): Promise<Response> => send(this.phone.token, method, path, headers, body);

  /** Exchange until the outbox is empty and there is no more, or nothing can be done now. */
  async run(): Promise<Outcome> {
    for (let count = 0; count < MOST; count += 1) {
      const outcome = await this.exchange();
      if (!outcome.heard || !outcome.again || outcome.waitS) return outcome;
    }
    return unheard({ trouble: "endless" });
  }

  /** Send one request, take its answer, fetch the snapshots it named; never throws for what the network does. */
  async exchange(): Promise<Outcome> {
    const request = await this.request();
    const { headers, body } = await packed(request.body);
    const cursor = request.body["cursor"];
    if (!request.sent.length && typeof cursor === "string") headers["If-None-Match"] = `"${cursor}"`;
    try {
      const before = moment();
      const response = await this.send("POST", "/api/v1/sync", headers, body);
      if (response.status === 304) return await this.fetchSnapshots(false);
      if (response.status !== 200) return await this.stumble(await readTrouble(response), request);
      const answer = readExchange(await readJson(response));
      const outcome = await this.take(answer, request, measured(before, moment(), answer.t1, answer.t2));
      return outcome.waitS ? outcome : await this.fetchSnapshots(outcome.again);
    } catch (error) {
      if (error instanceof NoAnswer) return unheard({ trouble: wordOf(error) });
      throw error;
    }
  }

  private async request(): Promise<Request> {
    const { database, vault, app } = this.phone;
    const [install, n, cursor, samples, told, mismatch, sent, pending, kept, wanted] = await Promise.all([
      getMeta<string>(database, "install"),
      getMeta<number>(database, "n"),
      getMeta<string>(database, "cursor"),
      getMeta<Sample[]>(database, "samples"),
      snapshots.joined(database),
      failedScopes(database),
      oplog.outbox(database, vault, this.batch, BATCH_BYTES),
      oplog.countOps(database, "pending"),
      photosIn(database, "kept"),
      photosIn(database, "wanted"),
    ]);
    const now: Moment = moment();
    const body = {
      v: 1,
      install,
      app,
      clock: { ...now, ...(offset(samples ?? [], now) ?? {}) },
      cursor: cursor ?? null,
      outbox: { max_n: n ?? 0, pending, blobs: kept.length + wanted.length },
      max_bytes: MAX_BYTES,
      snapshots: true,
      ops: sent,
      ...(told.size ? { joined: [...told.values()].sort() } : {}),
      ...(mismatch.length ? { mismatch } : {}),
    };
    return { told, sent, fromNothing: cursor === undefined, body };
  }

  /** Take an answer: all of it or, if the phone dies meanwhile, nothing. */
  private async take(answer: Exchanged, request: Request, sample: Sample): Promise<Outcome> {
    const { database, vault } = this.phone;
    const [rows, results] = await Promise.all([
      readyRows(vault, answer.rows),
      oplog.echoed(vault, answer, request.sent),
    ]);
    const change = begin(database, [...SYNCED, "drafts"]);
    const ticked = await oplog.takeResults(change, answer, results, this.phone.keep());
    await takePhotos(change, ticked.wanted, ticked.complete);
    const failed = await takeRows(change, answer, rows, request.fromNothing);
    await snapshots.takeOffers(change, answer, request.told.keys());
    const meta = change.objectStore("meta");
    await meta.put(answer.cursor, "cursor");
    const samples = (await readMeta<Sample[]>(change, "samples")) ?? [];
    await meta.put([...samples, sample].slice(-SAMPLES), "samples");
    if (ticked.forked) await oplog.move(change, uuid7());
    const pending = await change.objectStore("ops").index("state").count("pending");
    const photos = await change.objectStore("photos").index("state").count("wanted");
    if (answer.wipe) await wipe(change, pending + photos === 0);
    await change.done;
    if (answer.wipe && pending === 0) return heard();
    const stuck = pending > 0 && request.sent.length > 0 && !ticked.ops && !answer.more;
    return heard({ again: answer.more || pending > 0 || failed.length > 0, waitS: stuck ? STUCK_S : 0 });
  }

  /** Do what a problem asks for; keep everything. */
  private async stumble(trouble: Trouble, request: Request): Promise<Outcome> {
    const { database, vault } = this.phone;
    const [first] = request.sent;
    if (trouble.status === 413 && first) {
      if (request.sent.length === 1) await oplog.putAside(database, vault, first.id, trouble.slug);
      this.batch = Math.max(1, Math.floor(request.sent.length / 2));
      return heard({ again: true });
    }
    if (trouble.slug === "bad-cursor") {
      const change = begin(database, SYNCED);
      await change.objectStore("meta").delete("cursor");
      for (const each of await change.objectStore("scopes").getAll()) {
        await change.objectStore("scopes").put({ ...each, joined: null });
      }
      await oplog.offerAll(change);
      await change.done;
      return heard({ again: true });
    }
    const refused = !trouble.retryable && trouble.status < 500 && trouble.status !== 429;
    return unheard({ waitS: trouble.waitS, trouble: trouble.slug, refused });
  }

  private async fetchSnapshots(again: boolean): Promise<Outcome> {
    const { database, vault } = this.phone;
    let more = again;
    for (const scope of await snapshots.wanted(database)) {
      const { headers, part } = await snapshots.resumption(database, vault, scope);
      const response = await this.send("GET", scope.snapshot!, headers);
      const snapshot = await snapshots.receive(database, vault, scope.scope, response, part);
      if (snapshot) {
        const rows = await readyRows(vault, snapshot.rows);
        const change = begin(database, SYNCED);
        await putRows(change, rows);
        await finish(change, scope.scope, snapshot.check);
        const state = await change.objectStore("scopes").get(scope.scope);
        if (state) await change.objectStore("scopes").put({ ...state, snapshot: null, joined: snapshot.cursor });
        await change.done;
      }
      more = true;
    }
    return heard({ again: more });
  }

  /** Send the photos that the server wants, once no op waits; tell whether all are there. */
  async upload(report: () => void = () => undefined): Promise<boolean> {
    const { database } = this.phone;
    if (await oplog.countOps(database, "pending")) return false;
    let whole = true;
    try {
      for (const name of await photosIn(database, "wanted")) {
        let state = await this.uploads.upload(name);
        for (let tries = 0; state === "moved" && tries < BATCH; tries += 1) state = await this.uploads.upload(name);
        whole = whole && state === "complete";
        report();
      }
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      this.uploads.broke();
      return false;
    }
    return whole;
  }
}

/** Follow the order to wipe: what can be had again goes at once, the rest when the server has every op. */
export async function wipe(change: Change, all: boolean): Promise<void> {
  for (const store of ["rows", "scopes", "parts"] as const) await change.objectStore(store).clear();
  await change.objectStore("meta").delete("cursor");
  if (!all) return;
  for (const store of ["ops", "photos", "drafts"] as const) await change.objectStore(store).clear();
  for (const name of ["session", "vault"]) await change.objectStore("meta").delete(name);
  await change.objectStore("meta").put(true, "wiped");
}

