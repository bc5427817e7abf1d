/**
 * A small plan that passes: three nodes, one Deployment of four, two of each component that elects a leader.
 */
import type { FaultPlan, Operation, ScenarioPlan } from '../../core/chaos/plan.ts';
import type { KubeObject } from '../../core/types/object.ts';

const S = 1_000_000;

export interface SmallPlanOptions {
  readonly faults?: readonly FaultPlan[];
  readonly operations?: readonly Operation[];
  /** More objects at the start. */
  readonly objects?: readonly KubeObject[];
  /** A second Deployment, `late` with three pods, comes at 50 s. */
  readonly second?: boolean;
}

/** A Deployment in namespace `demo`. */
function smallDeployment(name: string, replicas: number): KubeObject {
  const labels = { app: name };
  const containers = [{ name: 'app', image: 'app:v1', resources: { requests: { cpu: '100m', memory: '64Mi' } } }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'demo' },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  } as KubeObject;
}

export function smallPlan(options: SmallPlanOptions = {}): ScenarioPlan {
  const late: Operation[] = options.second
    ? [{ kind: 'apply', atUs: 50 * S, objects: [smallDeployment('late', 3)] }]
    : [];
  return {
    name: 'small',
    about: 'A small plan that passes.',
    source: 'test/support/small-plan.ts',
    cluster: {
      nodes: { count: 3, zones: ['a', 'b', 'c'], capacity: { cpu: '4', memory: '8Gi' } },
      controlPlane: { schedulers: 2, controllerManagers: 2 },
    },
    workload: [smallDeployment('web', 4), ...(options.objects ?? [])],
    operations: [...(options.operations ?? []), ...late],
    faults: options.faults ?? [],
    phases: { warmUpUs: 0, safetyUs: 60 * S, heal: 'all', boundUs: 'auto', stableUs: 15 * S },
    predicates: [],
    excuses: [],
    bugs: [],
    expect: 'pass',
    eventsMax: 3_000_000,
  };
}
