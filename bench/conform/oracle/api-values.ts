/** Subjects of the oracle from the API's machinery: quantities, label selectors. */
import { parseSelector } from '../../../core/types/label-selector.ts';
import type { StringMap } from '../../../core/types/object.ts';
import { tryParseQuantity } from '../../../core/types/quantity.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import type { Subject } from './subject.ts';

const REFUSED = { refused: true };

/** What an invalid input comes to. */
function orRefused(answer: () => unknown): unknown {
  try {
    return answer();
  } catch (error) {
    if (error instanceof StatusError) return REFUSED;
    throw error;
  }
}

/** Numbers below it are exact. */
const EXACT = 2 ** 53 - 1;

export const API_SUBJECTS: Readonly<Record<string, Subject>> = {
  quantity: {
    answer(input) {
      const { text, other } = input as { readonly text: string; readonly other: string };
      const quantity = tryParseQuantity(text);
      if (quantity === undefined) return REFUSED;
      const second = tryParseQuantity(other);
      const isBelow = (limit: number): boolean => Math.abs(quantity.value()) < limit;
      return {
        text: quantity.toString(),
        ...(isBelow(EXACT) ? { value: quantity.value() } : {}),
        ...(isBelow(EXACT / 1000) ? { milli: quantity.milliValue() } : {}),
        ...(second === undefined ? {} : { compared: Math.sign(quantity.compare(second)) }),
      };
    },
  },
  selector: {
    answer(input) {
      const { text, labels } = input as { readonly text: string; readonly labels: readonly StringMap[] };
      return orRefused(() => {
        const selector = parseSelector(text);
        return { matches: labels.map((each) => selector.matches(each)) };
      });
    },
  },
};
