/** What an answer does to what the phone holds: scopes begun again, a copied phone, a restored log. */
import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";

import { readExchange, type Exchanged } from "./answers";
import type { JsonObject } from "./canonical";
import { Vault } from "./crypto";
import { begin, openDatabase, readMeta, SYNCED, type Database } from "./db";
import { added, mix, versionOf } from "./digests";
import * as oplog from "./oplog";
import { dropPhotos, keepPhoto, photosOf } from "./photos";
import { failedScopes, openRows, readyRows, takeRows } from "./rows";
import * as snapshots from "./snapshots";

const SCOPE = "w-1";
let database: Database;
let vault: Vault;
let number = 0;

beforeEach(async () => {
  database = await openDatabase(undefined, `test-${(number += 1)}`);
  [vault] = await Vault.make("274918", 1000);
});

const answerOf = (part: JsonObject): Exchanged =>
  readExchange({
    v: 1, t1: 1000, t2: 1000, results: [], have: [], drop: [], add: [], reset: [], rows: [], more: false, check: {},
    cursor: "c1", ...part,
  }); // prettier-ignore

const row = (key: string, content: JsonObject): [string, string, [string, JsonObject]] => [SCOPE, key, ["put", content]];

async function checkOf(rows: Record<string, JsonObject>): Promise<[number, number]> {
  const parts = await Promise.all(Object.entries(rows).map(async ([key, content]) => mix(key, await versionOf(content))));
  return [parts.length, added(parts)];
}

async function take(answer: Exchanged, fromNothing = false): Promise<string[]> {
  const rows = await readyRows(vault, answer.rows);
  const change = begin(database, SYNCED);
  const failed = await takeRows(change, answer, rows, fromNothing);
  await oplog.takeResults(change, answer, [], new Set());
  await snapshots.takeOffers(change, answer, []);
  await change.done;
  return failed;
}

const held = async (): Promise<string[]> => [...((await openRows(database, vault)).get(SCOPE)?.keys() ?? [])].sort();

test("a scope that is begun again keeps its rows until the new ones are whole, then loses what did not come", async () => {
  const [old, kept] = [{ at: 1 }, { at: 2 }];
  await take(answerOf({ add: [{ scope: SCOPE }], rows: [row("a", old), row("b", kept)], check: { [SCOPE]: await checkOf({ a: old, b: kept }) } }), true);
  await take(answerOf({ reset: [SCOPE], rows: [row("b", kept)], more: true }));
  expect(await held()).toEqual(["a", "b"]);
  expect(await take(answerOf({ check: { [SCOPE]: await checkOf({ b: kept }) } }))).toEqual([]);
  expect(await held()).toEqual(["b"]);
});

test("a sum that differs is noted for the server to begin the scope again", async () => {
  const rows = [row("a", { at: 1 })];
  expect(await take(answerOf({ add: [{ scope: SCOPE }], rows, check: { [SCOPE]: [1, 7] } }), true)).toEqual([SCOPE]);
  expect(await failedScopes(database)).toEqual([SCOPE]);
  await take(answerOf({ reset: [SCOPE], rows, check: { [SCOPE]: await checkOf({ a: { at: 1 } }) } }));
  expect(await failedScopes(database)).toEqual([]);
});

test("a scope that is not granted any more is dropped, and the outbox stays", async () => {
  const id = await oplog.record(database, vault, { kind: "visit", body: { household: "h" } });
  await take(answerOf({ add: [{ scope: SCOPE }], rows: [row("a", { at: 1 })], check: { [SCOPE]: await checkOf({ a: { at: 1 } }) } }), true);
  await take(answerOf({ drop: [SCOPE] }));
  expect(await held()).toEqual([]);
  expect((await oplog.outbox(database, vault, 10, 1e6)).map((op) => op.id)).toEqual([id]);
});

async function recorded(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let each = 0; each < count; each += 1) ids.push(await oplog.record(database, vault, { kind: "visit", body: { each } }));
  return ids;
}

/** Take the server's word that an op is kept. */
async function acknowledge(id: string, have: [number, number][]): Promise<void> {
  const op = (await database.get("ops", id))!;
  const answer = answerOf({ results: [{ id, n: op.n, sha256: op.sha256, status: "stored" }], have });
  const sent = await oplog.outbox(database, vault, 10, 1e6);
  const results = await oplog.echoed(vault, answer, sent);
  const change = begin(database, SYNCED);
  await oplog.takeResults(change, answer, results, new Set());
  await change.done;
}

test("a copied phone counts anew under another install, what is unsent first", async () => {
  const [first, second, third] = (await recorded(3)) as [string, string, string];
  await acknowledge(first, [[1, 1]]);
  const change = begin(database, SYNCED);
  await oplog.move(change, "another install");
  expect(await readMeta(change, "install")).toBe("another install");
  await change.done;
  expect((await oplog.outbox(database, vault, 10, 1e6)).map(({ id, n }) => [id, n])).toEqual([[second, 1], [third, 2]]);
  await take(answerOf({ reset: [SCOPE] })); // the server lost what it had
  expect((await oplog.outbox(database, vault, 10, 1e6)).map(({ id, n }) => [id, n])).toEqual([[second, 1], [third, 2], [first, 3]]);
});

test("what a restored log lacks is offered again, what it has is not", async () => {
  const [first, second] = (await recorded(2)) as [string, string];
  await acknowledge(first, [[1, 1]]);
  await acknowledge(second, [[1, 2]]);
  expect(await oplog.outbox(database, vault, 10, 1e6)).toEqual([]);
  await take(answerOf({ have: [[1, 1]] }));
  expect((await oplog.outbox(database, vault, 10, 1e6)).map((op) => op.id)).toEqual([second]);
});

test("a result with another digest ticks off nothing", async () => {
  const [id] = (await recorded(1)) as [string];
  const answer = answerOf({ results: [{ id, n: 1, sha256: "0".repeat(64), status: "stored" }], have: [[1, 1]] });
  expect(await oplog.echoed(vault, answer, await oplog.outbox(database, vault, 10, 1e6))).toEqual([]);
});

test("the photos of a deleted draft go, but for those that an op or another draft names", async () => {
  const photo = async (text: string): Promise<string> => (await keepPhoto(database, vault, new Blob([text]))).sha256;
  const [own, shared, sent] = await Promise.all([photo("own"), photo("shared"), photo("sent")]);
  await oplog.record(database, vault, { kind: "interview", body: { blobs: [{ sha256: sent }] } });
  const change = begin(database, ["ops", "photos"]);
  await dropPhotos(change, [own, shared, sent], new Set([shared]));
  await change.done;
  expect((await database.getAllKeys("photos")).sort()).toEqual([shared, sent].sort());
});

test("photos are found wherever answers name them", () => {
  const photo = (sha256: string): JsonObject => ({ file: `${sha256}.jpg`, sha256, bytes: 7 });
  const named = (question: string, sha256: string): JsonObject => ({ question, sha256, length: 7, type: "image/jpeg" });
  const answers = { door: photo("1"), members: [{ "a/b": [photo("2")] }], note: "x", gps: { lat: 1 } };
  expect(photosOf(answers, "")).toEqual([named("/door", "1"), named("/members/0/a~1b/0", "2")]);
});
