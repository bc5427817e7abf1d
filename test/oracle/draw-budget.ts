import type { Dice, Json } from './dice.ts';
import { controlledBy, type SyncInput } from './objects.ts';

/** A PodDisruptionBudget `b` over pods of a Deployment's ReplicaSets, of a StatefulSet and of nobody, some evicted a while ago. */
export function drawBudget(dice: Dice): SyncInput {
  const pods = dice.list(dice.int(0, 6), (i) => drawMember(dice, `p${i}`));
  const evicted: Json = {};
  for (let i = 0; i < pods.length; i++) {
    // Left out: two minutes to the second. The real controller both counts such a pod and keeps it recorded; its clock never meets that instant.
    if (dice.chance(0.25)) evicted[`p${i}`] = `@${dice.of(5, 60, 119, 121, 200)}`;
  }
  if (dice.chance(0.2)) evicted['gone'] = '@5';
  const value = () => dice.of<number | string>(0, 1, 2, 3, '0%', '30%', '50%', '100%', '34%');
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: meta('b', { generation: dice.of(1, 2) }),
    spec: {
      ...(dice.chance(0.5) ? { minAvailable: value() } : { maxUnavailable: value() }),
      selector: dice.of<Json>(
        { matchLabels: { app: 'x' } },
        { matchLabels: { app: 'x', v: '1' } },
        {},
        { matchExpressions: [{ key: 'v', operator: 'In', values: ['2'] }] },
        { matchLabels: { app: 'zzz' } },
      ),
    },
    status: drawBudgetStatus(dice, evicted),
  };
  return { key: 'd/b', objects: [budget, ...drawOwners(dice), ...pods] };
}

/** A pod of a budget that was to be disrupted and may be there still. */
export function drawStaleDisruption(dice: Dice): SyncInput {
  return { key: 'd/p0', objects: [drawMember(dice, 'p0', 0.8)] };
}

function meta(name: string, more: Json = {}): Json {
  return { name, namespace: 'd', uid: `${name}u`, resourceVersion: '3', creationTimestamp: '@300', ...more };
}

function drawOwners(dice: Dice): Json[] {
  const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'a', image: 'x' }] } };
  const selector = { matchLabels: { app: 'x' } };
  const workload = (kind: string, name: string, more: Json = {}, spec: Json = {}): Json => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: meta(name, more),
    spec: { replicas: dice.int(0, 5), selector, template, ...spec },
    status: {},
  });
  const ofDeployment = (uid: string) => ({
    ownerReferences: dice.maybe(0.7, () => controlledBy('Deployment', 'd1', uid)),
  });
  const owners: Json[] = [];
  if (dice.chance(0.9)) owners.push(workload('ReplicaSet', 'rs1', ofDeployment('d1u')));
  if (dice.chance(0.7)) owners.push(workload('ReplicaSet', 'rs2', ofDeployment(dice.chance(0.95) ? 'd1u' : 'bad')));
  if (dice.chance(0.95)) owners.push(workload('Deployment', 'd1'));
  if (dice.chance(0.9)) owners.push(workload('StatefulSet', 'ss1', {}, { serviceName: 's' }));
  return owners;
}

function drawMember(dice: Dice, name: string, targeted = 0.3): Json {
  const conditions: Json[] = [];
  const ready = dice.chance(0.75) ? 'True' : 'False';
  if (dice.chance(0.85)) conditions.push({ type: 'Ready', status: ready, lastTransitionTime: '@40' });
  if (dice.chance(targeted)) {
    conditions.push({
      type: 'DisruptionTarget',
      status: dice.chance(0.8) ? 'True' : 'False',
      reason: dice.of('TerminationByKubelet', 'EvictionByEvictionAPI'),
      message: 'm',
      lastTransitionTime: `@${dice.of(10, 119, 120, 121, 300)}`,
    });
  }
  const owner = dice.of('rs1', 'rs2', 'ss1', dice.chance(0.2) ? '' : 'rs1');
  const kind = owner === 'ss1' ? 'StatefulSet' : 'ReplicaSet';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta(name, {
      labels: { app: dice.chance(0.9) ? 'x' : 'y', v: dice.of('1', '2') },
      ownerReferences: owner === '' ? undefined : controlledBy(kind, owner, `${owner}u`),
      ...(dice.chance(0.15) ? { deletionTimestamp: '@-10', deletionGracePeriodSeconds: 30 } : {}),
    }),
    spec: { nodeName: 'n', containers: [{ name: 'a', image: 'x' }] },
    status: { phase: dice.of('Running', 'Running', 'Pending', 'Failed', 'Succeeded'), conditions },
  };
}

function drawBudgetStatus(dice: Dice, evicted: Json): Json {
  const condition = {
    type: 'DisruptionAllowed',
    status: dice.of('True', 'False'),
    reason: dice.of('SufficientPods', 'InsufficientPods', 'SyncFailed'),
    message: dice.of('', 'x'),
    observedGeneration: dice.of(1, 2),
    lastTransitionTime: '@500',
  };
  return {
    observedGeneration: dice.of(1, 2),
    disruptedPods: Object.keys(evicted).length > 0 ? evicted : undefined,
    disruptionsAllowed: dice.int(0, 2),
    currentHealthy: dice.int(0, 3),
    desiredHealthy: dice.int(0, 2),
    expectedPods: dice.int(0, 4),
    conditions: dice.maybe(0.7, () => [condition]),
  };
}
