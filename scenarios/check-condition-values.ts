/**
 * The values that a condition waits for: a field of a built-in kind never has what its type cannot hold.
 *
 * Always: '' is a value of every field, the one it has where there is none; what is an object or a list is compared as its JSON and not checked here.
 */
import { tryParseQuantity } from '../core/types/quantity.ts';
import { checkScalar } from '../core/types/validation/shape.ts';
import type { Shape } from '../core/types/validation/shapes.ts';
import { isWithin, limitedBy, limitText, wordsOf } from '../core/types/validation/value-limits.ts';
import { sampleTime } from './manifest-checks.ts';
import type { Place, ProblemList } from './problem.ts';
import { nearestName } from './suggest.ts';

/** Reports the text at `place` that `field`, whose type is `shape`, never has in an object of a built-in `kind`. */
export function checkConditionValue(
  text: string,
  field: string,
  kind: string,
  shape: Shape | 'quantity',
  place: Place,
  problems: ProblemList,
): void {
  if (text === '') return;
  const expected = expectedText(text, shape);
  if (expected === null) return;
  const nearest = nearestName(text, wordsOf(shape));
  problems.error(place, 'SCN-027', `${field} of a ${kind} is never "${text}": expected ${expected}`, { nearest });
}

/** What a value of the type looks like as text; null where this is one, or may be. */
function expectedText(text: string, shape: Shape | 'quantity'): string | null {
  const limited = limitedBy(shape);
  if (limited !== null) {
    if (limited.scalar === 'string') return isWithin(text, limited) ? null : limitText(limited);
    const wrong = expectedText(text, limited.scalar);
    return wrong !== null || isWithin(Number(text), limited) ? wrong : limitText(limited);
  }
  if (shape === 'bool') return /^(true|false)$/.test(text) ? null : '"true" or "false"';
  if (shape === 'int' || shape === 'long') return /^(0|-?[1-9]\d*)$/.test(text) ? null : 'a whole number';
  if ((shape === 'time' || shape === 'microTime') && checkScalar(text, shape, '') !== null)
    return `a time such as ${sampleTime(shape === 'microTime')}`;
  if (shape === 'quantity') return tryParseQuantity(text) === undefined ? 'a quantity such as 250m or 64Mi' : null;
  return null;
}
