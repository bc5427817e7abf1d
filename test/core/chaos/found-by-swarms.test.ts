/**
 * Shrunk findings of drawn plans, each with the rule that was missing.
 */
import { describe, expect, test } from 'vitest';
import {
  annotated,
  at,
  daemonSet,
  deployment,
  job,
  S,
  type Situation,
  soundPlan,
} from '../../../core/chaos/mutation/situation.ts';
import { image, remove } from '../../../core/chaos/mutation/sound-steps.ts';
import { runPlan } from '../../../core/chaos/run-plan.ts';

const AGENT = 'DaemonSet/demo/agent';
const kill = (id: string, atS: number) => ({
  kind: 'container-kill' as const,
  id,
  target: { anyNode: true as const },
  trigger: at(atS),
  forUs: null,
});

const FOUND: readonly (readonly [what: string, situation: Situation])[] = [
  [
    'a DaemonSet that is made anew does not wait for deletions that a sync of the old one expected',
    {
      nodes: 1,
      workload: [daemonSet('agent')],
      operations: [image(55, AGENT), remove(60, AGENT), { kind: 'apply', atUs: 62 * S, objects: [daemonSet('agent')] }],
      faults: [
        {
          kind: 'watch-lag',
          id: 'lag',
          target: { component: 'apiserver', instance: 0 },
          latencyUs: null,
          trigger: at(51.7),
          forUs: 10 * S,
        },
      ],
      safetyS: 80,
    },
  ],
  [
    'pods of a Job that has ended are let go when they are deleted',
    {
      workload: [annotated(job(3, { ttlSecondsAfterFinished: 20 }), { 'seatrial.dev/run-for': '15s' })],
      faults: [
        {
          kind: 'process-crash',
          id: 'crash',
          target: { component: 'apiserver', instance: 0 },
          trigger: at(12),
          forUs: S,
          unsynced: 'torn',
        },
      ],
      safetyS: 87,
    },
  ],
  [
    'containers that are killed again before they were ready keep their back-off, and are not ready early',
    {
      workload: [deployment(4, { readyAfterSeconds: 3 })],
      faults: [kill('one', 20), kill('two', 22), kill('three', 24)],
    },
  ],
];

describe('what drawn plans have found', () => {
  test.each(FOUND)('%s', (_what, situation) => {
    for (const seed of [1, 31]) expect(runPlan(soundPlan('found', situation), seed).outcome).toEqual({ kind: 'pass' });
  });
});
