/**
 * The phone's database. What is said of people is sealed before it is written; in clear are ids, digests, numbers and
 * states only, so that one transaction can decide about them without a key.
 *
 * What must never be lost for anything the server says (drafts, ops, photos) lies beside what can be had again (rows).
 */

import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames } from "idb";

import type { Bytes, Sum } from "./digests";

/** Where an op is: in the outbox, kept by the server, or refused by it (and shown to the user). */
export type OpState = "pending" | "acknowledged" | "rejected";

/** An op. `elsewhere`: the server keeps it under another number or install, `have` says nothing of it. */
export interface OpRecord {
  id: string;
  place: number;
  n: number | null;
  state: OpState;
  elsewhere: boolean;
  sha256: string;
  size: number;
  at: number;
  blobs: string[];
  sealed: Bytes;
  told: Bytes | null;
}

/** A scope: its generation while it is swept, and how far its snapshot has come. */
export interface ScopeRecord {
  scope: string;
  generation: number;
  sweeping: boolean;
  failed: boolean;
  snapshot: string | null;
  etag: string | null;
  joined: string | null;
}

export interface RowRecord {
  scope: string;
  key: string;
  generation: number;
  mix: Sum;
  sealed: Bytes;
}

/** Kept until an op that names it is on the server; wanted by the server; whole there; broken after three tries. */
export type PhotoState = "kept" | "wanted" | "complete" | "broken";

export interface PhotoRecord {
  sha256: string;
  state: PhotoState;
  length: number;
  type: string;
  place: number;
  failures: number;
  sealed: Bytes | null;
}

export interface DraftRecord {
  id: string;
  sealed: Bytes;
}

interface Schema extends DBSchema {
  meta: { key: string; value: unknown };
  ops: { key: string; value: OpRecord; indexes: { state: string } };
  scopes: { key: string; value: ScopeRecord };
  rows: { key: [string, string]; value: RowRecord; indexes: { scope: string } };
  parts: { key: string; value: Bytes };
  photos: { key: string; value: PhotoRecord; indexes: { state: string } };
  drafts: { key: string; value: DraftRecord };
  forms: { key: string; value: string };
}

export type Database = IDBPDatabase<Schema>;
export type StoreName = StoreNames<Schema>;
export type Change = IDBPTransaction<Schema, StoreName[], "readwrite">;

export const SYNCED: StoreName[] = ["meta", "ops", "scopes", "rows", "parts", "photos"];
const NAME = "ruhu";
const VERSION = 1;

/** Open the database; `onOld` is called when another tab with a newer app needs this one to let go. */
export function openDatabase(onOld: () => void = () => undefined, name: string = NAME): Promise<Database> {
  return openDB<Schema>(name, VERSION, {
    upgrade(database) {
      database.createObjectStore("meta");
      database.createObjectStore("ops", { keyPath: "id" }).createIndex("state", "state");
      database.createObjectStore("scopes", { keyPath: "scope" });
      database.createObjectStore("rows", { keyPath: ["scope", "key"] }).createIndex("scope", "scope");
      database.createObjectStore("parts");
      database.createObjectStore("photos", { keyPath: "sha256" }).createIndex("state", "state");
      database.createObjectStore("drafts", { keyPath: "id" });
      database.createObjectStore("forms");
    },
    blocking: () => {
      onOld();
    },
  });
}

/** Begin a change of several stores: all of it or nothing, and on the disk before it counts as done. */
export function begin(database: Database, stores: StoreName[]): Change {
  return database.transaction(stores, "readwrite", { durability: "strict" }) as Change;
}

export async function getMeta<T>(database: Database, name: string): Promise<T | undefined> {
  return (await database.get("meta", name)) as T | undefined;
}

export async function readMeta<T>(change: Change, name: string): Promise<T | undefined> {
  return (await change.objectStore("meta").get(name)) as T | undefined;
}

export async function putMeta(database: Database, name: string, value: unknown): Promise<void> {
  await (value === undefined ? database.delete("meta", name) : database.put("meta", value, name));
}
