/** Requests of pods that are resized in place. Expected: Kubernetes 1.34.1, component-helpers resource/helpers.go determineContainerReqs. */
import { describe, expect, test } from 'vitest';
import { podInfoOf } from '../../../../core/scheduler/framework/pod-info.ts';
import { ResourceNames } from '../../../../core/scheduler/nodes/resource-names.ts';
import { ShapeTable } from '../../../../core/scheduler/pods/shape-table.ts';
import type { Container, ContainerStatus, Pod, PodStatus } from '../../../../core/types/pod.ts';

const INFEASIBLE = { type: 'PodResizePending', status: 'True', reason: 'Infeasible' } as const;

function container(cpu: string, more: object = {}): Container {
  return { name: 'c', image: 'i', resources: { requests: { cpu } }, ...more } as Container;
}

function has(actual: object | undefined, allocated?: object): readonly ContainerStatus[] {
  const resources = actual === undefined ? {} : { resources: { requests: actual } };
  const more = allocated === undefined ? {} : { allocatedResources: allocated };
  return [
    { name: 'c', ready: true, restartCount: 0, image: 'i', imageID: 'i', ...resources, ...more } as ContainerStatus,
  ];
}

function pod(spec: object, status: object): Pod {
  const metadata = { name: 'p', namespace: 'default' };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName: 'n', ...spec }, status } as Pod;
}

describe('a pod that is resized', () => {
  test.each<[string, object, PodStatus, number]>([
    [
      'holds what it had until it has less',
      { containers: [container('1')] },
      { containerStatuses: has({ cpu: '2' }) },
      2000,
    ],
    ['holds what it will have', { containers: [container('3')] }, { containerStatuses: has({ cpu: '2' }) }, 3000],
    [
      'holds what is set aside',
      { containers: [container('1')] },
      { containerStatuses: has({ cpu: '1' }, { cpu: '4' }) },
      4000,
    ],
    [
      'only with a status of resources',
      { containers: [container('1')] },
      { containerStatuses: has(undefined, { cpu: '4' }) },
      1000,
    ],
    [
      'holds nothing new when it cannot be had',
      { containers: [container('3')] },
      { containerStatuses: has({ cpu: '1' }, { cpu: '2' }), conditions: [INFEASIBLE] },
      2000,
    ],
    [
      'its init containers do not count, sidecars do',
      { containers: [], initContainers: [container('1')] },
      { initContainerStatuses: has({ cpu: '2' }) },
      1000,
    ],
    [
      'a sidecar',
      { containers: [], initContainers: [container('1', { restartPolicy: 'Always' })] },
      { initContainerStatuses: has({ cpu: '2' }) },
      2000,
    ],
    [
      'as a whole',
      { containers: [container('1')], resources: { requests: { cpu: '1' } } },
      { resources: { requests: { cpu: '2' } }, allocatedResources: { cpu: '3' } },
      3000,
    ],
  ])('%s', (_name, spec, status, cpuMilli) => {
    const resized = pod(spec, status);
    expect(podInfoOf(resized).held.requests.get('cpu')).toBe(cpuMilli);
    const shapes = new ShapeTable(new ResourceNames(), () => null as never);
    expect(shapes.intern(resized).shape.vector.cpu).toBe(cpuMilli);
    expect(podInfoOf(resized).resources.requests.get('cpu')).toBe(
      podInfoOf(pod(spec, {})).resources.requests.get('cpu'),
    );
  });
});
