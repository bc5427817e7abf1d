import { expect, test } from 'vitest';
import { wantsColour } from '../../../bench/report/colour.ts';

test.each([
  [{ flag: true, env: { NO_COLOR: '1' }, isTty: false }, true],
  [{ flag: false, env: { FORCE_COLOR: '1' }, isTty: true }, false],
  [{ flag: undefined, env: { FORCE_COLOR: '1', NO_COLOR: '1' }, isTty: false }, true],
  [{ flag: undefined, env: { FORCE_COLOR: '0' }, isTty: true }, false],
  [{ flag: undefined, env: { NO_COLOR: '1' }, isTty: true }, false],
  [{ flag: undefined, env: { NO_COLOR: '' }, isTty: true }, true],
  [{ flag: undefined, env: { TERM: 'dumb' }, isTty: true }, false],
  [{ flag: undefined, env: {}, isTty: false }, false],
  [{ flag: undefined, env: { TERM: 'xterm' }, isTty: true }, true],
])('%j → %s', (input, wanted) => {
  expect(wantsColour(input)).toBe(wanted);
});
