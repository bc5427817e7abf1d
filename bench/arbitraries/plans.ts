/**
 * Whole plans as plain data: cluster, workloads, operations, faults. Everything in a plan heals, so that what it runs must converge.
 */
import * as fc from 'fast-check';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { type ClusterDescription, resolveCluster } from '../../core/cluster/description.ts';
import type { KubeObject } from '../../core/cluster/vocabulary.ts';
import { checkOptions, checkWhole } from '../simulate/program-options.ts';
import { clusters, DRAWN_NODES } from './clusters.ts';
import { faults } from './faults.ts';
import { operations } from './operations.ts';
import { workloads } from './workloads.ts';

const S = 1_000_000;
/** Faults and operations begin so long after the start, s. */
const FROM_S = 5;

/** What of a plan is given; the rest is drawn. */
export interface PlanOptions {
  /** Objects of one's own, as {@link manifests} reads them. */
  readonly objects?: readonly KubeObject[] | undefined;
  readonly cluster?: ClusterDescription | undefined;
  /** Most operations. Default 3. */
  readonly operationsMax?: number | undefined;
  /** Most faults. Default 5. */
  readonly faultsMax?: number | undefined;
  /** How long faults happen, whole seconds of virtual time. Default 90. */
  readonly safetyS?: number | undefined;
}

const OPTIONS: readonly (keyof PlanOptions)[] = ['objects', 'cluster', 'operationsMax', 'faultsMax', 'safetyS'];

/** Plans that a correct cluster with workloads that can survive converges after. They shrink to fewer and shorter faults and operations. @throws TypeError, RangeError */
export function plans(options: PlanOptions = {}): fc.Arbitrary<ScenarioPlan> {
  checkOptions('plans', options, OPTIONS);
  const { operationsMax = 3, faultsMax = 5, safetyS = 90 } = options;
  checkWhole('operationsMax', operationsMax, 0);
  checkWhole('faultsMax', faultsMax, 0);
  checkWhole('safetyS', safetyS, FROM_S);
  const nodes = options.cluster === undefined ? DRAWN_NODES : nodeNames(options.cluster);
  const range = { nodes, fromS: FROM_S, toS: Math.max(FROM_S, safetyS - 10) };
  const objects = options.objects === undefined ? workloads() : fc.constant(options.objects);
  // Drawn applications always have the Deployment that drawn operations are about.
  const about = options.objects ?? DRAWN_OBJECTS;
  return fc
    .record({
      cluster: options.cluster === undefined ? clusters() : fc.constant(options.cluster),
      workload: objects,
      operations: fc.array(operations({ objects: about, ...range }), { maxLength: operationsMax }),
      faults: fc.array(faults(range), { maxLength: faultsMax }),
    })
    .map(({ cluster, workload, operations: asked, faults: drawn }) => ({
      name: 'drawn-plan',
      about: 'Drawn by a property.',
      source: 'seatrial/arbitraries',
      cluster,
      workload,
      operations: asked,
      faults: drawn.map((fault, index) => ({ ...fault, id: `f${index + 1}` })),
      phases: { warmUpUs: 0, safetyUs: safetyS * S, heal: 'all', boundUs: 'auto', stableUs: 30 * S },
      predicates: [],
      excuses: ['no-feasible-node'],
      bugs: [],
      expect: 'pass',
      eventsMax: 3_000_000,
    }));
}

const DRAWN_OBJECTS: readonly KubeObject[] = [
  { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'demo' } },
];

function nodeNames(cluster: ClusterDescription): readonly string[] {
  return resolveCluster(cluster).nodes.map(({ name }) => name);
}
