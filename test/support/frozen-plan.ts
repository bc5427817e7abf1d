/**
 * A plan in which as many components as possible write: every workload kind, a Service, a budget, a drain, a rollout, a node crash.
 */
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import type { KubeObject } from '../../core/types/object.ts';
import { smallPlan } from './small-plan.ts';

const S = 1_000_000;

const labels = (name: string) => ({ app: name });
const containers = [{ name: 'app', image: 'app:v1', resources: { requests: { cpu: '50m', memory: '32Mi' } } }];
const template = (name: string, more = {}) => ({ metadata: { labels: labels(name) }, spec: { containers, ...more } });

function workload(apiVersion: string, kind: string, name: string, spec: Record<string, unknown>): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace: 'demo' }, spec } as KubeObject;
}

/** Passes with every seed. */
export function frozenPlan(): ScenarioPlan {
  const plan = smallPlan({
    objects: [
      workload('apps/v1', 'StatefulSet', 'db', {
        serviceName: 'db',
        replicas: 2,
        selector: { matchLabels: labels('db') },
        template: template('db'),
      }),
      workload('apps/v1', 'DaemonSet', 'agent', {
        selector: { matchLabels: labels('agent') },
        template: template('agent'),
      }),
      workload('batch/v1', 'Job', 'once', { completions: 2, template: template('once', { restartPolicy: 'Never' }) }),
      workload('v1', 'Service', 'web', { selector: labels('web'), ports: [{ port: 80, targetPort: 8080 }] }),
      workload('policy/v1', 'PodDisruptionBudget', 'web', {
        minAvailable: 3,
        selector: { matchLabels: labels('web') },
      }),
    ],
    operations: [
      { kind: 'set-image', atUs: 15 * S, workload: 'Deployment/demo/web', image: 'app:v2' },
      { kind: 'drain', atUs: 30 * S, target: { node: 'node-2' }, timeoutUs: 60 * S, uncordon: true },
      { kind: 'scale', atUs: 50 * S, workload: 'Deployment/demo/web', replicas: 6 },
    ],
    faults: [
      {
        kind: 'node-crash',
        id: 'f1',
        target: { node: 'node-0' },
        trigger: { kind: 'at', atUs: 60 * S },
        forUs: 90 * S,
      },
      {
        kind: 'process-crash',
        id: 'f2',
        target: { component: 'apiserver', instance: 0 },
        trigger: { kind: 'at', atUs: 20 * S },
        forUs: 3 * S,
      },
    ],
    second: true,
  });
  return { ...plan, phases: { ...plan.phases, safetyUs: 180 * S } };
}
