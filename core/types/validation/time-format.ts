/**
 * Which texts the API server takes for a time, and what it says of others: Go's time.Parse with the layouts of meta/v1.
 *
 * Source: Kubernetes 1.34, apimachinery meta/v1 Time.UnmarshalJSON and MicroTime.UnmarshalJSON; Go, package time, Parse.
 */
import { daysInMonth } from '../time.ts';

/** A part of a layout, what takes it, and the bounds of its number. */
interface Part {
  readonly layout: string;
  readonly pattern: RegExp;
  readonly name?: string;
  readonly min?: number;
  readonly max?: number;
}

const DATE: readonly Part[] = [
  { layout: '2006', pattern: /^\d{4}/ },
  { layout: '-', pattern: /^-/ },
  { layout: '01', pattern: /^\d\d/, name: 'month', min: 1, max: 12 },
  { layout: '-', pattern: /^-/ },
  { layout: '02', pattern: /^\d\d/ },
  { layout: 'T', pattern: /^T/ },
  { layout: '15', pattern: /^\d\d/, name: 'hour', max: 23 },
  { layout: ':', pattern: /^:/ },
  { layout: '04', pattern: /^\d\d/, name: 'minute', max: 59 },
  { layout: ':', pattern: /^:/ },
  { layout: '05', pattern: /^\d\d/, name: 'second', max: 59 },
];
const ZONE: Part = { layout: 'Z07:00', pattern: /^(Z|[+-]([01]\d|2[0-4]):([0-5]\d|60))/ };
/** Decimals that no layout has to ask for. */
const SECONDS: readonly Part[] = [...DATE, { layout: '', pattern: /^([.,]\d+)?/ }, ZONE];
const MICROSECONDS: readonly Part[] = [...DATE, { layout: '.000000', pattern: /^\.\d{6}/ }, ZONE];

/** Almost every text that comes: one look instead of one a part. Days after the 28th, zones and other decimals are left to the parts. */
const USUAL_SECONDS = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const USUAL_MICROSECONDS = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z$/;

/** What the server says of a text as metav1.Time, or as MicroTime, which has exactly six decimals; null where it takes it. */
export function timeProblem(text: string, isMicro: boolean): string | null {
  return (isMicro ? USUAL_MICROSECONDS : USUAL_SECONDS).test(text) ? null : timeProblemByParts(text, isMicro);
}

/** The same, part by part. */
export function timeProblemByParts(text: string, isMicro: boolean): string | null {
  const parts = isMicro ? MICROSECONDS : SECONDS;
  const layout = `2006-01-02T15:04:05${isMicro ? '.000000' : ''}Z07:00`;
  let rest = text;
  for (const part of parts) {
    const taken = part.pattern.exec(rest)?.[0];
    if (taken === undefined)
      return `${said(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as "${part.layout}"`;
    rest = rest.slice(taken.length);
    const { name, min = 0, max = Number.POSITIVE_INFINITY } = part;
    if (name !== undefined && (Number(taken) < min || Number(taken) > max))
      return `${said(text)}: ${name} out of range`;
  }
  if (rest !== '') return `${said(text)}: extra text: ${JSON.stringify(rest)}`;
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  return day < 1 || day > daysInMonth(year, month) ? `${said(text)}: day out of range` : null;
}

function said(text: string): string {
  return `parsing time ${JSON.stringify(text)}`;
}
