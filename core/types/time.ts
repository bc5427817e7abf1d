/**
 * The API's time strings, the only place that makes or reads them.
 *
 * Times are integer microseconds since the Unix epoch (below 2^53) and become `2025-01-01T00:00:07Z` (metav1.Time, whole
 * seconds, cut off) or `2025-01-01T00:00:07.123456Z` (metav1.MicroTime). No clock is read and no locale takes part. Cost:
 * the last second's text is kept, so runs of equal seconds cost a comparison.
 */

const US_PER_SECOND = 1_000_000;
const SECONDS_PER_DAY = 86_400;

let lastSecond = Number.NaN;
let lastText = '';
let lastDay = Number.NaN;
let lastDayText = '';

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

const ZERO = 0x30;
/** UTF-16 units of a MicroTime of {@link microDay}. */
const microUnits: number[] = Array.from('0000-00-00T00:00:00.000000Z', (unit) => unit.charCodeAt(0));
let microDay = Number.NaN;

/** The parts as one plain string. Times are kept in great numbers; what `+` makes would keep each part as a string of its own. */
function flat(parts: readonly string[]): string {
  return parts.join('');
}

/** Days since 1970-01-01 to `YYYY-MM-DD` in the proleptic Gregorian calendar (civil-from-days). */
function dayText(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1;
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/** Year, month (1–12) and day to days since 1970-01-01 (days-from-civil). */
function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function secondText(second: number): string {
  if (second === lastSecond) return lastText;
  const day = Math.floor(second / SECONDS_PER_DAY);
  if (day !== lastDay) {
    lastDay = day;
    lastDayText = dayText(day);
  }
  const rest = second - day * SECONDS_PER_DAY;
  const hour = Math.floor(rest / 3600);
  const minute = Math.floor((rest - hour * 3600) / 60);
  lastSecond = second;
  lastText = flat([lastDayText, 'T', pad(hour, 2), ':', pad(minute, 2), ':', pad(rest - hour * 3600 - minute * 60, 2)]);
  return lastText;
}

/** Texts of the seconds asked for lately, by the low bits of the second: a status names several instants in turn. */
const TIMES_KEPT = 64;
const keptSeconds = new Float64Array(TIMES_KEPT).fill(Number.NaN);
const keptTimes: string[] = new Array<string>(TIMES_KEPT).fill('');

/** metav1.Time of `wallUs` (µs since the Unix epoch), whole seconds, rounded down. */
export function formatTime(wallUs: number): string {
  const second = Math.floor(wallUs / US_PER_SECOND);
  const at = second & (TIMES_KEPT - 1);
  if (keptSeconds[at] === second) return keptTimes[at] as string;
  const text = flat([secondText(second), 'Z']);
  keptSeconds[at] = second;
  keptTimes[at] = text;
  return text;
}

/** metav1.MicroTime of `wallUs` (µs since the Unix epoch), always six decimals. */
export function formatMicroTime(wallUs: number): string {
  const second = Math.floor(wallUs / US_PER_SECOND);
  const us = (wallUs - second * US_PER_SECOND) | 0;
  const day = Math.floor(second / SECONDS_PER_DAY);
  if (day !== microDay && !setMicroDay(day)) return flat([secondText(second), '.', pad(us, 6), 'Z']);
  const rest = (second - day * SECONDS_PER_DAY) | 0;
  const hour = (rest / 3600) | 0;
  const minute = (rest / 60) | 0;
  setDigits(11, 2, hour);
  setDigits(14, 2, minute - 60 * hour);
  setDigits(17, 2, rest - 60 * minute);
  setDigits(20, 6, us);
  return String.fromCharCode.apply(null, microUnits);
}

/** Writes the last `count` decimal digits of `value` (int32) from `first` on. */
function setDigits(first: number, count: number, value: number): void {
  let rest = value | 0;
  for (let at = first + count - 1; at >= first; at--) {
    const next = (rest / 10) | 0;
    microUnits[at] = (ZERO + rest - Math.imul(next, 10)) | 0;
    rest = next;
  }
}

/** Writes the units of a day; false for years that do not have four digits. */
function setMicroDay(day: number): boolean {
  const text = dayText(day);
  microDay = Number.NaN;
  if (text.length !== 10) return false;
  for (let i = 0; i < 10; i++) microUnits[i] = text.charCodeAt(i);
  microDay = day;
  return true;
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))$/;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days of a month (1 to 12) in the proleptic Gregorian calendar. */
export function daysInMonth(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : (DAYS_IN_MONTH[month - 1] as number);
}

let lastParsedText = '';
let lastParsedUs = Number.NaN;

/** RFC 3339 text to µs since the Unix epoch; digits below a microsecond are cut. NaN when it is no such text. */
export function parseTime(text: string): number {
  if (text === lastParsedText) return lastParsedUs;
  const us = parseUncached(text);
  lastParsedText = text;
  lastParsedUs = us;
  return us;
}

function parseUncached(text: string): number {
  const parts = TIME.exec(text);
  if (parts === null) return Number.NaN;
  const [, year, month, day, hour, minute, second, fraction, , sign, offsetHour, offsetMinute] = parts;
  const m = Number(month);
  const d = Number(day);
  if (m < 1 || m > 12 || d < 1 || d > daysInMonth(Number(year), m)) return Number.NaN;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return Number.NaN;
  if (sign !== undefined && (Number(offsetHour) > 24 || Number(offsetMinute) > 60)) return Number.NaN;
  const days = daysOf(Number(year), m, d);
  let seconds = days * SECONDS_PER_DAY + Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  if (sign !== undefined) {
    const offset = Number(offsetHour) * 3600 + Number(offsetMinute) * 60;
    seconds += sign === '-' ? offset : -offset;
  }
  return seconds * US_PER_SECOND + (fraction === undefined ? 0 : Number(fraction.slice(0, 6).padEnd(6, '0')));
}
