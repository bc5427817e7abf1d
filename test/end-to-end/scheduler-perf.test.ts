/**
 * `bench scheduler-perf` as users call it: a workload with a threshold is measured in a process of its own, from any folder.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runSeatrial } from '../support/cli.ts';

const NODES = 3;
const CONFIG = `- name: Small
  defaultPodTemplatePath: pod.yaml
  workloadTemplate:
    - {opcode: createNodes, countParam: $nodes}
    - {opcode: createPods, countParam: $pods, collectMetrics: true}
  workloads:
    - {name: measured, labels: [performance], threshold: 1, params: {nodes: ${NODES}, pods: 7}}
    - {name: plain, labels: [short], params: {nodes: ${NODES}, pods: 7}}
    - {name: stuck, labels: [stuck], threshold: 1, params: {nodes: 0, pods: 1}}
`;
const POD = `apiVersion: v1
kind: Pod
metadata: {generateName: pod-}
spec:
  containers: [{name: c, image: example/c:1}]
`;

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test '));
  writeFileSync(path.join(scratch, 'performance-config.yaml'), CONFIG);
  writeFileSync(path.join(scratch, 'pod.yaml'), POD);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const perf = (...argv: string[]) => runSeatrial(['bench', 'scheduler-perf', '.', ...argv], { cwd: scratch });

interface DataItem {
  readonly data: Readonly<Record<string, number>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** The figures of the simulation in a report; those of this machine differ from run to run. */
function virtualItems(file: string): readonly DataItem[] {
  const { dataItems } = JSON.parse(readFileSync(path.join(scratch, file), 'utf8')) as { dataItems: DataItem[] };
  return dataItems.filter(({ labels }) => labels.clock === 'virtual');
}

describe('bench scheduler-perf', () => {
  test('a process of its own gives the virtual figures that this one would', () => {
    const measured = perf('-g', 'small/measured', '--report', 'json=measured.json');
    expect(measured.code).toBe(0);
    expect(measured.out).toMatch(/^Small\/measured +7 +[\d,]+ +1 +50 .* done$/m);
    const plain = perf('-g', 'small/plain', '--report', 'json=plain.json');
    expect(plain.out).toMatch(/^Small\/plain +7 +.* done$/m);
    const figures = (file: string) => virtualItems(file).map(({ data }) => data);
    expect(figures('measured.json').length).toBeGreaterThan(0);
    expect(figures('measured.json')).toEqual(figures('plain.json'));
  });

  test('a workload that does not reach its end is a finding with the reason; its host time over ends it with 3', () => {
    const stuck = perf('--label', 'stuck');
    expect(stuck.code).toBe(1);
    expect(stuck.out).toMatch(/^Small\/stuck: 0 of 1 pods scheduled .*no nodes available to schedule pods$/m);
    const stopped = perf('--label', 'stuck', '--timeout', '1ms');
    expect(stopped.code).toBe(3);
    expect(stopped.out).toContain('its host time (--timeout) was over');
  });
});
