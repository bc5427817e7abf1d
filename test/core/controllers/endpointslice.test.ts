/** The EndpointSlice controller against the real API server and store. */
import { describe, expect, test } from 'vitest';
import type { ControllerManager } from '../../../core/controllers/controller-manager.ts';
import { endpointSliceController } from '../../../core/controllers/endpointslice/endpointslice-controller.ts';
import { podPorts } from '../../../core/controllers/endpointslice/pod-endpoint.ts';
import type { Endpoint, EndpointSlice } from '../../../core/types/endpoint-slice.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { ENDPOINTSLICES, NODES, PODS, SERVICES } from '../../../core/types/resource-type.ts';
import type { Service } from '../../../core/types/service.ts';
import type { WatchEvent } from '../../../core/types/wire.ts';
import { NodeCluster, type NodeClusterOptions, S } from '../../support/node-cluster.ts';

const controllers = [endpointSliceController];

function clusterOf(options: Partial<NodeClusterOptions> = {}): NodeCluster {
  const cluster = new NodeCluster({ controllers, zones: ['a', 'b'], immediate: true, ...options });
  cluster.events(ENDPOINTSLICES);
  return cluster;
}

function service(cluster: NodeCluster, spec: object = {}, name = 'web'): void {
  cluster.harness.create(SERVICES, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default', labels: { team: 'x' } },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
  });
}

const LABELS = { labels: { app: 'web' } };

function slices(cluster: NodeCluster): EndpointSlice[] {
  return cluster.objects<EndpointSlice>(ENDPOINTSLICES);
}

function endpoints(cluster: NodeCluster): Endpoint[] {
  return slices(cluster).flatMap((slice) => slice.endpoints);
}

describe('endpointslice', () => {
  test('a service without pods has a placeholder slice, which becomes the first real one', () => {
    const cluster = clusterOf();
    service(cluster);
    cluster.run(S);
    const [empty] = slices(cluster);
    expect(slices(cluster)).toHaveLength(1);
    expect(empty?.endpoints).toEqual([]);
    expect(empty?.ports ?? []).toEqual([]);
    expect(empty?.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(empty?.metadata.labels).toEqual({
      team: 'x',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      'kubernetes.io/service-name': 'web',
    });
    expect(empty?.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'Service', name: 'web', controller: true });
    cluster.addPod('web-1', 'node-0', {}, LABELS);
    cluster.run(3 * S);
    const [slice] = slices(cluster);
    expect(slices(cluster)).toHaveLength(1);
    expect(slice?.metadata.name).toBe(empty?.metadata.name);
    expect(slice?.ports).toEqual([{ name: '', protocol: 'TCP', port: 8080 }]);
    expect(slice?.endpoints).toHaveLength(1);
    const pod = cluster.pod('web-1');
    expect(slice?.endpoints[0]).toEqual({
      addresses: [pod?.status?.podIP],
      conditions: { ready: true, serving: true, terminating: false },
      targetRef: { kind: 'Pod', namespace: 'default', name: 'web-1', uid: pod?.metadata.uid },
      nodeName: 'node-0',
      zone: 'a',
    });
    expect(slice?.metadata.annotations?.['endpoints.kubernetes.io/last-change-trigger-time']).toBeDefined();
  });

  test('a terminating pod is serving and not ready, then leaves; the annotation goes', () => {
    const cluster = clusterOf();
    service(cluster);
    cluster.addPod('web-1', 'node-0', {}, { ...LABELS, annotations: { 'reference.example/stop-after': '2s' } });
    cluster.addPod('web-2', 'node-1', {}, LABELS);
    cluster.run(3 * S);
    expect(endpoints(cluster)).toHaveLength(2);
    cluster.harness.delete(PODS, 'web-1');
    cluster.run(S);
    const terminating = endpoints(cluster).find(({ targetRef }) => targetRef?.name === 'web-1');
    expect(terminating?.conditions).toEqual({ ready: false, serving: true, terminating: true });
    expect(slices(cluster)[0]?.metadata.annotations).toBeUndefined();
    cluster.run(4 * S);
    expect(endpoints(cluster).map(({ targetRef }) => targetRef?.name)).toEqual(['web-2']);
  });

  test('more than 100 endpoints are packed into slices of 100, and removals keep the others in place', () => {
    const cluster = clusterOf();
    service(cluster);
    for (let i = 0; i < 230; i++) cluster.addPod(`web-${i}`, `node-${i % 2}`, {}, LABELS);
    cluster.run(5 * S);
    expect(endpoints(cluster)).toHaveLength(230);
    expect(new Set(endpoints(cluster).map(({ targetRef }) => targetRef?.name)).size).toBe(230);
    for (const slice of slices(cluster)) expect(slice.endpoints.length).toBeLessThanOrEqual(100);
    const before = new Map(slices(cluster).map((slice) => [slice.metadata.name, slice.metadata.resourceVersion]));
    cluster.harness.delete(PODS, 'web-7');
    cluster.run(5 * S);
    expect(endpoints(cluster)).toHaveLength(229);
    const touched = slices(cluster).filter(
      (slice) => before.get(slice.metadata.name) !== slice.metadata.resourceVersion,
    );
    expect(touched).toHaveLength(1);
  });

  test('named ports give pods of different ports slices of their own', () => {
    const cluster = clusterOf();
    service(cluster, { ports: [{ port: 80, targetPort: 'http' }] });
    const container = (port: number): object => ({
      containers: [{ name: 'app', image: 'app:v1', ports: [{ name: 'http', containerPort: port }] }],
    });
    cluster.addPod('web-1', 'node-0', container(8080) as never, LABELS);
    cluster.addPod('web-2', 'node-0', container(9090) as never, LABELS);
    cluster.run(5 * S);
    const ports = slices(cluster).map((slice) => [slice.ports?.[0]?.port, slice.endpoints.length]);
    expect(ports.sort()).toEqual([
      [8080, 1],
      [9090, 1],
    ]);
  });

  test('a named port may be one of a sidecar, after those of the containers', () => {
    const ports = (name: string, containerPort: number): object => ({ name, ports: [{ name: 'http', containerPort }] });
    const target = { spec: { ports: [{ port: 80, targetPort: 'http' }] } } as unknown as Service;
    const portOf = (spec: object): number | undefined =>
      podPorts(target, { spec } as unknown as Pod).ports[0]?.port ?? undefined;
    const sidecar = { ...ports('side', 9090), restartPolicy: 'Always' };
    expect(portOf({ containers: [{ name: 'app' }], initContainers: [ports('init', 7070), sidecar] })).toBe(9090);
    expect(portOf({ containers: [ports('app', 8080)], initContainers: [sidecar] })).toBe(8080);
    expect(portOf({ containers: [{ name: 'app' }], initContainers: [ports('init', 7070)] })).toBeUndefined();
  });

  test('hints and unready addresses follow the service', () => {
    const cluster = clusterOf();
    service(cluster, { publishNotReadyAddresses: true, trafficDistribution: 'PreferSameNode' });
    cluster.addPod('web-1', 'node-1', {}, LABELS);
    cluster.run(3 * S);
    expect(endpoints(cluster)[0]?.hints).toEqual({ forZones: [{ name: 'b' }], forNodes: [{ name: 'node-1' }] });
    cluster.harness.patch(SERVICES, 'web', { spec: { trafficDistribution: 'PreferClose' } });
    cluster.run(3 * S);
    expect(endpoints(cluster)[0]?.hints).toEqual({ forZones: [{ name: 'b' }] });
  });

  test('a foreign change of a slice is undone after a second', () => {
    const cluster = clusterOf();
    service(cluster);
    cluster.addPod('web-1', 'node-1', {}, LABELS);
    cluster.run(5 * S);
    const name = slices(cluster)[0]?.metadata.name as string;
    cluster.harness.patch(ENDPOINTSLICES, name, { endpoints: [] });
    cluster.run(0.5 * S);
    expect(endpoints(cluster)).toHaveLength(0);
    cluster.run(S);
    expect(endpoints(cluster)).toHaveLength(1);
    cluster.harness.delete(ENDPOINTSLICES, name);
    cluster.run(3 * S);
    expect(endpoints(cluster)).toHaveLength(1);
  });

  test('while its copy of the slices is older than its writes the controller writes no more', () => {
    const cluster = clusterOf();
    service(cluster);
    cluster.run(3 * S);
    const informer = (cluster.harness.instances[0] as ControllerManager).informer(ENDPOINTSLICES);
    const { onEvent } = informer;
    const late: WatchEvent[] = [];
    informer.onEvent = (event) => late.push(event);
    const written = (): number => cluster.events(ENDPOINTSLICES).length;
    cluster.addPod('web-1', 'node-0', {}, LABELS);
    cluster.run(3 * S);
    const once = written();
    cluster.addPod('web-2', 'node-0', {}, LABELS);
    cluster.run(3 * S);
    expect([written() - once, slices(cluster).length]).toEqual([0, 1]);
    informer.onEvent = (event) => onEvent.call(informer, event);
    for (const event of late) informer.onEvent(event);
    cluster.run(20 * S);
    expect([slices(cluster).length, endpoints(cluster).length]).toEqual([1, 2]);
  });

  test('a pod on a missing node is left out until the node exists', () => {
    const cluster = clusterOf();
    service(cluster);
    cluster.addPod('web-1', 'node-9', {}, LABELS);
    cluster.run(3 * S);
    expect(cluster.pod('web-1')?.status?.podIP).toBeDefined();
    expect(endpoints(cluster)).toHaveLength(0);
    cluster.harness.addNode('node-9');
    cluster.run(10 * S);
    expect(endpoints(cluster)).toHaveLength(1);
  });

  test('a pod without a node is left out, unless the service publishes whatever there is', () => {
    const cluster = clusterOf({ zones: [] });
    service(cluster);
    service(cluster, { publishNotReadyAddresses: true }, 'all');
    const metadata = { name: 'web-1', namespace: 'default', ...LABELS };
    const spec = { containers: [{ name: 'app', image: 'app:v1' }] };
    cluster.harness.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata, spec });
    const status = { podIP: '10.0.0.9', podIPs: [{ ip: '10.0.0.9' }] };
    cluster.harness.patch(PODS, 'web-1', { status }, { subresource: 'status' });
    cluster.run(3 * S);
    const owners = slices(cluster).filter((slice) => slice.endpoints.length > 0);
    expect(owners.map(({ metadata: { labels } }) => labels?.['kubernetes.io/service-name'])).toEqual(['all']);
  });

  test('slices of a service of the same name that is gone are deleted, not taken over', () => {
    const cluster = clusterOf();
    service(cluster);
    cluster.addPod('web-1', 'node-0', {}, LABELS);
    cluster.run(3 * S);
    const before = slices(cluster).map(({ metadata }) => metadata.name);
    cluster.harness.delete(SERVICES, 'web', { options: { propagationPolicy: 'Background' } });
    service(cluster);
    cluster.run(5 * S);
    expect(endpoints(cluster)).toHaveLength(1);
    expect(slices(cluster).map(({ metadata }) => before.includes(metadata.name))).toEqual([false]);
  });

  test('labels that the service has not are taken off a slice, and the three of the controller alone make no update', () => {
    const cluster = clusterOf();
    service(cluster, { clusterIP: 'None' });
    cluster.run(3 * S);
    const name = slices(cluster)[0]?.metadata.name as string;
    const headless = 'service.kubernetes.io/headless';
    const relabel = (labels: object): unknown => {
      cluster.harness.patch(ENDPOINTSLICES, name, { metadata: { labels } });
      cluster.run(3 * S);
      const { [headless]: own, more } = slices(cluster)[0]?.metadata.labels ?? {};
      return { own, more };
    };
    expect(relabel({ [headless]: null })).toEqual({ own: undefined, more: undefined });
    expect(relabel({ more: 'x' })).toEqual({ own: '', more: undefined });
  });

  test('a relabelled pod moves between services', () => {
    const cluster = clusterOf();
    service(cluster);
    service(cluster, { selector: { app: 'other' } }, 'other');
    cluster.addPod('web-1', 'node-1', {}, LABELS);
    cluster.run(3 * S);
    cluster.harness.patch(PODS, 'web-1', { metadata: { labels: { app: 'other' } } });
    cluster.run(3 * S);
    const byService = slices(cluster).map((slice) => [
      slice.metadata.labels?.['kubernetes.io/service-name'],
      slice.endpoints.length,
    ]);
    expect(byService.sort()).toEqual([
      ['other', 1],
      ['web', 0],
    ]);
  });

  test('the planted bug keeps pods ready that are not', () => {
    const cluster = clusterOf({ bugs: ['endpointslice-keeps-not-ready'] });
    service(cluster);
    cluster.addPod('web-1', 'node-0', {}, { ...LABELS, annotations: { 'reference.example/stop-after': '5s' } });
    cluster.run(3 * S);
    cluster.harness.delete(PODS, 'web-1');
    cluster.run(S);
    expect(endpoints(cluster)[0]?.conditions?.ready).toBe(true);
    expect(cluster.objects(NODES)).toHaveLength(2);
  });
});
