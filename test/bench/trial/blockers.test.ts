import { expect, test } from 'vitest';
import { whyNoNode } from '../../../bench/trial/blockers.ts';

const WHY = '0/3 nodes are available: 3 Insufficient cpu.';

test.each([
  `${WHY} no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found.`,
  `${WHY} preemption: not eligible due to preemptionPolicy=Never.`,
  WHY,
])('of %s only why no node fits is left', (message) => {
  expect(whyNoNode(message)).toBe(WHY);
});
