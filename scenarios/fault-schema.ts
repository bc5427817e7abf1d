/**
 * The part of the scenario format that says what breaks: targets, conditions, faults, and steps made of them.
 */
import { z } from 'zod';
import { EXTENSION_POINTS } from '../core/scheduler/points.ts';
import { duration, period, signedDuration, stringMap } from './field-types.ts';
import { TARGET_MODES } from './kinds.ts';

/** Which nodes or processes are meant. */
export const target = z.strictObject({
  node: z.string().optional(),
  zone: z.string().optional(),
  hosting: z.string().optional().describe('Kind/namespace/name of a workload'),
  anyNode: z.literal(true).optional(),
  component: z.string().optional(),
  instance: z.union([z.int().min(0), z.enum(['leader', 'all'])]).optional(),
  nodeSelector: stringMap.optional(),
  topologyKey: z.string().min(1).optional().describe('a node label such as topology.kubernetes.io/zone or rack'),
  mode: z.enum(TARGET_MODES).optional(),
  value: z.number().positive().optional().describe('a count for fixed, percent for the others'),
});

const taskCondition = z.strictObject({
  task: z.string().describe('label of a task: replicaset, binding …'),
  key: z.string().optional().describe('namespace/name of the object it works on'),
  run: z.int().min(1).optional().describe('its n-th run on that key'),
  point: z.int().min(1).optional().describe('the n-th request of that run is sent and not answered'),
});

const objectCondition = z.strictObject({
  object: z.string().describe('kind of the object: Pod'),
  namespace: z.string().optional(),
  name: z.string().optional(),
  change: z.enum(['created', 'deleted', 'changed']).describe('what has to happen to it'),
  field: z.string().optional().describe('dotted path of the field that has to change: status.phase'),
  from: z.string().optional().describe('its value before, as text'),
  to: z.string().optional().describe('its value after, as text'),
  nth: z.int().min(1).optional().describe('the n-th such change; default: the first'),
  seenBy: z
    .string()
    .optional()
    .describe(
      'who sees it: store (committed, the default), apiserver (sent to a watcher), or a component by its informer',
    ),
});

const timeCondition = z.strictObject({ at: duration });
const waitCondition = z.strictObject({ wait: duration.describe('so long after what comes before it in a sequence') });
const faultCondition = z.strictObject({
  fault: z.string().describe('id of another fault'),
  is: z.enum(['begun', 'ended']).describe('ended: for good, after the last time of a repeated one'),
});

/** What a fault can wait for: a point of a task, a change of an object, or several of these. */
export type WhenFile =
  | z.infer<typeof taskCondition>
  | z.infer<typeof objectCondition>
  | z.infer<typeof timeCondition>
  | z.infer<typeof waitCondition>
  | z.infer<typeof faultCondition>
  | { all: WhenFile[] }
  | { any: WhenFile[] }
  | { sequence: WhenFile[] };

const when: z.ZodType<WhenFile> = z.lazy(() =>
  z.union([
    taskCondition,
    objectCondition,
    timeCondition,
    waitCondition,
    faultCondition,
    z.strictObject({ all: z.array(when).min(1) }),
    z.strictObject({ any: z.array(when).min(1) }),
    z.strictObject({ sequence: z.array(when).min(1) }),
  ]),
);

/** Numbers of messages, from 1. */
const ordinals = z.array(z.int().min(1)).min(1);

const faultBase = {
  id: z.string().min(1).optional(),
  target,
  at: duration.optional(),
  when: when.optional(),
  for: duration.optional(),
  repeat: z
    .strictObject({
      every: duration,
      times: z.int().min(2).max(10_000).optional(),
      dwell: duration.optional(),
    })
    .optional(),
};

const faultKinds = [
  z.strictObject({ kind: z.literal('node-crash'), ...faultBase }),
  z.strictObject({
    kind: z.literal('node-panic'),
    ...faultBase,
    fullOf: z.enum(['cpu', 'memory']).describe('what of the node has to be full'),
    percent: z
      .number()
      .positive()
      .max(100)
      .describe('of what it has; a node panics when its running pods request more'),
  }),
  z.strictObject({ kind: z.literal('kubelet-stop'), ...faultBase }),
  z.strictObject({
    kind: z.literal('process-crash'),
    ...faultBase,
    unsynced: z.enum(['lost', 'kept', 'torn']).optional(),
  }),
  z.strictObject({ kind: z.literal('process-pause'), ...faultBase }),
  z.strictObject({
    kind: z.literal('partition'),
    ...faultBase,
    peer: target,
    direction: z.enum(['both', 'from', 'to']).optional(),
  }),
  z.strictObject({
    kind: z.literal('slow-link'),
    ...faultBase,
    peer: target,
    latency: duration,
    jitter: duration.optional(),
    late: ordinals.optional().describe('exactly these messages have all of the jitter, others none'),
  }),
  z.strictObject({
    kind: z.literal('lossy-link'),
    ...faultBase,
    peer: target,
    lossPercent: z.number().min(0).max(100).optional(),
    lost: ordinals.optional(),
  }),
  z.strictObject({ kind: z.literal('held-link'), ...faultBase, peer: target }),
  z.strictObject({
    kind: z.literal('impaired-link'),
    ...faultBase,
    peer: target,
    bytesPerSecond: z.int().min(1).optional().describe('bandwidth in each direction'),
    duplicatePercent: z.number().positive().max(100).optional().describe('of datagrams: what store members send'),
    reorderPercent: z.number().positive().max(100).optional().describe('of datagrams: what store members send'),
    doubled: ordinals.optional().describe('exactly these datagrams come twice, instead of a share'),
    late: ordinals.optional().describe('exactly these datagrams come late, instead of a share'),
  }),
  z.strictObject({
    kind: z.literal('slow-process'),
    ...faultBase,
    times: z.number().min(1).max(10_000).describe('so many times as long for everything'),
  }),
  z.strictObject({ kind: z.literal('registry-outage'), ...faultBase }),
  z.strictObject({
    kind: z.literal('slow-pulls'),
    ...faultBase,
    latency: duration.describe('by which each pull that begins takes longer'),
  }),
  z.strictObject({ kind: z.literal('pleg-stall'), ...faultBase }),
  z.strictObject({
    kind: z.literal('container-kill'),
    ...faultBase,
    container: z.string().min(1).optional().describe('name; absent: the first of each pod'),
  }),
  z.strictObject({ kind: z.literal('address-shortage'), ...faultBase }),
  z.strictObject({ kind: z.literal('proxy-lag'), ...faultBase }),
  z.strictObject({ kind: z.literal('clock-rate'), ...faultBase, rate: z.number().min(0.01).max(100) }),
  z.strictObject({ kind: z.literal('clock-offset'), ...faultBase, offset: signedDuration }),
  z.strictObject({ kind: z.literal('slow-disk'), ...faultBase, extraSync: duration }),
  z.strictObject({ kind: z.literal('disk-failure'), ...faultBase, reason: z.enum(['io-error', 'no-space']) }),
  z.strictObject({ kind: z.literal('bit-flip'), ...faultBase, file: z.enum(['wal', 'snapshot', 'backend']) }),
  z.strictObject({ kind: z.literal('leader-transfer'), ...faultBase }),
  z.strictObject({ kind: z.literal('slow-snapshot'), ...faultBase, latency: duration }),
  z.strictObject({ kind: z.literal('slow-apply'), ...faultBase, latency: duration }),
  z.strictObject({ kind: z.literal('crash-in-apply'), ...faultBase }),
  z.strictObject({ kind: z.literal('disk-loss'), ...faultBase }),
  z.strictObject({ kind: z.literal('compaction-storm'), ...faultBase, every: period }),
  z.strictObject({
    kind: z.literal('watch-lag'),
    ...faultBase,
    resource: z.string().min(1).optional().describe('plural name, pods; absent: all'),
    latency: duration.optional().describe('how late; absent: nothing arrives until the fault ends'),
  }),
  z.strictObject({
    kind: z.literal('no-bookmarks'),
    ...faultBase,
    resource: z.string().min(1).optional().describe('plural name, pods; absent: all'),
  }),
  z.strictObject({
    kind: z.literal('informer-lag'),
    ...faultBase,
    resource: z.string().min(1).describe('plural name: pods'),
    latency: duration.optional().describe('how late; absent: nothing arrives until the fault ends'),
  }),
  z.strictObject({
    kind: z.literal('expired-watches'),
    ...faultBase,
    resource: z.string().min(1).optional().describe('plural name, pods; absent: all'),
  }),
  z.strictObject({
    kind: z.literal('repeated-events'),
    ...faultBase,
    resource: z.string().min(1).optional().describe('plural name, pods; absent: all'),
  }),
  z.strictObject({ kind: z.literal('no-jitter'), ...faultBase }),
  z.strictObject({ kind: z.literal('lost-replies'), ...faultBase }),
  z.strictObject({
    kind: z.literal('refused-requests'),
    ...faultBase,
    code: z.literal([401, 409, 429, 500, 503, 504]),
    user: z.string().min(1).optional(),
    verb: z.enum(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']).optional(),
    resource: z.string().min(1).optional().describe('plural name: pods'),
    percent: z.number().positive().max(100).optional(),
    requests: ordinals.optional(),
  }),
  z.strictObject({ kind: z.literal('slow-watchers'), ...faultBase }),
  z.strictObject({
    kind: z.literal('plugin-errors'),
    ...faultBase,
    extensionPoint: z.enum(EXTENSION_POINTS).describe('where it fails'),
    plugin: z.string().min(1).optional().describe('name of the plugin in messages'),
    percent: z.number().positive().max(100).optional().describe('of the pods that get there'),
    attempts: ordinals.optional().describe('exactly these of the attempts that get there, instead of a share'),
  }),
  z.strictObject({
    kind: z.literal('load-burst'),
    ...faultBase,
    load: z
      .enum(['lists', 'watches', 'events'])
      .describe('lists of all objects of a resource, watches of it that stay open, or new Events'),
    resource: z.string().min(1).optional().describe('plural name of what is listed or watched; default: pods'),
    perSecond: z.number().positive().max(10_000).describe('requests a second'),
  }),
  z.strictObject({
    kind: z.literal('changed-field'),
    ...faultBase,
    object: z
      .string()
      .min(1)
      .describe('Kind/namespace/name or Kind/name; a star at its end: each whose name begins so'),
    field: z.string().min(1).describe('dotted path, list items by number: spec.ports.0.port'),
    value: z
      .union([z.string(), z.number(), z.boolean()])
      .optional()
      .describe('absent: a bit of it is flipped, or a letter swapped'),
  }),
  z.strictObject({ kind: z.literal('instance-removed'), ...faultBase }),
] as const;

const fault = z.discriminatedUnion('kind', faultKinds);
export type FaultFile = z.infer<typeof fault>;

interface GroupFields {
  at?: number | undefined;
  when?: WhenFile | undefined;
  steps: StepFile[];
}

/** Faults one after the other or all at once; the first of them begins at the group's own time or condition. */
export type GroupFile = ({ kind: 'serial' } & GroupFields) | ({ kind: 'parallel' } & GroupFields);

/** A time in a serial group in which nothing begins. */
export interface PauseFile {
  kind: 'pause';
  for: number;
}

/** What a list of faults may hold. */
export type StepFile = FaultFile | GroupFile | PauseFile;

const steps: z.ZodType<StepFile[]> = z.lazy(() => z.array(step).min(1));
const group = { at: duration.optional(), when: when.optional(), steps };
const groupKinds = [
  z.strictObject({ kind: z.literal('serial'), ...group }),
  z.strictObject({ kind: z.literal('parallel'), ...group }),
] as const;
const step = z.discriminatedUnion('kind', [
  ...faultKinds,
  ...groupKinds,
  z.strictObject({ kind: z.literal('pause'), for: duration }),
]);

/** The list of faults of a scenario. */
export const faultList = z.array(z.discriminatedUnion('kind', [...faultKinds, ...groupKinds]));
