/** Days as they are written: YYYY-MM-DD, and 2020年4月1日. */

export const isDay = (value: unknown): value is string => /^\d{4}-\d\d-\d\d$/.test(String(value));

export const inChinese = (day: string): string => {
  const [year, month, date] = day.split("-").map(Number);
  return `${year}年${month}月${date}日`;
};
