/**
 * Faults that could never act, never end, or contradict themselves: times, conditions, repeats, groups, and who can be hit by what.
 */
import { ENDS_AT_ONCE, EXACT_FIELDS, NODE_FAULTS } from '../core/chaos/plan.ts';
import { checkChangedField } from './check-changed-field.ts';
import { checkCondition } from './check-conditions.ts';
import { checkEffect } from './check-effects.ts';
import type { TargetChecker } from './check-targets.ts';
import { lateFaults } from './check-times.ts';
import { formatDuration } from './duration.ts';
import { waitsInCircle } from './fault-circles.ts';
import type { FaultFile, WhenFile } from './fault-schema.ts';
import { type PlacedFault, type PlacedGroup, placeSteps } from './fault-steps.ts';
import { SAFETY_US_DEFAULT, WARM_UP_US_DEFAULT } from './file-to-plan.ts';
import type { ProblemList } from './problem.ts';
import type { ScenarioFile, TargetFile } from './schema.ts';
import type { YamlDocument } from './yaml-source.ts';

type Path = (string | number)[];

/** Faults that act inside an API server. */
const SERVER_FAULTS: readonly string[] = [
  'watch-lag',
  'no-bookmarks',
  'expired-watches',
  'refused-requests',
  'slow-watchers',
  'load-burst',
  'changed-field',
];
/** Faults that act inside a store member. */
const STORE_FAULTS: readonly string[] = [
  'bit-flip',
  'leader-transfer',
  'slow-snapshot',
  'slow-apply',
  'crash-in-apply',
  'disk-loss',
  'compaction-storm',
  'slow-disk',
  'disk-failure',
];
/** Faults that act inside a client of the API servers. */
const CLIENT_FAULTS: readonly string[] = ['lost-replies', 'informer-lag', 'repeated-events'];
/** What can be wrong with a link. */
const IMPAIRMENTS = ['bytesPerSecond', 'duplicatePercent', 'reorderPercent', 'doubled', 'late'] as const;
const SERVERS: readonly string[] = ['apiserver', 'etcd'];
/** Faults whose target is nodes. */
const OF_NODES: readonly string[] = [...NODE_FAULTS, 'kubelet-stop'];

/** What begins after the safety phase would disturb the judgement of recovery. */
export function checkBeforeHeal(
  file: ScenarioFile,
  atUs: number,
  path: Path,
  what: string,
  document: YamlDocument,
  problems: ProblemList,
): void {
  const healUs = healUsOf(file);
  if (atUs < healUs) return;
  problems.error(
    document.place(path),
    'SCN-026',
    `${what} at ${formatDuration(atUs)} lies after the heal point: warm-up and safety phase end at ${formatDuration(healUs)}`,
  );
}

/** End of warm-up and safety phase, µs. */
function healUsOf({ phases = {} }: ScenarioFile): number {
  return (phases.warmUp ?? WARM_UP_US_DEFAULT) + (phases.safety ?? SAFETY_US_DEFAULT);
}

export class FaultChecker {
  readonly #file: ScenarioFile;
  readonly #targets: TargetChecker;
  readonly #document: YamlDocument;
  readonly #problems: ProblemList;

  constructor(file: ScenarioFile, targets: TargetChecker, document: YamlDocument, problems: ProblemList) {
    this.#file = file;
    this.#targets = targets;
    this.#document = document;
    this.#problems = problems;
  }

  /** Checks every fault and group of the file. */
  check(): void {
    const { faults, groups } = placeSteps(this.#file.faults ?? []);
    const placed = faults.map(({ id }) => id);
    const ids = [...new Set(placed)];
    for (const each of faults) this.#fault(each, ids, groups);
    for (const each of groups) this.#group(each, ids);
    for (const { path, waits } of waitsInCircle(faults)) {
      this.#error(path, 'SCN-027', `none of these ever begins, each waits for the next: ${waits.join(', ')}`);
    }
    this.#late(faults);
    placed.forEach((id, index) => {
      if (placed.indexOf(id) !== index)
        this.#error([...(faults[index]?.path ?? []), 'id'], 'SCN-025', `two faults have the id "${id}"`);
    });
    const core = this.#file.phases?.heal?.core;
    if (!Array.isArray(core)) return;
    core.forEach((id, index) => {
      if (!ids.includes(id))
        this.#problems.unknownName(
          this.#document.place(['phases', 'heal', 'core', index]),
          'SCN-020',
          'fault id',
          id,
          ids,
        );
    });
  }

  /** Conditions that come true after the heal point at the earliest, or never. */
  #late(faults: readonly PlacedFault[]): void {
    const healUs = healUsOf(this.#file);
    for (const { path, earliestUs, endless } of lateFaults(faults, healUs)) {
      if (endless !== '')
        this.#error(path, 'SCN-032', `waits for the end of fault "${endless}", which has none: it needs "for"`);
      else if (Number.isFinite(earliestUs))
        this.#error(
          path,
          'SCN-026',
          `comes true at ${formatDuration(earliestUs)} at the earliest, after the heal point at ${formatDuration(healUs)}`,
        );
    }
  }

  get #hasOperators(): boolean {
    return (this.#file.cluster.operators ?? []).length > 0;
  }

  #error(path: Path, code: string, message: string, atKey = false): void {
    this.#problems.error(this.#document.place(path, atKey), code, message);
  }

  #fault(placed: PlacedFault, ids: readonly string[], groups: readonly PlacedGroup[]): void {
    const { fault, id, path, followers } = placed;
    this.#targets.check(fault.target, [...path, 'target'], OF_NODES.includes(fault.kind) ? 'this fault' : '');
    if ('peer' in fault) this.#link(fault, fault.peer, path);
    this.#insideComponent(fault, path);
    this.#shares(fault, path);
    if (fault.kind === 'changed-field') checkChangedField(fault, path, this.#targets, this.#document, this.#problems);
    if (fault.kind === 'instance-removed') this.#withoutCloud(path);
    const concerned = {
      users: () => this.#targets.users,
      resources: () => this.#targets.resources,
      hasOperators: this.#hasOperators,
    };
    checkEffect(placed, concerned, this.#document, this.#problems);
    if (ENDS_AT_ONCE.includes(fault.kind)) this.#atOnce(fault, path);
    else this.#repeat(fault, path);
    this.#begin(
      fault,
      path,
      groups.some(({ path: outer }) => isInside(path, outer)),
      ids,
      id,
    );
    if (followers > 0 && fault.for === undefined && !ENDS_AT_ONCE.includes(fault.kind)) {
      const waiting = followers === 1 ? 'a step waits' : `${followers} steps wait`;
      this.#error(path, 'SCN-032', `${waiting} for the end of this fault, which has none: it needs "for"`);
    }
  }

  /** Warns where nobody tells the cluster that a machine is gone for good. */
  #withoutCloud(path: Path): void {
    if ((this.#file.cluster.controlPlane?.cloudControllerManagers ?? 0) > 0) return;
    const message = 'instance-removed without a cloud controller manager: pods of the node stay bound to it for good';
    const hint = 'set cluster.controlPlane.cloudControllerManagers to 1';
    this.#problems.warning(this.#document.place([...path, 'kind']), 'SCN-037', message, { hint });
  }

  #group({ step, path, inside }: PlacedGroup, ids: readonly string[]): void {
    if (step.kind !== 'pause') this.#begin(step, path, inside, ids, '');
    const outer = path.slice(0, -2);
    if (step.kind === 'pause' && inside && this.#kindAt(outer) === 'parallel')
      this.#error(path, 'SCN-032', 'a pause among parallel steps holds nobody up; it belongs into a serial group');
  }

  #kindAt(path: Path): unknown {
    let at: unknown = this.#file;
    for (const part of path) at = (at as Record<string | number, unknown>)[part];
    return (at as { kind?: unknown }).kind;
  }

  /** Exactly one of a time and a condition begins a step, or the group in which it stands. */
  #begin(
    { at, when }: { readonly at?: number | undefined; readonly when?: WhenFile | undefined },
    path: Path,
    inside: boolean,
    ids: readonly string[],
    ownId: string,
  ): void {
    if (inside) {
      for (const field of ['at', 'when'] as const) {
        const given = field === 'at' ? at : when;
        if (given !== undefined)
          this.#error(
            [...path, field],
            'SCN-021',
            `the group says when this step begins: "${field}" belongs to the group`,
            true,
          );
      }
      return;
    }
    if (when !== undefined) {
      checkCondition(when, [...path, 'when'], this.#hasOperators, this.#document, this.#problems);
      this.#namedFaults(when, [...path, 'when'], ids, ownId);
    }
    if (at !== undefined) checkBeforeHeal(this.#file, at, [...path, 'at'], 'a fault', this.#document, this.#problems);
    if (at === undefined && when === undefined)
      this.#error(path, 'SCN-021', 'a fault needs "at" (a time) or "when" (a condition)');
    if (at !== undefined && when !== undefined)
      this.#error([...path, 'when'], 'SCN-021', '"at" and "when" exclude each other', true);
  }

  /** Conditions on other faults, which have to exist. */
  #namedFaults(when: WhenFile, path: Path, ids: readonly string[], ownId: string): void {
    for (const name of ['all', 'any', 'sequence'] as const) {
      const list = (when as Partial<Record<typeof name, WhenFile[]>>)[name];
      list?.forEach((each, index) => this.#namedFaults(each, [...path, name, index], ids, ownId));
    }
    if (!('fault' in when)) return;
    if (when.fault === ownId) this.#error([...path, 'fault'], 'SCN-027', `fault "${ownId}" would wait for itself`);
    else if (!ids.includes(when.fault))
      this.#problems.unknownName(this.#document.place([...path, 'fault']), 'SCN-020', 'fault id', when.fault, ids);
  }

  /** A share, or exactly which ones. */
  #shares(fault: FaultFile, path: Path): void {
    if (fault.kind === 'lossy-link' && fault.lossPercent === undefined && fault.lost === undefined)
      this.#error(
        path,
        'SCN-027',
        'a lossy-link has either "lossPercent" (a share) or "lost" (exactly which transmissions)',
      );
    if (fault.kind === 'impaired-link' && !IMPAIRMENTS.some((name) => fault[name] !== undefined))
      this.#error(path, 'SCN-027', `an impaired-link needs one of ${IMPAIRMENTS.join(', ')}`);
    const fields: Readonly<Record<string, unknown>> = { ...fault };
    for (const [exact, share] of Object.entries(EXACT_FIELDS[fault.kind] ?? {})) {
      if (fields[share] !== undefined && fields[exact] !== undefined)
        this.#error([...path, exact], 'SCN-027', `"${share}" and "${exact}" exclude each other`, true);
    }
    if (fault.kind === 'slow-link' && fault.late !== undefined && (fault.jitter ?? 0) === 0)
      this.#error([...path, 'late'], 'SCN-027', '"late" says which messages have the jitter, and there is none', true);
    if (fault.kind === 'load-burst' && fault.load === 'events' && fault.resource !== undefined)
      this.#error([...path, 'resource'], 'SCN-027', '"resource" says what is listed or watched, and nothing is', true);
  }

  /** The far end of a link, which is another process, and what happens to datagrams there. */
  #link(fault: FaultFile, peer: TargetFile, path: Path): void {
    this.#targets.check(peer, [...path, 'peer'], '');
    const only = this.#targets.onlyProcess(fault.target);
    if (only !== '' && only === this.#targets.onlyProcess(peer))
      this.#error([...path, 'peer'], 'SCN-027', `target and peer are both ${only}: there is no link between them`);
    if (fault.kind !== 'impaired-link') return;
    if (fault.target.component === 'etcd' && peer.component === 'etcd') return;
    for (const field of ['duplicatePercent', 'reorderPercent', 'doubled', 'late'] as const) {
      if (fault[field] === undefined) continue;
      const message = `"${field}" is about datagrams, which store members alone send each other: target and peer need component: etcd`;
      this.#error([...path, field], 'SCN-027', message, true);
    }
  }

  /** A fault that is over as soon as it has begun. */
  #atOnce({ kind, for: forUs, repeat }: FaultFile, path: Path): void {
    if (forUs !== undefined)
      this.#error([...path, 'for'], 'SCN-027', `${kind} is over as soon as it has begun: it takes no "for"`, true);
    if (repeat?.every === 0) this.#error([...path, 'repeat', 'every'], 'SCN-027', 'it comes again at once, for ever');
    if (repeat?.dwell !== undefined && repeat.dwell > repeat.every)
      this.#error(
        [...path, 'repeat', 'dwell'],
        'SCN-027',
        `the least stay of ${formatDuration(repeat.dwell)} is longer than the pause, ${formatDuration(repeat.every)}`,
      );
  }

  #repeat({ repeat, for: forUs }: FaultFile, path: Path): void {
    if (repeat === undefined) return;
    const { every, dwell } = repeat;
    if (forUs === undefined) {
      this.#error(
        [...path, 'repeat'],
        'SCN-032',
        'a fault that comes again has to end in between: it needs "for"',
        true,
      );
      return;
    }
    const lasts = formatDuration(forUs);
    if (forUs >= every)
      this.#error(
        [...path, 'repeat', 'every'],
        'SCN-027',
        `it comes again every ${formatDuration(every)}, before the ${lasts} of "for" are over`,
      );
    else if (dwell !== undefined && (dwell > forUs || dwell > every - forUs))
      this.#error(
        [...path, 'repeat', 'dwell'],
        'SCN-027',
        `the least stay of ${formatDuration(dwell)} is longer than ${dwell > forUs ? `the fault, ${lasts}` : `the pause, ${formatDuration(every - forUs)}`}`,
      );
  }

  /** Faults that act inside a component can hit no other. */
  #insideComponent({ kind, target: { component } }: FaultFile, path: Path): void {
    let wanted = '';
    if (SERVER_FAULTS.includes(kind) && component !== 'apiserver') wanted = 'component: apiserver';
    else if (STORE_FAULTS.includes(kind) && component !== 'etcd') wanted = 'component: etcd';
    else if (CLIENT_FAULTS.includes(kind) && (component === undefined || SERVERS.includes(component)))
      wanted = 'a component that is a client of the API servers';
    else if (kind === 'no-jitter' && SERVERS.includes(component ?? ''))
      wanted = 'nodes, or a component that is a client of the API servers';
    else if (kind === 'plugin-errors' && component !== 'scheduler') wanted = 'component: scheduler';
    else if (kind === 'slow-process' && component === undefined) wanted = 'a component';
    if (wanted !== '') this.#error([...path, 'target'], 'SCN-022', `${kind} needs a target with ${wanted}`);
  }
}

function isInside(path: Path, outer: Path): boolean {
  return outer.length < path.length && outer.every((part, index) => path[index] === part);
}
