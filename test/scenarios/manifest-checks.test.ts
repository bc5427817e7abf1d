/** What a user reads of a manifest with many mistakes: all of them, each at its place. */
import { describe, expect, it } from 'vitest';
import type { DeviceGate } from '../../core/types/device-gates.ts';
import { checkManifest } from '../../scenarios/manifest-checks.ts';
import { readManifests } from '../../scenarios/manifests.ts';
import { formatProblem, ProblemList } from '../../scenarios/problem.ts';

function linesOf(text: string, gates: readonly DeviceGate[] = []): readonly string[] {
  const problems = new ProblemList();
  for (const { object, placeOf } of readManifests([{ file: 'a.yaml', text }], problems)) {
    checkManifest(object, placeOf, problems, gates);
  }
  return problems.problems.map(formatProblem);
}

const pod = (spec: string, metadata = 'name: p'): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {${metadata}}\nspec: ${spec}\n`;

describe('checks of a manifest', () => {
  it('name every wrong type and every bad quantity of an object at once', () => {
    const spec =
      '{containers: [{name: c, image: 7, resources: {requests: {cpu: 1x, memory: 2Gx}}}, 5], priority: high}';
    expect(linesOf(pod(spec))).toEqual([
      'a.yaml:4:38 error MAN-011: Pod p: spec.containers[0].image: expected a string, found number',
      'a.yaml:4:69 error MAN-011: Pod p: spec.containers[0].resources.requests.cpu: "1x" is no quantity, expected one such as 250m, 0.5 or 64Mi',
      'a.yaml:4:81 error MAN-011: Pod p: spec.containers[0].resources.requests.memory: "2Gx" is no quantity, expected one such as 250m, 0.5 or 64Mi',
      'a.yaml:4:89 error MAN-011: Pod p: spec.containers[1]: expected an object, found number',
      'a.yaml:4:103 error MAN-011: Pod p: spec.priority: expected a whole number, found string',
    ]);
  });

  it('name what else is wrong beside wrong types, and nothing that only they bring about', () => {
    const deployment = (spec: string): string =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: ${spec}\n`;
    const template = (labels: string, container: string): string =>
      `template: {metadata: {labels: ${labels}}, spec: {containers: [{name: c, image: x, ${container}}]}}`;
    const both = `{replicas: "3", selector: {matchLabels: {app: a}}, ${template('{app: b}', 'imagePullPolicy: Off1')}}`;
    expect(linesOf(deployment(both)).map((line) => line.slice(line.indexOf(' error ')))).toEqual([
      ' error MAN-011: Deployment d: spec.replicas: expected a whole number, found string',
      ' error MAN-011: Deployment d: spec.template.metadata.labels: Invalid value: {"app":"b"}: `selector` does not match template `labels`',
      ' error MAN-011: Deployment d: spec.template.spec.containers[0].imagePullPolicy: Unsupported value: "Off1": supported values: "Always", "IfNotPresent", "Never"',
    ]);
    // A label that is no text matches nothing, a selector that is none everything, a name that is no text is not missed.
    const labels = `{selector: {matchLabels: {app: a}}, ${template('{app: 1}', 'args: [1, a]')}}`;
    expect(linesOf(deployment(labels))).toHaveLength(2);
    expect(linesOf(deployment(`{selector: a, ${template('{app: a}', 'ports: x')}}`))).toHaveLength(2);
    expect(linesOf(pod('{containers: [{name: 7, image: x}, {name: c, image: 8}]}'))).toHaveLength(2);
  });

  it('take a namespace of a kind that has none, which the API server drops', () => {
    const kind = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n';
    expect(linesOf(`${kind}metadata: {name: reader, namespace: demo}\n`)).toEqual([]);
    expect(linesOf('apiVersion: v1\nkind: Namespace\nmetadata: {name: demo, namespace: demo}\n')).toEqual([]);
  });

  it('refuse bytes that are no base64, and do not show them', () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n';
    expect(
      linesOf(`${secret}data: {user: YWRtaW4=, tls.key: hunter2, pin: 5}\nstringData: {password: hunter2}\n`),
    ).toEqual([
      'a.yaml:4:33 error MAN-011: Secret s: data.tls.key: no base64 (illegal base64 data at input byte 4), expected such as c2VjcmV0 for "secret"',
      'a.yaml:4:47 error MAN-011: Secret s: data.pin: expected a text in base64, found number',
    ]);
  });

  it('name fields that do not exist, as a warning with the nearest that does', () => {
    expect(linesOf(pod('{containers: [{name: c, image: x, resuorces: {}}], zone: a}', 'name: p, lables: {}'))).toEqual([
      'a.yaml:3:29 warning MAN-014: Pod p: metadata.lables: unknown field, it has no effect (did you mean "labels"?)',
      'a.yaml:4:52 warning MAN-014: Pod p: spec.containers[0].resuorces: unknown field, it has no effect (did you mean "resources"?)',
      'a.yaml:4:64 warning MAN-014: Pod p: spec.zone: unknown field, it has no effect',
    ]);
  });

  it('warn of a Job that belongs to a controller from outside, and not of one of the built-in', () => {
    const job = (managedBy: string): string =>
      `apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {managedBy: ${managedBy}, template: {spec: {restartPolicy: Never, containers: [{name: c, image: x}]}}}\n`;
    expect(linesOf(job('example.com/queue'))).toEqual([
      'a.yaml:4:19 warning MAN-017: Job j: spec.managedBy: the Job belongs to example.com/queue, which is not simulated: nobody runs it',
    ]);
    expect(linesOf(job('kubernetes.io/job-controller'))).toEqual([]);
  });

  it('refuse a requirement of a selector without a key, as the API server does', () => {
    const place = 'matchExpressions: [{operator: Exists}]';
    const workload = `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {selector: {${place}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}]}}}\n`;
    const volume = `apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: v}\nspec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /x}, nodeAffinity: {required: {nodeSelectorTerms: [{${place}}]}}}\n`;
    const rule = 'matchExpressions[0].key: Invalid value: "": name part must be non-empty';
    expect(linesOf(workload)[0]).toContain(`Deployment d: spec.selector.${rule}`);
    expect(linesOf(volume)[0]).toContain(`PersistentVolume v: spec.nodeAffinity.required.nodeSelectorTerms[0].${rule}`);
  });

  it('name a version that is gone, as an error where what it says would be run, and in the same round what the version of today asks for', () => {
    const old = (apiVersion: string, kind: string): string =>
      `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\nspec: {}\n---\n`;
    const template = '{template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}]}}}';
    const lines = linesOf(
      [
        old('extensions/v1beta1', 'Deployment').replace('{}', template),
        old('policy/v1beta1', 'PodSecurityPolicy'),
        old('networking.k8s.io/v1beta1', 'Ingress'),
        old('storage.k8s.io/v1beta1', 'StorageClass'),
      ].join(''),
    );
    expect(lines).toEqual([
      'a.yaml:1:13 error MAN-021: Deployment a: apiVersion: Kubernetes has no Deployment in extensions/v1beta1 since 1.16\n  hint: apiVersion: apps/v1',
      'a.yaml:4:7 error MAN-011: Deployment a: spec.selector: Required value',
      'a.yaml:4:38 error MAN-011: Deployment a: spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`',
      'a.yaml:6:13 warning MAN-021: PodSecurityPolicy a: apiVersion: Kubernetes has no PodSecurityPolicy in policy/v1beta1 since 1.25, and nothing replaces it',
      'a.yaml:11:13 warning MAN-021: Ingress a: apiVersion: Kubernetes has no Ingress in networking.k8s.io/v1beta1 since 1.22\n  hint: apiVersion: networking.k8s.io/v1',
      'a.yaml:16:13 error MAN-021: StorageClass a: apiVersion: Kubernetes has no StorageClass in storage.k8s.io/v1beta1 since 1.22\n  hint: apiVersion: storage.k8s.io/v1',
      'a.yaml:16:1 error MAN-011: StorageClass a: provisioner: Required value',
    ]);
  });

  it('name a version of Kubernetes that never was, with the one that is, and take no other group for one', () => {
    const one = (apiVersion: string, kind: string): string =>
      `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\nspec: {}\n`;
    const refusal = (apiVersion: string, kind: string, now: string): string =>
      `a.yaml:1:13 error MAN-021: ${kind} a: apiVersion: Kubernetes has no ${kind} in ${apiVersion}\n  hint: apiVersion: ${now}`;
    for (const [apiVersion, kind, now] of [
      ['v2', 'Pod', 'v1'],
      ['v2', 'Service', 'v1'],
      ['v2', 'PersistentVolumeClaim', 'v1'],
      ['apps/v2', 'Deployment', 'apps/v1'],
      ['resource.k8s.io/v1alpha3', 'ResourceClaim', 'resource.k8s.io/v1'],
    ] as const)
      expect(linesOf(one(apiVersion, kind))[0]).toEqual(refusal(apiVersion, kind, now));
    expect(linesOf(one('longhorn.io/v2', 'Node'))).toEqual([]);
    expect(linesOf(one('autoscaling/v3', 'HorizontalPodAutoscaler'))).toEqual([]);
  });

  it('warn once for each field of devices behind a feature gate that is off', () => {
    const api = 'apiVersion: resource.k8s.io/v1\n';
    const part = (name: string) =>
      `{name: ${name}, consumesCounters: [{counterSet: s, counters: {m: {value: 1}}}], taints: [], attributes: {a: {strings: [x]}}}`;
    const slice = `${api}kind: ResourceSlice\nmetadata: {name: s}\nspec: {driver: d.example, nodeName: one, pool: {name: p, resourceSliceCount: 2}, devices: [${part('a')}, ${part('b')}]}\n`;
    const off = 'is off, as by default in Kubernetes 1.34:';
    expect(linesOf(slice)).toEqual([
      `a.yaml:4:120 warning MAN-018: ResourceSlice s: spec.devices[0].consumesCounters (and 1 more): feature gate DRAPartitionableDevices ${off} such a device is never allocated`,
      `a.yaml:4:204 warning MAN-018: ResourceSlice s: spec.devices[0].attributes.a.strings (and 1 more): feature gate DRAListTypeAttributes ${off} the attribute is not there`,
    ]);
    const named = `${api}kind: DeviceClass\nmetadata: {name: c}\nspec: {extendedResourceName: example.com/gpu}\n`;
    const taint = `${api}kind: DeviceTaintRule\nmetadata: {name: t}\nspec: {taint: {key: k, effect: NoSchedule}}\n`;
    expect(linesOf(`${named}---\n${taint}`)).toEqual([
      expect.stringMatching(/:4:30 warning MAN-018: DeviceClass c: .*DRAExtendedResource/),
      expect.stringMatching(/ warning MAN-018: DeviceTaintRule t: spec: .*it taints no device$/),
    ]);
    expect(linesOf(named.replace('example.com/gpu', 'null'))).toEqual([]);
    expect(linesOf(`${named}---\n${taint}`, ['DRADeviceTaints'])).toHaveLength(1);
  });

  it('say nothing of real fields that nobody reads, of annotations, status and custom resources', () => {
    const spec =
      '{hostUsers: false, dnsConfig: {options: []}, containers: [{name: c, image: x, tty: true, workingDir: /}], volumes: [{name: v, csi: {driver: d}}]}';
    expect(linesOf(`${pod(spec, 'name: p, annotations: {any.thing: "1"}')}status: {qosClass: Burstable}\n`)).toEqual(
      [],
    );
    expect(linesOf('apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: huge}\n')).toEqual([]);
  });

  it('leave what the types hide to the server: selectors, names, values', () => {
    expect(linesOf(pod('{containers: [{name: C, image: x, ports: [{containerPort: 0}]}]}')).join('\n')).toMatch(
      /spec\.containers\[0\]\.name[\s\S]*containerPort/,
    );
  });

  it('know groups of pods, and name sizes that are none', () => {
    const member = '{schedulingGroup: {podGroupName: g}, containers: [{name: c, image: x}]}';
    const group = (policy: string) =>
      `apiVersion: scheduling.k8s.io/v1alpha2\nkind: PodGroup\nmetadata: {name: g}\nspec: {schedulingPolicy: ${policy}}\n`;
    const size = (text: string) => `name: p, labels: {pod-group.scheduling.sigs.k8s.io/min-available: "${text}"}`;
    const field = 'PodGroup g: spec.schedulingPolicy';
    const one = 'exactly one of `basic`, `gang` is required';
    expect(linesOf(pod(member, size('3')))).toEqual([]);
    expect(linesOf(pod(member, size('lots')))).toEqual([
      'a.yaml:3:78 error MAN-013: pod-group.scheduling.sigs.k8s.io/min-available: "lots", expected a count of pods from 1 to 9999999',
    ]);
    const job = (parallelism: number): readonly string[] =>
      linesOf(
        `apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec:\n  parallelism: ${parallelism}\n  template:\n    metadata: {${size('3')}}\n    spec: {restartPolicy: Never, containers: [{name: c, image: x}]}\n`,
      );
    expect(job(3)).toEqual([]);
    expect(job(2)).toEqual([
      expect.stringMatching(/^a\.yaml:7:\d+ warning MAN-013: .*"3", and this Job has 2 at once/),
    ]);
    const bad = `{basic: {}}, disruptionMode: {all: {}, single: {}}, schedulingConstraints: {topology: [{key: ''}, {key: a b}]},
  resourceClaims: [{name: a, resourceClaimName: x}, {name: a}]`;
    const errors = linesOf(group(bad)).filter((line) => line.includes(' error '));
    expect(errors.map((line) => /MAN-011: PodGroup g: ([^:]+: [^:]+)/.exec(line)?.[1])).toEqual([
      'spec.disruptionMode: Invalid value',
      'spec.schedulingConstraints.topology: Too many',
      'spec.schedulingConstraints.topology[0].key: Required value',
      'spec.schedulingConstraints.topology[1].key: Invalid value',
      'spec.resourceClaims[1].name: Duplicate value',
      'spec.resourceClaims[1]: Invalid value',
    ]);
    expect(linesOf(group('{basic: {}}, priorityClassName: high'))).toEqual([]);
    for (const [policy, expected] of [
      [
        '{gang: {minCount: 2147483648}}',
        [`${field}.gang.minCount: expected a whole number of 32 bits, found number 2147483648`],
      ],
      ['{gang: {minCount: 2}}', []],
      ['{basic: {}}', []],
      ['{gang: {minCount: 0}}', [`${field}.gang.minCount: Invalid value: 0: must be greater than zero`]],
      ['{gang: {minCount: 1.5}}', [`${field}.gang.minCount: expected a whole number, found number 1.5`]],
      ['{gang: {}}', [`${field}.gang.minCount: Required value`]],
      ['{}', [`${field}: Required value: ${one}`]],
      [
        '{basic: {}, gang: {minCount: 2}}',
        [`${field}: Invalid value: "{\`basic\`, \`gang\`}": ${one}, but multiple fields are set`],
      ],
      ['7', [`${field}: expected an object, found number`]],
    ] as const) {
      expect(linesOf(group(policy)).map((line) => line.replace(/^.* error MAN-011: /, ''))).toEqual(expected);
    }
  });

  it('name claims for devices without one source, named twice, and taken without being declared', () => {
    const claims =
      '[{name: a}, {name: a, resourceClaimName: x, resourceClaimTemplateName: t}, {name: B_d, resourceClaimName: x}]';
    const taken = '[{name: zz}, {name: a, request: q}, {name: a, request: q}]';
    const containers = `[{name: c, image: x, resources: {claims: ${taken}}}]`;
    const lines = linesOf(
      pod(`{resourceClaims: ${claims}, volumes: [{name: e, ephemeral: {}}], containers: ${containers}}`),
    );
    expect(
      lines.map((line) => /MAN-011: Pod p: ([^:]+): (Required|Duplicate|Invalid|Not found)/.exec(line)?.slice(1, 3)),
    ).toEqual([
      ['spec.volumes[0].ephemeral.volumeClaimTemplate', 'Required'],
      ['spec.resourceClaims[0]', 'Invalid'],
      ['spec.resourceClaims[1].name', 'Duplicate'],
      ['spec.resourceClaims[1]', 'Invalid'],
      ['spec.resourceClaims[2].name', 'Invalid'],
      ['spec.containers[0].resources.claims[0]', 'Not found'],
      ['spec.containers[0].resources.claims[2]', 'Duplicate'],
    ]);
    const good = '[{name: a, resourceClaimName: x}]';
    const parts = '[{name: a, request: q}, {name: a, request: r}]';
    expect(
      linesOf(pod(`{resourceClaims: ${good}, containers: [{name: c, image: x, resources: {claims: ${parts}}}]}`)),
    ).toEqual([]);
  });

  it('survive any tree of values', () => {
    for (const value of [
      '5',
      '[]',
      '[[{}]]',
      '{containers: {a: 1}}',
      '{containers: [[]], affinity: 3}',
      '"x"',
      'null',
    ]) {
      expect(() => linesOf(pod(value))).not.toThrow();
      expect(linesOf(pod(value)).length).toBeGreaterThan(0);
    }
  });
});
