/** Ids made on the phone. */

import { hex, utf8, type Bytes } from "./digests";

const NAMESPACE = "6d0a3f5e5d0c5e8e9c533e2f1a0b7c11";

export function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** Make a UUIDv7 (RFC 9562 §5.7); its time is for finding one's way in a log and orders nothing. */
export function uuid7(wall: number = Date.now()): string {
  const bytes = random(16);
  const stamp = Math.max(0, wall).toString(16).padStart(12, "0").slice(-12);
  for (let at = 0; at < 6; at += 1) bytes[at] = parseInt(stamp.slice(at * 2, at * 2 + 2), 16);
  return written(bytes, 7);
}

/** Return the UUIDv5 by which a spell without a key is answered about, as `core.ids.spell_name` does. */
export async function spellName(person: string, kind: string, start: string): Promise<string> {
  const name = utf8(`spell/${person}/${kind}/${start}`);
  const whole = new Uint8Array(16 + name.length);
  whole.set(NAMESPACE.match(/../g)!.map((pair) => parseInt(pair, 16)));
  whole.set(name, 16);
  return written(new Uint8Array(await crypto.subtle.digest("SHA-1", whole)).slice(0, 16), 5);
}

function written(bytes: Bytes, version: number): string {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return hex(bytes).replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}
