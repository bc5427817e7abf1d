/** Refusals of a kubelet. Expected outcomes: Kubernetes 1.34.1, kubelet/lifecycle/predicate.go predicateAdmitHandler.Admit. */
import { expect, test } from 'vitest';
import { verdictOn } from '../../../core/node/admission.ts';
import { NodeColumns } from '../../../core/node/node-columns.ts';
import { FLAG, PodTable } from '../../../core/node/pod-table.ts';
import type { Node } from '../../../core/types/node.ts';
import type { Container, Pod, PodSpec } from '../../../core/types/pod.ts';

const ALLOCATABLE = { cpu: '2', memory: '4Gi', pods: '3', 'example.com/gpu': '2' };
const NODE: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n0', labels: { disk: 'ssd' } },
  spec: { taints: [{ key: 'full', effect: 'NoExecute' }] },
};

/** What a kubelet says to `spec` where `others` run; `ended` no longer count. */
function refusalOf(spec: Partial<PodSpec>, others: Partial<PodSpec>[] = [], ended: Partial<PodSpec>[] = []): string {
  const description = { name: 'n0', zone: '', capacity: ALLOCATABLE, allocatable: ALLOCATABLE, labels: {}, taints: [] };
  const nodes = new NodeColumns([description]);
  const pods = new PodTable(1);
  nodes.object[0] = NODE;
  const add = (one: Partial<PodSpec>, admitted: boolean): Pod => {
    const tolerations = [{ operator: 'Exists' }];
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', uid: String(pods.count) },
      spec: { tolerations, containers: [{ name: 'c' }], ...one },
    } as Pod;
    const row = pods.add(0, pods.count, pod, null as never);
    if (admitted) pods.set(row, FLAG.admitted);
    return pod;
  };
  for (const other of others) add(other, true);
  for (const other of ended) add(other, false);
  const pod = add(spec, false);
  const verdict = verdictOn(nodes, pods, 0, pod);
  return 'reason' in verdict ? `${verdict.reason}: ${verdict.message}` : '';
}

const asking = (requests: Record<string, string>): Partial<PodSpec> => ({
  containers: [{ name: 'c', resources: { requests } }],
});
const listening = (port: object, as: Partial<Container> = {}): Partial<PodSpec> => {
  const container = { name: 'c', ports: [{ containerPort: 80, ...port }], ...as };
  return as.restartPolicy === undefined ? { containers: [container] } : { initContainers: [container] };
};

test('a port of the host that another pod has is refused, by protocol and address, and free again once that has ended', () => {
  const taken =
    "NodePorts: Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports";
  const mine = listening({ hostPort: 8080 });
  expect(refusalOf(mine, [listening({ hostPort: 8080 })])).toBe(taken);
  expect(refusalOf(mine, [listening({ hostPort: 8080, hostIP: '127.0.0.1' })])).toBe(taken);
  expect(refusalOf(mine, [listening({ hostPort: 8080 }, { restartPolicy: 'Always' })])).toBe(taken);
  expect(refusalOf(mine, [listening({ hostPort: 8080, protocol: 'UDP' }), listening({ hostPort: 8081 })])).toBe('');
  expect(refusalOf(mine, [], [listening({ hostPort: 8080 })])).toBe('');
  expect(refusalOf({ ...mine, nodeSelector: { disk: 'hdd' } }, [mine])).toMatch(/^NodeAffinity: /);
  expect(refusalOf({ ...mine, tolerations: [] }, [mine])).toBe(taken);
  expect(refusalOf({ ...mine, tolerations: [] })).toMatch(/^TaintToleration: /);
});

test('a node without huge pages has none; extended resources that it does not offer are left to others', () => {
  expect(refusalOf(asking({ 'hugepages-2Mi': '4Mi' }))).toBe(
    "OutOfhugepages-2Mi: Pod was rejected: Node didn't have enough resource: hugepages-2Mi, requested: 4194304, used: 0, capacity: 0",
  );
  expect(refusalOf(asking({ 'hugepages-2Mi': '0' }))).toBe('');
  expect(refusalOf(asking({ 'example.com/fpga': '1' }))).toBe('');
  const gpu = asking({ 'example.com/gpu': '2' });
  expect(refusalOf(gpu, [gpu])).toBe(
    "OutOfexample.com/gpu: Pod was rejected: Node didn't have enough resource: example.com/gpu, requested: 2, used: 2, capacity: 2",
  );
  expect(refusalOf(gpu, [], [gpu])).toBe('');
});
