/**
 * A plan written as a scenario file: what a failing property or search hands to a person, and `replay` reads back to the same plan.
 */
import { relative, resolve, sep } from 'node:path';
import { stringify } from 'yaml';
import type { Condition, FaultPlan, Operation, Repeat, ScenarioPlan, Target } from '../core/chaos/plan.ts';
import type { ClusterDescription } from '../core/cluster/description.ts';
import { withOwnKind } from '../core/types/foreign-kind.ts';
import { formatDuration } from './duration.ts';

/**
 * YAML text of a scenario file that loads to `plan`. `folder`: where the file will lie, so that it names modules of controllers from there; without it they
 * keep their absolute paths.
 */
export function scenarioText(plan: ScenarioPlan, folder?: string): string {
  const { phases } = plan;
  const document = {
    apiVersion: 'seatrial/v1',
    kind: 'Scenario',
    metadata: { name: plan.name },
    about: plan.about,
    source: plan.source,
    cluster: folder === undefined ? plan.cluster : seenFrom(folder, plan.cluster),
    workload: { objects: plan.workload.map(withOwnKind) },
    ...(plan.operations.length === 0 ? {} : { operations: plan.operations.map(operationFile) }),
    ...(plan.faults.length === 0 ? {} : { faults: plan.faults.map(faultFile) }),
    phases: {
      warmUp: formatDuration(phases.warmUpUs),
      safety: formatDuration(phases.safetyUs),
      heal: { core: phases.heal },
      liveness: {
        bound: phases.boundUs === 'auto' ? 'auto' : formatDuration(phases.boundUs),
        stable: formatDuration(phases.stableUs),
      },
    },
    checks: {
      predicates: plan.predicates,
      excuses: plan.excuses,
      ...(plan.comparisons === undefined ? {} : { comparisons: plan.comparisons }),
    },
    ...(plan.bugs.length === 0 ? {} : { bugs: plan.bugs }),
    expect: plan.expect,
    ...(plan.interleaving === undefined ? {} : { interleaving: plan.interleaving }),
    ...(plan.reorderings === undefined
      ? {}
      : { reorderings: plan.reorderings.map(({ atUs, order }) => ({ at: formatDuration(atUs), order })) }),
    budget: { events: plan.eventsMax },
  };
  return stringify(document, { lineWidth: 160, aliasDuplicateObjects: false });
}

/** The cluster with the paths of its modules relative to `folder`, as a file there names them on every system. */
function seenFrom(folder: string, cluster: ClusterDescription): ClusterDescription {
  if (cluster.operators === undefined) return cluster;
  const operators = cluster.operators.map((operator) => {
    const path = relative(resolve(folder), operator.module).split(sep).join('/');
    return { ...operator, module: path.startsWith('../') ? path : `./${path}` };
  });
  return { ...cluster, operators };
}

function faultFile(fault: FaultPlan): Record<string, unknown> {
  const { trigger } = fault;
  const base = {
    id: fault.id,
    kind: fault.kind,
    target: fault.target,
    ...(trigger.kind === 'at' ? { at: formatDuration(trigger.atUs) } : { when: whenOf(trigger) }),
    ...(fault.forUs === null ? {} : { for: formatDuration(fault.forUs) }),
    ...(fault.repeat === undefined ? {} : { repeat: repeatFile(fault.repeat) }),
  };
  if ('peer' in fault) return { ...base, peer: fault.peer, ...linkFile(fault) };
  switch (fault.kind) {
    case 'process-crash':
      return fault.unsynced === undefined ? base : { ...base, unsynced: fault.unsynced };
    case 'slow-process':
      return { ...base, times: fault.times };
    case 'clock-rate':
      return { ...base, rate: fault.rate };
    case 'clock-offset':
      return { ...base, offset: `${fault.offsetUs < 0 ? '-' : ''}${formatDuration(Math.abs(fault.offsetUs))}` };
    case 'slow-disk':
      return { ...base, extraSync: formatDuration(fault.extraSyncUs) };
    case 'disk-failure':
      return { ...base, reason: fault.reason };
    case 'bit-flip':
      return { ...base, file: fault.file };
    case 'compaction-storm':
      return { ...base, every: formatDuration(fault.everyUs) };
    case 'slow-apply':
    case 'slow-snapshot':
    case 'slow-pulls':
      return { ...base, latency: formatDuration(fault.latencyUs) };
    case 'container-kill':
      return fault.container === undefined ? base : { ...base, container: fault.container };
    case 'node-panic':
      return { ...base, fullOf: fault.fullOf, percent: fault.percent };
    case 'no-bookmarks':
    case 'expired-watches':
    case 'repeated-events':
      return { ...base, resource: fault.resource };
    case 'watch-lag':
    case 'informer-lag': {
      const { resource, latencyUs } = fault;
      return { ...base, resource, ...(latencyUs === null ? {} : { latency: formatDuration(latencyUs) }) };
    }
    case 'refused-requests': {
      const { code, user, verb, resource, percent, requests } = fault;
      return { ...base, code, user, verb, resource, percent, requests };
    }
    case 'plugin-errors': {
      const { extensionPoint, plugin, percent, attempts } = fault;
      return { ...base, extensionPoint, plugin, percent, attempts };
    }
    case 'load-burst': {
      const { load, resource, perSecond } = fault;
      return { ...base, load, resource, perSecond };
    }
    case 'changed-field': {
      const { object, field, value } = fault;
      return { ...base, object, field, value };
    }
    default:
      return base;
  }
}

/** What is wrong with a link. */
function linkFile(fault: Extract<FaultPlan, { readonly peer: Target }>): Record<string, unknown> {
  switch (fault.kind) {
    case 'partition':
      return { direction: fault.direction ?? 'both' };
    case 'slow-link':
      return {
        latency: formatDuration(fault.latencyUs),
        jitter: formatDuration(fault.jitterUs ?? 0),
        late: fault.late,
      };
    case 'lossy-link':
      return { lossPercent: fault.lossPercent, lost: fault.lost };
    case 'held-link':
      return {};
    case 'impaired-link': {
      const { bytesPerSecond, duplicatePercent, reorderPercent, doubled, late } = fault;
      return { bytesPerSecond, duplicatePercent, reorderPercent, doubled, late };
    }
  }
}

function repeatFile({ everyUs, times, dwellUs }: Repeat): Record<string, unknown> {
  return {
    every: formatDuration(everyUs),
    times,
    ...(dwellUs === undefined ? {} : { dwell: formatDuration(dwellUs) }),
  };
}

function whenOf(trigger: Condition): Record<string, unknown> {
  switch (trigger.kind) {
    case 'at':
      return { at: formatDuration(trigger.atUs) };
    case 'wait':
      return { wait: formatDuration(trigger.forUs) };
    case 'fault':
      return { fault: trigger.id, is: trigger.state };
    case 'task': {
      const { label, kind: _kind, ...rest } = trigger;
      return { task: label, ...rest };
    }
    case 'object': {
      const { of, kind: _kind, ...rest } = trigger;
      return { object: of, ...rest };
    }
    default:
      return { [trigger.kind]: trigger.of.map(whenOf) };
  }
}

function operationFile(operation: Operation): Record<string, unknown> {
  const at = formatDuration(operation.atUs);
  switch (operation.kind) {
    case 'scale':
      return { kind: 'scale', at, workload: operation.workload, replicas: operation.replicas };
    case 'set-image':
      return { kind: 'set-image', at, workload: operation.workload, image: operation.image };
    case 'drain':
      return {
        kind: 'drain',
        at,
        target: operation.target,
        timeout: formatDuration(operation.timeoutUs),
        uncordon: operation.uncordon,
      };
    case 'store-member-add':
    case 'store-rolling-restart':
    case 'store-alarm-disarm':
      return { kind: operation.kind, at };
    case 'store-restore':
      return { kind: operation.kind, at, instance: operation.instance, bumpRevision: operation.bumpRevision };
    case 'store-member-promote':
    case 'store-member-remove':
      return { kind: operation.kind, at, instance: operation.instance };
    case 'store-defragment':
      return {
        kind: operation.kind,
        at,
        ...(operation.instance === undefined ? {} : { instance: operation.instance }),
      };
    case 'cordon':
    case 'uncordon':
      return { kind: operation.kind, at, target: operation.target };
    case 'delete':
      return {
        kind: 'delete',
        at,
        workload: operation.workload,
        ...(operation.cascade === undefined ? {} : { cascade: operation.cascade }),
      };
    case 'apply':
      return { kind: 'apply', at, objects: operation.objects.map(withOwnKind) };
  }
}
