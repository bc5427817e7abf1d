/**
 * A scenario with wrong fields, without them: so that the names in what is right can be checked as well, and all problems of a file come at once.
 *
 * Always: indices stay, so a problem found in the result has its place in the file; whatever is right only by what was taken out is taken out too.
 */
import type { Operation } from '../core/chaos/plan.ts';
import {
  ANY_NODE,
  type Fields,
  harmlessFault,
  type Issue,
  type Path,
  type StandIn,
  soundFault,
  without,
} from './sound-fault.ts';

/** Kinds of operations that add no object to which others refer. */
const ADDS_NOTHING: readonly unknown[] = [
  'scale',
  'set-image',
  'delete',
  'cordon',
  'uncordon',
  'drain',
] satisfies Operation['kind'][];

/** Stands where a cluster was of which nobody knows what it has: nothing is said of names in it. */
const ANY_CLUSTER = { nodes: { count: 1 } };
/** Sections of a cluster that give no names to others. */
const NAMELESS: readonly unknown[] = ['settings', 'costs'];

/** false where the issues leave open which nodes and components there are. */
export function isClusterKnown(issues: readonly Issue[]): boolean {
  return issues.every(({ path: [section, part] }) => section !== 'cluster' || NAMELESS.includes(part));
}

/** The part of `value` that `issues` do not touch; stand-ins for fields of faults are added to `standIns`. */
export function soundPart(value: unknown, issues: readonly Issue[], standIns: StandIn[]): unknown {
  if (value === null || typeof value !== 'object') return null;
  const scenario: Fields = {
    ...value,
    metadata: { name: 'scenario' },
    about: 'A scenario.',
    apiVersion: 'seatrial/v1',
  };
  let isLoose = false;
  for (const issue of issues) {
    const [section, index] = issue.path;
    if (issue.path.length === 0) {
      for (const key of issue.code === 'unrecognized_keys' ? issue.keys : []) delete scenario[key];
    } else if (section === 'cluster') scenario['cluster'] = soundCluster(scenario['cluster'], issue.path[1]);
    else if ((section === 'faults' || section === 'operations') && typeof index === 'number') {
      const list = [...(scenario[section] as unknown[])];
      const broken = list[index] as Fields | null;
      if (section === 'operations' && !ADDS_NOTHING.includes(broken?.['kind'])) isLoose = true;
      list[index] =
        section === 'faults'
          ? soundStep(broken, issue.path.slice(2), issue, [section, index], standIns)
          : { kind: 'cordon', at: '0s', target: ANY_NODE };
      scenario[section] = list;
    } else if (
      typeof section === 'string' &&
      section !== 'metadata' &&
      section !== 'about' &&
      section !== 'apiVersion'
    ) {
      delete scenario[section];
      isLoose ||= section === 'workload' || section === 'phases' || section === 'faults' || section === 'operations';
    }
  }
  // Workloads, times and fault ids may be those that were taken out.
  if (isLoose) {
    for (const section of ['faults', 'operations', 'phases']) delete scenario[section];
  }
  return scenario;
}

/** A cluster without its section `part`; some cluster where others need what that section says. */
function soundCluster(cluster: unknown, part: PropertyKey | undefined): unknown {
  if (!NAMELESS.includes(part)) return ANY_CLUSTER;
  return without(cluster as Fields, [String(part)]);
}

/** The step at `at` of the file without what is wrong at `path` in it; of a group that is meant the step of it. */
function soundStep(step: Fields | null, path: Path, issue: Issue, at: Path, standIns: StandIn[]): Fields {
  const [field, index] = path;
  const steps = step?.['steps'];
  // A step of a group has an end, another one a beginning.
  const time = at.length > 2 ? { for: '1s' } : { at: '0s' };
  if (step === null || typeof step !== 'object') return harmlessFault(null, time);
  if (!Array.isArray(steps)) return soundFault(step, path, issue, at, standIns);
  if (path.length === 0 && issue.code === 'unrecognized_keys') return without(step, issue.keys);
  if (field !== 'steps' || typeof index !== 'number') return harmlessFault(step, time);
  const inner = [...at, field, index];
  const soundBelow = (each: Fields | null): Fields => soundStep(each, path.slice(2), issue, inner, standIns);
  return { ...step, steps: steps.map((each: Fields | null, place) => (place === index ? soundBelow(each) : each)) };
}
