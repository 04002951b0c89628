/** Beginning a large scope from its snapshot: stored gzip bytes, fetched in as many goes as the line needs. */

import { list, NoAnswer, object, pair, readAll, text, type Exchanged, type Row } from "./answers";
import type { Json } from "./canonical";
import type { Vault } from "./crypto";
import { begin, type Change, type Database, type ScopeRecord } from "./db";
import type { Bytes } from "./digests";
import { dropScope } from "./rows";

/** A whole snapshot: its rows, the check they must meet, and the cursor that says so to the server. */
export interface Snapshot {
  scope: string;
  rows: Row[];
  check: [number, number];
  cursor: string;
}

const GZIP = "application/gzip";
const LOST = [403, 404, 410];
const UNUSABLE = [200, 206, 416];
const place = (scope: string): string => `parts/${scope}`;

/** Whether this browser can unpack by itself; else the whole is fetched at once and the browser's own reading unpacks it. */
export const unpacks = (): boolean => typeof DecompressionStream !== "undefined";

export async function joined(database: Database): Promise<Map<string, string>> {
  const all = await database.getAll("scopes");
  return new Map(all.flatMap((each) => (each.joined ? [[each.scope, each.joined] as const] : [])));
}

export async function wanted(database: Database): Promise<ScopeRecord[]> {
  return (await database.getAll("scopes")).filter((each) => each.snapshot !== null);
}

/**
 * Note what an answer says of snapshots; call it after the rows of the answer were taken.
 *
 * @param told scopes whose joined cursor was in the request: the one cursor of the answer covers them now.
 */
export async function takeOffers(change: Change, answer: Exchanged, told: Iterable<string>): Promise<void> {
  const scopes = change.objectStore("scopes");
  const covered = new Set(told);
  for (const each of await scopes.getAll()) {
    const offered = answer.add.get(each.scope);
    const withdrawn = each.snapshot !== null && offered !== each.snapshot;
    if (withdrawn && !answer.add.has(each.scope)) {
      await dropScope(change, each.scope);
      continue;
    }
    if (withdrawn) await change.objectStore("parts").delete(each.scope);
    const next = {
      ...each,
      ...(withdrawn ? { snapshot: null, etag: null } : {}),
      ...(covered.has(each.scope) || offered ? { joined: null } : {}),
      ...(offered ? { snapshot: offered } : {}),
    };
    await scopes.put(next);
  }
}

/** Return the headers that ask for what is not here yet, and what is here. */
export async function resumption(
  database: Database,
  vault: Vault,
  scope: ScopeRecord,
): Promise<{ headers: Record<string, string>; part: Bytes }> {
  const sealed = scope.etag && unpacks() ? await database.get("parts", scope.scope) : undefined;
  if (!sealed || !scope.etag) return { headers: unpacks() ? { Accept: GZIP } : {}, part: new Uint8Array() };
  const part = await vault.open(place(scope.scope), sealed);
  return { headers: { Accept: GZIP, Range: `bytes=${part.length}-`, "If-Range": scope.etag }, part };
}

/**
 * Keep what came; return the snapshot when it is whole, null when it is not there any more.
 *
 * @throws NoAnswer there is more to fetch, or what came is no snapshot and was thrown away.
 */
export async function receive(
  database: Database,
  vault: Vault,
  scope: string,
  response: Response,
  part: Bytes,
): Promise<Snapshot | null> {
  if (LOST.includes(response.status)) {
    await keep(database, vault, scope, null, null);
    return null;
  }
  const goesOn = (response.headers.get("content-range") ?? "").startsWith(`bytes ${part.length}-`);
  if (response.status !== 200 && !(response.status === 206 && goesOn)) {
    if (UNUSABLE.includes(response.status)) await keep(database, vault, scope, null, null);
    throw new NoAnswer(`HTTP ${response.status} for a snapshot`);
  }
  const { raw, cut } = await readAll(response, response.status === 206 ? part : undefined);
  const packed = (response.headers.get("content-type") ?? "").startsWith(GZIP);
  if (cut) {
    const etag = packed ? response.headers.get("etag") : null;
    await keep(database, vault, scope, etag, etag ? raw : null);
    throw new NoAnswer("the snapshot was cut off");
  }
  await keep(database, vault, scope, null, null);
  return read(scope, packed ? await unpacked(raw) : raw);
}

async function unpacked(raw: Bytes): Promise<Bytes> {
  try {
    const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw new NoAnswer(`the snapshot cannot be decompressed: ${String(error)}`);
  }
}

async function keep(
  database: Database,
  vault: Vault,
  scope: string,
  etag: string | null,
  part: Bytes | null,
): Promise<void> {
  const sealed = part ? await vault.seal(place(scope), part) : null;
  const change = begin(database, ["scopes", "parts"]);
  const state = await change.objectStore("scopes").get(scope);
  if (state) await change.objectStore("scopes").put({ ...state, etag });
  await (sealed ? change.objectStore("parts").put(sealed, scope) : change.objectStore("parts").delete(scope));
  await change.done;
}

function read(scope: string, raw: Bytes): Snapshot {
  try {
    const lines = new TextDecoder().decode(raw).split("\n").filter(Boolean);
    const last = object(JSON.parse(lines.pop()!) as Json);
    const rows = lines.map((line) => {
      const [key, content] = list(JSON.parse(line) as Json);
      return { scope, key: text(key), content: object(content) };
    });
    if (last["scope"] !== scope || last["rows"] !== rows.length) throw new Error(`no snapshot of ${scope}`);
    return { scope, rows, check: pair(last["check"]), cursor: text(last["cursor"]) };
  } catch (error) {
    throw new NoAnswer(`this is no snapshot: ${String(error)}`);
  }
}
