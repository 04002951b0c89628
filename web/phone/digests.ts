/** Digests as the protocol defines them: SHA-256, Content-Digest, versions of rows, the check of a scope. */

import { canonical } from "./canonical";

export type Bytes = Uint8Array<ArrayBuffer>;

/** A number modulo 2^53 in two parts, since the sum of two such numbers is more than a number of ours can hold. */
export type Sum = readonly [high: number, low: number];

const LOW = 2 ** 32;
const HIGH = 2 ** 21;
const VERSION = 16;
const encoder = new TextEncoder();

export const utf8 = (text: string): Bytes => encoder.encode(text) as Bytes;

export async function sha256(content: BufferSource): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", content));
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function sha256Hex(content: BufferSource): Promise<string> {
  return hex(await sha256(content));
}

export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Return the value of a Content-Digest header (RFC 9530). */
export async function contentDigest(content: BufferSource): Promise<string> {
  return `sha-256=:${base64(await sha256(content))}:`;
}

/** Return the version of a row: the first 16 hexadecimal digits of the SHA-256 of its canonical JSON. */
export async function versionOf(row: unknown): Promise<string> {
  return (await sha256Hex(utf8(canonical(row)))).slice(0, VERSION);
}

/** Return what a row adds to the sum of its scope. */
export async function mix(key: string, version: string): Promise<Sum> {
  const view = new DataView((await sha256(utf8(`${key}\0${version}`))).buffer);
  return [view.getUint32(0) % HIGH, view.getUint32(4)];
}

/** Add up as the check of a scope does: modulo 2^53. */
export function added(parts: Iterable<Sum>): number {
  let high = 0;
  let low = 0;
  for (const [more, less] of parts) {
    low += less;
    high = (high + more + Math.floor(low / LOW)) % HIGH;
    low %= LOW;
  }
  return high * LOW + low;
}
