/** The formats that every validator of Ruhu judges alike (forms/faults.py); stands for the validator's own table. */
import { dayOf } from "./dates";

const date = (text: string): boolean => dayOf(text) !== null;

const dateTime = (text: string): boolean => {
  const parts = /^(.{10})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d+)?([Zz]|([+-])(\d{2}):(\d{2}))$/.exec(text);
  if (!parts || !date(parts[1] as string)) return false;
  const [hour, minute, second, hours, minutes] = [2, 3, 4, 8, 9].map((index) => Number(parts[index] ?? 0)) as [
    number, number, number, number, number,
  ];
  if (hour > 23 || minute > 59 || second > 60 || hours > 23 || minutes > 59) return false;
  if (second < 60) return true;
  const off = (parts[7] === "-" ? 1 : -1) * (hours * 60 + minutes); // a leap second ends a day of UTC
  return (((hour * 60 + minute + off) % 1440) + 1440) % 1440 === 1439;
};

const uuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

export const format: { [name: string]: (text: string) => boolean } = { date, "date-time": dateTime, uuid };
