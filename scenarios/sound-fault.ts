/**
 * A fault with wrong fields, without them: what is left is checked as if they were right, so that all its problems come at once.
 *
 * Always: what a fault cannot be without gets a stand-in of its type, of which nothing is said.
 */
import type { z } from 'zod';

export type Fields = Record<string, unknown>;
export type Issue = z.core.$ZodIssue;
export type Path = readonly PropertyKey[];

/** A target that every cluster has. */
export const ANY_NODE = { anyNode: true };

/** Where something stands for what was wrong. */
export interface StandIn {
  readonly path: Path;
  /** What is below is one, too. */
  readonly isDeep: boolean;
}

/** What every fault has. */
const COMMON: readonly string[] = ['id', 'target', 'at', 'when', 'for'];

/** Values of the right type, by field. */
const VALUES: Readonly<Fields> = {
  at: '0s',
  when: { at: '0s' },
  for: '1s',
  target: ANY_NODE,
  peer: { component: 'etcd' },
  fullOf: 'cpu',
  percent: 50,
  latency: '1s',
  jitter: '1s',
  rate: 2,
  offset: '1s',
  extraSync: '1s',
  times: 2,
  reason: 'io-error',
  file: 'wal',
  every: '1m',
  resource: 'pods',
  code: 500,
  extensionPoint: 'Filter',
  load: 'lists',
  perSecond: 1,
  lossPercent: 50,
  lost: [1],
  bytesPerSecond: 1,
  duplicatePercent: 50,
  reorderPercent: 50,
  doubled: [1],
  late: [1],
  object: 'Namespace/default',
  field: 'metadata.labels.x',
};
/** Fields that make sense by what another one is. */
const DEPENDENT: Readonly<Record<string, readonly string[]>> = {
  for: ['repeat'],
  object: ['field', 'value'],
  field: ['value'],
};

/** Whether nothing is said of what stands at `path`. */
export function isStandIn(path: Path, standIns: readonly StandIn[]): boolean {
  return standIns.some(
    (standIn) =>
      (standIn.isDeep || standIn.path.length === path.length) && standIn.path.every((part, at) => path[at] === part),
  );
}

/** Stands where a fault was of which nothing is right; its id stays, for those who name it; a group has none. `time`: what begins or ends it. */
export function harmlessFault(broken: Fields | null, time: Fields): Fields {
  const id = Array.isArray(broken?.['steps']) ? undefined : broken?.['id'];
  const fault = { kind: 'kubelet-stop', target: ANY_NODE, ...time };
  return typeof id === 'string' && id !== '' ? { ...fault, id } : fault;
}

/** The fault at `at` of the file without what an issue at `path` in it names; stand-ins are added to `standIns`. */
export function soundFault(fault: Fields, path: Path, issue: Issue, at: Path, standIns: StandIn[]): Fields {
  const [field, part] = path;
  const { kind } = fault;
  if (field === undefined) {
    return issue.code === 'unrecognized_keys' ? without(fault, issue.keys) : harmlessFault(fault, { at: '0s' });
  }
  if (field === 'kind') return { ...only(fault, COMMON), kind: 'process-pause' };
  const name = String(field);
  if (name === 'target' || name === 'peer') {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : part === undefined ? [] : [String(part)];
    const rest = keys.length === 0 ? {} : without(fault[name] as Fields, keys);
    // Which ends a link has decides what can be wrong with it.
    if (kind === 'impaired-link' && rest['component'] === undefined)
      return { ...only(fault, [...COMMON, 'repeat']), target: VALUES['target'], kind: 'process-pause' };
    if (keys.length > 0) {
      standIns.push({ path: [...at, name], isDeep: false });
      return { ...fault, [name]: rest };
    }
  }
  const gone = [name, ...(DEPENDENT[name] ?? [])];
  const stood = gone.filter((each) => each in VALUES);
  for (const each of stood) standIns.push({ path: [...at, each], isDeep: true });
  return { ...without(fault, gone), ...Object.fromEntries(stood.map((each) => [each, VALUES[each]])) };
}

function only(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

/** The fields but those of these names. */
export function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
