/** The phone's clocks, and how far they are from the server's: from the exchange with the shortest round trip. */

import { uuid7 } from "./ids";

/** What the clocks show: wall clock in ms since 1970, monotonic clock in ms since `boot`, and which boot. */
export interface Moment {
  wall: number;
  mono: number;
  boot: string;
}

/** One measurement: server time less the wall clock and less the monotonic clock, in ms, and the round trip. */
export interface Sample {
  boot: string;
  rtt: number;
  toWall: number;
  toMono: number;
}

export const SAMPLES = 8;

// A page knows its own start, not the phone's: it is the boot of its monotonic clock.
const boot = uuid7();

export function moment(): Moment {
  return { wall: Date.now(), mono: Math.round(performance.now()), boot };
}

/**
 * Return what an exchange tells of the clocks.
 *
 * @param before what the clocks showed when the request went.
 * @param after what they showed when the answer came.
 * @param t1 server time when it got the request, in ms.
 * @param t2 server time when it answered, in ms.
 */
export function measured(before: Moment, after: Moment, t1: number, t2: number): Sample {
  const rtt = Math.max(0, after.mono - before.mono - (t2 - t1));
  const toMono = Math.floor((t1 - before.mono + t2 - after.mono) / 2);
  return { boot: after.boot, rtt, toWall: toMono + after.mono - after.wall, toMono };
}

/**
 * Return what to add to the wall clock to get server time, and the round trip it was measured with.
 *
 * In the boot of a sample the monotonic clock knows better: somebody may have set the wall clock since.
 */
export function offset(samples: readonly Sample[], now: Moment): { off: number; rtt: number } | null {
  const rank = (each: Sample): number => (each.boot === now.boot ? 0 : 1);
  const best = [...samples].sort((one, other) => rank(one) - rank(other) || one.rtt - other.rtt)[0];
  if (!best) return null;
  const off = best.boot === now.boot ? best.toMono + now.mono - now.wall : best.toWall;
  return { off, rtt: best.rtt };
}

const DAY_MS = 24 * 3600 * 1000;
const SHANGHAI_MS = 8 * 3600 * 1000;

/** Return the day in Asia/Shanghai, by the server's time where it is known. */
export function today(samples: readonly Sample[]): string {
  const now = moment();
  return dayOf(now.wall + (offset(samples, now)?.off ?? 0));
}

export function dayOf(millis: number): string {
  return new Date(millis + SHANGHAI_MS).toISOString().slice(0, 10);
}

/** Return whole days from one day to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}
