import { describe, expect, it } from 'vitest';
import { checkDnsLabel, checkDnsSubdomain, checkPortName, checkQualifiedName } from '../../../core/types/dns-names.ts';
import { scaledValue, surgeOf, unavailableOf } from '../../../core/types/int-or-percent.ts';
import type { Node, Taint } from '../../../core/types/node.ts';
import { fitsNodeAffinity, requirementHolds } from '../../../core/types/node-affinity.ts';
import type { Condition } from '../../../core/types/object.ts';
import { controllerOf, controllerReference } from '../../../core/types/owner-references.ts';
import type { Container, Pod, PodSpec } from '../../../core/types/pod.ts';
import { isPodAvailable, isPodReady, setCondition } from '../../../core/types/pod-conditions.ts';
import { podRequests, qosClassOf } from '../../../core/types/pod-requests.ts';
import { parseTime } from '../../../core/types/time.ts';
import { isTolerated, noExecuteSeconds } from '../../../core/types/tolerations.ts';

const MI = 1024 * 1024;
const asks = (cpu: string, memory: string, restartPolicy?: string): Container => ({
  name: 'c',
  resources: { requests: { cpu, memory } },
  restartPolicy,
});

describe('pod requests', () => {
  it('are the larger of running and starting, plus overhead', () => {
    const spec: PodSpec = {
      containers: [asks('100m', '100Mi'), { name: 'none' }],
      initContainers: [asks('50m', '10Mi', 'Always'), asks('500m', '20Mi'), asks('10m', '1Mi', 'Always')],
      overhead: { cpu: '1m', memory: '1Mi' },
    };
    const requests = podRequests(spec);
    // cpu: max(100 + 50 + 10, 500 + 50) + 1; memory: max(100 + 10 + 1, 20 + 10) + 1
    expect(requests).toMatchObject({ cpuMilli: 551, memoryBytes: 112 * MI });
    expect(podRequests({ ...spec, nodeName: 'n' })).toBe(requests);
    expect(podRequests({ ...spec, overhead: undefined })).toMatchObject({ cpuMilli: 550 });
  });

  it('keeps extended resources apart', () => {
    const zero: PodSpec = {
      containers: [{ name: 'a', resources: { requests: { cpu: '0', 'x.io/gpu': '2', 'a.io/b': 1 } } }],
    };
    expect(podRequests(zero)).toMatchObject({
      cpuMilli: 0,
      extended: [
        { name: 'a.io/b', amount: 1 },
        { name: 'x.io/gpu', amount: 2 },
      ],
    });
    expect(podRequests({ containers: [{ name: 'a', resources: { limits: { cpu: '1' } } }] }).cpuMilli).toBe(1000);
    expect(podRequests({ containers: [asks('1', '1Mi')], resources: { requests: { cpu: '3' } } }).cpuMilli).toBe(3000);
  });

  it('gives the quality of service class', () => {
    const limits = { cpu: '1', memory: '1Mi' };
    expect(qosClassOf({ containers: [{ name: 'a' }] })).toBe('BestEffort');
    expect(qosClassOf({ containers: [{ name: 'a', resources: { limits } }] })).toBe('Guaranteed');
    expect(qosClassOf({ containers: [{ name: 'a', resources: { limits } }, { name: 'b' }] })).toBe('Burstable');
    expect(qosClassOf({ containers: [asks('1', '1Mi')] })).toBe('Burstable');
  });
});

describe('counts', () => {
  it('rounds surge up and unavailable down', () => {
    expect([surgeOf('25%', 3), scaledValue('25%', 3, false), scaledValue(2, 3, true)]).toEqual([1, 0, 2]);
    expect([scaledValue('x%', 3, true), scaledValue('1.5%', 3, true), scaledValue(undefined, 3, true)]).toEqual([
      0, 0, 0,
    ]);
    expect(unavailableOf('25%', '25%', 3)).toBe(0);
    expect(unavailableOf('10%', 0, 3)).toBe(1);
    expect(scaledValue('70%', 10, true)).toBe(7);
  });
});

describe('tolerations', () => {
  const taint: Taint = { key: 'k', value: 'v', effect: 'NoExecute' };
  it.each([
    [{ key: 'k', value: 'v' }, true],
    [{ key: 'k', operator: 'Equal', value: 'w' }, false],
    [{ key: 'k', operator: 'Exists' }, true],
    [{ operator: 'Exists' }, true],
    [{ operator: 'Exists', effect: 'NoSchedule' }, false],
    [{ key: 'other', operator: 'Exists' }, false],
    [{ key: 'k', operator: 'Gt', value: 'v' }, false],
  ])('%j is %s', (toleration, expected) => {
    expect(isTolerated([toleration], taint)).toBe(expected);
  });

  it('gives the time a pod may stay', () => {
    const stay = (tolerationSeconds?: number) => [{ key: 'k', operator: 'Exists', tolerationSeconds }];
    expect(noExecuteSeconds([taint], undefined)).toBe(0);
    expect(noExecuteSeconds([taint], stay())).toBe(-1);
    expect(noExecuteSeconds([taint], stay(-5))).toBe(0);
    const second: Taint = { key: 'l', effect: 'NoExecute' };
    const both = [...stay(300), { key: 'l', operator: 'Exists', tolerationSeconds: 60 }];
    expect(noExecuteSeconds([taint, second], both)).toBe(60);
    expect(noExecuteSeconds([taint, second], stay(300))).toBe(0);
    expect(noExecuteSeconds([{ ...taint, effect: 'NoSchedule' }], undefined)).toBe(-1);
  });
});

describe('node affinity', () => {
  const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels: { zone: 'a', size: '8' } } };
  const fits = (nodeSelectorTerms: readonly object[]): boolean =>
    fitsNodeAffinity(
      {
        containers: [],
        affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
      },
      node,
    );

  it.each([
    [{ key: 'x', operator: 'In', values: ['8'] }, true],
    [{ key: 'x', operator: 'NotIn', values: ['8'] }, false],
    [{ key: 'x', operator: 'Exists' }, true],
    [{ key: 'x', operator: 'DoesNotExist' }, false],
    [{ key: 'x', operator: 'Gt', values: ['7'] }, true],
    [{ key: 'x', operator: 'Lt', values: ['7'] }, false],
    [{ key: 'x', operator: 'Gt', values: ['seven'] }, false],
    [{ key: 'x', operator: 'Near', values: ['8'] }, false],
  ])('%j is %s', (requirement, expected) => {
    expect(requirementHolds(requirement, '8')).toBe(expected);
  });

  it('ORs terms, ANDs expressions, and an empty term matches nothing', () => {
    const zone = (value: string) => ({ key: 'zone', operator: 'In', values: [value] });
    expect(fits([{ matchExpressions: [zone('b')] }, { matchExpressions: [zone('a')] }])).toBe(true);
    expect(fits([{ matchExpressions: [zone('a'), { key: 'gpu', operator: 'Exists' }] }])).toBe(false);
    expect(fits([{}])).toBe(false);
    expect(fits([])).toBe(false);
    expect(fits([{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }])).toBe(true);
    expect(fitsNodeAffinity({ containers: [], nodeSelector: { zone: 'b' } }, node)).toBe(false);
    expect(fitsNodeAffinity({ containers: [], nodeSelector: { constructor: 'x' } }, node)).toBe(false);
  });
});

describe('conditions and owners', () => {
  const T0 = '2025-01-01T00:00:00Z';
  const ready = (status: Condition['status'], lastTransitionTime: string): Condition => ({
    type: 'Ready',
    status,
    lastTransitionTime,
  });

  it('keeps the transition time while the status stays, and the list when nothing changes', () => {
    const list = setCondition(undefined, ready('True', T0));
    expect(setCondition(list, ready('True', '2026-01-01T00:00:00Z'))).toBe(list);
    expect(setCondition(list, ready('False', '2026-01-01T00:00:00Z'))[0]?.lastTransitionTime).toBe(
      '2026-01-01T00:00:00Z',
    );
    expect(setCondition(list, { ...ready('True', '2026-01-01T00:00:00Z'), reason: 'R' })[0]).toMatchObject({
      reason: 'R',
      lastTransitionTime: T0,
    });
    expect(list[0]).toEqual(ready('True', T0));
  });

  it('counts a pod available after minReadySeconds', () => {
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', uid: 'u' },
      spec: { containers: [] },
      status: { conditions: [ready('True', T0)] },
    };
    expect(isPodReady(pod)).toBe(true);
    expect(isPodAvailable(pod, 0, 0)).toBe(true);
    expect(isPodAvailable(pod, 10, parseTime(T0) + 9_999_999)).toBe(false);
    expect(isPodAvailable(pod, 10, parseTime(T0) + 10_000_000)).toBe(true);
    const owned = { ...pod, metadata: { name: 'q', ownerReferences: [controllerReference(pod)] } };
    expect(controllerOf(owned)?.uid).toBe('u');
    expect(controllerOf(pod)).toBeUndefined();
  });
});

describe('names', () => {
  it.each([
    [checkDnsLabel, 'a-1', 0],
    [checkDnsLabel, 'a.b', 1],
    [checkDnsLabel, '-a', 1],
    [checkDnsLabel, 'a'.repeat(64), 1],
    [checkDnsLabel, '', 1],
    [checkDnsSubdomain, 'a.b-c.d', 0],
    [checkDnsSubdomain, 'a..b', 1],
    [checkDnsSubdomain, 'a\n', 1],
    [checkQualifiedName, 'example.com/Name_1', 0],
    [checkQualifiedName, '/name', 1],
    [checkQualifiedName, 'a/b/c', 1],
    [checkQualifiedName, 'a/', 2],
    [checkPortName, 'http-1', 0],
    [checkPortName, '123', 1],
    [checkPortName, 'a--b', 1],
  ])('%o %j has %i messages', (check, text, count) => {
    expect(check(text)).toHaveLength(count);
  });
});
