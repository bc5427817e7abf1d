import { expect, test } from 'vitest';
import { lostNames, withoutLost } from '../../../../core/chaos/minimise/named-objects.ts';
import { reduceObjects, reduceOperations } from '../../../../core/chaos/minimise/reduce-lists.ts';
import { Trials } from '../../../../core/chaos/minimise/trials.ts';
import type { ScenarioPlan } from '../../../../core/chaos/plan.ts';
import type { KubeObject } from '../../../../core/types/object.ts';
import { smallPlan } from '../../../support/small-plan.ts';

const object = (kind: string, name: string): KubeObject =>
  ({ apiVersion: 'apps/v1', kind, metadata: { name, namespace: 'demo' } }) as KubeObject;
const scale = (workload: string) => ({ kind: 'scale', atUs: 1, workload, replicas: 1 }) as const;
const WEB = object('Deployment', 'web');
const DB = object('StatefulSet', 'db');
const WHOLE: ScenarioPlan = {
  ...smallPlan(),
  workload: [WEB, DB],
  operations: [
    scale('Deployment/demo/web'),
    scale('StatefulSet/demo/db'),
    { kind: 'delete', atUs: 1, workload: 'Pod/demo/db-0' },
    { kind: 'delete', atUs: 1, workload: 'Namespace/demo' },
    { kind: 'delete', atUs: 1, workload: 'Node/node-0' },
  ],
  faults: [
    {
      kind: 'container-kill',
      id: 'f1',
      target: { hosting: 'StatefulSet/demo/db' },
      trigger: { kind: 'at', atUs: 1 },
      forUs: null,
    },
  ],
};

test('a plan without an object has lost what is done to it, to its pods and where it runs', () => {
  expect([...lostNames({ ...WHOLE, workload: [WEB] }, WHOLE)]).toEqual(['StatefulSet/demo/db', 'Pod/demo/db-0']);
  expect([...lostNames({ ...WHOLE, workload: [] }, WHOLE)]).toHaveLength(4);
  expect(lostNames(WHOLE, WHOLE).size).toBe(0);
  // It comes later.
  const later: ScenarioPlan = {
    ...WHOLE,
    workload: [WEB],
    operations: [...WHOLE.operations, { kind: 'apply', atUs: 2, objects: [DB] }],
  };
  expect(lostNames(later, WHOLE).size).toBe(0);
  const left = withoutLost({ ...WHOLE, workload: [WEB] }, WHOLE);
  expect(left.operations).toHaveLength(3);
  expect(left.faults).toEqual([]);
});

test('an object that is taken away takes along what is done to it', () => {
  const trials = { fails: ({ workload }: ScenarioPlan) => workload.includes(WEB) } as unknown as Trials;
  const small = reduceObjects(WHOLE, trials);
  expect(small.workload).toEqual([WEB]);
  expect(lostNames(small, WHOLE).size).toBe(0);
  expect(reduceOperations(small, trials).operations).toEqual([]);
});

test('a candidate that names an object which it has no more is not run', () => {
  const whole = { ...WHOLE, faults: [] };
  const trials = new Trials(1, 'X1', 5, whole);
  expect(trials.fails({ ...whole, workload: [WEB] })).toBe(false);
  expect(trials.runs).toBe(0);
});
