/** A snapshot over a bad line: what came is kept sealed, and the rest is asked for; against a server of one file. */
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { NoAnswer, readJson } from "./answers";
import { Vault } from "./crypto";
import { begin, openDatabase, type Database } from "./db";
import { receive, resumption, type Snapshot } from "./snapshots";

const SCOPE = "w-1";
const LAST = { scope: SCOPE, cursor: "c1.x", check: [300, 7], rows: 300 };
const ETAG = '"a.gz"';

let database: Database;
let vault: Vault;
let file: Uint8Array<ArrayBuffer>;

beforeEach(async () => {
  database = await openDatabase(undefined, `test-${Math.random()}`);
  [vault] = await Vault.make("123456", 1);
  file = await zipped([...Array(300).keys()].map((n) => [`household/${n}`, { n, name: `张${n * 7919}` }] as unknown), LAST);
  const change = begin(database, ["scopes"]);
  const state = { generation: 1, sweeping: true, failed: false, snapshot: "/s", etag: null, joined: null };
  await change.objectStore("scopes").put({ scope: SCOPE, ...state });
  await change.done;
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function zipped(rows: unknown[], last: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const text = [...rows, last].map((each) => `${JSON.stringify(each)}\n`).join("");
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Bytes that break off after `cut` of them, or fall silent. */
function broken(bytes: Uint8Array, cut: number, silent = false): ReadableStream<Uint8Array> {
  let given = false;
  return new ReadableStream({
    pull(control): Promise<void> | void {
      if (!given && cut) control.enqueue(bytes.slice(0, cut));
      else if (silent) return new Promise(() => undefined);
      else control.error(new TypeError("network error"));
      given = true;
    },
  });
}

/** Answer as the server does: 206 over Range where If-Range names these very bytes. */
function answer(headers: Record<string, string>, cut?: number, etag = ETAG, silent = false): Response {
  const from = headers["If-Range"] === etag ? Number(/^bytes=(\d+)-$/.exec(headers["Range"]!)![1]) : 0;
  const bytes = file.slice(from);
  const told = { "Content-Type": "application/gzip", ETag: etag, "Content-Range": `bytes ${from}-${file.length - 1}/${file.length}` };
  return new Response(cut === undefined ? bytes : broken(bytes, cut, silent), { status: from ? 206 : 200, headers: told });
}

async function attempt(make: (headers: Record<string, string>) => Response): Promise<[Record<string, string>, Snapshot | null]> {
  const state = (await database.get("scopes", SCOPE))!;
  const { headers, part } = await resumption(database, vault, state);
  return [headers, await receive(database, vault, SCOPE, make(headers), part)];
}

async function asked(): Promise<Record<string, string>> {
  return (await resumption(database, vault, (await database.get("scopes", SCOPE))!)).headers;
}

test("a download that is cut again and again goes on each time where it was", async () => {
  expect(await asked()).toEqual({ Accept: "application/gzip" });
  for (const came of [400, 800, 1200]) {
    await expect(attempt((headers) => answer(headers, 400))).rejects.toThrow(NoAnswer);
    expect(await asked()).toEqual({ Accept: "application/gzip", Range: `bytes=${came}-`, "If-Range": ETAG });
  }
  const [, snapshot] = await attempt((headers) => answer(headers));
  expect(snapshot).toMatchObject({ scope: SCOPE, check: [300, 7], cursor: "c1.x" });
  expect(snapshot!.rows).toHaveLength(300);
  expect(await database.getAllKeys("parts")).toEqual([]);
});

test("what is kept of a half of it is sealed", async () => {
  await expect(attempt((headers) => answer(headers, 500))).rejects.toThrow(NoAnswer);
  const kept = (await database.get("parts", SCOPE))!;
  expect(kept.length).toBeGreaterThan(500);
  expect([...kept].join()).not.toContain([...file.slice(20, 60)].join());
});

test("who resumes another snapshot gets the whole of the newer one", async () => {
  await expect(attempt((headers) => answer(headers, 400))).rejects.toThrow(NoAnswer);
  file = await zipped([["household/new", { n: 1 }]], { ...LAST, rows: 1 });
  const [headers, snapshot] = await attempt((sent) => answer(sent, undefined, '"b.gz"'));
  expect(headers["If-Range"]).toBe(ETAG);
  expect(snapshot!.rows.map((row) => row.key)).toEqual(["household/new"]);
});

test("a line that falls silent counts as cut, and what came is kept", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const state = (await database.get("scopes", SCOPE))!;
  const { part } = await resumption(database, vault, state);
  const waiting = expect(receive(database, vault, SCOPE, answer({}, 400, ETAG, true), part)).rejects.toThrow(NoAnswer);
  await vi.waitFor(() => { expect(vi.getTimerCount()).toBeGreaterThan(0); });
  await vi.advanceTimersByTimeAsync(120_000);
  await waiting;
  vi.useRealTimers();
  expect((await asked())["Range"]).toBe("bytes=400-");
});

test("an answer that breaks off or falls silent is none, and nobody waits for it", async () => {
  const half = new TextEncoder().encode('{"v":1,');
  await expect(readJson(new Response(broken(half, 7)))).rejects.toThrow(NoAnswer);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const waiting = expect(readJson(new Response(broken(half, 7, true)))).rejects.toThrow(NoAnswer);
  await vi.advanceTimersByTimeAsync(120_000);
  await waiting;
  expect(await readJson(new Response('{"说":"好"}'))).toEqual({ 说: "好" });
});

test.each([
  ["a part of something else", 206, { "Content-Range": "bytes 7-9/10" }],
  ["a range that is not there", 416, {}],
  ["a portal's page", 200, { "Content-Type": "text/html" }],
])("%s is thrown away, and it begins again", async (_, status, headers) => {
  await expect(attempt((sent) => answer(sent, 400))).rejects.toThrow(NoAnswer);
  const page = new Response("<html>", { status, headers: headers as Record<string, string> });
  await expect(attempt(() => page)).rejects.toThrow(NoAnswer);
  expect(await asked()).toEqual({ Accept: "application/gzip" });
});

test("bytes that do not unpack are thrown away", async () => {
  await expect(attempt(() => new Response(file.slice(0, 900), { headers: { "Content-Type": "application/gzip", ETag: ETAG } }))).rejects.toThrow(NoAnswer);
  expect(await asked()).toEqual({ Accept: "application/gzip" });
});

test("a browser that cannot unpack leaves it to fetch, and begins again when cut", async () => {
  vi.stubGlobal("DecompressionStream", undefined);
  expect(await asked()).toEqual({});
  const lines = `["household/1",{"n":1}]\n${JSON.stringify({ ...LAST, rows: 1 })}\n`;
  const told = { "Content-Type": "application/x-ndjson", ETag: '"a"' };
  const cut = new Response(broken(new TextEncoder().encode(lines), 20), { headers: told });
  await expect(attempt(() => cut)).rejects.toThrow(NoAnswer);
  expect(await asked()).toEqual({});
  const [, snapshot] = await attempt(() => new Response(lines, { headers: told }));
  expect(snapshot!.rows).toHaveLength(1);
});
