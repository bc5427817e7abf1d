/**
 * A checked scenario file becomes a plan: defaults filled in, names of fields as core knows them.
 */
import { eventsBudget } from '../core/chaos/events-budget.ts';
import type { FaultPlan, Operation, Phases, Repeat, ScenarioPlan, Target } from '../core/chaos/plan.ts';
import type { ClusterDescription } from '../core/cluster/description.ts';
import type { KubeObject } from '../core/types/object.ts';
import type { FaultFile } from './fault-schema.ts';
import { type PlacedFault, placeSteps, present } from './fault-steps.ts';
import type { ClusterFile, OperationFile, ScenarioFile, TargetFile } from './schema.ts';

const S = 1_000_000;
/** Length of the phases about which nothing is said, µs. */
export const WARM_UP_US_DEFAULT = 60 * S;
export const SAFETY_US_DEFAULT = 300 * S;

/** How far a restored store raises its revision where nothing is said. */
const BUMP_REVISION_DEFAULT = 1_000_000;

/** `applied[i]` = the objects of operation i if it is an `apply`. */
export function planOf(
  file: ScenarioFile,
  workload: readonly KubeObject[],
  applied: readonly (readonly KubeObject[])[],
): ScenarioPlan {
  const { checks = {} } = file;
  const cluster = clusterOf(file.cluster);
  const phases = phasesOf(file);
  return {
    name: file.metadata.name,
    about: file.about,
    source: file.source ?? 'own',
    cluster,
    workload,
    operations: (file.operations ?? []).map((operation, index) => operationOf(operation, applied[index] ?? [])),
    faults: placeSteps(file.faults ?? []).faults.map(faultOf),
    phases,
    predicates: checks.predicates ?? [],
    excuses: checks.excuses ?? [],
    ...(checks.comparisons === undefined ? {} : { comparisons: checks.comparisons }),
    bugs: file.bugs ?? [],
    expect: file.expect ?? 'pass',
    eventsMax: file.budget?.events ?? eventsBudget({ cluster, workload, phases }),
    ...(file.interleaving === undefined ? {} : { interleaving: file.interleaving }),
    ...(file.reorderings === undefined
      ? {}
      : { reorderings: file.reorderings.map(({ at, order }) => ({ atUs: at, order })) }),
  };
}

function phasesOf({ phases = {} }: ScenarioFile): Phases {
  return {
    warmUpUs: phases.warmUp ?? WARM_UP_US_DEFAULT,
    safetyUs: phases.safety ?? SAFETY_US_DEFAULT,
    heal: phases.heal?.core ?? 'all',
    boundUs: phases.liveness?.bound ?? 'auto',
    stableUs: phases.liveness?.stable ?? 120 * S,
  };
}

/** The cluster description of a file. */
export function clusterOf(file: ClusterFile): ClusterDescription {
  return present<ClusterDescription>(file);
}

const targetOf = (file: TargetFile): Target => present<Target>(file);

function repeatOf({ every, times, dwell }: NonNullable<FaultFile['repeat']>): Repeat {
  return present<Repeat>({ everyUs: every, times, dwellUs: dwell });
}

function faultOf({ fault, id, trigger }: PlacedFault): FaultPlan {
  const base = {
    id,
    target: targetOf(fault.target),
    trigger,
    forUs: fault.for ?? null,
    ...(fault.repeat === undefined ? {} : { repeat: repeatOf(fault.repeat) }),
  };
  if ('peer' in fault) return linkFaultOf(fault, base);
  switch (fault.kind) {
    case 'process-crash':
      return fault.unsynced === undefined
        ? { kind: fault.kind, ...base }
        : { kind: fault.kind, ...base, unsynced: fault.unsynced };
    case 'slow-process':
      return { kind: fault.kind, ...base, times: fault.times };
    case 'clock-rate':
      return { kind: fault.kind, ...base, rate: fault.rate };
    case 'clock-offset':
      return { kind: fault.kind, ...base, offsetUs: fault.offset };
    case 'slow-disk':
      return { kind: fault.kind, ...base, extraSyncUs: fault.extraSync };
    case 'disk-failure':
      return { kind: fault.kind, ...base, reason: fault.reason };
    case 'bit-flip':
      return { kind: fault.kind, ...base, file: fault.file };
    case 'compaction-storm':
      return { kind: fault.kind, ...base, everyUs: fault.every };
    case 'slow-apply':
    case 'slow-snapshot':
    case 'slow-pulls':
      return { kind: fault.kind, ...base, latencyUs: fault.latency };
    case 'container-kill':
      return { kind: fault.kind, ...base, ...present<object>({ container: fault.container }) };
    case 'watch-lag':
      return {
        kind: fault.kind,
        ...base,
        ...present<object>({ resource: fault.resource }),
        latencyUs: fault.latency ?? null,
      };
    case 'node-panic':
      return { kind: fault.kind, ...base, fullOf: fault.fullOf, percent: fault.percent };
    case 'no-bookmarks':
    case 'expired-watches':
    case 'repeated-events':
      return { kind: fault.kind, ...base, ...present<object>({ resource: fault.resource }) };
    case 'informer-lag':
      return { kind: fault.kind, ...base, resource: fault.resource, latencyUs: fault.latency ?? null };
    case 'refused-requests': {
      const { code, user, verb, resource, percent, requests } = fault;
      const which = present<{ code: typeof code }>({ code, user, verb, resource, percent, requests });
      return { kind: fault.kind, ...base, ...which };
    }
    case 'plugin-errors': {
      const { extensionPoint, plugin, percent, attempts } = fault;
      return { kind: fault.kind, ...base, extensionPoint, ...present<object>({ plugin, percent, attempts }) };
    }
    case 'load-burst': {
      const { load, resource, perSecond } = fault;
      return { kind: fault.kind, ...base, load, ...present<object>({ resource }), perSecond };
    }
    case 'changed-field': {
      const { object, field, value } = fault;
      return { kind: fault.kind, ...base, object, field, ...present<object>({ value }) };
    }
    default:
      return { kind: fault.kind, ...base };
  }
}

/** A fault of links; `base`: what every fault has. */
function linkFaultOf(
  fault: Extract<FaultFile, { peer: TargetFile }>,
  base: Pick<FaultPlan, 'id' | 'target' | 'trigger' | 'forUs' | 'repeat'>,
): FaultPlan {
  const peer = targetOf(fault.peer);
  switch (fault.kind) {
    case 'partition':
      return { kind: fault.kind, ...base, peer, direction: fault.direction ?? 'both' };
    case 'slow-link':
      return {
        kind: fault.kind,
        ...base,
        peer,
        latencyUs: fault.latency,
        jitterUs: fault.jitter ?? 0,
        ...(fault.late === undefined ? {} : { late: fault.late }),
      };
    case 'lossy-link': {
      const { lossPercent, lost } = fault;
      return { kind: fault.kind, ...base, peer, ...present<object>({ lossPercent, lost }) };
    }
    case 'held-link':
      return { kind: fault.kind, ...base, peer };
    case 'impaired-link': {
      const { bytesPerSecond, duplicatePercent, reorderPercent, doubled, late } = fault;
      const how = present<object>({ bytesPerSecond, duplicatePercent, reorderPercent, doubled, late });
      return { kind: fault.kind, ...base, peer, ...how };
    }
  }
}

function operationOf(operation: OperationFile, objects: readonly KubeObject[]): Operation {
  switch (operation.kind) {
    case 'scale':
      return { kind: 'scale', atUs: operation.at, workload: operation.workload, replicas: operation.replicas };
    case 'set-image':
      return { kind: 'set-image', atUs: operation.at, workload: operation.workload, image: operation.image };
    case 'delete':
      return {
        kind: 'delete',
        atUs: operation.at,
        workload: operation.workload,
        ...(operation.cascade === undefined ? {} : { cascade: operation.cascade }),
      };
    case 'apply':
      return { kind: 'apply', atUs: operation.at, objects };
    case 'store-member-add':
    case 'store-rolling-restart':
    case 'store-alarm-disarm':
      return { kind: operation.kind, atUs: operation.at };
    case 'store-restore': {
      const { kind, at, instance, bumpRevision = BUMP_REVISION_DEFAULT } = operation;
      return { kind, atUs: at, instance, bumpRevision };
    }
    case 'store-member-promote':
    case 'store-member-remove':
      return { kind: operation.kind, atUs: operation.at, instance: operation.instance };
    case 'store-defragment':
      return {
        kind: operation.kind,
        atUs: operation.at,
        ...(operation.instance === undefined ? {} : { instance: operation.instance }),
      };
    case 'drain':
      return {
        kind: 'drain',
        atUs: operation.at,
        target: targetOf(operation.target),
        timeoutUs: operation.timeout ?? 300 * S,
        uncordon: operation.uncordon ?? true,
      };
    default:
      return { kind: operation.kind, atUs: operation.at, target: targetOf(operation.target) };
  }
}
