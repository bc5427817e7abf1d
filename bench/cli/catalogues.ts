/**
 * The lists of names that scenario files may use: faults, operations, predicates, excuses, bug switches, marks, costs, policies.
 *
 * Always: read from the code that uses them, so that a list is never behind.
 */
import type { ExcuseName } from '../../core/chaos/excuses.ts';
import type { FaultKind, Operation } from '../../core/chaos/plan.ts';

export const CATALOGUES = [
  'faults',
  'operations',
  'predicates',
  'excuses',
  'bugs',
  'marks',
  'costs',
  'policies',
] as const;
export type CatalogueName = (typeof CATALOGUES)[number];

/** Rows under named columns. */
export interface Catalogue {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** What each kind of fault does, and one as it stands in a file. */
const FAULTS: Readonly<Record<FaultKind, readonly [about: string, example: string]>> = {
  'node-crash': [
    'the machine loses power: containers and kubelet are gone, nobody is told; at the end it boots again',
    '{kind: node-crash, at: 60s, target: {zone: a}, for: 2m}',
  ],
  'node-panic': [
    'a machine loses power as soon as the pods that run on it request more than percent of what it has (fullOf: cpu or memory); at the end it boots again',
    '{kind: node-panic, at: 60s, target: {anyNode: true, mode: all}, fullOf: memory, percent: 80, for: 2m}',
  ],
  'kubelet-stop': [
    'the kubelet process stops; containers go on',
    '{kind: kubelet-stop, at: 60s, target: {node: node-1}, for: 2m}',
  ],
  'process-crash': [
    'a control-plane process crashes and stays down for the time (unsynced: lost, kept or torn)',
    '{kind: process-crash, at: 60s, target: {component: etcd, instance: leader}, unsynced: torn, for: 10s}',
  ],
  'process-pause': [
    'a process is frozen: nothing is lost, everything waits',
    '{kind: process-pause, at: 60s, target: {component: scheduler, instance: leader}, for: 30s}',
  ],
  partition: [
    'the network between target and peer is cut (direction: both, from or to)',
    '{kind: partition, at: 60s, target: {component: controller-manager, instance: leader}, peer: {component: apiserver, instance: all}, direction: from, for: 30s}',
  ],
  'slow-link': [
    'messages between target and peer take latency, and up to jitter more',
    '{kind: slow-link, at: 60s, target: {component: scheduler}, peer: {component: apiserver}, latency: 200ms, jitter: 50ms, for: 30s}',
  ],
  'lossy-link': [
    'lossPercent of the messages between target and peer are lost',
    '{kind: lossy-link, at: 60s, target: {node: node-1}, peer: {component: apiserver}, lossPercent: 20, for: 30s}',
  ],
  'held-link': [
    'what is sent between target and peer waits until the end; no connection breaks',
    '{kind: held-link, at: 60s, target: {node: node-1}, peer: {component: apiserver}, for: 30s}',
  ],
  'impaired-link': [
    'a link with bytesPerSecond, on which duplicatePercent of datagrams come twice and reorderPercent late (store members)',
    '{kind: impaired-link, at: 60s, target: {component: etcd, instance: 0}, peer: {component: etcd, instance: all}, duplicatePercent: 10, for: 30s}',
  ],
  'slow-process': [
    'a control-plane process takes times as long for everything: too little cpu, too much load',
    '{kind: slow-process, at: 60s, target: {component: controller-manager}, times: 20, for: 1m}',
  ],
  'registry-outage': [
    'nodes cannot pull images that they have not; those they have start as ever',
    '{kind: registry-outage, at: 60s, target: {anyNode: true, mode: all}, for: 2m}',
  ],
  'slow-pulls': [
    'each pull of an image that nodes begin takes latency longer, at most until the fault ends',
    '{kind: slow-pulls, at: 60s, target: {zone: a}, latency: 20s, for: 2m}',
  ],
  'pleg-stall': [
    'kubelets do not hear what becomes of their containers: they report nothing of it and restart none; after 3 min their nodes are not Ready',
    '{kind: pleg-stall, at: 60s, target: {node: node-1}, for: 5m}',
  ],
  'container-kill': [
    'the first container of pods on nodes, or the one called container, is killed once and restarts by its policy; with hosting: only those of the workload',
    '{kind: container-kill, at: 60s, target: {hosting: Deployment/demo/web, mode: one}}',
  ],
  'address-shortage': [
    'nodes have no address for a new pod: it waits, and is tried again',
    '{kind: address-shortage, at: 60s, target: {node: node-1}, for: 1m}',
  ],
  'proxy-lag': [
    'the proxies of nodes program no rules: traffic goes where it went before',
    '{kind: proxy-lag, at: 60s, target: {anyNode: true, mode: one}, for: 1m}',
  ],
  'clock-rate': [
    "the target's clock runs rate times as fast",
    '{kind: clock-rate, at: 60s, target: {component: scheduler, instance: leader}, rate: 1.1, for: 2m}',
  ],
  'clock-offset': [
    "the target's wall clock is ahead by offset",
    '{kind: clock-offset, at: 60s, target: {node: node-1}, offset: -30s, for: 2m}',
  ],
  'slow-disk': [
    'each sync of the disk takes extraSync longer',
    '{kind: slow-disk, at: 60s, target: {component: etcd, instance: leader}, extraSync: 100ms, for: 30s}',
  ],
  'disk-failure': [
    'every sync of the disk fails (reason: io-error or no-space): the process ends itself',
    '{kind: disk-failure, at: 60s, target: {component: etcd, instance: 0}, reason: no-space, for: 30s}',
  ],
  'bit-flip': [
    "a record of a store member's file (wal, snapshot or backend) is damaged: it refuses its next start",
    '{kind: bit-flip, at: 60s, target: {component: etcd, instance: 0}, file: wal, for: 30s}',
  ],
  'leader-transfer': [
    'the leading store member hands its leadership to another',
    '{kind: leader-transfer, at: 60s, target: {component: etcd, instance: leader}}',
  ],
  'slow-snapshot': [
    'snapshots that store members send each other take latency longer',
    '{kind: slow-snapshot, at: 60s, target: {component: etcd, instance: all}, latency: 2s, for: 30s}',
  ],
  'slow-apply': [
    'a store member applies each batch latency later; its log and its group go on',
    '{kind: slow-apply, at: 60s, target: {component: etcd, instance: 0}, latency: 200ms, for: 30s}',
  ],
  'crash-in-apply': [
    'a store member crashes after the first change that it applies, amid a batch and before any answer',
    '{kind: crash-in-apply, at: 60s, target: {component: etcd, instance: leader}, for: 10s}',
  ],
  'disk-loss': [
    'a store member goes down and its disk is lost; at the end it starts empty under its old identity',
    '{kind: disk-loss, at: 60s, target: {component: etcd, instance: 0}, for: 10s}',
  ],
  'compaction-storm': [
    'the store is compacted to its newest revision over and over, every so often',
    '{kind: compaction-storm, at: 60s, target: {component: etcd, instance: all}, every: 1s, for: 30s}',
  ],
  'watch-lag': [
    'the watch caches of API servers hear of changes (of one resource) latency late; without one, not until the end',
    '{kind: watch-lag, at: 60s, target: {component: apiserver}, resource: pods, latency: 2s, for: 30s}',
  ],
  'no-bookmarks': [
    'API servers send no bookmarks (for one resource): who watches keeps an old position',
    '{kind: no-bookmarks, at: 60s, target: {component: apiserver}, resource: nodes, for: 5m}',
  ],
  'informer-lag': [
    "a component's copy of one resource hears of changes latency late, its others do not; without one, not until the end",
    '{kind: informer-lag, at: 60s, target: {component: controller-manager}, resource: pods, latency: 3s, for: 30s}',
  ],
  'expired-watches': [
    'API servers close watches (of one resource) at each change and say 410 to whoever goes on from there: clients list anew',
    '{kind: expired-watches, at: 60s, target: {component: apiserver, instance: all}, resource: pods, for: 10s}',
  ],
  'repeated-events': [
    "a component's handlers are told of each change (of one resource) but deletions twice, as after a resync or a new list",
    '{kind: repeated-events, at: 60s, target: {component: controller-manager, instance: leader}, resource: pods, for: 1m}',
  ],
  'no-jitter': [
    'a component waits exactly its back-offs and retry periods: clients that failed together come back together',
    '{kind: no-jitter, at: 60s, target: {component: controller-manager, instance: all}, for: 2m}',
  ],
  'lost-replies': [
    'writes of a component are carried out and their answers are lost: the outcome stays unknown',
    '{kind: lost-replies, at: 60s, target: {component: scheduler, instance: leader}, for: 2s}',
  ],
  'refused-requests': [
    'API servers refuse requests with code (of user, verb, resource; percent of them); 401: whose certificate or token has expired',
    '{kind: refused-requests, at: 60s, target: {component: apiserver}, code: 429, verb: create, resource: pods, percent: 50, for: 30s}',
  ],
  'slow-watchers': [
    'API servers close each watch that has something to deliver: its client did not keep up',
    '{kind: slow-watchers, at: 60s, target: {component: apiserver}, for: 10s}',
  ],
  'plugin-errors': [
    'a plugin of schedulers fails at an extensionPoint (Filter, Score, Reserve, Permit or PreBind) for percent of the pods: they back off',
    '{kind: plugin-errors, at: 60s, target: {component: scheduler}, extensionPoint: PreBind, plugin: VolumeBinding, percent: 50, for: 30s}',
  ],
  'load-burst': [
    'other clients send API servers perSecond requests: load lists (all of a resource), watches (of it, which stay open) or events (new ones)',
    '{kind: load-burst, at: 60s, target: {component: apiserver, instance: all}, load: watches, resource: events, perSecond: 5, for: 20s}',
  ],
  'changed-field': [
    'somebody changes one field of an object to value, or flips a bit of it; at the end it is as it was, unless somebody else has changed it',
    '{kind: changed-field, at: 60s, target: {component: apiserver}, object: Service/demo/web, field: spec.ports.0.port, value: 8080, for: 30s}',
  ],
  'instance-removed': [
    'the provider removes the instance of a node for good',
    '{kind: instance-removed, at: 60s, target: {node: node-1}}',
  ],
};

/** What each operation does, and one as it stands in a file, with all of its fields. */
const OPERATIONS: Readonly<Record<Operation['kind'], readonly [about: string, example: string]>> = {
  scale: ['sets the replicas of a workload', '{kind: scale, at: 60s, workload: Deployment/demo/web, replicas: 5}'],
  'set-image': [
    "sets the image of a workload's containers: a roll-out begins",
    '{kind: set-image, at: 60s, workload: Deployment/demo/web, image: "registry.example/web:2"}',
  ],
  delete: [
    'deletes an object; what it owns goes as cascade says: background, foreground, orphan',
    '{kind: delete, at: 60s, workload: Deployment/demo/web, cascade: foreground}',
  ],
  apply: [
    'creates or changes objects, as kubectl apply does; manifests: files, objects: the objects themselves',
    '{kind: apply, at: 60s, manifests: [web.yaml], objects: [{apiVersion: v1, kind: Namespace, metadata: {name: more}}]}',
  ],
  'store-member-add': ['adds a member to the store as a learner: the next etcd-N', '{kind: store-member-add, at: 60s}'],
  'store-member-promote': ['makes a learner a voter', '{kind: store-member-promote, at: 65s, instance: 3}'],
  'store-member-remove': ['takes a member out of the store', '{kind: store-member-remove, at: 70s, instance: 0}'],
  'store-rolling-restart': [
    'restarts all members of the store, the leader last',
    '{kind: store-rolling-restart, at: 60s}',
  ],
  'store-restore': [
    'makes a new group of one of what a member has, its revision raised by bumpRevision',
    '{kind: store-restore, at: 99s, instance: 2, bumpRevision: 1000}',
  ],
  'store-defragment': [
    'gives unused pages of a member back; of all in turn without instance',
    '{kind: store-defragment, at: 60s, instance: 0}',
  ],
  'store-alarm-disarm': ['takes the alarms of the store back', '{kind: store-alarm-disarm, at: 60s}'],
  cordon: ['nodes take no more pods', '{kind: cordon, at: 60s, target: {node: node-1}}'],
  uncordon: ['nodes take pods again', '{kind: uncordon, at: 90s, target: {node: node-1}}'],
  drain: [
    'cordons nodes and evicts their pods, as budgets allow, until timeout; then uncordons them unless uncordon: false',
    '{kind: drain, at: 60s, target: {zone: a}, timeout: 5m, uncordon: false}',
  ],
};

/** When each excuse explains that a workload does not converge; the checkers are in core/chaos/excuses.ts. */
const EXCUSES: Readonly<Record<ExcuseName, string>> = {
  'no-feasible-node':
    'a pod waits for a node, and none has what it needs: room, labels, taints, other pods, volumes, devices',
  'image-never-pulls': 'a container waits for an image that cannot be pulled',
  'missing-configuration': 'a container waits for a ConfigMap or Secret that is not there',
  'zero-budget': 'a disruption budget wants as many pods as there are, so it never allows an eviction',
  'changed-field':
    'a field still has what a changed-field fault gave it: its owner has not written it again, or it has none',
  'foreign-finalizer': 'what is being deleted keeps a finalizer that no controller of the cluster takes off',
};

function rowsOf(lines: Readonly<Record<string, readonly [about: string, example: string]>>): string[][] {
  return Object.entries(lines).map(([name, [about, example]]) => [name, about, example]);
}

/** One list. */
export async function catalogue(name: CatalogueName): Promise<Catalogue> {
  switch (name) {
    case 'faults':
      return { columns: ['fault', 'about', 'example'], rows: rowsOf(FAULTS) };
    case 'predicates': {
      const { predicateList } = await import('../../core/chaos/predicates/index.ts');
      const { COMPARISONS } = await import('../../core/chaos/comparison/compare-runs.ts');
      return { columns: ['predicate', 'must hold'], rows: [...predicateList(), ...COMPARISONS] };
    }
    case 'operations':
      return { columns: ['operation', 'about', 'example'], rows: rowsOf(OPERATIONS) };
    case 'excuses': {
      const { EXCUSE_NAMES } = await import('../../core/chaos/excuses.ts');
      const rows = EXCUSE_NAMES.map((excuse) => [excuse, EXCUSES[excuse], `checks: {excuses: [${excuse}]}`]);
      return { columns: ['excuse', 'about', 'allowed by'], rows };
    }
    case 'bugs':
    case 'marks': {
      const { allBugs, allMarks } = await import('../../core/cluster/declared.ts');
      const declared = name === 'bugs' ? allBugs() : allMarks();
      const rows = declared.map(({ name: declaredName, about }) => [declaredName, about]);
      rows.sort(([left = ''], [right = '']) => (left < right ? -1 : 1));
      return { columns: [name === 'bugs' ? 'bug switch' : 'mark', 'about'], rows };
    }
    case 'policies': {
      const { NAMED_POLICIES } = await import('../../core/cluster/placement.ts');
      const { QUEUE_CHOICES } = await import('../compare/waiting-queue.ts');
      const named = NAMED_POLICIES.map(({ name: policy, about }) => [policy, about]);
      const choices = QUEUE_CHOICES.map(({ name: choice, about }) => [`<policy>+${choice}`, about]);
      return { columns: ['policy', 'about'], rows: [...named, ...choices] };
    }
    case 'costs': {
      const { COST_ROWS } = await import('../../core/cluster/declared.ts');
      return {
        columns: ['cost', 'us', 'source'],
        rows: Object.entries(COST_ROWS).map(([cost, { us, source }]) => [cost, us, source]),
      };
    }
  }
}

/** The names in a list, for shell completion. */
export async function namesOf(name: CatalogueName): Promise<readonly string[]> {
  return (await catalogue(name)).rows.map(([first]) => `${first}`);
}
