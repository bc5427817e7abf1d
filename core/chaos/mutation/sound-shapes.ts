/**
 * Sound plans of shapes that are seldom met: Services for the near, pods with the address of their node or a startup probe alone, and claims of pods
 * that have a node from the start.
 */
import type { KubeObject } from '../../types/object.ts';
import { DEVICES } from './claim-bugs.ts';
import {
  daemonSet,
  deployment,
  pinned,
  pod,
  type Situation,
  scale,
  service,
  withPodSpec,
  withSpec,
} from './situation.ts';
import { apply, marked, remove, selecting } from './sound-steps.ts';

const near = (trafficDistribution: string): KubeObject => withSpec(service, { trafficDistribution });
/** Agents on the network of their node, in the one Service of all of them. */
const onHost = (name: string): KubeObject =>
  withPodSpec(marked(daemonSet(name), { labels: { tier: 'host' } }), { hostNetwork: true });
const hosts = withSpec({ ...service, metadata: { name: 'hosts', namespace: 'demo' } }, { selector: { tier: 'host' } });

const rolled = { ...service, metadata: { name: 'rolled', namespace: 'demo' } };

/** The workload, whose pods have a startup probe that begins after some seconds. */
function startingSlowly(object: KubeObject, initialDelaySeconds: number): KubeObject {
  const { template } = object.spec as { readonly template: { readonly spec: { readonly containers: object[] } } };
  const startupProbe = { httpGet: { path: '/', port: 80 }, initialDelaySeconds, periodSeconds: 2 };
  return withPodSpec(object, { containers: template.spec.containers.map((each) => ({ ...each, startupProbe })) });
}

const SHARED = [{ name: 'device', resourceClaimName: 'shared' }];
const sharedClaim = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: { name: 'shared', namespace: 'demo' },
  spec: { devices: { requests: [{ name: 'device', exactly: { deviceClassName: 'device' } }] } },
} as KubeObject;
const sharing = (name: string): KubeObject => withSpec(pod(name), { resourceClaims: SHARED });

export const SHAPE_SITUATIONS: Readonly<Record<string, Situation>> = {
  /** A Service prefers the same zone, then the same node, and its ports change; another one has two endpoints of each address. */
  'services-for-the-near': {
    workload: [near('PreferClose'), deployment(4), rolled, hosts, onHost('agent'), onHost('other')],
    operations: [
      scale(15, 6),
      apply(25, near('PreferSameNode')),
      remove(35, 'DaemonSet/demo/other'),
      apply(40, withSpec(hosts, { trafficDistribution: 'PreferSameZone' })),
      apply(45, withSpec(rolled, { ports: [{ name: 'b', port: 81, targetPort: 8081 }] })),
    ],
  },
  /** Pods are ready when they have started, and have no other probe. */
  'pods-that-start-slowly': {
    workload: [startingSlowly(deployment(3), 8), startingSlowly(daemonSet('agent'), 4), selecting('agent')],
    operations: [scale(25, 5)],
  },
  /** Pods with a node from the start share a claim that another pod got allocated. */
  'claims-of-placed-pods': {
    nodes: 1,
    workload: [...DEVICES, sharedClaim, sharing('first')],
    operations: [apply(20, withPodSpec(pinned(deployment(1), 'node-0'), { resourceClaims: SHARED }))],
  },
};
