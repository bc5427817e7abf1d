/**
 * Zeroes that are not stored: plain `omitempty` fields (Kubernetes 1.34.1, k8s.io/api types.go; `paused: false` as a real server answered it).
 */
import { describe, expect, test } from 'vitest';
import { applyDefaults } from '../../../core/types/defaults/defaults.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { DEPLOYMENTS, NODES, type ResourceType, SERVICES } from '../../../core/types/resource-type.ts';

const labels = { app: 'web' };

function deployment(spec: object, pod: object = {}, container: object = {}): KubeObject {
  const template = {
    metadata: { labels },
    spec: { ...pod, containers: [{ name: 'app', image: 'app:v1', ...container }] },
  };
  const whole = { selector: { matchLabels: labels }, ...spec, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: whole };
}

function other(kind: string, spec: object): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name: 'web' }, spec };
}

const CASES: readonly [string, ResourceType, KubeObject, KubeObject][] = [
  ['a Deployment', DEPLOYMENTS, deployment({ paused: false, minReadySeconds: 0 }), deployment({})],
  [
    'a pod template',
    DEPLOYMENTS,
    deployment({}, { hostNetwork: false, hostPID: false, hostIPC: false, hostname: '', subdomain: '', nodeName: '' }),
    deployment({}),
  ],
  [
    'a container',
    DEPLOYMENTS,
    deployment(
      {},
      {},
      {
        stdin: false,
        stdinOnce: false,
        tty: false,
        workingDir: '',
        ports: [{ containerPort: 80, hostPort: 0, hostIP: '', name: '' }],
        volumeMounts: [{ name: 'data', mountPath: '/data', readOnly: false, subPath: '', subPathExpr: '' }],
        livenessProbe: { tcpSocket: { port: 80 }, initialDelaySeconds: 0 },
      },
    ),
    deployment(
      {},
      {},
      {
        ports: [{ containerPort: 80 }],
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
        livenessProbe: { tcpSocket: { port: 80 } },
      },
    ),
  ],
  ['a Service', SERVICES, other('Service', { publishNotReadyAddresses: false }), other('Service', {})],
  ['a Node', NODES, other('Node', { unschedulable: false }), other('Node', {})],
];

describe('zeroes that are not stored', () => {
  test.each(CASES)('%s', (_name, type, given, stored) => {
    expect(applyDefaults(type, given)).toEqual(applyDefaults(type, stored));
  });

  test('pointers keep theirs', () => {
    const { spec } = applyDefaults(DEPLOYMENTS, deployment({ replicas: 0, revisionHistoryLimit: 0 }));
    expect(spec).toMatchObject({ replicas: 0, revisionHistoryLimit: 0 });
  });
});
