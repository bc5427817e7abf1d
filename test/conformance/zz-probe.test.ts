import { writeFileSync } from 'node:fs';
import { test } from 'vitest';
import { TimelineReplay } from '../support/recorded-timeline.ts';
import { type Json, masked, readRecording } from '../support/recording.ts';

const NAMES = [
  'cordon-drain',
  'daemonset-nodes',
  'daemonset-rolling',
  'deployment-create',
  'deployment-history-limit',
  'deployment-min-ready-seconds',
  'deployment-paused',
  'deployment-pod-killed',
  'deployment-progress-deadline',
  'deployment-proportional-scaling',
  'deployment-recreate',
  'deployment-rollback',
  'deployment-rolling-default',
  'deployment-rolling-surge0',
  'deployment-scale',
  'gc-foreground',
  'gc-orphan',
  'job-backoff-limit',
  'job-completions',
  'job-indexed',
  'job-suspend',
  'job-ttl',
  'namespace-delete',
  'node-delete-podgc',
  'node-partial-disruption',
  'node-unreachable-evict',
  'pdb-eviction',
  'pod-deletion-grace',
  'replicaset-adopt-release',
  'service-endpointslices',
  'statefulset-broken-rollout',
  'statefulset-create-ordered',
  'statefulset-parallel',
  'statefulset-rolling',
  'statefulset-scale',
  'taint-noexecute',
  'topology-spread',
  'unschedulable-node-added',
  'scheduling-gates',
  'finalizers',
];
const only = process.env['ONLY']?.split(',');
test('probe', () => {
  const out: string[] = [];
  for (const name of only ?? NAMES) {
    const t0 = performance.now();
    const rec = readRecording(name);
    const replay = new TimelineReplay(rec, 1);
    let err = '';
    try {
      replay.run();
    } catch (e) {
      err = String((e as Error).message).slice(0, 300);
    }
    const byName = (l: Json, r: Json): number => ((l['metadata'] as any).name < (r['metadata'] as any).name ? -1 : 1);
    const bad: string[] = [];
    if (err === '')
      for (const kind of Object.keys(rec.final)) {
        if (kind === 'Event' || kind === 'ConfigMap' || kind === 'Endpoints') continue;
        const ours = replay
          .objects(kind)
          .filter(
            ({ metadata }) =>
              kind === 'Node' ||
              kind === 'PriorityClass' ||
              rec.final[kind]!.some((o) => (o['metadata'] as any).namespace === metadata.namespace) ||
              metadata.namespace === 'demo',
          )
          .map((o) => masked(o, (t) => replay.names.text(t)))
          .sort(byName);
        const want = rec.final[kind]!.map((o) => masked(o)).sort(byName);
        const a = JSON.stringify(sorted(ours));
        const b = JSON.stringify(sorted(want));
        if (a !== b) {
          bad.push(`${kind}(${ours.length}/${want.length})`);
          out.push(`--- ${name} ${kind}`, ...diff(sorted(want), sorted(ours), ''));
        }
      }
    const reasons = (xs: string[]): string => {
      const m = new Map<string, number>();
      for (const x of xs) m.set(x, (m.get(x) ?? 0) + 1);
      return JSON.stringify([...m].sort());
    };
    const oe = reasons(
      replay.commits
        .filter(
          ({ kind, previous, object }) =>
            kind === 'Event' && previous === null && object?.metadata.namespace === 'demo',
        )
        .map(({ object }) => `${(object as any).reportingComponent} ${(object as any).reason}`),
    );
    const we = reasons(
      rec.events
        .filter(({ kind, type, ns }) => kind === 'Event' && type === 'ADDED' && ns === 'demo')
        .map(({ f }) => `${f['reportingComponent']} ${f['reason']}`),
    );
    console.log(
      `${name}: ${err || 'ok'} | surprises ${replay.surprises.join('; ')} | violations ${replay.jury.violations
        .map((v) => `${v.predicate} ${v.message}`)
        .slice(0, 2)
        .join(
          '; ',
        )} | final differs: ${bad.join(' ')} | events ${oe === we ? 'same' : `\n   ours ${oe}\n   want ${we}`} | ${Math.round(performance.now() - t0)} ms`,
    );
  }
  writeFileSync('/tmp/fo/diff.txt', out.join('\n'));
}, 300000);
function sorted(v: any): any {
  if (Array.isArray(v)) return v.map(sorted);
  if (v && typeof v === 'object')
    return Object.fromEntries(
      Object.keys(v)
        .sort()
        .map((k) => [k, sorted(v[k])]),
    );
  return v;
}
function diff(w: any, o: any, path: string): string[] {
  if (JSON.stringify(w) === JSON.stringify(o)) return [];
  if (w && o && typeof w === 'object' && typeof o === 'object' && Array.isArray(w) === Array.isArray(o))
    return [...new Set([...Object.keys(w), ...Object.keys(o)])].flatMap((k) => diff(w[k], o[k], `${path}.${k}`));
  return [`${path}: want ${JSON.stringify(w)?.slice(0, 200)} ours ${JSON.stringify(o)?.slice(0, 200)}`];
}
