/** Days of the calendar, as everything in a form means them: YYYY-MM-DD, Gregorian. */

/** Year, month, day. */
export type Day = readonly [number, number, number];

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The parts of a date that is in the calendar, else null. */
export function dayOf(text: string): Day | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!parts) return null;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day >= 1 && day <= (DAYS[month - 1] ?? 0) + Number(leap) ? [year, month, day] : null;
}
