/**
 * Drawn objects beside the workloads: budgets, Services, quotas, limits, pods of nobody.
 */
import { budget, type Manifest, pod, service } from '../play.ts';
import {
  type Change,
  chance,
  type Draw,
  held,
  livePod,
  maybe,
  pick,
  podWish,
  type Subject,
  share,
  spec,
  wishes,
} from './mixed-draw.ts';

function drawnBudget(draw: Draw, app: string, index: number): Subject {
  const limit = (again: Draw): object =>
    pick(again, [
      { minAvailable: share(again), maxUnavailable: null },
      { maxUnavailable: share(again), minAvailable: null },
    ]);
  const name = `budget-${index}`;
  const policy = maybe(draw, 40, () => ({
    unhealthyPodEvictionPolicy: pick(draw, ['AlwaysAllow', 'IfHealthyBudget']),
  }));
  const changes: Change[] = [
    spec('PodDisruptionBudget', name, limit),
    spec('PodDisruptionBudget', name, (again) => ({
      selector: { matchLabels: { app: pick(again, ['app0', 'app1', 'stray']) } },
    })),
    (s, again) => s.evict(livePod(s, again, { app })),
    (s, again) => s.evict(livePod(s, again, { app })),
    async (s, again) => {
      await s.evict(livePod(s, again, { app }));
      await s.evict(livePod(s, again, { app }));
    },
    (s) => s.delete('PodDisruptionBudget', name),
  ];
  return { manifests: [budget(name, app, { ...limit(draw), ...policy })], changes };
}

function drawnService(draw: Draw, app: string, index: number): Subject {
  const name = `service-${index}`;
  const ports = (again: Draw): object[] =>
    pick<object[]>(again, [
      [{ port: 80, targetPort: 8080 }],
      [
        { name: 'a', port: 80, targetPort: 8080 },
        { name: 'b', port: 81, targetPort: 9090 },
      ],
      [{ name: 'named', port: 80, targetPort: 'http' }],
      [{ port: 53, protocol: 'UDP' }],
    ]);
  const rest = {
    ports: ports(draw),
    ...maybe(draw, 25, () => ({ clusterIP: 'None' })),
    ...maybe(draw, 25, () => ({ publishNotReadyAddresses: true })),
    ...maybe(draw, 15, () => ({ ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' })),
    ...maybe(draw, 15, () => ({ sessionAffinity: 'ClientIP' })),
    ...maybe(draw, 15, () => ({ trafficDistribution: 'PreferClose' })),
  };
  const changes: Change[] = [
    spec('Service', name, (again) => ({ selector: { app: pick(again, ['app0', 'app1', 'stray', 'work']) } })),
    spec('Service', name, (again) => ({ ports: ports(again) })),
    spec('Service', name, (again) => ({ publishNotReadyAddresses: chance(again, 50) })),
    spec('Service', name, () => ({ selector: null })),
    (s) => s.merge('Service', name, { metadata: { labels: { tier: 'x' }, annotations: { note: 'y' } } }),
    (s, again) => s.merge('Pod', livePod(s, again, { app }), { metadata: { labels: { extra: 'x' } } }),
    (s) => s.delete('Service', name),
  ];
  return { manifests: [service(name, app, rest)], changes };
}

function drawnQuota(draw: Draw, _app: string, index: number): Subject {
  const name = `quota-${index}`;
  const hard = (again: Draw): object =>
    pick<object>(again, [
      { pods: String(3 + again(8)) },
      { 'count/deployments.apps': '1', 'count/jobs.batch': '1' },
      { 'requests.cpu': pick(again, ['1', '3', '6']) },
      { services: '1', persistentvolumeclaims: '2' },
    ]);
  const manifest = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name, namespace: 'demo' },
    spec: { hard: hard(draw) },
  };
  const changes: Change[] = [
    spec('ResourceQuota', name, (again) => ({ hard: hard(again) })),
    (s) => s.delete('ResourceQuota', name),
  ];
  return { manifests: [manifest], changes };
}

function drawnLimits(draw: Draw, _app: string, index: number): Subject {
  const name = `limits-${index}`;
  const limits = [
    {
      type: 'Container',
      default: { cpu: pick(draw, ['500m', '1']) },
      defaultRequest: { cpu: pick(draw, ['50m', '300m']) },
      ...maybe(draw, 30, () => ({ max: { cpu: '1' } })),
    },
  ];
  const manifest = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name, namespace: 'demo' }, spec: { limits } };
  return { manifests: [manifest], changes: [(s) => s.delete('LimitRange', name)] };
}

/** Pods without a controller, with the labels of a workload or their own. */
function drawnPods(draw: Draw, app: string, index: number): Subject {
  const label = pick(draw, [app, app, 'stray']);
  const manifests: Manifest[] = [];
  for (let number = 0; number < 1 + draw(2); number++)
    manifests.push(pod(`own-${index}-${number}`, podWish(draw, label), wishes(draw), label));
  const name = `own-${index}-0`;
  const changes: Change[] = [
    (s, again) => s.merge('Pod', name, { metadata: { labels: { app: pick(again, [app, 'stray']) } } }),
    held('Pod', name, true),
    held('Pod', name, false),
    (s) => s.delete('Pod', name),
    (s) => s.evict(name),
  ];
  return { manifests, changes };
}

export const OTHER_KINDS = [drawnBudget, drawnBudget, drawnService, drawnService, drawnQuota, drawnLimits, drawnPods];
