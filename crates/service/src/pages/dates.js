// Which dates a text names, as the service reads it (rule S7): `2026-12-25`, `*-12-25`, ranges of either,
// `last-mon-may`, `4th-thu-nov+1d`, `easter-2d`.

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const NTH = { "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, last: -1 };
const DAY_MS = 86_400_000;

const shifted = (ms, days) => new Date(ms + days * DAY_MS).toISOString().slice(0, 10);

/** Western Easter Sunday, in milliseconds (the method of Meeus, Jones and Butcher). */
function easter(year) {
  const a = year % 19;
  const [b, c] = [Math.floor(year / 100), year % 100];
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - Math.floor(b / 4) - g + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 19 * l) / 433);
  const n = Math.floor((h + l - 7 * m + 90) / 25);
  return Date.UTC(year, n - 1, (h + l - 7 * m + 33 * n + 19) % 32);
}

/** A weekday of a month, in milliseconds; nothing where the month has no fifth. */
function weekday(year, nth, day, month) {
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const days = [...Array(last).keys()].map((at) => Date.UTC(year, month, at + 1));
  return days.filter((ms) => new Date(ms).getUTCDay() === day).at(nth > 0 ? nth - 1 : nth);
}

/** A date of a year that a rule names; behind the end of the year it may be another year's. */
function ruled(text, year) {
  const [, rule, by] = /^(.*?)([+-]\d+)d$/.exec(text) ?? [null, text, 0];
  const [nth, day, month] = rule.split("-");
  const ms =
    rule === "easter"
      ? easter(year)
      : nth in NTH && DAYS.includes(day) && MONTHS.includes(month)
        ? weekday(year, NTH[nth], DAYS.indexOf(day), MONTHS.indexOf(month))
        : undefined;
  return ms === undefined ? undefined : shifted(ms, Number(by));
}

/** Whether a text names a date such as `2026-12-24`; a text that nobody can read names none. */
export function names(text, date) {
  const year = Number(date.slice(0, 4));
  const [from, to = from] = text.toLowerCase().split("..");
  if (/^\d{4}-\d\d-\d\d$/.test(from)) return from <= date && date <= to;
  if (!from.startsWith("*-")) return [year - 1, year, year + 1].some((one) => ruled(from, one) === date);
  const [begin, end, at] = [from.slice(2), to.slice(2), date.slice(5)];
  return begin <= end ? begin <= at && at <= end : begin <= at || at <= end;
}
