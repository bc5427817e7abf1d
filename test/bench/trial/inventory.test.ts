/**
 * From manifests to workloads: who is selected by what, what is not simulated, what is refused.
 */
import { describe, expect, test } from 'vitest';
import { takeInventory } from '../../../bench/trial/inventory.ts';
import type { Workload } from '../../../bench/trial/workload.ts';
import { readManifests } from '../../../scenarios/manifests.ts';
import { ProblemList } from '../../../scenarios/problem.ts';
import { deploymentText, inventoryOf, objectText } from '../../support/trial-manifests.ts';

const web = (more: string[] = [], text = deploymentText({ name: 'web' })): Workload =>
  inventoryOf(text, ...more).workloads.find(({ name }) => name === 'web') as Workload;

describe('workloads', () => {
  test('services count when they select the pods, follow readiness and are in the namespace', () => {
    const service = (name: string, spec: string) => objectText('v1', 'Service', name, `spec: ${spec}`);
    const found = web([
      service('right', '{selector: {app: web}}'),
      service('other', '{selector: {app: api}}'),
      service('none', '{}'),
      service('early', '{selector: {app: web}, publishNotReadyAddresses: true}'),
      service('far', '{selector: {app: web}}').replace('namespace: demo', 'namespace: elsewhere'),
    ]);
    expect(found.services).toEqual(['right']);
  });

  test('a single replica leaves nothing, unless each of its Services selects pods of others, such as those of another version', () => {
    const service = (name: string, labels: string) =>
      objectText('v1', 'Service', name, `spec: {selector: {${labels}}}`);
    const version = (name: string, replicas = 1) =>
      deploymentText({ name, replicas }).replace('labels: {app', 'labels: {tier: front, app');
    const single = (...more: string[]) => web([version('old'), version('idle', 0), ...more], version('web')).suspicions;
    const nothing = ['single replica: while it moves nothing serves'];
    const shared = service('site', 'tier: front');
    expect(single()).toEqual(nothing);
    expect(single(shared)).toEqual(['single replica: while it moves, Service site has the pods of old alone']);
    expect(single(shared, service('own', 'app: web'))).toEqual(nothing);
  });

  test.each([
    ['{minAvailable: 2}', 2, false],
    ['{minAvailable: "50%"}', 2, false],
    ['{minAvailable: "100%"}', 3, true],
    ['{maxUnavailable: 1}', 2, false],
    ['{maxUnavailable: "10%"}', 2, false],
    ['{maxUnavailable: 0}', 3, true],
  ])('budget %s of 3 replicas keeps %i', (limits, minimum, neverAllows) => {
    const spec = limits.replace('}', ', selector: {matchLabels: {app: web}}}');
    const [budget] = web([objectText('policy/v1', 'PodDisruptionBudget', 'keep', `spec: ${spec}`)]).budgets;
    expect(budget).toMatchObject({ name: 'demo/keep', minimum, neverAllows });
  });

  test.each([
    ['', 0, 1],
    ['  strategy: {rollingUpdate: {maxUnavailable: 2, maxSurge: 0}}', 2, 0],
    ['  strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 0}}', 1, 0],
    ['  strategy: {type: Recreate}', 3, 0],
  ])('a rolling update with "%s" may miss %i and add %i', (spec, maxUnavailable, maxSurge) => {
    expect(web([], deploymentText({ name: 'web', spec }))).toMatchObject({ maxUnavailable, maxSurge });
  });

  test('objects that others need come first, namespaces are filled in', () => {
    const { objects } = inventoryOf(
      'apiVersion: v1\nkind: Pod\nmetadata: {name: bare}\nspec: {containers: [{name: a, image: b}]}\n',
      objectText('v1', 'ConfigMap', 'settings'),
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: demo}\n',
    );
    expect(objects.map(({ kind }) => kind)).toEqual(['Namespace', 'ConfigMap', 'Pod']);
    expect(objects.map(({ metadata }) => metadata.namespace)).toEqual([undefined, 'demo', 'default']);
  });
});

test('a Job that belongs to another controller is told and not run', () => {
  const job = (managedBy: string): string =>
    `apiVersion: batch/v1\nkind: Job\nmetadata: {name: web}\nspec: {managedBy: ${managedBy}, template: {spec: {restartPolicy: Never, containers: [{name: a, image: b}]}}}\n`;
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: bare}\nspec: {containers: [{name: a, image: b}]}\n';
  expect(web([job('example.com/queue')], pod)).toMatchObject({
    runnable: false,
    uncertainties: [{ what: 'managedBy example.com/queue', kind: 'managedBy', effect: 'either', scope: 'all' }],
  });
  expect(web([job('kubernetes.io/job-controller')], pod).runnable).toBe(true);
});

describe('what is not simulated', () => {
  const claim = deploymentText({
    name: 'web',
    pod: '      volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]',
  });
  const scaler = objectText(
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    'web',
    'spec: {scaleTargetRef: {kind: Deployment, name: web}}',
  );
  const policy = objectText('networking.k8s.io/v1', 'NetworkPolicy', 'deny', 'spec: {podSelector: {}}');
  const hook = objectText(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    'inject',
    'webhooks: [{rules: [{resources: [pods]}]}]',
  );

  test.each([
    ['containers: [null]', ''],
    ['containers: [{name: c}], initContainers: 2', ''],
    ['containers: [{name: c}], volumes: 1, resourceClaims: x', ''],
    ['', 'volumeClaimTemplates: {}'],
    ['', 'volumeClaimTemplates: [null]'],
  ])('a custom kind may have a template that is none of a pod: %s %s', (podSpec, rest) => {
    const template = podSpec === '' ? '' : `template: {spec: {${podSpec}}}`;
    const custom = objectText('apps.kruise.io/v1beta1', 'StatefulSet', 'odd', `spec: {${template}${rest}}`);
    const found = inventoryOf(claim, custom);
    expect(found.workloads.map(({ id }) => id)).toEqual(['Deployment/demo/web']);
    expect(found.notSimulated.map(({ apiVersion }) => apiVersion)).toEqual(['apps.kruise.io/v1beta1']);
  });

  test('each is listed with its workload, and only with its own', () => {
    expect(web([], claim).uncertainties).toEqual([
      {
        what: 'volume data (PersistentVolumeClaim data)',
        kind: 'PersistentVolumeClaim',
        effect: 'worse',
        scope: 'moves',
      },
    ]);
    const given = objectText('v1', 'PersistentVolumeClaim', 'data', 'spec: {resources: {requests: {storage: 1Gi}}}');
    expect(web([given], claim).uncertainties).toEqual([]);
    const devices = claim.replace(/volumes:.*/, 'resourceClaims: [{name: g, resourceClaimName: g}]');
    const slice = objectText(
      'resource.k8s.io/v1',
      'ResourceSlice',
      's',
      'spec: {driver: d, allNodes: true, pool: {name: p, resourceSliceCount: 1}}',
    );
    const picky = objectText(
      'resource.k8s.io/v1',
      'DeviceClass',
      'gpu',
      'spec: {selectors: [{cel: {expression: "1u > 0u"}}]}',
    );
    expect(web([slice, picky], devices).uncertainties).toContainEqual({
      what: 'device selector (DeviceClass gpu: column 1: only integers and doubles are understood)',
      kind: 'DeviceClass',
      effect: 'either',
      scope: 'all',
    });
    expect(web([slice, picky]).uncertainties).toEqual([]);
    const grouped = claim.replace(/volumes:.*/, 'schedulingGroup: {podGroupName: g}');
    expect(web([], grouped).uncertainties).toEqual([
      { what: 'PodGroup g (no profile enables GangScheduling)', kind: 'PodGroup', effect: 'either', scope: 'all' },
    ]);
    const heeded = takeInventory(
      readManifests([{ file: 'x.yaml', text: grouped }], new ProblemList()),
      new ProblemList(),
      { podGroups: true, deviceGates: [] },
    );
    expect(heeded.workloads[0]?.uncertainties).toEqual([]);
    const tainted = slice.replace('pool:', 'devices: [{name: x, taints: [{key: k, effect: NoSchedule}]}], pool:');
    expect(web([tainted], devices).uncertainties).toContainEqual({
      what: 'devices (ResourceSlice s: feature gate DRADeviceTaints)',
      kind: 'ResourceSlice',
      effect: 'either',
      scope: 'all',
    });
    expect(web([tainted]).uncertainties).toEqual([]);
    const rule = objectText(
      'resource.k8s.io/v1alpha3',
      'DeviceTaintRule',
      'r',
      'spec: {taint: {key: k, effect: NoSchedule}}',
    );
    const gated = takeInventory(
      readManifests([{ file: 'x.yaml', text: [devices, tainted, rule].join('---\n') }], new ProblemList()),
      new ProblemList(),
      { podGroups: false, deviceGates: ['DRADeviceTaints'] },
    );
    expect([gated.workloads[0]?.uncertainties, gated.notSimulated]).toEqual([[], []]);
    expect(web([policy]).uncertainties).toMatchObject([
      { what: 'NetworkPolicy deny', effect: 'worse', scope: 'moves' },
    ]);
    expect(web([hook]).uncertainties).toMatchObject([
      { what: 'MutatingWebhookConfiguration inject', effect: 'either' },
    ]);
    expect(web([scaler.replace('kind: Deployment', 'kind: StatefulSet')]).uncertainties).toEqual([]);
    expect(web([policy.replace('podSelector: {}', 'podSelector: {matchLabels: {app: api}}')]).uncertainties).toEqual(
      [],
    );
    expect(web([hook.replace('[pods]', '[nodes]')]).uncertainties).toEqual([]);
  });

  test('a volume that a claim of the StatefulSet replaces is not the one that the template names', () => {
    const set = (volume: string) =>
      claim
        .replace('kind: Deployment', 'kind: StatefulSet')
        .replace('{name: d,', `{name: ${volume},`)
        .replace('  selector:', '  volumeClaimTemplates: [{metadata: {name: d}}]\n  selector:');
    expect(web([], set('d')).uncertainties).toEqual([]);
    expect(web([], set('other')).uncertainties).toMatchObject([{ what: 'volume data (PersistentVolumeClaim data)' }]);
  });

  test('an autoscaler: the workload runs with minReplicas; one that may go to zero, or is no HPA, leaves every mark unknown', () => {
    const scaler = (spec: string, kind = 'HorizontalPodAutoscaler') =>
      objectText('autoscaling/v2', kind, 'web', `spec: {scaleTargetRef: {kind: Deployment, name: web}${spec}}`);
    const budget = objectText(
      'policy/v1',
      'PodDisruptionBudget',
      'keep',
      'spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}',
    );
    const found = inventoryOf(deploymentText({ name: 'web' }), budget, scaler(', minReplicas: 2, maxReplicas: 9'));
    expect(found.workloads[0]).toMatchObject({ replicas: 2, uncertainties: [], budgets: [{ neverAllows: true }] });
    expect(found.autoscaled).toEqual([{ workload: 'Deployment/demo/web', autoscaler: 'web', replicas: 2 }]);
    expect(found.objects.find(({ kind }) => kind === 'Deployment')?.spec).toMatchObject({ replicas: 2 });
    expect(web([scaler('')]).replicas).toBe(1);
    const unknown = (kind: string) => [{ what: `${kind} web`, kind, effect: 'either', scope: 'all' }];
    expect(web([scaler(', minReplicas: 0')])).toMatchObject({
      replicas: 3,
      uncertainties: unknown('HorizontalPodAutoscaler'),
    });
    expect(web([scaler(', minReplicas: 2', 'ScaledObject')]).uncertainties).toEqual(unknown('ScaledObject'));
  });

  test('a workload of an unknown kind is not runnable and always uncertain', () => {
    const cron = objectText(
      'batch/v1',
      'CronJob',
      'nightly',
      'spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: b}]}}}}}',
    );
    const { workloads, notSimulated } = inventoryOf(deploymentText({ name: 'web' }), cron);
    expect(workloads.map(({ id, runnable }) => [id, runnable])).toEqual([
      ['Deployment/demo/web', true],
      ['CronJob/demo/nightly', false],
    ]);
    expect(notSimulated).toEqual([{ kind: 'CronJob', apiVersion: 'batch/v1', count: 1 }]);
  });

  test('ConfigMaps and Secrets that are not there are taken for granted, each once; optional ones are not', () => {
    const volumes = (more: string) => `      volumes: [{name: s, secret: {secretName: key}}${more}]`;
    const assumed = (...texts: string[]) =>
      inventoryOf(...texts).assumedSources.map(
        ({ kind, metadata: { namespace, name } }) => `${kind}/${namespace}/${name}`,
      );
    const rest =
      ', {name: o, secret: {secretName: other, optional: true}}, {name: c, configMap: {name: kube-root-ca.crt}}, {name: p, projected: {sources: [{configMap: {name: map}}]}}';
    const text = deploymentText({ name: 'web', pod: volumes(rest) });
    expect(assumed(text, text.replace('name: web', 'name: web2'))).toEqual(['Secret/demo/key', 'ConfigMap/demo/map']);
    expect(assumed(text, objectText('v1', 'Secret', 'key', ''))).toEqual(['ConfigMap/demo/map']);
    const { objects, assumedSources, workloads } = inventoryOf(deploymentText({ name: 'web', pod: volumes('') }));
    expect(objects).toEqual(expect.arrayContaining([...assumedSources]));
    expect(workloads[0]?.missing).toEqual([]);
  });
});

test('device claims: what they name is followed to the class', () => {
  const pod = '      resourceClaims: [{name: g, resourceClaimTemplateName: one}, {name: h, resourceClaimName: two}]';
  const claim = (depth: string) => `spec: ${depth}`;
  const devices = '{devices: {requests: [{name: r, exactly: {deviceClassName: gpu}}]}}';
  const template = objectText('resource.k8s.io/v1', 'ResourceClaimTemplate', 'one', claim(`{spec: ${devices}}`));
  const two = objectText('resource.k8s.io/v1', 'ResourceClaim', 'two', claim(devices));
  const missing = (...more: string[]) =>
    web(more, deploymentText({ name: 'web', pod })).missing.map((text) => text.split(' is not')[0]);
  expect(missing()).toEqual(['ResourceClaimTemplate one', 'ResourceClaim two']);
  expect(missing(template, two)).toEqual(['DeviceClass gpu']);
  const gpu = objectText('resource.k8s.io/v1', 'DeviceClass', 'gpu').replace(', namespace: demo', '');
  expect(missing(template, two, gpu)).toEqual([]);
});

test.each([
  [objectText('v1', 'Service', 'a') + '---\n' + objectText('v1', 'ConfigMap', 'b'), 'found 1 ConfigMap, 1 Service'],
  [objectText('apps/v1', 'Deployment', 'a', 'spec: null'), 'found 1 Deployment'],
  [
    objectText('extensions/v1beta1', 'Deployment', 'a', 'spec: {template: {spec: {containers: [{name: a}]}}}'),
    'found 1 extensions/v1beta1 Deployment',
  ],
  [objectText('serving.knative.dev/v1', 'Service', 'a'), 'found 1 serving.knative.dev/v1 Service'],
])('nothing runnable names the kinds seen: %#', (text, found) => {
  const problems = new ProblemList();
  takeInventory(readManifests([{ file: 'x.yaml', text }], problems), problems);
  expect(problems.problems.map(({ message }) => message).join()).toMatch(new RegExp(`${found}$`));
});
