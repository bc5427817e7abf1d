/**
 * Turns what was drawn into what came of it: targets by mode into those that were hit, repeats into single times, waits for other faults into
 * instants, shares of messages into the very messages. What is left then are facts, which can be taken away one by one.
 *
 * Always: a fault that was drawn stays as it is where its facts alone do not fail in the same way.
 */
import type { FaultReport } from '../arm.ts';
import { type Condition, EXACT_FIELDS, type FaultPlan, type ScenarioPlan, type Target } from '../plan.ts';
import { minimalList } from './delta-debugging.ts';
import type { Trials } from './trials.ts';

/** More single faults than this are no easier to read than the drawn one. */
const PARTS_MAX = 64;
/** More messages than this are not tried one by one. */
const ORDINALS_MAX = 256;
/** Questions asked about the messages of one fault: one among all takes a dozen, and many faults have to share the runs. */
const QUESTIONS_MAX = 20;

/** A fault as its fields by name. */
type Fields = Record<string, unknown>;

/** The plan with concrete faults where the failure stays the same. */
export function concreteFaults(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  if (trials.exhausted || !plan.faults.some(isDrawn)) return plan;
  return withFacts(withoutChance(plan, trials), trials);
}

/** Without shares that are not needed: a link without jitter, without late or without doubled datagrams. */
function withoutChance(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  let current = plan;
  plan.faults.forEach((_fault, index) => {
    for (const share of ['jitterUs', 'duplicatePercent', 'reorderPercent']) {
      const fault = current.faults[index] as FaultPlan & Fields;
      const { [share]: given, ...rest } = fault;
      if (!isDrawn(fault) || given === undefined || given === 0 || !isWhole(rest as Fields)) continue;
      const plainer = share === 'jitterUs' ? { ...fault, jitterUs: 0 } : rest;
      current = trials.better(current, withFault(current, index, plainer as unknown as FaultPlan));
    }
  });
  return current;
}

/** A bad link needs something that is bad of it. */
function isWhole({ kind, bytesPerSecond, duplicatePercent, reorderPercent, doubled, late }: Fields): boolean {
  if (kind !== 'impaired-link') return true;
  return [bytesPerSecond, duplicatePercent, reorderPercent, doubled, late].some((one) => one !== undefined);
}

function withFault(plan: ScenarioPlan, index: number, fault: FaultPlan): ScenarioPlan {
  return { ...plan, faults: plan.faults.map((each, place) => (place === index ? fault : each)) };
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
  const fields: Readonly<Fields> = { ...fault };
  return Object.entries(EXACT_FIELDS[fault.kind] ?? {}).some(([exact, share]) => {
    if (fields[exact] !== undefined) return false;
    const chance = (share === '' ? fields['jitterUs'] : fields[share]) ?? 0;
    return chance !== 0 && !(share === 'percent' && chance === 100);
  });
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

/** With exactly what was hit instead of shares, as far as that is not too much to be read. */
function withOrdinals(fault: FaultPlan, { done }: FaultReport): FaultPlan {
  const fields: Fields = { ...fault };
  for (const [exact, share] of Object.entries(EXACT_FIELDS[fault.kind] ?? {})) {
    const hit = done.hits?.[exact] ?? [];
    if (hit.length === 0 || hit.length > ORDINALS_MAX) continue;
    if (share !== '') delete fields[share];
    fields[exact] = hit;
  }
  return fields as unknown as FaultPlan;
}

/** The target that names just this process: `kubelet-node-3`, `apiserver-1`. */
function targetOf(name: string, { component }: Target): Target {
  if (component === undefined) return { node: name.replace(/^kubelet-/, '') };
  return { component, instance: Number(name.slice(component.length + 1)) };
}

/** The fewest messages, requests and attempts by number with which it still fails. */
export function fewerMessages(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  let current = plan;
  plan.faults.forEach(({ kind }, index) => {
    for (const exact of Object.keys(EXACT_FIELDS[kind] ?? {})) {
      const { [exact]: given, ...rest } = current.faults[index] as FaultPlan & Fields;
      const numbers = (given ?? []) as readonly number[];
      const withOnly = (some: readonly number[]): ScenarioPlan =>
        withFault(current, index, { ...rest, ...(some.length === 0 ? {} : { [exact]: some }) } as unknown as FaultPlan);
      // Without any number a fault would be what it was before it got them, or none.
      const mayGo = kind === 'impaired-link' && isWhole(rest as Fields);
      if (numbers.length === 0 || (numbers.length === 1 && !mayGo)) continue;
      let asked = 0;
      const needed = minimalList(numbers, (some) => {
        return (some.length > 0 || mayGo) && asked++ < QUESTIONS_MAX && trials.fails(withOnly(some));
      });
      if (needed.length < numbers.length) current = withOnly(needed);
    }
  });
  return current;
}
