/** Dates in fields: in whole seconds, in three forms of which two are obsolete and must be read (RFC 9110, 5.6.7). */

const time = String.raw`(?<time>\d\d:\d\d:\d\d)`;
const forms: readonly RegExp[] = [
  new RegExp(String.raw`^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) ${time} GMT$`),
  new RegExp(String.raw`^[A-Z][a-z]{5,8}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) ${time} GMT$`),
  new RegExp(String.raw`^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) ${time} (?<year>\d{4})$`),
];

/** A year of two digits is not more than 50 years ahead. */
function fullYear(year: string): string {
  if (year.length === 4) return year;
  const now = new Date().getUTCFullYear();
  const ahead = (Number(year) - (now % 100) + 100) % 100;
  return String(now + ahead - (ahead > 50 ? 100 : 0));
}

/** Seconds since 1970, or undefined for what is no date. The name of the weekday is not looked at. */
export function parseHttpDate(text: string): number | undefined {
  for (const form of forms) {
    const { day, month, year, time } = form.exec(text)?.groups ?? {};
    if (day === undefined || year === undefined) continue;
    const date = `${day.replace(' ', '0')} ${month} ${fullYear(year)} ${time} GMT`;
    const ms = Date.parse(date);
    // Date.parse takes 31 Feb for 3 Mar.
    return Number.isNaN(ms) || new Date(ms).toUTCString().slice(5) !== date ? undefined : ms / 1000;
  }
  return undefined;
}
