/** Feature gates of devices in a scenario: who goes when a device is tainted, what is said of fields whose gate is off, of names that are no gate. */
import { expect, test } from 'vitest';
import { runPlan } from '../../core/chaos/run-plan.ts';
import { loadScenarioText } from '../../scenarios/load.ts';
import { formatProblem, ProblemList } from '../../scenarios/problem.ts';

const TOLERATION = '{key: broken, operator: Exists, effect: NoExecute}';
const TOLERATIONS = `, tolerations: [${TOLERATION}]`;

/** A pod with the only device of the cluster, which gets a taint. */
function scenario(gates: string, tolerations = ''): string {
  const pod =
    '{resourceClaims: [{name: g, resourceClaimTemplateName: one}], terminationGracePeriodSeconds: 1, containers: [{name: c, image: x, resources: {claims: [{name: g}]}}]}';
  const api = 'apiVersion: resource.k8s.io/v1';
  return `apiVersion: seatrial/v1
kind: Scenario
metadata: {name: tainted}
about: A device breaks.
cluster: {nodes: {count: 2}, settings: {deviceGates: ${gates}}}
workload:
  objects:
  - {${api}, kind: DeviceClass, metadata: {name: gpu}, spec: {}}
  - {${api}, kind: ResourceSlice, metadata: {name: s}, spec: {driver: d.example, nodeName: node-1, pool: {name: p, generation: 1, resourceSliceCount: 1}, devices: [{name: a}]}}
  - {${api}, kind: ResourceClaimTemplate, metadata: {name: one, namespace: default}, spec: {spec: {devices: {requests: [{name: r, exactly: {deviceClassName: gpu${tolerations}}}]}}}}
  - {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 1, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: ${pod}}}}
operations:
- {kind: apply, at: 20s, objects: [{apiVersion: resource.k8s.io/v1alpha3, kind: DeviceTaintRule, metadata: {name: broken}, spec: {deviceSelector: {device: a}, taint: {key: broken, effect: NoExecute}}}]}
phases: {warmUp: 20s, safety: 40s, liveness: {bound: 60s, stable: 20s}}
checks: {excuses: [no-feasible-node]}
`;
}

function load(text: string) {
  const problems = new ProblemList();
  const loaded = loadScenarioText('t.yaml', text, problems);
  return { plan: loaded?.plan, said: problems.problems.map(formatProblem) };
}

test.each([
  ['goes, and no other device is there', '[DRADeviceTaints]', '', 'excused', ['DeletionByDeviceTaintManager']],
  ['stays where its claim tolerates the taint', '[DRADeviceTaints]', TOLERATIONS, 'pass', []],
  ['stays where the gate is off', '[DRAPartitionableDevices]', '', 'pass', []],
])('a pod whose device gets a NoExecute taint %s', (_what, gates, tolerations, outcome, reasons) => {
  const { plan, said } = load(scenario(gates, tolerations));
  expect(said).toEqual([]);
  if (plan === undefined) return;
  const disrupted = new Set<string>();
  const result = runPlan(plan, 1, {
    begin: (_cluster, jury) => {
      jury.onCommit.push(({ object }) => {
        const { conditions = [] } = (object?.status ?? {}) as {
          readonly conditions?: { type: string; reason: string }[];
        };
        for (const { type, reason } of conditions) if (type === 'DisruptionTarget') disrupted.add(reason);
      });
    },
  });
  expect([result.outcome.kind, [...disrupted]]).toEqual([outcome, reasons]);
});

test('fields whose gate is off are told, and names that are no gate', () => {
  expect(load(scenario('[]', TOLERATIONS)).said).toEqual([
    expect.stringMatching(
      /warning MAN-018: ResourceClaimTemplate one: .*tolerations: feature gate DRADeviceTaints is off/,
    ),
  ]);
  expect(load(scenario('[DRADeviceTaint, DRADeviceTaints, 7]')).said).toEqual([
    expect.stringMatching(
      /^t.yaml:5:\d+ error SCN-011: cluster.settings.deviceGates\[0\]: .*\(did you mean "DRADeviceTaints"\?\)$/,
    ),
    expect.stringMatching(/^t.yaml:5:\d+ error SCN-011: cluster.settings.deviceGates\[2\]: /),
  ]);
});
