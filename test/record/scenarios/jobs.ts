/**
 * Jobs and CronJobs: parallelism, indexes, back-off, failure and success policies, deadlines, suspension, clean-up.
 */
import { job, type Manifest, type Scenario } from '../play.ts';

const done = (name: string, type = 'Complete'): Manifest => ({ kind: 'Job', name, path: `cond:${type}`, eq: 'True' });

export const JOBS: readonly Scenario[] = [
  {
    name: 'job-parallelism-changes',
    about: '12 completions: parallelism 4, raised to 6, lowered to 1 while pods run, 0, then 3',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      await s.create(job('work', { completions: 12, parallelism: 4 }, { runFor: '1200ms', stopAfter: '300ms' }));
      await s.status('Job', 'work', 'active', 4);
      await s.sleep(500);
      await s.merge('Job', 'work', { spec: { parallelism: 6 } });
      await s.sleep(400);
      await s.merge('Job', 'work', { spec: { parallelism: 1 } });
      await s.sleep(2500);
      await s.merge('Job', 'work', { spec: { parallelism: 0 } });
      await s.sleep(2000);
      await s.merge('Job', 'work', { spec: { parallelism: 3 } });
      await s.wait(done('work'));
      await s.quiet(1500);
    },
  },
  {
    name: 'job-indexed-backoff',
    about: 'Indexed, backoffLimitPerIndex 1 and maxFailedIndexes 1: every pod fails',
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      const spec = {
        completions: 4,
        parallelism: 2,
        completionMode: 'Indexed',
        backoffLimitPerIndex: 1,
        maxFailedIndexes: 1,
      };
      await s.create(job('work', spec, { runFor: '300ms', exit: 'error' }));
      await s.wait(done('work', 'Failed'));
      await s.quiet(1500);
    },
  },
  {
    name: 'job-indexed-elastic',
    about: 'Indexed: completions and parallelism shrink and grow together; pods of lost indexes go',
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      const spec = { completions: 3, parallelism: 3, completionMode: 'Indexed' };
      await s.create(job('work', spec, { exit: 'never' }));
      await s.status('Job', 'work', 'ready', 3);
      await s.quiet(500);
      await s.merge('Job', 'work', { spec: { completions: 5, parallelism: 5 } });
      await s.status('Job', 'work', 'ready', 5);
      await s.quiet(500);
      await s.merge('Job', 'work', { spec: { completions: 2, parallelism: 2 } });
      await s.status('Job', 'work', 'ready', 2);
      await s.quiet(1500);
    },
  },
  {
    name: 'job-success-policy',
    about: 'Indexed with a success policy (index 0 done is enough): the others are ended',
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      const successPolicy = { rules: [{ succeededIndexes: '0', succeededCount: 1 }] };
      const spec = { completions: 4, parallelism: 4, completionMode: 'Indexed', successPolicy };
      await s.create(job('work', spec, { exit: 'never' }));
      await s.status('Job', 'work', 'ready', 4);
      await s.quiet(500);
      const zero = s.podNames({}, (pod) => pod.metadata.labels?.['batch.kubernetes.io/job-completion-index'] === '0');
      await s.merge('Pod', zero[0] ?? '', { status: { phase: 'Succeeded' } }, 'status');
      await s.wait(done('work'));
      await s.quiet(1500);
    },
  },
  {
    name: 'job-failure-policy',
    about:
      'podFailurePolicy: exit code 1 fails the Job at once, though backoffLimit is 6; another Job ignores disruptions',
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      const rules = [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1, 42] } }];
      await s.create(
        job(
          'strict',
          { completions: 3, parallelism: 3, podFailurePolicy: { rules } },
          { runFor: '500ms', exit: 'error' },
        ),
      );
      await s.wait(done('strict', 'Failed'));
      await s.quiet(1000);
      const ignore = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }];
      const spec = { completions: 2, parallelism: 2, backoffLimit: 0, podFailurePolicy: { rules: ignore } };
      await s.create(job('calm', spec, { runFor: '4s', stopAfter: '2s' }));
      await s.status('Job', 'calm', 'ready', 2);
      await s.quiet(500);
      const [first = ''] = s.podNames({ app: 'calm' });
      await s.evict(first);
      await s.sleep(500);
      await s.merge('Pod', first, { status: { phase: 'Failed' } }, 'status');
      await s.wait(done('calm'));
      await s.quiet(1500);
    },
  },
  {
    name: 'job-deadline-suspended',
    about: 'activeDeadlineSeconds 4 counts anew after a suspension; then it strikes',
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      const spec = { completions: 2, parallelism: 2, activeDeadlineSeconds: 4 };
      await s.create(job('work', spec, { exit: 'never', stopAfter: '500ms' }));
      await s.status('Job', 'work', 'ready', 2);
      await s.sleep(2000);
      await s.merge('Job', 'work', { spec: { suspend: true } });
      await s.sleep(3000);
      await s.merge('Job', 'work', { spec: { suspend: false } });
      await s.wait(done('work', 'Failed'));
      await s.quiet(1500);
    },
  },
  {
    name: 'job-replacement-policy',
    about:
      'podReplacementPolicy Failed: a terminating pod is replaced when it has ended only; slow pods are deleted by hand',
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      const spec = { completions: 3, parallelism: 2, podReplacementPolicy: 'Failed' };
      await s.create(job('work', spec, { runFor: '3s', stopAfter: '2s' }));
      await s.status('Job', 'work', 'ready', 2);
      await s.quiet(500);
      const [first = ''] = s.podNames({ app: 'work' });
      await s.delete('Pod', first);
      await s.sleep(600);
      await s.merge('Pod', first, { status: { phase: 'Failed' } }, 'status');
      await s.wait(done('work'));
      await s.quiet(1500);
    },
  },
  {
    name: 'job-deleted-pods',
    about: 'pods of a running Job are deleted, fail by hand, and the Job is deleted by orphaning and in the foreground',
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      await s.create(job('one', { completions: 4, parallelism: 2, backoffLimit: 3 }, { runFor: '2s' }));
      await s.status('Job', 'one', 'ready', 2);
      const [first = '', second = ''] = s.podNames({ app: 'one' });
      await s.delete('Pod', first);
      await s.merge('Pod', second, { status: { phase: 'Failed' } }, 'status');
      await s.wait(done('one'));
      await s.quiet(500);
      await s.delete('Job', 'one', { propagationPolicy: 'Orphan' });
      await s.wait({ absent: ['Job', 'one'] });
      await s.quiet(800);
      await s.create(job('two', { completions: 2, parallelism: 2 }, { exit: 'never', stopAfter: '1s' }));
      await s.status('Job', 'two', 'ready', 2);
      await s.delete('Job', 'two', { propagationPolicy: 'Foreground' });
      await s.wait({ absent: ['Job', 'two'] });
      await s.quiet(1200);
    },
  },
  {
    name: 'job-ttl-zero',
    about:
      'ttlSecondsAfterFinished 0 of a failing Job with backoffLimit 0, and 3 of a work-queue Job without completions',
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      await s.create(job('gone', { backoffLimit: 0, ttlSecondsAfterFinished: 0 }, { runFor: '500ms', exit: 'error' }));
      await s.create(job('queue', { parallelism: 3, ttlSecondsAfterFinished: 3 }, { runFor: '1s' }));
      await s.wait({ absent: ['Job', 'gone'] });
      await s.wait({ absent: ['Job', 'queue'] });
      await s.quiet(1500);
    },
  },
];

const conflictName = 'tick';

export const CRON: readonly Scenario[] = [
  {
    name: 'cron-forbid-replace',
    about: 'every minute with Forbid while the first job does not end; then Replace; history of 1',
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      const { spec } = job('x', {}, { exit: 'never' });
      await s.create({
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name: conflictName, namespace: 'demo' },
        spec: { schedule: '* * * * *', concurrencyPolicy: 'Forbid', jobTemplate: { spec } },
      });
      await s.pods({ app: 'x' }, 1);
      await s.quiet(1000);
      await s.merge('CronJob', conflictName, { spec: { concurrencyPolicy: 'Replace' } });
      await s.sleep(61_000);
      await s.pods({ app: 'x' }, 1);
      await s.quiet(1500);
      await s.merge('CronJob', conflictName, { spec: { suspend: true } });
      await s.quiet(1000);
    },
  },
];
