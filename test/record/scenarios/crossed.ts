/**
 * Scenarios drawn from a seed in which two rules meet: two budgets over the same pods, a node that goes while a StatefulSet rolls, owners that
 * want the same pods, finalizers on what is deleted. Each seed draws two of these themes and mixes their changes, quick or with rest between.
 */
import { budget, job, type Manifest, type Play, pod, type Scenario, workload } from '../play.ts';
import { NODES } from './mixed-cluster.ts';
import {
  type Change,
  chance,
  type Draw,
  held,
  livePod,
  maybe,
  pick,
  propagation,
  type Subject,
  seeded,
  share,
  spec,
  wishes,
} from './mixed-draw.ts';

const COUNT = 200;
const CHANGES = 9;
const APPS = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'] as const;
const image = (draw: Draw): string => `app:v${1 + draw(3)}`;

/** Taints what the node must not take, evicts what it runs, as kubectl drain does; refused evictions are not repeated. */
const drained: Change = async (s, draw) => {
  const node = `node-${draw(NODES)}`;
  await s.merge('Node', node, { spec: { unschedulable: true } });
  const onNode = s.podNames({}, (each) => each['spec']?.nodeName === node);
  for (const name of onNode) await s.evict(name);
};
const uncordoned: Change = (s, draw) => s.merge('Node', `node-${draw(NODES)}`, { spec: { unschedulable: null } });
const nodeGone: Change = (s, draw) => s.delete('Node', `node-${draw(NODES)}`);
const nodeBack: Change = (s, draw) =>
  s.node(`node-${draw(NODES)}`, { labels: { 'topology.kubernetes.io/zone': pick(draw, ['a', 'b']) } });

/** Two budgets over the pods of one workload, changed while pods are evicted and nodes drained. */
function budgets(draw: Draw, app: string): Subject {
  const limit = (again: Draw): object =>
    pick(again, [
      { minAvailable: share(again), maxUnavailable: null },
      { maxUnavailable: share(again), minAvailable: null },
    ]);
  const kind = pick(draw, APPS.slice(0, 3));
  const manifests = [
    workload(kind, app, { replicas: 3 + draw(4) }, wishes(draw)),
    budget('first', app, limit(draw)),
    ...(chance(draw, 60) ? [budget('second', app, limit(draw))] : []),
  ];
  const changes: Change[] = [
    spec('PodDisruptionBudget', 'first', limit),
    spec('PodDisruptionBudget', 'second', limit),
    (s) => s.delete('PodDisruptionBudget', 'second'),
    (s, again) => s.create(budget('second', app, limit(again))),
    (s, again) => s.evict(livePod(s, again, { app })),
    (s, again) => s.evict(livePod(s, again, { app })),
    (s, again) => s.scale(kind, app, 1 + again(6)),
    drained,
    drained,
    uncordoned,
  ];
  return { manifests, changes };
}

/** A StatefulSet that rolls, while its nodes and pods go. */
function rolling(draw: Draw, app: string): Subject {
  const fields = {
    replicas: 3 + draw(3),
    podManagementPolicy: pick(draw, ['OrderedReady', 'Parallel']),
    ...maybe(draw, 40, () => ({ minReadySeconds: 1 })),
    ...maybe(draw, 40, () => ({
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: draw(3) } },
    })),
  };
  const changes: Change[] = [
    (s, again) => s.image('StatefulSet', app, image(again)),
    (s, again) => s.image('StatefulSet', app, image(again), { neverReady: chance(again, 40) ? 'true' : null }),
    async (s, again) => {
      await s.image('StatefulSet', app, image(again));
      await s.sleep(pick(again, [20, 300, 900]));
      await nodeGone(s, again);
    },
    (s, again) => s.scale('StatefulSet', app, again(6)),
    (s, again) => s.delete('Pod', `${app}-${again(5)}`, pick(again, [{}, { gracePeriodSeconds: 0 }])),
    (s, again) => s.merge('Pod', `${app}-${again(5)}`, { metadata: { ownerReferences: null } }),
    nodeGone,
    nodeBack,
    nodeBack,
  ];
  return { manifests: [workload('StatefulSet', app, fields, wishes(draw))], changes };
}

/** Created, deleted and created again faster than anything settles. */
function bursts(draw: Draw, app: string): Subject {
  const kind = pick(draw, APPS);
  const manifest = (again: Draw): Manifest =>
    workload(kind, app, kind === 'DaemonSet' ? {} : { replicas: 1 + again(4) }, wishes(again));
  const remade: Change = async (s, again) => {
    for (let turn = 0; turn < 1 + again(3); turn++) {
      await s.delete(kind, app, propagation(again));
      await s.sleep(pick(again, [0, 30, 200]));
      await s.create(manifest(again));
      await s.sleep(pick(again, [0, 30, 400]));
    }
  };
  const changes: Change[] = [
    remade,
    remade,
    async (s, again) => {
      for (let turn = 0; turn < 4; turn++) await s.scale(kind, app, again(7));
    },
    async (s, again) => {
      for (let turn = 0; turn < 3; turn++) await s.image(kind, app, image(again));
    },
    async (s, again) => {
      const names = s.podNames({ app });
      for (const name of names) if (chance(again, 60)) await s.delete('Pod', name);
    },
  ];
  return { manifests: [manifest(draw)], changes };
}

/** Owners with one selector, orphans, pods that change hands. */
function adoption(draw: Draw, app: string): Subject {
  const owner = (kind: 'Deployment' | 'ReplicaSet', name: string, replicas: number): Manifest => {
    const made = workload(kind, app, { replicas }, {});
    return { ...made, metadata: { ...made.metadata, name } };
  };
  const kind = pick(draw, ['Deployment', 'ReplicaSet'] as const);
  const other = `${app}-too`;
  const changes: Change[] = [
    (s, again) => s.delete('ReplicaSet', other, propagation(again)),
    (s, again) => s.create(owner('ReplicaSet', other, again(4))),
    (s, again) => s.delete(kind, app, { propagationPolicy: 'Orphan', gracePeriodSeconds: again(2) }),
    (s, again) => s.create(owner(kind, app, again(4))),
    (s, again) => s.merge('Pod', livePod(s, again, { app }), { metadata: { ownerReferences: null } }),
    (s, again) => s.merge('Pod', livePod(s, again, { app }), { metadata: { labels: { app: 'stray' } } }),
    (s, again) => s.merge('Pod', livePod(s, again, { app: 'stray' }), { metadata: { labels: { app } } }),
    (s, again) => s.create(pod(`stray-${again(4)}`, {}, wishes(again), app)),
    (s, again) => s.scale(kind, app, again(5)),
    (s, again) => s.scale('ReplicaSet', other, again(5)),
    async (s, again) => {
      const [set] = s.objects('ReplicaSet');
      if (set !== undefined)
        await s.merge(
          'ReplicaSet',
          set,
          pick(again, [{ metadata: { ownerReferences: null } }, { spec: { replicas: 0 } }]),
        );
    },
  ];
  return { manifests: [owner(kind, app, 2), owner('ReplicaSet', other, 1)], changes };
}

/** Finalizers of users on owners and owned, with every way to delete. */
function finalizers(draw: Draw, app: string): Subject {
  const kind = pick(draw, APPS);
  const body = workload(kind, app, kind === 'DaemonSet' ? {} : { replicas: 2 }, wishes(draw));
  if (chance(draw, 50)) body.spec.template.metadata.finalizers = ['example.com/pod'];
  const freed: Change = async (s) => {
    for (const name of s.podNames({ app })) await held('Pod', name, false)(s, draw);
  };
  const setsHeld =
    (isHeld: boolean): Change =>
    async (s) => {
      for (const name of s.objects('ReplicaSet')) await held('ReplicaSet', name, isHeld)(s, draw);
    };
  const changes: Change[] = [
    held(kind, app, true),
    held(kind, app, false),
    (s, again) => s.delete(kind, app, propagation(again)),
    (s, again) => s.delete(kind, app, propagation(again)),
    (s) => s.create(body),
    freed,
    freed,
    (s, again) => held('Pod', livePod(s, again, { app }), true)(s, again),
    (s, again) => s.delete('Pod', livePod(s, again, { app }), propagation(again)),
    setsHeld(true),
    async (s, again) => {
      const [name] = s.objects('ReplicaSet');
      if (name !== undefined) await s.delete('ReplicaSet', name, propagation(again));
    },
    setsHeld(false),
    (s, again) => s.image(kind, app, image(again)),
  ];
  return { manifests: [body], changes };
}

/** A Job that is suspended and resumed, with policies, pods that fail and are deleted. */
function suspended(draw: Draw, app: string): Subject {
  const indexed = chance(draw, 60);
  const rules = [
    {
      action: pick(draw, ['FailJob', 'Ignore', 'Count']),
      onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }],
    },
    { action: pick(draw, ['FailJob', 'Ignore', 'Count']), onExitCodes: { operator: 'In', values: [1] } },
  ];
  const fields = {
    parallelism: 1 + draw(4),
    completions: 3 + draw(4),
    backoffLimit: draw(5),
    ...(indexed ? { completionMode: 'Indexed' } : {}),
    ...maybe(draw, 60, () => ({ podFailurePolicy: { rules } })),
    ...maybe(draw, 50, () => ({ podReplacementPolicy: 'Failed' })),
    ...(indexed ? maybe(draw, 40, () => ({ successPolicy: { rules: [{ succeededIndexes: '0-1' }] } })) : {}),
    ...maybe(draw, 40, () => ({ suspend: true })),
    ...maybe(draw, 30, () => ({ activeDeadlineSeconds: 4 + draw(8) })),
  };
  const wish = {
    runFor: pick(draw, ['300ms', '1500ms', '4s']),
    ...maybe(draw, 30, () => ({ exit: 'error' })),
    ...maybe(draw, 50, () => ({ stopAfter: pick(draw, ['400ms', '1500ms']) })),
  };
  const suspend = (suspends: boolean): Change => spec('Job', app, () => ({ suspend: suspends }));
  const changes: Change[] = [
    suspend(true),
    suspend(true),
    suspend(false),
    suspend(false),
    suspend(false),
    spec('Job', app, (again) => ({ parallelism: again(5) })),
    (s, again) => s.evict(livePod(s, again, { app })),
    (s, again) => s.delete('Pod', livePod(s, again, { app }), pick(again, [{}, { gracePeriodSeconds: 0 }])),
    (s, again) =>
      s.merge('Pod', livePod(s, again, { app }), { status: { phase: pick(again, ['Failed', 'Succeeded']) } }, 'status'),
    nodeGone,
    (s, again) => s.delete('Job', app, propagation(again)),
  ];
  return { manifests: [job(app, fields, wish)], changes };
}

/** A DaemonSet that rolls with surge or holes while nodes come, go and change. */
function daemons(draw: Draw, app: string): Subject {
  const how = (again: Draw): object => ({
    updateStrategy: {
      type: 'RollingUpdate',
      rollingUpdate: pick(again, [
        { maxSurge: pick(again, [1, 2, '50%']), maxUnavailable: 0 },
        { maxSurge: 0, maxUnavailable: pick(again, [1, 2, '50%']) },
      ]),
    },
  });
  const changes: Change[] = [
    spec('DaemonSet', app, how),
    (s, again) => s.image('DaemonSet', app, image(again)),
    (s, again) => s.image('DaemonSet', app, image(again)),
    (s, again) => s.image('DaemonSet', app, image(again), { neverReady: chance(again, 40) ? 'true' : null }),
    async (s, again) => {
      await s.image('DaemonSet', app, image(again));
      await s.sleep(pick(again, [20, 300]));
      await pick(again, [nodeGone, nodeBack])(s, again);
    },
    nodeGone,
    nodeBack,
    nodeBack,
    (s, again) => s.merge('Node', `node-${again(NODES)}`, { metadata: { labels: { role: pick(again, ['x', null]) } } }),
    spec('DaemonSet', app, (again) => ({ template: { spec: { nodeSelector: pick(again, [null, { role: 'x' }]) } } })),
    (s, again) =>
      s.merge('Node', `node-${again(NODES)}`, {
        spec: { taints: pick(again, [null, [{ key: 'k', effect: 'NoExecute' }]]) },
      }),
    (s, again) => s.delete('Pod', livePod(s, again, { app })),
  ];
  const manifest = workload(
    'DaemonSet',
    app,
    { ...how(draw), ...maybe(draw, 30, () => ({ minReadySeconds: 1 })) },
    wishes(draw),
  );
  return { manifests: [manifest], changes };
}

/** What a namespace may hold, changed while controllers create into it. */
function quotas(draw: Draw, app: string): Subject {
  const hard = (again: Draw): object =>
    pick<object>(again, [
      { pods: String(1 + again(6)) },
      { 'requests.cpu': pick(again, ['500m', '1', '2']), pods: '6' },
      { 'count/replicasets.apps': '2', 'count/pods': '4' },
    ]);
  const kind = pick(draw, APPS.slice(0, 3));
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'quota', namespace: 'demo' },
    spec: { hard: hard(draw) },
  };
  const limits = [
    {
      type: 'Container',
      defaultRequest: { cpu: pick(draw, ['100m', '300m']) },
      ...maybe(draw, 30, () => ({ max: { cpu: '1' } })),
    },
  ];
  const range = {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'limits', namespace: 'demo' },
    spec: { limits },
  };
  const changes: Change[] = [
    spec('ResourceQuota', 'quota', (again) => ({ hard: hard(again) })),
    spec('ResourceQuota', 'quota', (again) => ({ hard: hard(again) })),
    (s) => s.delete('ResourceQuota', 'quota'),
    (s) => s.create(quota),
    (s) => s.delete('LimitRange', 'limits'),
    (s) => s.create(range),
    (s, again) => s.scale(kind, app, again(8)),
    (s, again) => s.image(kind, app, image(again)),
    (s, again) => s.delete('Pod', livePod(s, again, { app })),
  ];
  return { manifests: [range, quota, workload(kind, app, { replicas: 3 }, wishes(draw))], changes };
}

const THEMES = [budgets, rolling, bursts, adoption, finalizers, suspended, daemons, quotas];

async function play(s: Play, draw: Draw, first: number): Promise<void> {
  await s.equalNodes(NODES, ['a', 'b'], { cpu: '4' });
  await s.namespace();
  const changes: (readonly Change[])[] = [];
  for (const [index, theme] of [THEMES[first % THEMES.length], pick(draw, THEMES)].entries()) {
    const subject = (theme as typeof budgets)(draw, `app${index}`);
    for (const manifest of subject.manifests) await s.create(manifest);
    changes.push(subject.changes);
  }
  await s.quiet(1500);
  const bursty = chance(draw, 40);
  for (let change = 0; change < CHANGES; change++) {
    await pick(draw, pick(draw, changes))(s, draw);
    if (bursty && chance(draw, 60)) await s.sleep(pick(draw, [10, 60, 250]));
    else await s.quiet(800);
  }
  await s.quiet(2500);
}

export const CROSSED: readonly Scenario[] = seeded('crossed', COUNT, play);
