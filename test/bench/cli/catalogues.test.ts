/** Examples of the lists of names are what a file may say, in full. */
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { catalogue } from '../../../bench/cli/catalogues.ts';
import { FAULT_KINDS, OPERATION_KINDS } from '../../../scenarios/kinds.ts';
import { knownFieldsOf } from '../../../scenarios/known-fields.ts';
import { loadScenarioText } from '../../../scenarios/load.ts';
import { formatProblem, ProblemList } from '../../../scenarios/problem.ts';
import { scenarioSchema } from '../../../scenarios/schema.ts';
import { TEST_CLUSTER, TEST_HEAD } from '../../support/scenario-text.ts';

test('operations: each kind has an example that the schema takes, with every field of the kind', async () => {
  const { rows } = await catalogue('operations');
  expect(rows.map(([kind]) => kind)).toEqual(OPERATION_KINDS);
  for (const [kind, , example] of rows) {
    const text = `${TEST_HEAD}${TEST_CLUSTER}operations:\n  - ${example}\n`;
    const [operation] = scenarioSchema.parse(parse(text)).operations ?? [];
    expect(operation?.kind).toBe(kind);
    expect(Object.keys(operation ?? {}).sort()).toEqual(knownFieldsOf(['operations', 0], { kind }).sort());
  }
});

test('faults: each kind has an example that the loader takes as it stands', async () => {
  const { rows } = await catalogue('faults');
  expect(rows.map(([kind]) => kind)).toEqual(FAULT_KINDS);
  const cluster = `cluster:
  nodes: {count: 3, zones: [a, b, c]}
  controlPlane: {storeMembers: 3, cloudControllerManagers: 1}
workload:
  objects:
    - {apiVersion: v1, kind: Service, metadata: {name: web, namespace: demo}, spec: {selector: {app: web}, ports: [{port: 80}]}}
    - apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: demo}
      spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}}
`;
  for (const [kind, , example] of rows) {
    const problems = new ProblemList();
    const loaded = loadScenarioText('s.yaml', `${TEST_HEAD}${cluster}faults:\n  - ${example}\n`, problems);
    expect([kind, problems.problems.map(formatProblem)]).toEqual([kind, []]);
    expect(loaded?.plan.faults[0]?.kind).toBe(kind);
  }
});

test('excuses: each with the line that allows it', async () => {
  const { rows } = await catalogue('excuses');
  expect(rows).toContainEqual(['zero-budget', expect.any(String), 'checks: {excuses: [zero-budget]}']);
});
