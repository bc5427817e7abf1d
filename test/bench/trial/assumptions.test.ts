/**
 * Assumptions in short: one line for the defaults of pods, of which only those stand there that the manifests have a use for.
 */
import { expect, test } from 'vitest';
import { assumptionsInShort, assumptionsOf } from '../../../bench/trial/assumptions.ts';
import { deploymentText, inventoryOf } from '../../support/trial-manifests.ts';

const JOB =
  'apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: b}]}}}\n';
const CRON =
  "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec: {schedule: '0 0 * * *', jobTemplate: {spec: {template: {spec: {initContainers: [{name: i, image: b}], containers: [{name: a, image: b, readinessProbe: {}}]}}}}}\n";
const BASE = ['image pull 1.5 to 2.5 s', 'start 0.5 to 0.7 s'];

function prepared(...documents: string[]): Parameters<typeof assumptionsOf>[0] {
  const cluster = { description: { nodes: { count: 1 } } } as unknown as Parameters<typeof assumptionsOf>[0]['cluster'];
  return { inventory: inventoryOf(...documents), cluster };
}
const short = (...documents: string[]): string => assumptionsInShort(prepared(...documents)).at(-1) ?? '';
const lineOf = (...more: string[]): string =>
  `${[...BASE, ...more, 'stop 0.5 s'].join(', ')} (other times: annotations seatrial.dev/…, see --verbose)`;
const init = (more: string): string =>
  deploymentText({ name: 'web', pod: `      initContainers: [{name: i, image: b${more}}]` });

test.each([
  ['pods without more', deploymentText({ name: 'web' }), lineOf()],
  [
    'a probe',
    deploymentText({ name: 'web' }).replace('resources:', 'readinessProbe: {httpGet: {port: 80}}, resources:'),
    lineOf('first successful readiness probe 1 s later'),
  ],
  ['a Job', JOB, lineOf('containers of a Job 5 s')],
  ['an init container', init(''), lineOf('init containers 1 s')],
  ['a sidecar, which does not end', init(', restartPolicy: Always'), lineOf()],
  ['a CronJob, which does not run', `${deploymentText({ name: 'web' })}---\n${CRON}`, lineOf()],
])('%s', (_what, text, expected) => {
  expect(short(text)).toBe(expected);
});

test('in full each default has its line, and what is about the manifests is the same', () => {
  const full = assumptionsOf(prepared(deploymentText({ name: 'web' })));
  expect(full).toHaveLength(1 + 6);
  expect(assumptionsInShort(prepared(deploymentText({ name: 'web' })))[0]).toBe(full[0]);
});

test('workloads under autoscalers have a line for each minReplicas', () => {
  const scaled = (name: string, minReplicas: number): string =>
    `${deploymentText({ name })}---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h-${name}, namespace: demo}\nspec: {maxReplicas: 9, minReplicas: ${minReplicas}, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${name}}}\n`;
  const lines = assumptionsInShort(prepared(scaled('a', 2), scaled('b', 3), scaled('c', 2)));
  expect(lines.filter((line) => line.includes('minReplicas'))).toEqual([
    'with minReplicas 2 of their HorizontalPodAutoscalers run Deployment/demo/a, Deployment/demo/c',
    'Deployment/demo/b runs with minReplicas of HorizontalPodAutoscaler h-b: 3',
  ]);
});

test('what kubectl drain would ask for is told of emptyDir volumes and bare pods, and not of a DaemonSet alone', () => {
  const emptyDir = '      volumes: [{name: scratch, emptyDir: {}}]';
  const agent = deploymentText({ name: 'agent' }).replace('kind: Deployment', 'kind: DaemonSet');
  const bare =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: bare}\nspec: {containers: [{name: a, image: b}], volumes: [{name: s, hostPath: {path: /x}}]}\n';
  const drains = (...documents: string[]): string[] =>
    assumptionsInShort(prepared(...documents)).filter((line) => line.startsWith('drains'));
  expect(drains(agent, deploymentText({ name: 'web' }))).toEqual([]);
  expect(drains(deploymentText({ name: 'web', pod: emptyDir }))).toEqual([
    'drains are those of kubectl drain --delete-emptydir-data: it refuses without',
  ]);
  expect(drains(agent, bare, deploymentText({ name: 'web', pod: emptyDir }))).toEqual([
    'drains are those of kubectl drain --ignore-daemonsets --delete-emptydir-data --force: it refuses without',
  ]);
});
