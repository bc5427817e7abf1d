/** Replicas are taken away only as far as the numbers beside them keep their meaning. */
import { expect, test } from 'vitest';
import { reduceReplicas } from '../../../../core/chaos/minimise/reduce-cluster.ts';
import type { Trials } from '../../../../core/chaos/minimise/trials.ts';
import type { KubeObject } from '../../../../core/types/object.ts';
import { smallPlan } from '../../../support/small-plan.ts';

const made = (kind: string, name: string, rest: object): KubeObject =>
  ({ apiVersion: 'v1', kind, metadata: { name, namespace: 'd' }, ...rest }) as KubeObject;
const LABELS = { app: 'web' };

interface Sized {
  readonly annotations?: object;
  readonly labels?: object;
  readonly spec?: object;
  readonly podSpec?: object;
}

/** Replicas that are left of nine, with `others` beside them, where any plan fails. */
function left({ annotations = {}, labels = {}, spec = {}, podSpec = {} }: Sized, ...others: KubeObject[]): unknown {
  const template = { metadata: { labels: { ...LABELS, ...labels } }, spec: podSpec };
  const metadata = { name: 'web', namespace: 'd', annotations };
  const web = made('Deployment', 'web', { metadata, spec: { replicas: 9, template, ...spec } });
  const plan = { ...smallPlan(), workload: [...others, web] };
  const { workload } = reduceReplicas(plan, { fails: () => true } as unknown as Trials);
  return (workload.at(-1) as { spec?: { replicas?: number } }).spec?.replicas;
}

const budget = (spec: object, matchLabels: object = LABELS) =>
  made('PodDisruptionBudget', 'b', { spec: { selector: { matchLabels }, ...spec } });
const rolling = (maxUnavailable: unknown) => ({ rollingUpdate: { maxUnavailable } });

test.each<[string, number, Sized, KubeObject[]]>([
  ['nothing beside it', 1, {}, []],
  ['min-ready', 5, { annotations: { 'seatrial.dev/min-ready': '4' } }, []],
  ['min-ready of all its pods: it stays as it is', 9, { annotations: { 'seatrial.dev/min-ready': '9' } }, []],
  ['a budget that keeps some', 4, {}, [budget({ minAvailable: 3 })]],
  ['a budget that spares some', 3, {}, [budget({ maxUnavailable: 2 })]],
  ['a share shrinks with it', 1, {}, [budget({ minAvailable: '50%' })]],
  ['a budget of others', 1, {}, [budget({ minAvailable: 3 }, { app: 'db' })]],
  ['a roll-out', 3, { spec: { strategy: rolling(2) } }, []],
  ['a gang by labels', 6, { labels: { 'pod-group.scheduling.sigs.k8s.io/min-available': '6' } }, []],
  [
    'a gang by its object',
    4,
    { podSpec: { schedulingGroup: { podGroupName: 'g' } } },
    [made('PodGroup', 'g', { spec: { schedulingPolicy: { gang: { minCount: 4 } } } })],
  ],
])('%s: %i replicas', (_name, expected, sized, others) => {
  expect(left(sized, ...others)).toBe(expected);
});
