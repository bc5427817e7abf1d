/**
 * `seatrial/arbitraries` called wrongly, and properties that fail: each says what it was.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CheckOptions,
  checkPlans,
  clusters,
  faults,
  manifests,
  operations,
  plans,
  workloads,
} from '../../../bench/arbitraries/index.ts';
import { smallPlan } from '../../support/small-plan.ts';

const drawn = plans({ faultsMax: 0, operationsMax: 0 });
const check = (options: unknown) => checkPlans(drawn, { numRuns: 1, shrinkRuns: 0, ...(options as CheckOptions) });
/** As JavaScript calls it, without types. */
const untyped = (called: unknown) => called as (...given: unknown[]) => unknown;

describe('checkPlans', () => {
  test('says why a property does not hold', () => {
    const mine = (): never => {
      throw new Error('mine');
    };
    expect(check({ holds: mine })?.message).toBe('mine');
    expect(check({ holds: () => false })?.message).toBe('your property does not hold (verdict pass)');
    const expecting = drawn.map((plan) => ({ ...plan, expect: { fail: 'X1' } }));
    expect(checkPlans(expecting, { numRuns: 1, shrinkRuns: 0 })?.message).toBe('pass, expected fail X1');
  });

  test('a plan is not shrunk to one that no longer breaks the property', () => {
    const operations = [{ kind: 'scale', atUs: 15_000_000, workload: 'Deployment/demo/web', replicas: 3 }] as const;
    const plan = { ...smallPlan({ operations }), bugs: ['queue-key-twice'] };
    const failure = checkPlans(fc.constant(plan), {
      numRuns: 1,
      shrinkRuns: 0,
      holds: (result) => !result.operations.some(({ what }) => what.includes('scale')),
    });
    expect(failure?.message).toMatch(/^your property does not hold/);
    expect(failure?.plan.operations).toHaveLength(1);
  });

  test('a property that cannot answer is no failure of a plan', () => {
    expect(() => check({ holds: async () => true })).toThrow(/^holds: expected true or false from it, not a promise/);
    expect(() => check({ holds: () => undefined })).toThrow('holds: expected true or false from it, not undefined');
    expect(() => check({ holds: 3 })).toThrow('holds: expected a function, not 3');
    expect(() => check({ holds: 3 })).toThrow(TypeError);
  });

  test('never passes without a run', () => {
    for (const numRuns of [Number.NaN, 0, -1, 1.5, '5']) {
      expect(() => check({ numRuns })).toThrow(RangeError);
      expect(() => check({ numRuns })).toThrow(/^numRuns .*: expected a whole number from 1 on$/);
    }
    expect(() => check({ seed: Number.NaN })).toThrow(/^seed NaN/);
    expect(() => check({ runSeed: -1 })).toThrow(/^runSeed -1/);
    expect(() => check({ numRun: 3 })).toThrow('checkPlans: unknown option "numRun" (did you mean "numRuns"?)');
    const throwing = fc.constant(1).map((): never => {
      throw new Error('no plan');
    });
    expect(() => checkPlans(throwing, { numRuns: 1 })).toThrow();
  });
});

describe('arbitraries', () => {
  test('refuse what they do not know', () => {
    const cases: [unknown, unknown[], string][] = [
      [plans, [{ foo: 1 }], 'plans: unknown option "foo" (known: objects, cluster, operationsMax, faultsMax, safetyS)'],
      [plans, [3], 'plans: expected an object with objects, cluster, operationsMax, faultsMax, safetyS, not 3'],
      [plans, [{ faultsMax: Number.NaN }], 'faultsMax NaN: expected a whole number from 0 on'],
      [clusters, [{ foo: 1 }], 'clusters takes no options: a cluster of your own goes to plans({ cluster })'],
      [workloads, [{ foo: 1 }], 'workloads takes no options: objects of your own go to plans({ objects })'],
      [faults, [], 'faults: expected an object with nodes, fromS, toS, not undefined'],
      [faults, [{ nodes: [], fromS: 1, toS: 2 }], 'faults: nodes: expected a list of names of nodes, at least one'],
      [faults, [{ nodes: ['n'], fromS: 3, toS: 2 }], 'faults: toS 2: expected a whole number from 3 on'],
      [operations, [], 'operations: expected an object with objects, nodes, fromS, toS, not undefined'],
      [operations, [{ nodes: ['n'], fromS: 1, toS: 2 }], 'operations: objects: expected a list of objects'],
      [manifests, [], 'manifests: expected at least one path of a manifest file or folder'],
      [manifests, [5], 'manifests: expected paths of files and folders, not 5'],
      [manifests, [['./k8s']], 'manifests: expected paths of files and folders, not a list'],
    ];
    for (const [called, given, message] of cases) expect(() => untyped(called)(...given)).toThrow(message);
  });
});
