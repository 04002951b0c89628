/**
 * The rows of a phone, by scope: begun, swept, dropped and checked as the protocol says.
 *
 * A scope that is begun, or begun again, keeps its old rows while the new ones arrive. When its check comes, what did
 * not arrive since is deleted (mark and sweep), and then count and sum are compared.
 */

import type { Exchanged, Row } from "./answers";
import type { JsonObject } from "./canonical";
import type { Vault } from "./crypto";
import type { Change, Database, ScopeRecord } from "./db";
import { added, mix, versionOf, type Bytes, type Sum } from "./digests";

/** A row made ready before the transaction, which cannot wait for digests and ciphers. */
export interface ReadyRow {
  scope: string;
  key: string;
  ready: { mix: Sum; sealed: Bytes } | null;
}

/** What is held, opened: content by key, by scope. */
export type Held = Map<string, Map<string, JsonObject>>;

const place = (scope: string, key: string): string => `rows/${scope}/${key}`;

export function readyRows(vault: Vault, rows: readonly Row[]): Promise<ReadyRow[]> {
  return Promise.all(
    rows.map(async ({ scope, key, content }) => {
      if (content === null) return { scope, key, ready: null };
      const [version, sealed] = await Promise.all([
        versionOf(content),
        vault.sealJson(place(scope, key), content),
      ]);
      return { scope, key, ready: { mix: await mix(key, version), sealed } };
    }),
  );
}

/**
 * Take the rows of an answer; return the scopes whose check failed.
 *
 * @param fromNothing the request had no cursor, so that `add` names all scopes there are.
 */
export async function takeRows(
  change: Change,
  answer: Exchanged,
  rows: readonly ReadyRow[],
  fromNothing: boolean,
): Promise<string[]> {
  const known = fromNothing ? await change.objectStore("scopes").getAllKeys() : [];
  for (const scope of new Set([...known.filter((each) => !answer.add.has(each)), ...answer.drop])) {
    await dropScope(change, scope);
  }
  for (const scope of new Set([...answer.add.keys(), ...answer.reset])) await beginScope(change, scope);
  await putRows(change, rows);
  const failed = [];
  for (const [scope, told] of answer.check) if (!(await finish(change, scope, told))) failed.push(scope);
  return failed;
}

export async function dropScope(change: Change, scope: string): Promise<void> {
  for (const key of await change.objectStore("rows").index("scope").getAllKeys(scope)) {
    await change.objectStore("rows").delete(key);
  }
  await change.objectStore("scopes").delete(scope);
  await change.objectStore("parts").delete(scope);
}

async function beginScope(change: Change, scope: string): Promise<void> {
  const before = await change.objectStore("scopes").get(scope);
  const fresh: ScopeRecord = {
    scope, generation: 0, sweeping: true, failed: false, snapshot: null, etag: null, joined: null,
  }; // prettier-ignore
  const now = before ?? fresh;
  await change
    .objectStore("scopes")
    .put({ ...now, generation: now.generation + 1, sweeping: true, failed: false });
}

export async function putRows(change: Change, rows: readonly ReadyRow[]): Promise<void> {
  const generations = new Map<string, number | undefined>();
  for (const { scope, key, ready } of rows) {
    if (!generations.has(scope)) {
      generations.set(scope, (await change.objectStore("scopes").get(scope))?.generation);
    }
    const generation = generations.get(scope);
    if (ready === null) await change.objectStore("rows").delete([scope, key]);
    else if (generation !== undefined) await change.objectStore("rows").put({ scope, key, generation, ...ready });
  }
}

/** Sweep a scope that was begun, and compare; note it when it differs. */
export async function finish(change: Change, scope: string, told: readonly [number, number]): Promise<boolean> {
  const state = await change.objectStore("scopes").get(scope);
  if (!state) return false;
  const sums: Sum[] = [];
  for (const row of await change.objectStore("rows").index("scope").getAll(scope)) {
    if (state.sweeping && row.generation < state.generation) {
      await change.objectStore("rows").delete([scope, row.key]);
    } else sums.push(row.mix);
  }
  const holds = sums.length === told[0] && added(sums) === told[1];
  await change.objectStore("scopes").put({ ...state, sweeping: false, failed: !holds });
  return holds;
}

/** Return the scopes whose check failed, for the server to begin again. */
export async function failedScopes(database: Database): Promise<string[]> {
  return (await database.getAll("scopes")).filter((each) => each.failed).map((each) => each.scope);
}

/** Open all rows that are held. */
export async function openRows(database: Database, vault: Vault): Promise<Held> {
  const held: Held = new Map();
  const rows = await database.getAll("rows");
  const opened = await Promise.all(
    rows.map((row) => vault.openJson<JsonObject>(place(row.scope, row.key), row.sealed)),
  );
  rows.forEach((row, at) => {
    const scope = held.get(row.scope) ?? new Map<string, JsonObject>();
    held.set(row.scope, scope.set(row.key, opened[at]!));
  });
  return held;
}

