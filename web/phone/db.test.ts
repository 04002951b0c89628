/** The phone's database: what was written is there, and what could not be is told. */
import "fake-indexeddb/auto";
import { expect, test } from "vitest";

import { begin, openDatabase } from "./db";

test("what was written by itself and in a change is read by key and by index", async () => {
  const database = await openDatabase(undefined, "promised-1");
  await database.put("meta", 1, "one");
  const change = begin(database, ["meta", "photos"]);
  await change.objectStore("meta").put(2, "two");
  const photo = { sha256: "a", state: "kept" as const, length: 1, type: "", place: 0, failures: 0, sealed: null };
  await change.objectStore("photos").put(photo);
  expect(await change.objectStore("photos").index("state").count("kept")).toBe(1);
  await change.done;
  expect([await database.get("meta", "one"), await database.get("meta", "two"), await database.get("meta", "three")]).toEqual([1, 2, undefined]);
  expect(await database.getAllKeysFromIndex("photos", "state", "kept")).toEqual(["a"]);
  await database.delete("meta", "one");
  expect(await database.getAllKeys("meta")).toEqual(["two"]);
  expect([...database.objectStoreNames]).toContain("drafts");
});

test("what cannot be written is told, and what was written beside it is there", async () => {
  const database = await openDatabase(undefined, "promised-2");
  const change = begin(database, ["meta"]);
  await change.objectStore("meta").put(1, "one");
  await expect((async () => change.objectStore("meta").put(() => 1, "code"))()).rejects.toThrow();
  await change.done;
  await expect(database.put("meta", () => 1, "code")).rejects.toThrow();
  expect(await database.getAllKeys("meta")).toEqual(["one"]);
});

test("another tab that needs a newer database is let in", async () => {
  let told = 0;
  const database = await openDatabase(() => { told += 1; database.close(); }, "promised-3");
  const request = indexedDB.open("promised-3", 2);
  await new Promise((done) => { request.onsuccess = done; });
  expect(told).toBe(1);
});
