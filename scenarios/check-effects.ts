/**
 * Faults whose parameters leave everything as it was: they would count as survived without having been there. Warnings, since such a fault is sound, and
 * a user may be one that nobody knows yet; a resource that there is not is an error, as any other name.
 */
import { pluginsOfVersion } from '../core/scheduler/configuration/default-plugins.ts';
import { OPERATOR_USER } from '../core/types/user-names.ts';
import type { PlacedFault } from './fault-steps.ts';
import type { ProblemList } from './problem.ts';
import { nearestName } from './suggest.ts';
import type { YamlDocument } from './yaml-source.ts';

/** Values of a fault's parameters at which it does nothing. */
const WITHOUT_EFFECT: readonly [field: string, value: number, unit: string][] = [
  ['rate', 1, ''],
  ['times', 1, ''],
  ['lossPercent', 0, ''],
  ['offset', 0, 's'],
  ['extraSync', 0, 's'],
  ['latency', 0, 's'],
];

/** Whom a fault can be about. */
export interface Concerned {
  /** Names under which the API servers are asked; null: not known. */
  readonly users: () => readonly string[] | null;
  /** Plural names of the kinds that there are; null: not known. */
  readonly resources: () => readonly string[] | null;
  /** There are operators, whose resources and names are not known. */
  readonly hasOperators: boolean;
}

/** Warns where the parameters of a fault can do nothing. */
export function checkEffect(
  { fault, path, followers }: PlacedFault,
  { users, resources, hasOperators }: Concerned,
  document: YamlDocument,
  problems: ProblemList,
): void {
  const warn = (field: string, message: string, nearest?: string): void =>
    problems.warning(document.place([...path, field]), 'SCN-036', message, { nearest });
  const parameters: Readonly<Record<string, unknown>> = { ...fault };
  for (const [field, value, unit] of WITHOUT_EFFECT) {
    if (parameters[field] !== value || ((parameters['jitter'] as number | undefined) ?? 0) > 0) continue;
    warn(field, `${fault.kind} with ${field} ${value}${unit} changes nothing`);
  }
  if (fault.kind === 'partition' && fault.target.zone !== undefined && fault.target.zone === fault.peer.zone)
    warn('peer', `zone ${fault.peer.zone} is cut off from itself: its nodes send each other nothing`);
  if (fault.kind === 'instance-removed' && fault.for !== undefined && fault.repeat === undefined && followers === 0)
    warn('for', 'the instance is gone for good: "for" only says how long that counts as a disturbance');
  if (fault.kind === 'refused-requests' && fault.user !== undefined) {
    const known = hasOperators && fault.user.startsWith(OPERATOR_USER) ? null : users();
    if (known !== null && !known.includes(fault.user)) {
      const message = `nobody asks as user "${fault.user}": nothing is refused`;
      warn('user', message, nearestName(fault.user, known));
    }
  }
  if (fault.kind === 'plugin-errors' && fault.plugin !== undefined) {
    const wrong = pluginProblem(fault.plugin, fault.extensionPoint);
    if (wrong !== null) warn('plugin', wrong.message, wrong.nearest);
  }
  if (fault.kind === 'node-panic' && fault.percent === 100)
    warn(
      'percent',
      'node-panic with percent 100 hits nothing: running pods never request more than all that a node has',
    );
  if (!('resource' in fault) || fault.resource === undefined) return;
  const known = resources();
  if (known === null || known.includes(fault.resource)) return;
  problems.unknownName(document.place([...path, 'resource']), 'SCN-020', 'resource', fault.resource, known);
}

/** What is wrong with a plugin of that name failing at that extension point, by the plugins of all versions; null: nothing. */
function pluginProblem(plugin: string, point: string): { readonly message: string; readonly nearest?: string } | null {
  const all = [...pluginsOfVersion('1.36'), ...pluginsOfVersion('1.34')];
  const ofName = all.filter(({ name }) => name === plugin);
  if (ofName.some(({ points }) => points.some((each) => each.toLowerCase() === point.toLowerCase()))) return null;
  if (ofName.length > 0) return { message: `plugin ${plugin} has no extension point ${point}: it never fails there` };
  const nearest = nearestName(
    plugin,
    all.map(({ name }) => name),
  );
  const message = `"${plugin}" is no plugin of Kubernetes: unless it is one of yours, attempts fail under a name that nobody has`;
  return nearest === undefined ? { message } : { message, nearest };
}
