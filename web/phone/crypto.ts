/**
 * The key of what is kept on the phone: PIN → PBKDF2-SHA-256 → wrapping key → the data key (AES-GCM, random).
 *
 * The data key is in memory only, and cannot be exported. A new PIN wraps the same data key anew.
 */

import { utf8, type Bytes } from "./digests";
import { random } from "./ids";

/** How the data key is wrapped: kept in clear, it says nothing without the PIN. */
export interface Wrapped {
  salt: Bytes;
  iterations: number;
  sealed: Bytes;
}

export const LEAST_ITERATIONS = 600_000;
export const LEAST_PIN = 6;
const MOST_ITERATIONS = 5_000_000;
const WANTED_MS = 500;
const TRIAL = 50_000;
const IV = 12;
const KEY_BYTES = 32;
const ABOUT = "key";

/** The PIN is wrong. */
export class WrongPin extends Error {}

/** Return how many iterations take about half a second here, and never fewer than is safe. */
export async function calibrated(now: () => number = () => performance.now()): Promise<number> {
  const began = now();
  await wrappingKey("calibration", random(16), TRIAL);
  const wanted = (TRIAL * WANTED_MS) / Math.max(1, now() - began);
  return Math.round(Math.min(MOST_ITERATIONS, Math.max(LEAST_ITERATIONS, wanted)));
}

/** Seals and opens values; each is bound to the place it lies in, so that none can be put in another's. */
export class Vault {
  private constructor(private readonly key: CryptoKey) {}

  /** Make a new data key under a PIN. */
  static async make(pin: string, iterations: number): Promise<[Vault, Wrapped]> {
    const raw = random(KEY_BYTES);
    const wrapped = await wrap(raw, pin, iterations);
    return [new Vault(await dataKey(raw)), wrapped];
  }

  /** Open with a PIN. @throws WrongPin */
  static async open(pin: string, wrapped: Wrapped): Promise<Vault> {
    return new Vault(await dataKey(await unwrap(pin, wrapped)));
  }

  /** Return the same data key under a new PIN. @throws WrongPin */
  static async rewrap(pin: string, wrapped: Wrapped, next: string, iterations: number): Promise<Wrapped> {
    return wrap(await unwrap(pin, wrapped), next, iterations);
  }

  async seal(place: string, content: BufferSource): Promise<Bytes> {
    return sealed(this.key, place, content);
  }

  async open(place: string, content: Bytes): Promise<Bytes> {
    return opened(this.key, place, content);
  }

  async sealJson(place: string, value: unknown): Promise<Bytes> {
    return this.seal(place, utf8(JSON.stringify(value)));
  }

  async openJson<T>(place: string, content: Bytes): Promise<T> {
    return JSON.parse(new TextDecoder().decode(await this.open(place, content))) as T;
  }
}

async function wrap(raw: Bytes, pin: string, iterations: number): Promise<Wrapped> {
  const salt = random(16);
  const content = await sealed(await wrappingKey(pin, salt, iterations), ABOUT, raw);
  return { salt, iterations, sealed: content };
}

async function unwrap(pin: string, wrapped: Wrapped): Promise<Bytes> {
  const key = await wrappingKey(pin, wrapped.salt, wrapped.iterations);
  try {
    return await opened(key, ABOUT, wrapped.sealed);
  } catch {
    throw new WrongPin();
  }
}

async function wrappingKey(pin: string, salt: Bytes, iterations: number): Promise<CryptoKey> {
  const secret = await crypto.subtle.importKey("raw", utf8(pin.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(how, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

async function dataKey(raw: Bytes): Promise<CryptoKey> {
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  raw.fill(0);
  return key;
}

async function sealed(key: CryptoKey, place: string, content: BufferSource): Promise<Bytes> {
  const iv = random(IV);
  const how = { name: "AES-GCM", iv, additionalData: utf8(place) };
  const raw = new Uint8Array(await crypto.subtle.encrypt(how, key, content));
  const whole = new Uint8Array(IV + raw.length);
  whole.set(iv);
  whole.set(raw, IV);
  return whole;
}

async function opened(key: CryptoKey, place: string, content: Bytes): Promise<Bytes> {
  const how = { name: "AES-GCM", iv: content.subarray(0, IV), additionalData: utf8(place) };
  return new Uint8Array(await crypto.subtle.decrypt(how, key, content.subarray(IV)));
}

/** What is known of wrong PINs: how many in a row, and when the last was (wall clock, ms). */
export interface Attempts {
  wrong: number;
  at: number;
}

const FREE = 3;
const FIRST_S = 5;
const LONGEST_S = 15 * 60;

/** Return for how many seconds no PIN is taken: 5 after the fourth wrong one, then doubling, up to 15 minutes. */
export function lockedFor(attempts: Attempts, now: number): number {
  if (attempts.wrong <= FREE) return 0;
  const wait = Math.min(LONGEST_S, FIRST_S * 2 ** (attempts.wrong - FREE - 1));
  const gone = (now - attempts.at) / 1000;
  return gone < 0 ? wait : Math.max(0, Math.ceil(wait - gone)); // a clock that was set back gains nothing
}
