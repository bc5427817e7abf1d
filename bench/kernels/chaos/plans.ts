/**
 * Plans of `bench chaos`: a run with a thousand pods, and a workload that gives every controller something to do.
 */
import type { ScenarioPlan } from '../../../core/chaos/plan.ts';
import { basePlanOf } from '../../../core/chaos/search/base-plan.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { benchDeployment } from '../end-to-end-kernel.ts';

const S = 1_000_000;
const NAMESPACE = 'demo';

/** 1,000 pods of ten Deployments on 100 nodes, all Ready within seconds, and a node that crashes. */
export function thousandPods(): ScenarioPlan {
  return {
    name: 'thousand-pods',
    about: '1,000 pods on 100 nodes, one of which crashes',
    source: 'own',
    cluster: {
      nodes: { count: 100, zones: ['a', 'b', 'c'], capacity: { cpu: '16', memory: '64Gi' } },
      settings: { events: false, controllerQps: 500, controllerBurst: 500 },
    },
    workload: Array.from({ length: 10 }, (_, index) => benchDeployment(`web-${index}`, 100)),
    operations: [],
    faults: [
      {
        kind: 'node-crash',
        id: 'f1',
        target: { node: 'node-1' },
        trigger: { kind: 'at', atUs: 20 * S },
        forUs: 20 * S,
      },
    ],
    phases: { warmUpUs: 10 * S, safetyUs: 40 * S, heal: 'all', boundUs: 'auto', stableUs: 15 * S },
    predicates: ['X1'],
    excuses: [],
    bugs: [],
    expect: 'pass',
    eventsMax: 10_000_000,
  };
}

/** One small object of each kind that a controller works on. */
export function everyController(): ScenarioPlan {
  const labels = { app: 'bench' };
  const containers = [
    { name: 'app', image: 'bench.example/app:1', resources: { requests: { cpu: '100m', memory: '64Mi' } } },
  ];
  const template = { metadata: { labels }, spec: { containers } };
  const selector = { matchLabels: labels };
  const object = (apiVersion: string, kind: string, name: string, spec: object): KubeObject =>
    ({ apiVersion, kind, metadata: { name, namespace: NAMESPACE }, spec }) as KubeObject;
  const job = { ...template, spec: { containers, restartPolicy: 'Never' } };
  const objects = [
    object('v1', 'Service', 'web', { selector: labels, ports: [{ port: 80 }] }),
    object('policy/v1', 'PodDisruptionBudget', 'web', { maxUnavailable: 1, selector }),
    object('apps/v1', 'Deployment', 'web', { replicas: 2, selector, template }),
    object('apps/v1', 'StatefulSet', 'db', { serviceName: 'db', replicas: 2, selector, template }),
    object('apps/v1', 'DaemonSet', 'agent', { selector, template }),
    object('batch/v1', 'Job', 'sums', { completions: 2, parallelism: 2, template: job }),
  ];
  return basePlanOf(objects, { nodes: { count: 3, zones: ['a', 'b', 'c'], capacity: { cpu: '4', memory: '8Gi' } } });
}
