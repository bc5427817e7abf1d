/**
 * The files that come with seatrial: the 32 cases with their counts, and every small workload reaches its end. The command
 * around them.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWorkload, planWorkload } from '../../../bench/scheduler-perf/config/plan.ts';
import { readPerfConfig } from '../../../bench/scheduler-perf/config/read-config.ts';
import { TemplateFiles } from '../../../bench/scheduler-perf/config/template-files.ts';
import { findPerfConfigs } from '../../../bench/scheduler-perf/find-files.ts';
import { runWorkload } from '../../../bench/scheduler-perf/run/run-workload.ts';
import { ProblemList } from '../../../scenarios/problem.ts';
import { PROJECT_ROOT, runSeatrial } from '../../support/cli.ts';

const problems = new ProblemList();
const positions = findPerfConfigs([], PROJECT_ROOT, problems)
  .map((file) => path.join(PROJECT_ROOT, file))
  .flatMap((file) => readPerfConfig(file, problems) ?? [])
  .flatMap((config) =>
    config.cases.flatMap(({ workloads }, caseIndex) =>
      workloads.map((_, workloadIndex) => ({ config, caseIndex, workloadIndex })),
    ),
  );
const files = new TemplateFiles();
const plans = positions.flatMap((position) => planWorkload(position, files, problems) ?? []);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the files that come with seatrial', () => {
  test('are 32 cases with 110 workloads', () => {
    expect(problems.problems).toEqual([]);
    const names = positions.map((position) => describeWorkload(position).name);
    expect(new Set(names.map((name) => name.split('/')[0])).size).toBe(32);
    const labelled = (label: string): number => plans.filter(({ labels }) => labels.includes(label)).length;
    expect([plans.length, labelled('integration-test'), labelled('performance')]).toEqual([110, 33, 46]);
    expect(plans.find(({ name }) => name === 'SchedulingPodAffinity/5000Nodes_5000Pods')?.threshold).toBe(70);
  });

  test.each(plans.filter(({ labels }) => labels.includes('integration-test')))(
    '$name reaches its end',
    async (plan) => {
      const { failure, phases } = await runWorkload(plan, { seed: 1, hostNow: () => performance.now() / 1000 });
      expect(failure).toBe('');
      expect(phases.every(({ pods }) => pods > 0)).toBe(true);
    },
  );
});

describe('bench scheduler-perf', () => {
  const bench = (...args: string[]) => runSeatrial(['bench', 'scheduler-perf', ...args], { cwd: folder });

  test('shows both throughputs, and writes the data items of the original', () => {
    const { code, out } = bench(
      '--label',
      'integration-test',
      '-g',
      'SchedulingBasic/5Nodes',
      '--report',
      'json=items.json',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/SchedulingBasic\/5Nodes +10 +[\d,.]+ +– +– +– +[\d,.]+ +done/);
    expect(out).toContain('feature gates without effect: SchedulerAsyncAPICalls=false, SchedulerAsyncAPICalls=true');
    const items = JSON.parse(readFileSync(path.join(folder, 'items.json'), 'utf8'));
    expect(items.version).toBe('v1');
    expect(items.dataItems[0]).toMatchObject({
      unit: 'pods/s',
      labels: { Name: 'SchedulingBasic/5Nodes/namespace-2', Metric: 'SchedulingThroughput' },
    });
  });

  test('a plan runs nothing', () => {
    const { code, out } = bench('--dry-run', '--label', 'performance,-short');
    expect(code).toBe(0);
    expect(out).toContain('workloads; nothing was run');
  });

  test('a workload that fails is a finding, a broken file an error of the user', () => {
    const text = (opcode: string): string =>
      `- name: C\n  workloadTemplate:\n    - {opcode: ${opcode}}\n    - {opcode: stopCollectingMetrics}\n  workloads: [{name: w}]\n`;
    writeFileSync(path.join(folder, 'fails.yaml'), text('waitForPodGroups'));
    const failed = bench('fails.yaml');
    expect(failed.code).toBe(1);
    expect(failed.out).toContain('C/w: the operation waitForPodGroups is not simulated\n0 workloads done, 1 failed');
    writeFileSync(path.join(folder, 'broken.yaml'), text('createGroups'));
    const broken = bench('broken.yaml');
    expect(broken.code).toBe(2);
    expect(broken.err).toContain('broken.yaml:3:16 error SPF-012: unknown opcode "createGroups"');
    const none = bench('fails.yaml', '--label', 'short');
    expect(none.code).toBe(2);
    expect(none.err).toContain('no workload has the label "short"\n');
    const unnamed = bench('fails.yaml', '-g', 'short');
    expect(unnamed.err).toContain('no workload has "short" in its name\n');
    const tagged = bench('fails.yaml', '--tag', 'x');
    expect([tagged.code, tagged.err]).toEqual([
      2,
      expect.stringContaining('--tag goes with bench run and bench list, not'),
    ]);
  });

  test('a threshold that is missed has its name in the summary, and is a finding with --strict', () => {
    const measured = '{opcode: createNodes, count: 1}, {opcode: createPods, count: 2, collectMetrics: true}';
    const text = `- name: C\n  workloadTemplate: [${measured}]\n  workloads: [{name: w, threshold: 100000000}]\n`;
    writeFileSync(path.join(folder, 'slow.yaml'), text);
    const { code, out } = bench('slow.yaml', '--strict');
    expect([code, out]).toEqual([1, expect.stringMatching(/C\/w .* below threshold\n/)]);
    expect(out).toContain('1 workload done, 0 failed, 1 below its threshold (C/w)\n');
  });

  test('a workload whose host time is over is stopped, and exit 3 says so', () => {
    const { code, out } = bench('-g', 'SchedulingBasic/5Nodes', '--timeout', '1ms');
    expect(code).toBe(3);
    expect(out).toMatch(/SchedulingBasic\/5Nodes.*stopped\n/);
    expect(out).toMatch(/5Nodes: stopped at virtual second [\d.]+: its host time \(--timeout\) was over\n/);
    expect(out).toMatch(/0 workloads done, 0 failed, \d stopped by --timeout\n/);
  });
});
