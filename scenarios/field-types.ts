/**
 * Types of single fields that several parts of the scenario format share.
 */
import { z } from 'zod';
import { checkLabelValue, checkQualifiedName } from '../core/types/dns-names.ts';
import { parseDuration } from './duration.ts';

/** µs of virtual time. */
export const duration = z
  .string()
  .transform((text, context) => microsecondsOf(text, text, context))
  .describe('a duration with a unit: 30s, 10m, 250ms');

/** A duration between two of many. */
export const period = duration.refine((us) => us >= 1_000, 'expected at least 1ms');
/** A duration ahead or behind. */
export const signedDuration = z
  .string()
  .transform((text, context) => {
    if (!text.startsWith('-')) return microsecondsOf(text, text, context);
    const us = microsecondsOf(text.slice(1), text, context);
    return us === 0 ? 0 : -us;
  })
  .describe('a duration with a unit, ahead or with a minus behind: 5m, -30s');

/** µs of `text`; a problem of the field whose whole text is `shown` otherwise. */
function microsecondsOf(text: string, shown: string, context: z.core.$RefinementCtx<string>): number {
  const result = parseDuration(text);
  if (result.ok) return result.us;
  context.addIssue({ code: 'custom', message: `"${shown}": ${result.reason}` });
  return z.NEVER;
}

/** A whole number up to `max`. */
export const count = (max: number) => z.int().min(0).max(max);
/** Texts by name: labels. */
export const stringMap = z.record(z.string(), z.string());
/** A label's value, as the API server takes it. */
export const labelValue = z.string().superRefine((text, context) => say(checkLabelValue(text), context));
/** The name of a label or taint, as the API server takes it. */
export const labelKey = z.string().superRefine((text, context) => say(checkQualifiedName(text), context));
/** Labels, as the API server takes them. */
export const labelMap = stringMap.superRefine((labels, context) => {
  for (const [key, value] of Object.entries(labels))
    say([...checkQualifiedName(key), ...checkLabelValue(value)], context, [key]);
});

function say(messages: readonly string[], context: z.core.$RefinementCtx, path: string[] = []): void {
  for (const message of messages) context.addIssue({ code: 'custom', message, path });
}
