/**
 * A policy as the command line names it, resolved to plain data that a worker thread can use.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { NAMED_POLICIES, namedProfile, type Profile, type TypicalPod } from '../../core/cluster/placement.ts';
import type { PolicyModule } from '../../core/cluster/policy-module.ts';
import { readSchedulerProfiles } from '../../scenarios/scheduler-configuration-file.ts';
import { statPath } from '../cli/stat-path.ts';
import { CLI_CODES, type ProblemList } from '../cli/user-error.ts';
import { loadPolicyModule } from './policy-module.ts';
import { QUEUE_CHOICES, type QueueOrder } from './waiting-queue.ts';

/** How a policy treats waiting pods, whatever its scores. */
interface QueueChoice {
  /** In which order waiting pods are tried. */
  readonly queue: QueueOrder;
  /** Whether gangs get their nodes all at once or not at all. */
  readonly gangs: boolean;
}

/** One policy; `name` is unique within a comparison, `base` what it is without the choices behind a plus. */
export type PolicySpec = { readonly name: string; readonly base: string; readonly about: string } & QueueChoice &
  (
    | { readonly kind: 'named' }
    | { readonly kind: 'configuration'; readonly profile: Profile }
    | { readonly kind: 'module'; readonly file: string }
  );

/** A policy that a run can use. */
export interface LoadedPolicy extends QueueChoice {
  readonly name: string;
  readonly profileOf: (typical: readonly TypicalPod[]) => Profile;
  readonly module: PolicyModule | undefined;
}

const GANG = 'gang';
const CONFIGURATION_ENDINGS = ['.yaml', '.yml', '.json'];
const MODULE_ENDINGS = ['.mjs', '.js', '.ts', '.mts'];

/**
 * Reads `--policy A,B,…`: names and files, each with the choices of its queue behind a plus (`fgd+srtf`, `best-fit+drf+gang`). What is
 * wrong goes to `problems`.
 */
export function readPolicies(text: string, queue: QueueOrder, cwd: string, problems: ProblemList): PolicySpec[] {
  const specs: PolicySpec[] = [];
  for (const part of text.split(',').map((each) => each.trim())) {
    const spec = readPolicy(part, queue, cwd, problems);
    if (spec === undefined) continue;
    if (specs.some(({ name }) => name === spec.name)) {
      problems.error({}, CLI_CODES.badValue, `--policy names "${spec.name}" twice`);
    } else specs.push(spec);
  }
  return specs;
}

function readPolicy(part: string, queue: QueueOrder, cwd: string, problems: ProblemList): PolicySpec | undefined {
  const words = part.split('+');
  const choice = { queue, gangs: false };
  const known: readonly string[] = QUEUE_CHOICES.map(({ name }) => name);
  const chosen: (QueueOrder | typeof GANG)[] = [];
  while (words.length > 1 && known.includes(words.at(-1) ?? '')) {
    const word = words.pop() as QueueOrder | typeof GANG;
    chosen.unshift(word);
    if (word === GANG) choice.gangs = true;
    else choice.queue = word;
  }
  const orders = chosen.filter((word) => word !== GANG);
  if (orders.length > 1) {
    problems.error({}, CLI_CODES.conflict, `--policy "${part}": ${orders.join(' and ')} exclude each other`);
  } else if (chosen.length - orders.length > 1) {
    problems.error({}, CLI_CODES.badValue, `--policy "${part}" says ${GANG} twice`);
  }
  const base = words.join('+');
  const common = { name: part, base, ...choice };
  const named = NAMED_POLICIES.find(({ name }) => name === base);
  if (named !== undefined) return { kind: 'named', ...common, about: named.about };
  if (CONFIGURATION_ENDINGS.includes(path.extname(base))) {
    const read = readConfiguration(base, cwd, problems);
    return read === undefined ? undefined : { kind: 'configuration', ...common, ...read };
  }
  const isModule = MODULE_ENDINGS.includes(path.extname(base));
  const file = path.resolve(cwd, base);
  if (base !== '' && statPath(file)?.isDirectory() === true) {
    const hint = 'a policy is a name, one KubeSchedulerConfiguration file, or one module';
    problems.error({ file: base }, CLI_CODES.noInput, 'it is a folder, expected a file', { hint });
    return undefined;
  }
  if (isModule && existsSync(file)) return { kind: 'module', ...common, about: `module ${base}`, file };
  if (isModule) problems.error({ file: base }, CLI_CODES.noInput, 'no such policy module');
  else {
    const names = NAMED_POLICIES.map(({ name }) => name);
    const [first = '', ...rest] = words;
    if (rest.length > 0 && names.includes(first)) {
      problems.unknownName({}, CLI_CODES.badValue, 'queue order', rest.at(-1) ?? '', known);
    } else problems.unknownName({}, CLI_CODES.badValue, 'policy', base, names);
  }
  return undefined;
}

/** The first profile of a KubeSchedulerConfiguration file: the pods of a comparison name no scheduler. */
function readConfiguration(
  part: string,
  cwd: string,
  problems: ProblemList,
): { readonly about: string; readonly profile: Profile } | undefined {
  const before = problems.errorCount;
  const file = path.resolve(cwd, part) === path.resolve(part) ? part : path.resolve(cwd, part);
  const profiles = readSchedulerProfiles(file, problems);
  if (profiles === null || problems.errorCount > before) return undefined;
  const [profile] = profiles;
  return { about: `KubeSchedulerConfiguration ${part}, profile ${profile.schedulerName}`, profile };
}

/** Makes a policy usable in this thread. @throws UserError for a module that cannot be loaded. */
export async function loadPolicy(spec: PolicySpec): Promise<LoadedPolicy> {
  const { name, base, queue, gangs } = spec;
  const common = { name, queue, gangs, module: undefined };
  if (spec.kind === 'named') return { ...common, profileOf: (typical) => profileNamed(base, typical) };
  if (spec.kind === 'configuration') return { ...common, profileOf: () => spec.profile };
  const module = await loadPolicyModule(spec.file, base);
  return { ...common, profileOf: (typical) => profileNamed('kube-default', typical), module };
}

function profileNamed(name: string, typicalPods: readonly TypicalPod[]): Profile {
  const profile = namedProfile(name, { typicalPods });
  if (profile === undefined) throw new Error(`policy ${name} has no profile`);
  return profile;
}
