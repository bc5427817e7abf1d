/**
 * What users do, as fast-check draws it: for workloads that are there, at whole seconds, so that shrunk plans read well.
 */
import * as fc from 'fast-check';
import type { Operation } from '../../core/chaos/plan.ts';
import { nameOf } from '../../core/chaos/workloads.ts';
import type { KubeObject } from '../../core/cluster/vocabulary.ts';
import { shown } from '../simulate/program-options.ts';
import { checkRange } from './faults.ts';

const S = 1_000_000;
const DRAIN_TIMEOUT_US = 60 * S;
/** Most replicas that are asked for. */
const REPLICAS_MAX = 6;

/** What operations may be about. */
export interface OperationRange {
  readonly objects: readonly KubeObject[];
  readonly nodes: readonly string[];
  /** Whole seconds between which they begin. */
  readonly fromS: number;
  readonly toS: number;
}

/** A scale or a new image of a Deployment or StatefulSet, the deletion of a Deployment, or the drain of a node. @throws TypeError, RangeError */
export function operations(range: OperationRange): fc.Arbitrary<Operation> {
  checkRange('operations', range, ['objects', 'nodes', 'fromS', 'toS']);
  const { objects, nodes, fromS, toS } = range;
  if (!Array.isArray(objects))
    throw new TypeError(`operations: objects: expected a list of objects, not ${shown(objects)}`);
  const atUs = fc.integer({ min: fromS, max: toS }).map((s) => s * S);
  const drain = fc.record({
    kind: fc.constant('drain' as const),
    atUs,
    target: fc.constantFrom(...nodes).map((node) => ({ node })),
    timeoutUs: fc.constant(DRAIN_TIMEOUT_US),
    uncordon: fc.constant(true),
  });
  const named = (kinds: readonly string[]): string[] => objects.filter(({ kind }) => kinds.includes(kind)).map(nameOf);
  const scalable = named(['Deployment', 'StatefulSet']);
  if (scalable.length === 0) return drain;
  const workload = fc.constantFrom(...scalable);
  const replicas = fc.integer({ min: 0, max: REPLICAS_MAX });
  const image = fc.constantFrom('drawn.example/app:v2', 'drawn.example/app:v3');
  const changes = [
    fc.record({ kind: fc.constant('scale' as const), atUs, workload, replicas }),
    fc.record({ kind: fc.constant('set-image' as const), atUs, workload, image }),
    drain,
  ];
  const deletable = named(['Deployment']);
  if (deletable.length === 0) return fc.oneof(...changes);
  const gone = fc.record({ kind: fc.constant('delete' as const), atUs, workload: fc.constantFrom(...deletable) });
  return fc.oneof(...changes, gone);
}
