/** Predicates over recordings of a real control plane: none breaks; each breaks over a recording that was doctored; hostile files are refused. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { format } from '../../../../bench/conform/controlplane/controlplane-format.ts';
import { JUDGED, judgeRecording } from '../../../../bench/conform/controlplane/judge-recording.ts';
import {
  type RecordedRun,
  readRun,
  type Step,
  type TimelineEvent,
} from '../../../../bench/conform/controlplane/recording.ts';
import { runCases } from '../../../../bench/conform/run-cases.ts';
import { lacksData, SHARED_DIR } from '../../../support/needs.ts';

const skip = lacksData('controlplane');

test.skipIf(skip)('over every recorded timeline every predicate holds, and none is idle', async () => {
  const run = await runCases(format.cases(path.join(SHARED_DIR, 'controlplane')));
  expect(run.reports.filter(({ outcome }) => !outcome.passed)).toEqual([]);
  expect(run.passed).toBe(120);
  const summary = (await format.finish?.()) ?? '';
  for (const id of JUDGED) expect(summary).toMatch(new RegExp(`\\b${id} [1-9]`));
});

type Change = (event: TimelineEvent, index: number) => TimelineEvent | readonly TimelineEvent[];

const recorded = (folder: string): RecordedRun =>
  readRun(path.join(SHARED_DIR, 'controlplane', folder, 'events.jsonl'));

/** A recording with changed events. */
function doctored(folder: string, change: Change): RecordedRun {
  const run = recorded(folder);
  return { ...run, events: run.events.flatMap(change) };
}

/** A recording with changed requests. */
function asked(folder: string, change: (step: Step) => Step): RecordedRun {
  const run = recorded(folder);
  return { ...run, steps: run.steps.map(change) };
}

/** The event with other fields. */
const withFields = (event: TimelineEvent, fields: Record<string, unknown>): TimelineEvent => ({
  ...event,
  f: { ...event.f, ...fields },
});

const ofPod = (event: TimelineEvent): boolean => event.kind === 'Pod' && event.type === 'MODIFIED';
const bodyOf = (step: Step): Record<string, unknown> => (step.body ?? {}) as Record<string, unknown>;
const hasReason = (event: TimelineEvent, reason: string): boolean => JSON.stringify(event.f).includes(`"${reason}"`);

/** Deployment's strategy in requests and events. */
function strategy(folder: string, rollingUpdate: object): RecordedRun {
  return doctored(folder, (event) =>
    event.kind === 'Deployment'
      ? withFields(event, {
          spec: { ...(event.f['spec'] as object), strategy: { type: 'RollingUpdate', rollingUpdate } },
        })
      : event,
  );
}

/** Each predicate with a recording in which it is broken. */
const DOCTORED: Readonly<Record<string, () => RecordedRun>> = {
  S3: () =>
    doctored('deployment-create', (event) => (ofPod(event) ? [event, { ...event, name: 'other', rv: 0 }] : event)),
  A7: () => doctored('deployment-create', (event) => (ofPod(event) ? [event, event] : event)),
  SC1: () =>
    doctored('deployment-create', (event) =>
      ofPod(event) && event.f['phase'] === 'Running' ? withFields(event, { nodeName: 'elsewhere' }) : event,
    ),
  SC2: () =>
    asked('preemption', (step) => {
      const { kind, status } = bodyOf(step) as { kind?: string; status?: object };
      return kind === 'Node'
        ? {
            ...step,
            body: { ...bodyOf(step), status: { ...status, allocatable: { cpu: '1m', memory: '1Gi', pods: '9' } } },
          }
        : step;
    }),
  SC3: () =>
    doctored('deployment-create', (event) =>
      event.kind === 'Node' ? withFields(event, { taints: [{ key: 'kept-off', effect: 'NoSchedule' }] }) : event,
    ),
  SC4: () => doctored('preemption', (event) => (event.name === 'high' ? withFields(event, { priority: 0 }) : event)),
  SC8: () =>
    doctored('deployment-create', (event) =>
      event.f['reason'] === 'Scheduled'
        ? withFields(event, { message: String(event.f['message']).replace(/ to .*/, ' to elsewhere') })
        : event,
    ),
  K4: () =>
    doctored('job-completions', (event) =>
      event.f['phase'] === 'Succeeded'
        ? [event, { ...withFields(event, { phase: 'Running' }), rv: event.rv + 0.5 }]
        : event,
    ),
  K8: () =>
    doctored('deployment-create', (event) =>
      event.f['phase'] === 'Running' ? withFields(event, { phase: 'Pending' }) : event,
    ),
  K7: () => doctored('deployment-create', (event) => (event.f['podIP'] ? withFields(event, { podIP: 'ip-9' }) : event)),
  // The pods that stay were never ready.
  RS3: () => {
    const gone = new Set(
      recorded('deployment-scale').events.flatMap(({ type, uid }) => (type === 'DELETED' ? [uid] : [])),
    );
    return doctored('deployment-scale', (event) =>
      event.kind === 'Pod' && !gone.has(event.uid) ? withFields(event, { conditions: [] }) : event,
    );
  },
  // The first pod is never ready.
  SS2: () =>
    doctored('statefulset-create-ordered', (event) =>
      event.name === 'db-0' ? withFields(event, { conditions: [] }) : event,
    ),
  D1: () => strategy('deployment-rolling-default', { maxSurge: 0, maxUnavailable: 1 }),
  D2: () => strategy('deployment-rolling-surge0', { maxSurge: 1, maxUnavailable: 0 }),
  D4: () =>
    doctored('deployment-rolling-default', (event) =>
      event.kind === 'Deployment'
        ? withFields(event, { spec: { ...(event.f['spec'] as object), paused: true } })
        : event,
    ),
  J1: () =>
    doctored('job-completions', (event) =>
      event.kind === 'Job' ? withFields(event, { status: { ...(event.f['status'] as object), succeeded: 99 } }) : event,
    ),
  J2: () =>
    doctored('job-backoff-limit', (event) =>
      event.kind === 'Job' ? withFields(event, { spec: { ...(event.f['spec'] as object), backoffLimit: 0 } }) : event,
    ),
  // One node never gets its pod.
  DS1: () => doctored('daemonset-nodes', (event) => (event.name === 'agent-pod1' ? [] : event)),
  // A pod stays.
  N1: () => doctored('namespace-delete', (event) => (event.kind === 'Pod' && event.type === 'DELETED' ? [] : event)),
  // The old leader is not killed.
  LE2: () =>
    asked('failover-scheduler-kill', (step) =>
      step.instance === undefined ? step : { ...step, do: 'sleep', action: '' },
    ),
  // The scheduler's lease is never renewed, though it runs and others renew theirs.
  LE3: () =>
    doctored('apiserver-stop-25s', (event) =>
      event.kind === 'Lease' && event.name === 'kube-scheduler' && event.ms > 2_000 ? [] : event,
    ),
  A4: () =>
    doctored('deployment-scale', (event) =>
      event.kind === 'Deployment' && event.rv > 60 ? withFields(event, { generation: 0 }) : event,
    ),
  // A budget that wants everything.
  P1: () =>
    doctored('pdb-eviction', (event) =>
      event.kind === 'PodDisruptionBudget'
        ? withFields(event, { status: { ...(event.f['status'] as object), desiredHealthy: 9 } })
        : event,
    ),
  // A heartbeat eight seconds before the node is given up.
  NL1: () => {
    const { events } = recorded('node-unreachable-evict');
    const given = events.find((event) => event.kind === 'Node' && hasReason(event, 'NodeStatusUnknown'));
    const ms = (given?.ms ?? 0) - 8_000;
    const at = events.findIndex((event) => event.ms >= ms);
    const lease = { kind: 'Lease', ns: 'kube-node-lease', name: given?.name ?? '', uid: 'lease', type: 'ADDED', f: {} };
    return doctored('node-unreachable-evict', (event, index) =>
      index === at ? [{ ...lease, ms, rv: event.rv - 0.5 }, event] : event,
    );
  },
  // The taint does not stop although most of the zone has been silent for long.
  NL2: () =>
    doctored('node-partial-disruption', (event) => {
      const late = { ...event, ms: event.ms + 20_000, rv: event.rv + 0.5 };
      const taints = [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }];
      return event.kind === 'Node' && hasReason(event, 'NodeStatusUnknown')
        ? [event, withFields(late, { taints })]
        : event;
    }),
  NL3: () =>
    asked('taint-noexecute', (step) => {
      const { kind, spec } = bodyOf(step) as { kind?: string; spec?: { tolerations?: object[] } };
      const tolerations = spec?.tolerations?.map((toleration) => ({ ...toleration, tolerationSeconds: 600 }));
      return kind === 'Pod' ? { ...step, body: { ...bodyOf(step), spec: { ...spec, tolerations } } } : step;
    }),
  RS1: () =>
    doctored('deployment-scale', (event) =>
      event.type === 'DELETED' ? [] : event.f['deletionTimestamp'] ? [] : event,
    ),
  X1: () =>
    doctored('statefulset-scale', (event) =>
      event.kind === 'StatefulSet'
        ? withFields(event, { status: { ...(event.f['status'] as object), readyReplicas: 0 } })
        : event,
    ),
  X12: () =>
    doctored('statefulset-scale', (event) =>
      event.kind === 'StatefulSet'
        ? withFields(event, { status: { ...(event.f['status'] as object), availableReplicas: 9 } })
        : event,
    ),
  D3: () =>
    asked('deployment-history-limit', (step) => {
      const { kind, spec } = bodyOf(step) as { kind?: string; spec?: object };
      return kind === 'Deployment'
        ? { ...step, body: { ...bodyOf(step), spec: { ...spec, revisionHistoryLimit: 0 } } }
        : step;
    }),
  E2: () =>
    doctored('statefulset-create-ordered', (event) =>
      event.kind === 'EndpointSlice' ? withFields(event, { endpoints: [] }) : event,
    ),
  // A pod loses the label by which it was selected.
  RS4: () => {
    const relabelled = (event: TimelineEvent): boolean =>
      ofPod(event) && event.name === 'web-hash1-pod1' && 'podIP' in event.f;
    return doctored('deployment-create', (event) =>
      relabelled(event) ? withFields(event, { labels: { app: 'other' } }) : event,
    );
  },
  // The last member is at another revision than all say.
  SS4: () =>
    doctored('statefulset-create-ordered', (event) =>
      event.kind === 'Pod' && event.name === 'db-2'
        ? withFields(event, { labels: { ...(event.f['labels'] as object), 'controller-revision-hash': 'db-rev9' } })
        : event,
    ),
  // A node that is too small keeps them.
  SC9: () => DOCTORED['SC2']?.() as RecordedRun,
  E1: () =>
    doctored('statefulset-create-ordered', (event) =>
      event.kind === 'EndpointSlice'
        ? withFields(event, {
            endpoints: ((event.f['endpoints'] ?? []) as object[]).map((each) => ({
              ...each,
              ready: true,
              terminating: true,
            })),
          })
        : event,
    ),
  // Both claims get the first volume.
  PV1: () =>
    doctored('statefulset-volumes', (event) =>
      event.f['volumeName'] === undefined ? event : withFields(event, { volumeName: 'pv-0' }),
    ),
  G2: () => doctored('deployment-create', (event) => (event.kind === 'Deployment' ? [] : event)),
  SC5: () =>
    doctored('preemption', (event) =>
      event.name === 'high' && event.f['nodeName'] !== undefined ? [] : event.f['reason'] === 'Scheduled' ? [] : event,
    ),
  SC6: () =>
    doctored('deployment-create', (event) => (event.kind === 'Pod' && event.f['nodeName'] !== undefined ? [] : event)),
  RS5: () =>
    doctored('job-backoff-limit', (event, index) => {
      if (event.kind !== 'Pod' || event.type !== 'ADDED' || index > 60) return event;
      return Array.from({ length: 61 }, (_, pod) => ({
        ...withFields(event, { phase: 'Failed' }),
        name: `failed-${pod}`,
        uid: `failed-${pod}`,
        rv: event.rv + pod / 1000,
      }));
    }),
};

describe.skipIf(skip)('a doctored recording is found out', () => {
  test.each(Object.entries(DOCTORED))('%s', (id, make) => {
    const { violations, missing } = judgeRecording(make());
    expect([...violations.map(({ predicate }) => predicate), missing?.predicate.id]).toContain(id);
  });
  test('also beside a pod that has an excuse of its own', () => {
    const annotations = { 'reference.example/never-ready': 'true' };
    const f = { phase: 'Pending', nodeName: 'node-0', annotations };
    const run = DOCTORED['RS1']?.() as RecordedRun;
    const { ms = 0, rv = 0 } = run.events.at(-1) ?? {};
    const lone = { ms, rv: rv + 1, type: 'ADDED', kind: 'Pod', ns: 'demo', name: 'lone', uid: 'lone', f };
    expect(judgeRecording({ ...run, events: [...run.events, lone] }).missing?.predicate.id).toBe('RS1');
  });
  test.each([
    ['a pod that was not created', 'deployment-create', 'Created pod: web', 'Created pod: other'],
    ['a pod that was not deleted', 'deployment-scale', 'Deleted pod: web', 'Deleted pod: other'],
    ['a pod of a StatefulSet that was not deleted', 'statefulset-scale', 'delete Pod db', 'delete Pod other'],
    [
      'a ReplicaSet that was not scaled so',
      'deployment-rolling-default',
      'Scaled down replica set web-hash1 from ',
      'Scaled down replica set web-hash1 from 1',
    ],
  ])('an event about %s', (_what, folder, told, other) => {
    const change = (event: TimelineEvent): TimelineEvent =>
      withFields(event, { message: String(event.f['message']).replace(told, other) });
    const found = (run: RecordedRun): unknown[] => judgeRecording(run).violations.map(({ predicate }) => predicate);
    expect(new Set(found(doctored(folder, (event) => (event.kind === 'Event' ? change(event) : event))))).toEqual(
      new Set(['event texts']),
    );
  });
  test('for every predicate that is judged', () => {
    expect(Object.keys(DOCTORED).sort()).toEqual([...JUDGED].sort());
  });
});

describe('hostile files', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'seatrial-controlplane-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (name: string, files: Record<string, string>): string => {
    mkdirSync(path.join(folder, name));
    for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, name, file), text);
    return path.join(folder, name, 'events.jsonl');
  };

  test.each([
    ['no steps', { 'events.jsonl': '' }, /needs its steps\.json/],
    ['steps that are no list', { 'events.jsonl': '', 'steps.json': '{"steps": 1}' }, /"steps" is not a list/],
    ['steps that are no JSON', { 'events.jsonl': '', 'steps.json': '{' }, /not JSON/],
    ['a line that is none', { 'events.jsonl': '{"rv":1}\n', 'steps.json': '{"steps": []}' }, /events\.jsonl:1/],
  ])('%s', (name, files, message) => {
    const file = write(name.replaceAll(' ', '-'), files as unknown as Record<string, string>);
    expect(() => readRun(file)).toThrow(message);
  });
});
