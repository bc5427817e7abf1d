import { expect, test } from 'vitest';
import { countOf, countOfDone, doneText } from '../../../bench/report/counted.ts';

test.each([
  [countOf(0, 'fault'), '0 faults'],
  [countOf(1, 'fault'), '1 fault'],
  [countOfDone(1, 'processes taken down'), '1 process taken down'],
  [countOfDone(2, 'processes taken down'), '2 processes taken down'],
  [countOfDone(1, 'instances removed'), '1 instance removed'],
  [countOfDone(1, 'disks lost'), '1 disk lost'],
  [countOfDone(1, 'watches closed'), '1 watch closed'],
  [countOfDone(1, 'caches dropped'), '1 cache dropped'],
  [countOfDone(1, 'transmissions lost'), '1 transmission lost'],
  [doneText({ count: 0, what: 'fields changed' }, 'nothing'), 'nothing'],
  [
    doneText({ count: 0, what: 'nodes powered off', takenBy: ['f1', 'f2'] }, 'nothing'),
    'nothing: fault f1, f2 had its target',
  ],
  [
    doneText({ count: 1, what: 'fields changed', refused: { count: 2, message: 'Invalid value: -1' } }, 'nothing'),
    '1 field changed; 2 refused: Invalid value: -1',
  ],
])('%s', (text, expected) => {
  expect(text).toBe(expected);
});
