import type { Dice, Json } from './dice.ts';
import { controlledBy, type SyncInput } from './objects.ts';

const TRACKED = 'batch.kubernetes.io/job-tracking';
const PREFIX = 'batch.kubernetes.io/';

/** How a drawn Job counts. */
interface JobShape {
  readonly indexed: boolean;
  /** Failures are limited an index. */
  readonly perIndex: boolean;
  readonly hasPolicy: boolean;
}

/** A Job at any point of its life, with pods of its own in any state, some counted already, some of nobody. */
export function drawJob(dice: Dice): SyncInput {
  const indexed = dice.chance(0.5);
  const shape: JobShape = { indexed, perIndex: indexed && dice.chance(0.5), hasPolicy: dice.chance(0.4) };
  const name = dice.chance(0.05) ? 'j'.repeat(60) : 'j';
  const pods = dice.list(dice.int(0, 7), (i) => drawJobPod(dice, shape, name, i));
  const counted = drawUncounted(dice, shape, pods);
  const deletion = { deletionTimestamp: '@5', deletionGracePeriodSeconds: 0, finalizers: ['foregroundDeletion'] };
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: 'd',
      uid: 'ju',
      generation: 1,
      creationTimestamp: '@100',
      ...(dice.chance(0.06) ? deletion : {}),
    },
    spec: drawJobSpec(dice, shape),
    status: drawJobStatus(dice, shape, counted),
  };
  const refused = dice.chance(0.1);
  return { key: `d/${name}`, objects: [job, ...pods], ...(refused ? { refuseAfter: dice.int(0, 2) } : {}) };
}

function drawJobSpec(dice: Dice, { indexed, perIndex, hasPolicy }: JobShape): Json {
  const successRule = (): Json =>
    dice.chance(0.5)
      ? {
          succeededIndexes: dice.of('0', '0-2', '1,3', '6'),
          succeededCount: dice.maybe(0.5, () => dice.int(1, 3)),
        }
      : { succeededCount: dice.int(1, 4) };
  return {
    parallelism: dice.int(0, 4),
    completions: indexed ? dice.int(2, 5) : dice.maybe(0.7, () => dice.int(1, 5)),
    completionMode: indexed ? 'Indexed' : 'NonIndexed',
    backoffLimit: dice.of(0, 1, 2, 6),
    suspend: dice.chance(0.12),
    activeDeadlineSeconds: dice.maybe(0.15, () => dice.of(10, 99, 100, 500)),
    selector: { matchLabels: { job: 'j' } },
    podReplacementPolicy: hasPolicy ? 'Failed' : dice.of('Failed', 'TerminatingOrFailed'),
    podFailurePolicy: hasPolicy
      ? { rules: dice.list(dice.int(1, 3), () => drawFailureRule(dice, perIndex)) }
      : undefined,
    backoffLimitPerIndex: perIndex ? dice.int(0, 2) : undefined,
    maxFailedIndexes: perIndex ? dice.maybe(0.5, () => dice.int(0, 2)) : undefined,
    successPolicy: indexed ? dice.maybe(0.4, () => ({ rules: dice.list(dice.int(1, 2), successRule) })) : undefined,
    template: {
      metadata: { labels: { job: 'j' } },
      spec: {
        restartPolicy: hasPolicy ? 'Never' : dice.of('Never', 'OnFailure'),
        containers: [{ name: 'a', image: 'x' }],
      },
    },
  };
}

function drawFailureRule(dice: Dice, perIndex: boolean): Json {
  const action = dice.of('Ignore', 'FailJob', 'Count', perIndex ? 'FailIndex' : 'FailJob');
  if (dice.chance(0.6)) {
    const containerName = dice.maybe(0.4, () => dice.of('a', 'b', 'i'));
    return { action, onExitCodes: { containerName, operator: dice.of('In', 'NotIn'), values: [dice.int(1, 3)] } };
  }
  const onPodConditions = dice.list(dice.int(1, 2), () => ({
    type: dice.of('DisruptionTarget', 'X'),
    status: dice.of('True', 'True', 'False'),
  }));
  return { action, onPodConditions };
}

function drawJobPod(dice: Dice, { indexed, perIndex }: JobShape, job: string, i: number): Json {
  const phase = dice.of('Pending', 'Running', 'Running', 'Running', 'Succeeded', 'Failed', 'Failed');
  const isOwned = dice.chance(0.95);
  const annotations: Json = {};
  const note = (share: number, key: string, value: () => string): void => {
    if (dice.chance(share)) annotations[key] = value();
  };
  if (indexed) note(0.95, `${PREFIX}job-completion-index`, () => dice.of('0', '1', '2', '3', '4', '0', '1', '7', '-1'));
  if (perIndex) {
    note(0.8, `${PREFIX}job-index-failure-count`, () => String(dice.int(0, 2)));
    note(0.3, `${PREFIX}job-index-ignored-failure-count`, () => String(dice.int(0, 2)));
  }
  note(0.1, 'controller.kubernetes.io/pod-deletion-cost', () => String(dice.int(-1, 1)));
  const hasSidecar = dice.chance(0.2);
  const init = hasSidecar ? { name: 'i', image: 'x', restartPolicy: 'Always' } : { name: 'i', image: 'x' };
  const deletion = () => ({
    deletionTimestamp: `@${dice.int(-6, 3)}`,
    deletionGracePeriodSeconds: dice.of(0, 5, 30),
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `p${i}`,
      namespace: 'd',
      uid: `u${i}`,
      labels: { job: dice.chance(0.95) ? 'j' : 'other' },
      annotations,
      creationTimestamp: `@${dice.int(60, 89)}`,
      finalizers: isOwned && dice.chance(0.85) ? [TRACKED] : undefined,
      ownerReferences: isOwned ? controlledBy('Job', job, 'ju', 'batch/v1') : undefined,
      ...(dice.chance(0.15) ? deletion() : {}),
    },
    spec: {
      nodeName: phase === 'Pending' && dice.chance(0.5) ? undefined : dice.of('n1', 'n2'),
      containers: [
        { name: 'a', image: 'x' },
        { name: 'b', image: 'x' },
      ],
      initContainers: hasSidecar || dice.chance(0.3) ? [init] : undefined,
    },
    status: {
      phase,
      conditions: drawJobPodConditions(dice, phase),
      containerStatuses: dice.maybe(0.85, () =>
        dice.chance(0.5)
          ? [containerStatus(dice, phase, 'a')]
          : [containerStatus(dice, phase, 'a'), containerStatus(dice, phase, 'b')],
      ),
      initContainerStatuses: hasSidecar || dice.chance(0.2) ? [containerStatus(dice, phase, 'i')] : undefined,
    },
  };
}

function containerStatus(dice: Dice, phase: string, name: string): Json {
  const hasEnded = (phase === 'Succeeded' || phase === 'Failed') && dice.chance(0.85);
  const terminated = {
    exitCode: phase === 'Succeeded' ? 0 : dice.int(0, 3),
    finishedAt: dice.maybe(0.9, () => `@${dice.int(0, 39)}`),
  };
  const state = hasEnded ? { terminated } : { running: { startedAt: '@100' } };
  const restartCount = dice.chance(0.2) ? dice.int(0, 3) : 0;
  return { name, ready: false, restartCount, image: 'x', imageID: '', state };
}

function drawJobPodConditions(dice: Dice, phase: string): Json[] {
  const conditions: Json[] = [];
  const isReady = phase === 'Running' && dice.chance(0.7) ? 'True' : dice.of('True', 'False');
  if (dice.chance(0.6)) conditions.push({ type: 'Ready', status: isReady, lastTransitionTime: `@${dice.int(0, 39)}` });
  for (const type of ['X', 'DisruptionTarget']) {
    if (dice.chance(0.3)) conditions.push({ type, status: dice.of('True', 'False'), lastTransitionTime: '@9' });
  }
  return conditions;
}

/** Pods that have been counted and whose finalizers are to go, and some that have gone meanwhile. */
function drawUncounted(dice: Dice, { indexed }: JobShape, pods: readonly Json[]): Json {
  const succeeded: unknown[] = [];
  const failed: unknown[] = [];
  for (const { metadata } of pods) {
    const list = dice.of(succeeded, failed, ...Array<undefined>(8));
    list?.push((metadata as Json)['uid']);
  }
  if (dice.chance(0.1)) succeeded.push('gone1');
  if (dice.chance(0.1)) failed.push('gone2');
  return {
    succeeded: succeeded.length > 0 && !indexed ? succeeded : undefined,
    failed: failed.length > 0 ? failed : undefined,
  };
}

function drawJobStatus(dice: Dice, { indexed, perIndex }: JobShape, uncounted: Json): Json {
  const conditions: Json[] = [];
  const add = (type: string, status: string, reason: string, message: string): void => {
    conditions.push({ type, status, reason, message, lastProbeTime: '@50', lastTransitionTime: '@50' });
  };
  if (dice.chance(0.15)) {
    const [reason, message] = dice.of(['JobSuspended', 'Job suspended'], ['JobResumed', 'Job resumed']) as [
      string,
      string,
    ];
    add('Suspended', dice.of('True', 'False'), reason, message);
  }
  const end = dice.int(1, 12);
  if (end === 1) add('FailureTarget', 'True', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  if (end === 2) add('SuccessCriteriaMet', 'True', 'CompletionsReached', 'Reached expected number of succeeded pods');
  // One that has not begun has nothing to tell yet.
  if (dice.chance(0.15)) return {};
  const [completedIndexes, count] = indexed
    ? dice.of<readonly [string | undefined, number]>([undefined, 0], ['0', 1], ['0', 1], ['0,1', 2])
    : [undefined, dice.chance(0.5) ? dice.int(0, 2) : 0];
  return {
    conditions: conditions.length > 0 ? conditions : undefined,
    startTime: '@100',
    active: dice.int(0, 3) || undefined,
    ready: dice.int(0, 2),
    terminating: dice.maybe(0.7, () => dice.int(0, 1)),
    succeeded: count || undefined,
    failed: (dice.chance(0.3) && dice.int(0, 2)) || undefined,
    completedIndexes,
    failedIndexes: perIndex ? dice.of(undefined, '', '', '2', '3') : undefined,
    uncountedTerminatedPods: dice.maybe(0.8, () => uncounted),
  };
}
