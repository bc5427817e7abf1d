/**
 * Drawn Jobs and CronJobs, and what is changed about them.
 */
import { job, type Manifest, template } from '../play.ts';
import {
  type Change,
  chance,
  type Draw,
  livePod,
  maybe,
  pick,
  podWish,
  propagation,
  remade,
  type Subject,
  spec,
} from './mixed-draw.ts';

function failurePolicy(draw: Draw, perIndex: boolean): object {
  const actions = perIndex ? ['FailJob', 'Ignore', 'Count', 'FailIndex'] : ['FailJob', 'Ignore', 'Count'];
  const rules = [
    pick<object>(draw, [
      { action: pick(draw, actions), onExitCodes: { operator: 'In', values: [1, 42] } },
      { action: pick(draw, actions), onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    ]),
  ];
  return { podFailurePolicy: { rules } };
}

function fields(draw: Draw): Manifest {
  const indexed = chance(draw, 50);
  const perIndex = indexed && chance(draw, 35);
  const counted = indexed || chance(draw, 80);
  return {
    ...(counted ? { completions: 1 + draw(6) } : {}),
    parallelism: 1 + draw(4),
    ...(indexed ? { completionMode: 'Indexed' } : {}),
    ...maybe(draw, 70, () => ({ backoffLimit: draw(4) })),
    ...(perIndex ? { backoffLimitPerIndex: draw(2) } : {}),
    ...maybe(draw, 30, () => failurePolicy(draw, perIndex)),
    ...maybe(draw, 20, () => ({ podReplacementPolicy: 'Failed' })),
    ...(indexed
      ? maybe(draw, 25, () => ({ successPolicy: { rules: [{ succeededIndexes: '0-1', succeededCount: 1 }] } }))
      : {}),
    ...maybe(draw, 15, () => ({ suspend: true })),
    ...maybe(draw, 20, () => ({ ttlSecondsAfterFinished: draw(4) })),
    ...maybe(draw, 20, () => ({ activeDeadlineSeconds: 3 + draw(5) })),
    ...maybe(draw, 5, () => ({ managedBy: 'example.com/other' })),
  };
}

function jobWishes(draw: Draw): Record<string, string> {
  return {
    ...maybe(draw, 60, () => ({ runFor: pick(draw, ['300ms', '1s', '3s']) })),
    ...maybe(draw, 45, () => ({ exit: pick(draw, ['error', 'never']) })),
    ...maybe(draw, 30, () => ({ stopAfter: pick(draw, ['300ms', '1500ms']) })),
  };
}

function drawnJob(draw: Draw, name: string): Subject {
  const manifest = (again: Draw): Manifest => {
    const made = job(name, fields(again), jobWishes(again), podWish(again, name));
    if (made.spec.backoffLimitPerIndex !== undefined) {
      delete made.spec.backoffLimit;
      if (chance(again, 50)) made.spec.maxFailedIndexes = again(3);
    }
    return made;
  };
  const own = { app: name };
  const changes: Change[] = [
    spec('Job', name, (again) => ({ parallelism: again(5) })),
    spec('Job', name, (again) => ({ suspend: chance(again, 50) })),
    spec('Job', name, (again) => ({ suspend: chance(again, 50) })),
    spec('Job', name, (again) => ({ backoffLimit: again(4) })),
    spec('Job', name, (again) => ({ activeDeadlineSeconds: 2 + again(5) })),
    spec('Job', name, (again) => ({ ttlSecondsAfterFinished: again(3) })),
    (s, again) => {
      const both = again(5);
      return s.merge('Job', name, { spec: { parallelism: both, completions: both } });
    },
    (s, again) => s.delete('Pod', livePod(s, again, own)),
    (s, again) => s.evict(livePod(s, again, own)),
    (s, again) => s.merge('Pod', livePod(s, again, own), { status: { phase: 'Failed' } }, 'status'),
    (s, again) => s.merge('Pod', livePod(s, again, own), { status: { phase: 'Succeeded' } }, 'status'),
    (s, again) => s.merge('Pod', livePod(s, again, own), { metadata: { finalizers: null } }),
    (s, again) => s.delete('Job', name, propagation(again)),
    remade('Job', manifest),
  ];
  return { manifests: [manifest(draw)], changes };
}

/** Its clock runs by minutes: a change waits for the next one. */
function cronJob(draw: Draw, name: string): Subject {
  const pod = template(name, jobWishes(draw), { restartPolicy: 'Never' });
  const schedule = {
    schedule: '* * * * *',
    concurrencyPolicy: pick(draw, ['Allow', 'Forbid', 'Replace']),
    ...maybe(draw, 40, () => ({ successfulJobsHistoryLimit: draw(2), failedJobsHistoryLimit: draw(2) })),
    ...maybe(draw, 20, () => ({ startingDeadlineSeconds: 20 })),
    jobTemplate: { spec: { backoffLimit: draw(2), template: pod } },
  };
  const manifest = { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name, namespace: 'demo' }, spec: schedule };
  const changes: Change[] = [
    (s) => s.wait({ count: ['Job', {}], gte: 1 }),
    spec('CronJob', name, (again) => ({ suspend: chance(again, 50) })),
    (s, again) => s.delete('CronJob', name, propagation(again)),
  ];
  return { manifests: [manifest], changes };
}

export const BATCH_KINDS = [...Array.from({ length: 9 }, () => drawnJob), cronJob];
