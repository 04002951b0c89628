/** The photos of a phone: queued by their hash, sent in chunks that grow while the line is good. */

import type { Json } from "./canonical";
import type { Vault } from "./crypto";
import type { Change, Database, PhotoRecord, PhotoState } from "./db";
import { contentDigest, sha256Hex, type Bytes } from "./digests";

export const FIRST_CHUNK = 32 * 1024;
export const BIGGEST_CHUNK = 1024 * 1024;
export const SMALLEST_CHUNK = 1024;
export const QUICK_MS = 8_000;
export const MOST_FAILURES = 3;
const CAREFUL = 12;
const CAREFUL_CHUNK = 8 * 1024;

const place = (sha256: string): string => `photos/${sha256}`;
export const blobPath = (sha256: string): string => `/api/v1/blobs/sha-256:${sha256}`;

/**
 * How large the next chunk is: doubled when one takes less than 8 s, halved when one fails.
 *
 * What was sent of a chunk that fails is lost. So once the line broke, a chunk is at most a twelfth of what the line
 * carried before that, or of what it has carried since, but not below 8 kB for that reason.
 */
export class Pace {
  size = FIRST_CHUNK;
  private most = BIGGEST_CHUNK;
  private carried = 0;

  /** Note that a chunk arrived. */
  went(milliseconds: number): void {
    this.carried += this.size;
    if (milliseconds >= QUICK_MS) return;
    const bound = Math.max(this.most, Math.floor(this.carried / CAREFUL));
    this.size = Math.min(this.size * 2, bound, BIGGEST_CHUNK);
  }

  /** Note that a chunk did not arrive. */
  failed(): void {
    if (this.carried) this.most = Math.max(Math.floor(this.carried / CAREFUL), CAREFUL_CHUNK);
    this.carried = 0;
    this.size = Math.max(Math.min(Math.floor(this.size / 2), this.most), SMALLEST_CHUNK);
  }
}

/** Return the photos that answers name, each as an op names it, as far as the answer says. */
export function photosOf(value: Json, at: string): { question: string; sha256: string; length: number; type: string }[] {
  if (typeof value !== "object" || value === null) return [];
  if (!Array.isArray(value) && typeof value["sha256"] === "string" && typeof value["file"] === "string") {
    const type = `image/${value["file"].split(".").pop()!.replace("jpg", "jpeg")}`;
    return [{ question: at, sha256: value["sha256"], length: Number(value["bytes"]) || 0, type }];
  }
  return Object.entries(value).flatMap(([name, each]) => photosOf(each, at + token(name)));
}

/** A name as a step of a JSON Pointer (RFC 6901). */
export const token = (name: string): string => `/${name.replace(/~/g, "~0").replace(/\//g, "~1")}`;

/** Keep a photo and return how an op names it. */
export async function keepPhoto(
  database: Database,
  vault: Vault,
  file: Blob,
): Promise<{ sha256: string; length: number; type: string }> {
  const content = new Uint8Array(await file.arrayBuffer());
  const sha256 = await sha256Hex(content);
  const named = { sha256, length: content.length, type: file.type || "image/jpeg" };
  const sealed = await vault.seal(place(sha256), content);
  const known = await database.get("photos", sha256);
  if (!known?.sealed && known?.state !== "complete") {
    await database.put("photos", { ...named, state: "kept", place: 0, failures: 0, sealed });
  }
  return named;
}

/** Return a photo that is held, or null when its bytes are gone. */
export async function readPhoto(database: Database, vault: Vault, sha256: string): Promise<Blob | null> {
  const found = await database.get("photos", sha256);
  if (!found?.sealed) return null;
  return new Blob([await vault.open(place(sha256), found.sealed)], { type: found.type });
}

/** Forget photos that nothing else names any more: neither an op nor what is in `others`. */
export async function dropPhotos(change: Change, names: readonly string[], others: ReadonlySet<string>): Promise<void> {
  const named = new Set(others);
  for (const op of await change.objectStore("ops").getAll()) op.blobs.forEach((name) => named.add(name));
  for (const name of names) if (!named.has(name)) await change.objectStore("photos").delete(name);
}

/** Note which photos the server wants, and which it has, as the results of ops say. */
export async function takePhotos(
  change: Change,
  wanted: Iterable<string>,
  complete: Iterable<string>,
): Promise<void> {
  const photos = change.objectStore("photos");
  for (const name of wanted) {
    const found = await photos.get(name);
    if (found?.sealed) await photos.put({ ...found, state: "wanted" });
  }
  for (const name of complete) {
    const found = await photos.get(name);
    if (found) await photos.put(completed(found));
  }
}

const completed = (photo: PhotoRecord): PhotoRecord => ({ ...photo, state: "complete", place: 0, sealed: null });

export async function photosIn(database: Database, state: PhotoState): Promise<string[]> {
  return database.getAllKeysFromIndex("photos", "state", state);
}

/** What sends one request with the phone's token. @throws NoAnswer */
export type Send = (
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: Bytes,
) => Promise<Response>;

/** What became of a photo: all there, to be tried again at once, or later. */
export type Upload = "complete" | "moved" | "later";

/** Sends photos, each from the byte that the server has. */
export class Uploads {
  private readonly pace = new Pace();

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly send: Send,
  ) {}

  /** Note that the line broke. */
  broke(): void {
    this.pace.failed();
  }

  /** Send what the server lacks of a photo. @throws NoAnswer */
  async upload(sha256: string): Promise<Upload> {
    const photo = await this.database.get("photos", sha256);
    if (!photo?.sealed) return "complete";
    const content = await this.vault.open(place(sha256), photo.sealed);
    const asked = await this.send("HEAD", blobPath(sha256), {});
    if (asked.status === 200 && asked.headers.get("upload-complete") === "?1") return this.complete(photo);
    if (asked.status !== 200 && asked.status !== 404) return "later";
    let at = asked.status === 200 ? offsetOf(asked, content.length) : 0;
    while (at !== null) {
      const chunk = content.slice(at, at + this.pace.size);
      const began = performance.now();
      const answer = await this.send("PATCH", blobPath(sha256), await chunkHeaders(chunk, at, content.length), chunk);
      if (answer.status !== 201 && answer.status !== 204) return this.stumbled(photo, answer);
      this.pace.went(performance.now() - began);
      if (answer.status === 201) return this.complete(photo);
      at = offsetOf(answer, content.length);
      if (at !== null) await this.database.put("photos", { ...photo, place: at });
    }
    return "later";
  }

  private async complete(photo: PhotoRecord): Promise<Upload> {
    await this.database.put("photos", completed(photo));
    return "complete";
  }

  /** Go on from where the server is; what it found to be another photo begins again, and is broken after three times. */
  private async stumbled(photo: PhotoRecord, answer: Response): Promise<Upload> {
    if (answer.status === 409) return "moved";
    if (answer.status === 422 || answer.status === 413 || answer.status === 415) {
      const failures = photo.failures + 1;
      const broken = failures >= MOST_FAILURES || answer.status !== 422;
      await this.database.put("photos", { ...photo, failures, place: 0, state: broken ? "broken" : "wanted" });
      return broken ? "complete" : "moved";
    }
    this.pace.failed();
    return "later";
  }
}

async function chunkHeaders(chunk: Bytes, at: number, length: number): Promise<Record<string, string>> {
  return {
    "Content-Type": "application/partial-upload",
    "Upload-Offset": String(at),
    "Upload-Complete": at + chunk.length >= length ? "?1" : "?0",
    "Upload-Length": String(length),
    ...(chunk.length ? { "Content-Digest": await contentDigest(chunk) } : {}),
  };
}

function offsetOf(answer: Response, length: number): number | null {
  const text = answer.headers.get("upload-offset");
  const at = text === null ? NaN : Number(text);
  return Number.isInteger(at) && at >= 0 && at <= length ? at : null;
}
