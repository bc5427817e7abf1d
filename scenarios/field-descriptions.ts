/**
 * One sentence about each field of a scenario file, for editors: they show it while a person writes.
 *
 * Keyed by the field's name, or `parent.name` where a name means different things. A test holds that every field of the schema
 * has one.
 */

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  apiVersion: 'Always seatrial/v1',
  kind: 'Always Scenario',
  metadata: 'The name of the scenario',
  'metadata.name': 'Name of the scenario in reports; unique among those that run together',
  about: 'What happens, for people: one or two sentences',
  source: 'own, or the incident or recording that the scenario replays',
  tags: 'Words by which suites choose scenarios',
  cluster: 'What the cluster consists of',
  nodes: 'One group of equal nodes, or a list of groups',
  'nodes.name': 'Prefix of the nodes’ names: <name>-0, <name>-1 … (default: node)',
  'nodes.names': 'Names of the nodes one by one, as many as count, instead of prefix and number',
  'nodes.count': 'How many nodes',
  zones: 'Zones that the nodes are dealt to in turn: [a, b, c]',
  capacity: 'Amounts by resource name, as Kubernetes writes them: {cpu: "4", memory: 16Gi}; pods is 110 where absent',
  allocatable: 'What pods may use of the capacity (default: all of it)',
  labels: 'Labels of the nodes besides the well-known ones',
  taints: 'Taints of the nodes',
  unschedulable: 'Whether the nodes are cordoned from the start (default: false)',
  'taints.key': 'Key of the taint',
  'taints.value': 'Value of the taint',
  effect: 'What the taint does to pods that do not tolerate it',
  controlPlane: 'How many of each component; one where nothing is said, no cloud controller manager',
  storeMembers: 'Members of the store (etcd); an odd number',
  apiServers: 'API servers behind a balancer, all active',
  schedulers: 'Schedulers, of which one leads',
  controllerManagers: 'Controller managers, of which one leads',
  cloudControllerManagers:
    'Cloud controller managers, of which one leads; with them nodes come from a simulated provider',
  settings: 'Settings of components that differ from upstream’s defaults',
  controllerQps: 'Requests a second of each controller’s own client (default: 20)',
  controllerBurst: 'Burst of each controller’s own client (default: 30)',
  schedulerQps: 'Requests a second of the scheduler’s client (default: 50)',
  schedulerBurst: 'Burst of the scheduler’s client (default: 100)',
  nodeMonitorGraceS: 'node-monitor-grace-period, seconds (default: 50)',
  events: 'Whether components write Event objects (default: true)',
  proxyMode: 'Which endpoints kube-proxy prefers (default: default)',
  cohorts: 'Whether equal work of many nodes is done together; changes the speed, not the result (default: true)',
  kubelet: 'real: images, probes, stop times; recorded: the fake kubelet of the reference recordings (default: real)',
  serviceAccountVolumes: 'Whether admission adds the token volume to every pod (default: false)',
  serviceAccounts: 'Which service accounts of pods must exist: all, named (all but default) or none (default: none)',
  unpullableImages: 'Images that no node can pull: exact names, or suffixes such as :broken',
  compactionPeriodS: 'Compaction of the store each so many seconds (default: 300)',
  storeQuotaBytes:
    'Size of the store’s backend from which on writes are refused (--quota-backend-bytes; default: 2 GiB)',
  eventTtlS: 'How long Event objects live, in seconds (--event-ttl, default: 3600)',
  readsInFlight: 'Reads that an API server serves at one time (--max-requests-inflight, default: 400)',
  writesInFlight: 'Writes that an API server serves at one time (--max-mutating-requests-inflight, default: 200)',
  watchCacheEvents: 'Events that the watch cache keeps a type; small values provoke 410 Gone (default: 102400)',
  deviceGates:
    'Feature gates of devices (resource.k8s.io) that are on besides those of Kubernetes 1.34 (default: none)',
  schedulerConfiguration: 'A KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1) for every scheduler',
  schedulerPopsBackoff:
    'Whether the scheduler takes pods out of back-off when its active queue is empty (SchedulerPopFromBackoffQ)',
  operators: 'Controllers of your own that run in the cluster',
  costs: 'Virtual costs that differ, µs by name; `seatrial list costs` shows the names',
  workload: 'What is applied when the cluster is up',
  manifests: 'Files and folders of Kubernetes YAML, relative to this file',
  objects: 'Kubernetes objects, written here',
  operations: 'What a user does while the scenario runs',
  'operations.kind': 'What is done',
  'operations.instance': 'The store member, counted from 0; added ones follow the first',
  bumpRevision: 'By how much the revision is raised, so that no client has seen a later one (default: 1000000)',
  cascade: 'What becomes of what the object owns, as of kubectl delete --cascade (default: background)',
  'operations.workload': 'The workload as Kind/namespace/name; what has no namespace is Kind/name',
  replicas: 'Wanted replicas',
  image: 'Image of the first container',
  timeout: 'When the person gives up on a node',
  uncordon: 'Whether nodes are uncordoned after their drain (default: true)',
  faults: 'What breaks, and when',
  'faults.kind': 'What breaks; `seatrial list faults` explains the kinds',
  id: 'Name of the fault in reports (default: its kind and number)',
  target: 'What is hit: nodes, or a component of the control plane',
  node: 'One node by name',
  zone: 'All nodes of a zone',
  hosting: 'Nodes that host a pod of this workload, Kind/namespace/name, when the fault begins',
  anyNode: 'All nodes; with count or percent some of them',
  component: 'etcd, apiserver, scheduler, controller-manager or cloud-controller-manager',
  instance: 'Which instance of the component: a number, leader or all (default: 0)',
  nodeSelector: 'Nodes with all of these labels',
  topologyKey:
    'Whole groups of nodes with the same value of this label, such as zones or racks; mode then counts groups',
  mode: 'How many of what was found, drawn by the seed: one, all (default), fixed, fixed-percent, random-max-percent',
  'target.value': 'How many, or percent (rounded up), for the modes that take a number',
  at: 'When, since the cluster is up: 60s',
  when: 'When a task of a component reaches a numbered step, instead of at',
  task: 'Label of a task: replicaset, bind …',
  key: 'Key of the task, such as namespace/name',
  run: 'n-th run of that key, from 1',
  point: 'n-th step of the run, from 1',
  for: 'How long (default: until the heal point)',
  repeat: 'The fault comes and goes until the heal point',
  'repeat.every': 'From one beginning to the next; on average, where there is a dwell',
  times: 'Most beginnings (default: until the heal point)',
  dwell: 'With it fault and pause are drawn around their means, and neither is ever shorter than this',
  steps: 'Faults and groups: serial, one after the other; parallel, all at once; a pause between serial ones',
  unsynced: 'What becomes of disk writes that were not synced (default: lost)',
  peer: 'The other side of the link',
  direction: 'Which way the link is cut, seen from the target (default: both)',
  latency: 'How much later what the fault slows comes',
  jitter: 'Up to so much later still',
  lost: 'Exactly these transmissions, counted from 1 since the fault began, instead of a share',
  requests: 'Exactly these of the requests meant, counted from 1 since the fault began, instead of a share',
  lossPercent: 'Share of messages that are lost, percent',
  rate: 'How fast the target’s clock runs: 1.01 is one percent too fast',
  offset: 'How far the target’s wall clock is ahead; behind with a minus',
  every: 'How often',
  extraSync: 'How much longer each sync of the disk takes',
  reason: 'How the disk fails',
  file: 'Which file of the store’s member is hit',
  code: 'Status code of the refusal',
  user: 'Only requests of this user',
  verb: 'Only requests with this verb',
  resource: 'Only requests for this resource, plural: pods',
  percent: 'Share of what the fault hits, percent (default: 100)',
  phases: 'How long the phases last, and what ends them',
  warmUp: 'Time before the safety phase (default: 60s)',
  safety: 'Time in which faults happen (default: 5m)',
  heal: 'Which faults end at the heal point',
  core: 'all, or the ids of faults that end; others stay',
  liveness: 'How soon everything must be as wanted, and for how long it must stay so',
  bound: 'auto computes it from the run’s own settings (default); a shorter one may fail correct behaviour',
  stable: 'How long everything must stay as wanted (default: 2m)',
  checks: 'What is judged',
  predicates: 'Ids of the predicates to check (default: all); `seatrial list predicates` explains them',
  excuses: 'Excuses that may stand in for not converging; `seatrial list excuses` explains them',
  comparisons: 'Runs to compare with: X4, the same without faults; X3, a cluster that gets the final specs at once',
  bugs: 'Planted bugs that are switched on; `seatrial list bugs` explains them',
  expect: 'pass, or the predicate that must fail: {fail: RS2}',
  fail: 'Id of the predicate that must fail',
  interleaving: 'Orders simultaneous events by this number instead of by process',
  reorderings: 'Other orders of simultaneous events at single instants',
  order: 'Processes whose events of that instant come in this order',
  budget: 'Limits that end the run',
  'budget.events': 'Most events of the simulation',
  twin: 'A second scenario beside this one: the same with a patch',
  patch: 'JSON merge patch over this scenario',
};

interface Node {
  description?: string;
  properties?: Record<string, Node>;
  items?: Node;
  $defs?: Record<string, Node>;
  anyOf?: Node[];
  oneOf?: Node[];
}

/** Adds the descriptions to a JSON schema, in place. Where a field has one of its own (the form of a duration) it follows. */
export function describeFields(schema: object): void {
  describe(schema as Node, '');
}

function describe(node: Node, parent: string): void {
  for (const [name, field] of Object.entries(node.properties ?? {})) {
    const about = DESCRIPTIONS[`${parent}.${name}`] ?? DESCRIPTIONS[name];
    if (about !== undefined && field.description !== about) {
      field.description = field.description === undefined ? about : `${about}. ${sentence(field.description)}`;
    }
    describe(field, name);
  }
  if (node.items !== undefined) describe(node.items, parent);
  for (const each of Object.values(node.$defs ?? {})) describe(each, 'faults');
  for (const each of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) describe(each, parent);
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
