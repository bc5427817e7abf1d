/**
 * Faults as fast-check draws them: each heals by itself within a minute, so that a correct cluster survives any number of them.
 */
import * as fc from 'fast-check';
import type { FaultPlan, Target, Trigger } from '../../core/chaos/plan.ts';
import { checkOptions, checkWhole, shown } from '../simulate/program-options.ts';

const S = 1_000_000;
const LASTS_S_MAX = 60;
const ALL_API_SERVERS = { component: 'apiserver', instance: 'all' as const };

/** What faults may hit, and when. */
export interface FaultRange {
  readonly nodes: readonly string[];
  /** Whole seconds between which they begin. */
  readonly fromS: number;
  readonly toS: number;
}

/** A crash of a machine or process, a stopped kubelet, a pause, a partition or a slow link. Ids are given by {@link plans}. @throws TypeError, RangeError */
export function faults(range: FaultRange): fc.Arbitrary<FaultPlan> {
  checkRange('faults', range, ['nodes', 'fromS', 'toS']);
  const { nodes, fromS, toS } = range;
  const base = {
    id: fc.constant(''),
    trigger: fc.integer({ min: fromS, max: toS }).map((s): Trigger => ({ kind: 'at', atUs: s * S })),
    forUs: fc.integer({ min: 1, max: LASTS_S_MAX }).map((s) => s * S),
  };
  const node: fc.Arbitrary<Target> = fc.constantFrom(...nodes).map((name) => ({ node: name }));
  // The API servers may be one process, which has no link to itself.
  const linked: readonly Target[] = [
    { component: 'scheduler', instance: 'leader' },
    { component: 'controller-manager', instance: 'leader' },
    { component: 'etcd', instance: 0 },
  ];
  const component: fc.Arbitrary<Target> = fc.constantFrom({ component: 'apiserver', instance: 0 }, ...linked);
  return fc.oneof(
    fc.record({ kind: fc.constant('node-crash' as const), ...base, target: node }),
    fc.record({ kind: fc.constant('kubelet-stop' as const), ...base, target: node }),
    fc.record({ kind: fc.constant('process-crash' as const), ...base, target: component }),
    fc.record({ kind: fc.constant('process-pause' as const), ...base, target: component }),
    fc.record({
      kind: fc.constant('partition' as const),
      ...base,
      target: fc.oneof(node, fc.constantFrom(...linked)),
      peer: fc.constant(ALL_API_SERVERS),
      direction: fc.constantFrom('both' as const, 'from' as const, 'to' as const),
    }),
    fc.record({
      kind: fc.constant('slow-link' as const),
      ...base,
      target: fc.constantFrom(...linked),
      peer: fc.constant(ALL_API_SERVERS),
      latencyUs: fc.integer({ min: 1_000, max: 500_000 }),
    }),
  );
}

/** Holds what faults and operations are drawn from. @throws TypeError, RangeError */
export function checkRange(of: string, range: FaultRange, known: readonly string[]): void {
  checkOptions(of, range, known);
  const { nodes, fromS, toS } = range;
  if (!Array.isArray(nodes) || nodes.length === 0 || nodes.some((name) => typeof name !== 'string')) {
    throw new TypeError(`${of}: nodes: expected a list of names of nodes, at least one, not ${shown(nodes)}`);
  }
  checkWhole(`${of}: fromS`, fromS, 0);
  checkWhole(`${of}: toS`, toS, fromS);
}
