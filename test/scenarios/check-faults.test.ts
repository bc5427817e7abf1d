import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TASK_LABELS } from '../../scenarios/kinds.ts';
import { loadScenarioText } from '../../scenarios/load.ts';
import { formatProblem, ProblemList } from '../../scenarios/problem.ts';
import { PROJECT_ROOT } from '../support/cli.ts';
import { TEST_CLUSTER as CLUSTER, TEST_HEAD as HEAD } from '../support/scenario-text.ts';

const CORE = join(PROJECT_ROOT, 'core');

function errorsOf(text: string): string[] {
  const problems = new ProblemList();
  loadScenarioText('s.yaml', text, problems);
  return problems.problems.map(formatProblem);
}

describe('what does not belong there', () => {
  it('does not propose a field or a step that does not belong there', () => {
    const steps = 'steps: [{id: one, kind: kubelet-stop, target: {node: node-0}, for: 5s}]';
    const group = `${HEAD}${CLUSTER}phases: {heal: {core: [g]}}\nfaults: [{kind: serial, id: g, at: 70s, ${steps}}]\n`;
    expect(errorsOf(group)).toEqual([
      's.yaml:8:25 error SCN-010: a group has no "id": its steps may have one',
      's.yaml:7:24 error SCN-020: unknown fault id "g"\n  hint: known: one',
    ]);
    expect(errorsOf(`${HEAD}${CLUSTER}operations: [{kind: store-member-add, at: 70s, instance: 1}]\n`)[0]).toBe(
      's.yaml:7:48 error SCN-010: store-member-add has no field "instance"',
    );
    expect(errorsOf(`${HEAD}${CLUSTER}faults: [{kind: pause, for: 5s}]\n`)[0]).toBe(
      's.yaml:7:17 error SCN-012: "pause" is only a step of a serial group',
    );
  });
});

describe('what can never be', () => {
  const stop = (id: string, rest: string): string =>
    `  - {id: ${id}, kind: kubelet-stop, target: {node: node-0}, for: 5s, ${rest}}\n`;
  const waiting = (...faults: string[]): string[] => errorsOf(`${HEAD}${CLUSTER}faults:\n${faults.join('')}`);

  it('faults that wait for each other', () => {
    expect(
      waiting(
        stop('late', 'when: {fault: one, is: begun}'),
        stop('one', 'when: {fault: two, is: ended}'),
        stop('two', 'when: {all: [{at: 70s}, {fault: one, is: begun}]}'),
      ),
    ).toEqual([expect.stringMatching(/^s\.yaml:9:\d+ error SCN-027: none of these ever begins, .*: one, two, one$/)]);
    expect(
      waiting(
        stop('one', 'when: {any: [{fault: two, is: ended}, {at: 70s}]}'),
        stop('two', 'when: {fault: one, is: begun}'),
      ),
    ).toEqual([]);
    expect(waiting(stop('one', 'when: {fault: one, is: begun}'))).toEqual([
      expect.stringMatching(/SCN-027: fault "one" would wait for itself$/),
    ]);
  });

  it('what comes too late, or after something without an end', () => {
    expect(waiting(stop('one', 'when: {at: 100h}'))).toEqual([
      expect.stringMatching(
        /^s\.yaml:8:\d+ error SCN-026: comes true at 4d4h at the earliest, after the heal point at 6m$/,
      ),
    ]);
    expect(
      waiting(
        stop('one', 'at: 70s'),
        stop('two', 'when: {sequence: [{fault: one, is: ended}, {wait: 3m}, {any: [{wait: 3m}, {at: 10h}]}]}'),
        stop('three', 'when: {fault: two, is: begun}'),
      ),
    ).toEqual([expect.stringMatching(/^s\.yaml:9:\d+ error SCN-026: comes true at 7m10s at the earliest/)]);
    const endless = '  - {id: ever, kind: kubelet-stop, target: {node: node-0}, at: 70s}\n';
    expect(waiting(endless, stop('one', 'when: {fault: ever, is: ended}'))).toEqual([
      expect.stringMatching(
        /^s\.yaml:9:\d+ error SCN-032: waits for the end of fault "ever", which has none: it needs "for"$/,
      ),
    ]);
    expect(waiting(endless, stop('one', 'when: {any: [{fault: ever, is: ended}, {at: 80s}]}'))).toEqual([]);
  });

  it('times that fall in a sequence, and a component that the cluster has not', () => {
    expect(waiting(stop('one', 'when: {sequence: [{at: 90s}, {task: binding}, {at: 80s}]}'))).toEqual([
      expect.stringMatching(/SCN-027: 1m20s is over when 1m30s has come: the times of a sequence rise$/),
    ]);
    const crash = '  - {kind: process-crash, target: {component: cloud-controller-manager, mode: one}, at: 70s}\n';
    expect(waiting(crash)).toEqual([expect.stringMatching(/SCN-024: the cluster has no cloud-controller-manager$/)]);
  });

  it('a phase of ten years is told, unless its budget is set', () => {
    const years = `${HEAD}${CLUSTER}phases: {safety: 3650d}\n`;
    expect(errorsOf(years)).toEqual([expect.stringMatching(/^s\.yaml:7:\d+ warning SCN-035: so long a run, /)]);
    expect(errorsOf(`${years}budget: {events: 1000}\n`)).toEqual([]);
  });

  it('a task of nobody', () => {
    expect(waiting(stop('one', 'when: {task: bindng, point: 1}'))).toEqual([
      expect.stringMatching(/SCN-020: unknown label of a task "bindng" \(did you mean "binding"\?\)$/),
    ]);
  });

  it('the labels of tasks are those that the control plane starts', () => {
    const sources = readdirSync(CORE, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(CORE, file), 'utf8'));
    const begun =
      /(?:startTask\(|\.every\(|\.queue\(\{(?:[^}]*?,)?\s*name: |new WorkQueue\([^{]*\{\s*name: )'([a-z-]+)'/g;
    const found = sources.flatMap((text) => [...text.matchAll(begun)].map(([, label]) => label));
    expect([...new Set(found)].toSorted()).toEqual(TASK_LABELS);
  });

  it('a scale to more pods than the nodes may hold is a warning, as the rest waits', () => {
    const warnings = (replicas: number): string[] => {
      const problems = new ProblemList();
      const operation = `{kind: scale, at: 70s, workload: Deployment/demo/web, replicas: ${replicas}}`;
      loadScenarioText(
        's.yaml',
        `${HEAD}${CLUSTER.replace('nodes: {', 'nodes: {allocatable: {pods: "20"}, ')}operations: [${operation}]\n`,
        problems,
      );
      return problems.problems.filter(({ code }) => code === 'SCN-041').map(({ message }) => message);
    };
    const room = 20 * Number(/count: (\d+)/.exec(CLUSTER)?.[1]);
    expect(warnings(room)).toEqual([]);
    expect(warnings(room + 1)).toEqual([
      expect.stringMatching(
        `^${room + 1} replicas, and the \\d+ nodes hold at most ${room} pods: the others stay pending`,
      ),
    ]);
  });

  it.each([
    ['operations: [{kind: scale, at: 70s, workload: ConfigMap/demo/c, replicas: 3}]', 'a ConfigMap has no scale'],
    ['operations: [{kind: scale, at: 70s, workload: DaemonSet/demo/c, replicas: 3}]', 'a DaemonSet has no scale'],
    ['operations: [{kind: set-image, at: 70s, workload: Job/demo/c, image: y}]', 'a Job has no pod template'],
    ['faults: [{kind: node-crash, target: {hosting: Namespace/demo}, at: 70s, for: 5s}]', 'a Namespace has no pods'],
  ])('%s means nothing', (line, message) => {
    expect(errorsOf(`${HEAD}${CLUSTER}${line}\n`)).toEqual([expect.stringContaining(`error SCN-027: ${message}`)]);
  });

  it.each([
    ['kind: clock-rate, target: {node: node-0}, rate: 1', 'clock-rate with rate 1 changes nothing'],
    ['kind: slow-process, target: {component: scheduler}, times: 1', 'slow-process with times 1 changes nothing'],
    ['kind: clock-offset, target: {node: node-0}, offset: 0s', 'clock-offset with offset 0s changes nothing'],
    ['kind: watch-lag, target: {component: apiserver}, latency: 0s', 'watch-lag with latency 0s changes nothing'],
    ['kind: node-panic, target: {node: node-0}, fullOf: cpu, percent: 100', 'node-panic with percent 100 hits nothing'],
    ['kind: lossy-link, target: {node: node-0}, peer: {component: apiserver}, lossPercent: 0', 'lossPercent 0 changes'],
    ['kind: informer-lag, target: {component: scheduler}, resource: pods', ''],
    [
      'kind: plugin-errors, target: {component: scheduler}, extensionPoint: Filter, plugin: VolumeBindin',
      '"VolumeBindin" is no plugin of Kubernetes.*did you mean "VolumeBinding"',
    ],
    [
      'kind: plugin-errors, target: {component: scheduler}, extensionPoint: Score, plugin: NodeName',
      'plugin NodeName has no extension point Score',
    ],
    ['kind: plugin-errors, target: {component: scheduler}, extensionPoint: Filter, plugin: NodeName', ''],
    ['kind: refused-requests, target: {component: apiserver}, code: 500, user: nobody', 'nobody asks as user "nobody"'],
    [
      'kind: refused-requests, target: {component: apiserver}, code: 500, user: "system:kube-schedule"',
      'user "system:kube-schedule": nothing is refused \\(did you mean "system:kube-scheduler"\\?\\)',
    ],
    ['kind: refused-requests, target: {component: apiserver}, code: 500, user: "system:node:node-1"', ''],
  ])('%s is told as without effect', (fault, message) => {
    const found = errorsOf(`${HEAD}${CLUSTER}faults: [{${fault}, at: 70s, for: 5s}]\n`);
    expect(found).toEqual(message === '' ? [] : [expect.stringMatching(`warning SCN-036: .*${message}`)]);
  });

  it.each([
    [
      'kind: disk-failure, target: {component: scheduler}, reason: io-error, at: 70s',
      'disk-failure needs a target with',
    ],
    ['kind: slow-disk, target: {node: node-0}, extraSync: 1s, at: 70s', 'slow-disk needs a target with'],
    [
      'kind: kubelet-stop, target: {node: node-0}, when: {object: Pod, change: changed, field: status..phase}',
      '"status..phase" is no path of a field',
    ],
    [
      'kind: kubelet-stop, target: {node: node-0}, when: {object: Pod, change: changed, field: status.phsae, to: Running}',
      'unknown field in status of a Pod "phsae" (did you mean "phase"?)',
    ],
    [
      'kind: kubelet-stop, target: {node: node-0}, when: {object: Pod, change: changed, field: status.phase, to: 5}',
      'faults[0].when.to: expected a text, not the number',
    ],
    [
      'kind: kubelet-stop, target: {node: node-0}, when: {any: [{object: Node, change: changed, field: spec.unschedulable, to: true}]}',
      'faults[0].when.any[0].to: expected a text, not true\n  hint: a text needs quotes: "true"',
    ],
    ...(
      [
        ['Pod', 'status.phase', 'Runing', 'Unknown (did you mean "Running"?)'],
        ['Node', 'spec.unschedulable', 'yes', 'is never "yes": expected "true" or "false"'],
        ['Node', 'status.allocatable.cpu', '5 cpus', 'is never "5 cpus": expected a quantity'],
        ['Deployment', 'spec.replicas', 'three', 'is never "three": expected a whole number'],
        ['Deployment', 'spec.replicas', '-1', 'is never "-1": expected a whole number from 0 on'],
        ['Service', 'spec.type', 'NodPort', 'is never "NodPort": expected one of ClusterIP, ExternalName'],
        ['Job', 'status.startTime', 'noon', 'is never "noon": expected a time such as 2025-01-31T08:00:00Z'],
        ['Lease', 'spec.renewTime', 'x', 'is never "x": expected a time such as 2025-01-31T08:00:00.000000Z'],
      ] as const
    ).map(([object, field, to, message]) => [
      `kind: kubelet-stop, target: {node: node-0}, when: {object: ${object}, change: changed, field: ${field}, from: '', to: '${to}'}`,
      message,
    ]),
    ...['.inf', 'null', '[x]'].map((value) => [
      `kind: changed-field, target: {component: apiserver}, at: 70s, object: Node/node-0, field: spec.unschedulable, value: ${value}`,
      'faults[0].value: expected a text, a number or true or false, not',
    ]),
  ])('%s hits nothing', (fault, message) => {
    expect(errorsOf(`${HEAD}${CLUSTER}faults: [{${fault}, for: 5s}]\n`)).toEqual([expect.stringContaining(message)]);
  });

  it.each([0, 1])('a machine that is gone for good with %i cloud controller managers', (count) => {
    const cluster = CLUSTER.replace('cluster:', `cluster:\n  controlPlane: {cloudControllerManagers: ${count}}`);
    const found = errorsOf(`${HEAD}${cluster}faults: [{kind: instance-removed, target: {node: node-0}, at: 70s}]\n`);
    const told = /warning SCN-037: instance-removed without a cloud controller manager: pods of the node stay bound/;
    expect(found).toEqual(count === 1 ? [] : [expect.stringMatching(told)]);
  });

  it('it does not come back after "for", which only a next step waits for', () => {
    const cluster = CLUSTER.replace('cluster:', 'cluster:\n  controlPlane: {cloudControllerManagers: 1}');
    const removed = 'kind: instance-removed, target: {node: node-0}, for: 5s';
    const serial = `{kind: serial, at: 70s, steps: [{${removed}}, {kind: node-crash, target: {node: node-1}, for: 5s}]}`;
    expect(errorsOf(`${HEAD}${cluster}faults: [{${removed}, at: 70s}]\n`)).toEqual([
      expect.stringMatching(/warning SCN-036: the instance is gone for good: "for" only says how long/),
    ]);
    expect(errorsOf(`${HEAD}${cluster}faults: [${serial}]\n`)).toEqual([]);
  });

  it('one apply gives an object once; the next one may give it again', () => {
    const map = '{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}';
    const apply = (at: number, ...objects: string[]) => `{kind: apply, at: ${at}s, objects: [${objects.join(', ')}]}`;
    expect(errorsOf(`${HEAD}${CLUSTER}operations: [${apply(70, map)}, ${apply(71, map)}]\n`)).toEqual([]);
    expect(errorsOf(`${HEAD}${CLUSTER}operations: [${apply(70, map, map)}]\n`)).toEqual([
      expect.stringMatching(/^s\.yaml:7:\d+ error MAN-010: ConfigMap b is given twice/),
    ]);
  });

  it('more than there are', () => {
    const problems = new ProblemList();
    const fault = '{kind: node-crash, target: {anyNode: true, mode: fixed, value: 99}, at: 70s}';
    loadScenarioText('s.yaml', `${HEAD}${CLUSTER}faults: [${fault}]\n`, problems);
    expect(problems.problems.map(formatProblem)).toEqual([
      expect.stringMatching(/warning SCN-034: mode fixed means 99, and there are at most \d+: all are hit$/),
    ]);
  });

  const three = CLUSTER.replace('cluster:', 'cluster:\n  controlPlane: {storeMembers: 3, schedulers: 2}');
  const fault = (cluster: string, text: string): string[] =>
    errorsOf(`${HEAD}${cluster}faults: [{at: 70s, ${text}}]\n`).map((line) => line.replace(/^.* error /, ''));
  const linked = (target: string, peer: string, rest = ''): string =>
    `kind: ${rest === '' ? 'held-link' : 'impaired-link'}, for: 5s, target: {${target}}, peer: {${peer}}${rest}`;

  it.each([
    ['component: etcd', 'component: etcd', 'etcd-0'],
    ['component: etcd, instance: all', 'component: etcd, instance: leader', 'etcd-0'],
    ['node: node-0', 'node: node-0', 'kubelet-node-0'],
    ['component: apiserver, mode: one', 'component: apiserver', 'apiserver-0'],
  ])('a link from {%s} to {%s}', (target, peer, name) => {
    expect(fault(CLUSTER, linked(target, peer))).toEqual([
      `SCN-027: target and peer are both ${name}: there is no link between them`,
    ]);
  });

  it('links between the members of a group, but not of one to itself', () => {
    expect(fault(three, linked('component: etcd, instance: leader', 'component: etcd, instance: all'))).toEqual([]);
    expect(fault(three, linked('component: etcd, instance: 1', 'component: etcd, instance: 1'))).toHaveLength(1);
    expect(
      fault(three, linked('component: scheduler, instance: leader', 'component: scheduler, instance: leader')),
    ).toEqual(['SCN-027: target and peer are both the leader of scheduler: there is no link between them']);
    expect(fault(three, linked('component: scheduler, mode: one', 'component: scheduler, mode: one'))).toEqual([]);
  });

  it('datagrams where there are none', () => {
    const group = 'component: etcd, instance: all';
    expect(fault(three, linked(group, group, ', duplicatePercent: 5, reorderPercent: 5'))).toEqual([]);
    const client = linked('component: apiserver', group, ', duplicatePercent: 5, bytesPerSecond: 1000');
    expect(fault(three, client)).toEqual([
      'SCN-027: "duplicatePercent" is about datagrams, which store members alone send each other: target and peer need component: etcd',
    ]);
    expect(fault(three, linked('component: apiserver', group, ', bytesPerSecond: 1000'))).toEqual([]);
  });

  const servers = 'target: {component: apiserver}';
  it.each([
    [
      'kind: slow-link, target: {component: scheduler}, peer: {component: apiserver}, latency: 1ms, late: [3]',
      '"late" says which messages have the jitter, and there is none',
    ],
    [
      linked('component: etcd, instance: all', 'component: etcd, instance: all', ', doubled: [1], duplicatePercent: 5'),
      '"duplicatePercent" and "doubled" exclude each other',
    ],
    [
      'kind: plugin-errors, target: {component: scheduler}, extensionPoint: Score, percent: 5, attempts: [1]',
      '"percent" and "attempts" exclude each other',
    ],
    [
      `kind: load-burst, ${servers}, load: events, resource: pods, perSecond: 5`,
      '"resource" says what is listed or watched, and nothing is',
    ],
    [
      `kind: changed-field, ${servers}, object: web, field: spec.replicas`,
      '"web" names no object: expected Kind/namespace/name or Kind/name, where a star may end the name',
    ],
    ...['.spec.replicas', 'spec..replicas', '__proto__.polluted'].map((field): [string, string] => [
      `kind: changed-field, ${servers}, object: Node/node-0, field: ${field}`,
      `"${field}" is no path of a field: expected names with a dot between them, as in spec.replicas`,
    ]),
    ...['metadata.name', 'metadata.uid'].map((field): [string, string] => [
      `kind: changed-field, ${servers}, object: Node/node-0, field: ${field}`,
      `${field} is which object it is: no API server changes it`,
    ]),
    ...['creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'generation', 'resourceVersion'].map(
      (field): [string, string] => [
        `kind: changed-field, ${servers}, object: Node/node-0, field: metadata.${field}`,
        `metadata.${field} is set by the API server itself: it takes no other value from anybody`,
      ],
    ),
  ])('%s', (text, message) => {
    expect(fault(three, text)).toEqual([`SCN-027: ${message}`]);
  });

  it('targets that the fault cannot act on, fields of what is not there', () => {
    expect(fault(three, 'kind: plugin-errors, target: {component: scheduler}, extensionPoint: Bind')).toHaveLength(1);
    expect(fault(three, 'kind: plugin-errors, target: {component: etcd}, extensionPoint: Score')).toEqual([
      'SCN-022: plugin-errors needs a target with component: scheduler',
    ]);
    expect(fault(three, 'kind: no-bookmarks, target: {component: scheduler}')).toEqual([
      'SCN-022: no-bookmarks needs a target with component: apiserver',
    ]);
    expect(fault(three, 'kind: repeated-events, target: {node: node-0}')).toEqual([
      'SCN-022: repeated-events needs a target with a component that is a client of the API servers',
    ]);
    expect(fault(three, 'kind: no-jitter, target: {component: apiserver}')).toEqual([
      'SCN-022: no-jitter needs a target with nodes, or a component that is a client of the API servers',
    ]);
    expect(fault(three, 'kind: no-jitter, target: {node: node-0}')).toEqual([]);
    expect(fault(three, 'kind: pleg-stall, target: {component: scheduler}')).toEqual([
      'SCN-023: this fault hits nodes, not a component',
    ]);
    expect(
      fault(three, `kind: changed-field, ${servers}, object: Deployment/demo/nobody, field: spec.paused`)[0],
    ).toMatch(/^SCN-020: unknown workload "Deployment\/demo\/nobody"/);
  });

  it('what controllers make in every namespace may be named, in one that there is', () => {
    const deleted = (object: string): string[] =>
      errorsOf(`${HEAD}${CLUSTER}operations: [{kind: delete, at: 70s, workload: ${object}}]\n`);
    for (const object of ['ServiceAccount/default/default', 'ConfigMap/kube-system/kube-root-ca.crt'])
      expect(deleted(object)).toEqual([]);
    for (const object of ['ConfigMap/nowhere/kube-root-ca.crt', 'ConfigMap/default/kube-root', 'ConfigMap/default'])
      expect(deleted(object)[0]).toContain(`SCN-020: unknown workload "${object}"`);
  });

  it.each(['informer-lag', 'repeated-events', 'expired-watches', 'no-bookmarks', 'watch-lag', 'refused-requests'])(
    'a resource of %s that nobody has',
    (kind) => {
      const component = /informer|repeated/.test(kind) ? 'scheduler' : 'apiserver';
      const code = kind === 'refused-requests' ? ', code: 500' : '';
      const text = (resource: string) =>
        `kind: ${kind}${code}, target: {component: ${component}}, resource: ${resource}`;
      expect(fault(CLUSTER, text('podz'))).toEqual(['SCN-020: unknown resource "podz" (did you mean "pods"?)']);
      expect(fault(CLUSTER, text('widgets'))).toEqual([expect.stringMatching(/^SCN-020: unknown resource "widgets"/)]);
      for (const known of ['persistentvolumeclaims', 'resourceslices', 'podgroups', 'devicetaintrules'])
        expect(fault(CLUSTER, text(known))).toEqual([]);
      const widget = 'workload: {objects: [{apiVersion: example.com/v1, kind: Widget, metadata: {name: a}}]}\n';
      expect(fault(`${CLUSTER}${widget}`, text('widgets'))).toEqual([]);
    },
  );

  it('a node that is full from nothing on', () => {
    const panic = 'kind: node-panic, target: {node: node-0}, fullOf: cpu, percent: 0';
    expect(fault(CLUSTER, panic)).toEqual([
      expect.stringMatching(/^SCN-011: faults\[0\]\.percent: expected more than 0, not the number/),
    ]);
  });

  it('an end of what is over at once, whose repetition needs none', () => {
    const kill = 'kind: container-kill, target: {anyNode: true, mode: one}';
    expect(fault(CLUSTER, `${kill}, repeat: {every: 20s, times: 3}`)).toEqual([]);
    expect(fault(CLUSTER, `${kill}, repeat: {every: 20s, dwell: 5s}`)).toEqual([]);
    expect(fault(CLUSTER, `${kill}, for: 10s`)).toEqual([
      'SCN-027: container-kill is over as soon as it has begun: it takes no "for"',
    ]);
    expect(fault(CLUSTER, `${kill}, repeat: {every: 0s}`)).toEqual(['SCN-027: it comes again at once, for ever']);
    expect(fault(CLUSTER, `${kill}, repeat: {every: 5s, dwell: 6s}`)).toEqual([
      'SCN-027: the least stay of 6s is longer than the pause, 5s',
    ]);
    const after = '  - {kind: kubelet-stop, target: {node: node-0}, for: 5s, when: {fault: kill, is: ended}}\n';
    expect(waiting(`  - {id: kill, at: 70s, ${kill}}\n`, after)).toEqual([]);
  });
});

describe('nodes', () => {
  it.each([
    ['zones: [a/b]', ['consist of alphanumeric characters']],
    ['labels: {rack: "a b"}', ['consist of alphanumeric characters']],
    ['labels: {"a b": x}', ['consist of alphanumeric characters']],
    ['taints: [{key: "a b", value: "c d", effect: NoExecute}]', ['name part', 'consist of alphanumeric']],
    ['zones: [A.b_c], labels: {example.com/rack: ""}, taints: [{key: example.com/a, effect: NoExecute}]', []],
  ])('have labels and taints that the API server takes: %s', (field, said) => {
    const lines = errorsOf(`${HEAD}cluster: {nodes: {count: 2, ${field}}}\n`);
    expect(lines).toHaveLength(said.length);
    lines.forEach((line, at) => {
      expect(line).toMatch(/^s\.yaml:5:\d+ error/);
      expect(line).toContain(said[at]);
    });
  });
});
