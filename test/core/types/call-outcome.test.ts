import { expect, test } from 'vitest';
import { CALL_FAILED, CALL_READ, CALL_REPEATED, CALL_WRITE, callOutcome } from '../../../core/types/call-outcome.ts';
import { VERB } from '../../../core/types/wire.ts';

test.each<[keyof typeof VERB, number]>([
  ['get', CALL_READ],
  ['list', CALL_READ],
  ['watch', CALL_READ],
  ['create', CALL_WRITE],
  ['update', CALL_WRITE],
  ['patch', CALL_WRITE],
  ['delete', CALL_WRITE],
  ['deletecollection', CALL_WRITE],
])('a %s that is answered, and one that is not', (verb, answered) => {
  expect(callOutcome(VERB[verb], null, 0)).toBe(answered);
  expect(callOutcome(VERB[verb], null, 1)).toBe(answered | CALL_REPEATED);
  expect(callOutcome(VERB[verb], { code: 500 }, 0)).toBe(CALL_FAILED);
});
