/**
 * Turns what was drawn into what came of it: targets by mode into those that were hit, repeats into single times, waits for other faults into
 * instants, shares of messages into the very messages. What is left then are facts, which can be taken away one by one.
 *
 * Always: a fault that was drawn stays as it is where its facts alone do not fail in the same way.
 */
import type { FaultReport } from '../arm.ts';
import type { Condition, FaultPlan, ScenarioPlan, Target } from '../plan.ts';
import { minimalList } from './delta-debugging.ts';
import type { Trials } from './trials.ts';

/** More single faults than this are no easier to read than the drawn one. */
const PARTS_MAX = 64;
/** More messages than this are not tried one by one. */
const ORDINALS_MAX = 256;

/** The plan with concrete faults where the failure stays the same. */
export function concreteFaults(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  if (trials.exhausted) return plan;
  return fewerMessages(plan.faults.some(isDrawn) ? withFacts(plan, trials) : plan, trials);
}

function withFacts(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  const reports = trials.run(plan).faults;
  let current = plan;
  for (const fault of plan.faults) {
    if (!isDrawn(fault)) continue;
    const own = reports.filter(({ id, beginUs, targets }) => id === fault.id && beginUs >= 0 && targets.length > 0);
    const parts = own.flatMap((report, time) => partsOf(fault, report, time, own.length));
    if (parts.length === 0 || parts.length > PARTS_MAX) continue;
    const faults = current.faults.flatMap((each) => (each.id === fault.id ? parts : [each]));
    current = trials.better(current, { ...current, faults });
  }
  return current;
}

/** A fault of which the seed decides something, or another fault. */
function isDrawn(fault: FaultPlan): boolean {
  if (fault.repeat !== undefined || waitsForFault(fault.trigger)) return true;
  if (fault.target.mode !== undefined && fault.target.mode !== 'all') return true;
  if (fault.kind === 'lossy-link') return fault.lost === undefined;
  return fault.kind === 'refused-requests' && fault.requests === undefined && (fault.percent ?? 100) < 100;
}

function waitsForFault(condition: Condition): boolean {
  if (condition.kind === 'fault') return true;
  return (
    (condition.kind === 'all' || condition.kind === 'any' || condition.kind === 'sequence') &&
    condition.of.some(waitsForFault)
  );
}

/** One time of a fault as single faults, one a target where the target was drawn. */
function partsOf(fault: FaultPlan, report: FaultReport, time: number, times: number): FaultPlan[] {
  const { repeat: _repeat, ...once } = fault;
  const begin =
    times > 1 || waitsForFault(fault.trigger) ? ({ kind: 'at', atUs: report.beginUs } as const) : fault.trigger;
  const forUs = report.endUs < 0 ? fault.forUs : report.endUs - report.beginUs;
  const base = withOrdinals(
    { ...once, trigger: begin, forUs: repeatEnds(fault) ? forUs : fault.forUs } as FaultPlan,
    report,
  );
  const id = times > 1 ? `${fault.id}-${time + 1}` : fault.id;
  if (fault.target.mode === undefined || fault.target.mode === 'all') return [{ ...base, id }];
  return report.targets.map((name, index) => {
    const target = targetOf(name, fault.target);
    return { ...base, id: report.targets.length > 1 ? `${id}-${index + 1}` : id, target };
  });
}

/** Lengths are drawn too where a repeat has a dwell. */
function repeatEnds({ repeat, forUs }: FaultPlan): boolean {
  return repeat?.dwellUs !== undefined && forUs !== null;
}

function withOrdinals(fault: FaultPlan, { done }: FaultReport): FaultPlan {
  const ordinals = done.ordinals ?? [];
  if (ordinals.length === 0 || ordinals.length > ORDINALS_MAX) return fault;
  if (fault.kind === 'lossy-link') return { ...fault, lost: ordinals };
  if (fault.kind !== 'refused-requests') return fault;
  const { percent: _percent, ...rest } = fault;
  return { ...rest, requests: ordinals };
}

/** The target that names just this process: `kubelet-node-3`, `apiserver-1`. */
function targetOf(name: string, { component }: Target): Target {
  if (component === undefined) return { node: name.replace(/^kubelet-/, '') };
  return { component, instance: Number(name.slice(component.length + 1)) };
}

/** The fewest lost transmissions and refused requests that still fail. */
function fewerMessages(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  let current = plan;
  plan.faults.forEach((_fault, index) => {
    const fault = current.faults[index] as FaultPlan;
    const given =
      fault.kind === 'lossy-link' ? fault.lost : fault.kind === 'refused-requests' ? fault.requests : undefined;
    if (given === undefined || given.length === 1) return;
    const withOnly = (ordinals: readonly number[]): ScenarioPlan => {
      const smaller = fault.kind === 'lossy-link' ? { ...fault, lost: ordinals } : { ...fault, requests: ordinals };
      return {
        ...current,
        faults: current.faults.map((each, place) => (place === index ? (smaller as FaultPlan) : each)),
      };
    };
    const needed = minimalList(given, (some) => some.length > 0 && trials.fails(withOnly(some)));
    if (needed.length < given.length) current = withOnly(needed);
  });
  return current;
}
