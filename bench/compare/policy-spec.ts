/**
 * A policy as the command line names it, resolved to plain data that a worker thread can use.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { NAMED_POLICIES, namedProfile, type Profile, type TypicalPod } from '../../core/cluster/placement.ts';
import type { PolicyModule } from '../../core/cluster/policy-module.ts';
import { readSchedulerProfiles } from '../../scenarios/scheduler-configuration-file.ts';
import { CLI_CODES, type ProblemList } from '../cli/user-error.ts';
import { loadPolicyModule } from './policy-module.ts';

/** One policy; `name` is unique within a comparison. */
export type PolicySpec =
  | { readonly kind: 'named'; readonly name: string; readonly about: string }
  | { readonly kind: 'configuration'; readonly name: string; readonly about: string; readonly profile: Profile }
  | { readonly kind: 'module'; readonly name: string; readonly about: string; readonly file: string };

/** A policy that a run can use. */
export interface LoadedPolicy {
  readonly name: string;
  readonly profileOf: (typical: readonly TypicalPod[]) => Profile;
  readonly module: PolicyModule | undefined;
}

const CONFIGURATION_ENDINGS = ['.yaml', '.yml', '.json'];
const MODULE_ENDINGS = ['.mjs', '.js', '.ts', '.mts'];

/** Reads `--policy A,B,…`: names and files. What is wrong goes to `problems`. */
export function readPolicies(text: string, cwd: string, problems: ProblemList): PolicySpec[] {
  const specs: PolicySpec[] = [];
  for (const part of text.split(',').map((each) => each.trim())) {
    const spec = readPolicy(part, cwd, problems);
    if (spec === undefined) continue;
    if (specs.some(({ name }) => name === spec.name)) {
      problems.error({}, CLI_CODES.badValue, `--policy names "${spec.name}" twice`);
    } else specs.push(spec);
  }
  return specs;
}

function readPolicy(part: string, cwd: string, problems: ProblemList): PolicySpec | undefined {
  const named = NAMED_POLICIES.find(({ name }) => name === part);
  if (named !== undefined) return { kind: 'named', ...pick(named) };
  if (CONFIGURATION_ENDINGS.includes(path.extname(part))) return readConfiguration(part, cwd, problems);
  const isModule = MODULE_ENDINGS.includes(path.extname(part));
  const file = path.resolve(cwd, part);
  if (isModule && existsSync(file)) return { kind: 'module', name: part, about: `module ${part}`, file };
  if (isModule) problems.error({ file: part }, CLI_CODES.noInput, 'no such policy module');
  else {
    const names = NAMED_POLICIES.map(({ name }) => name);
    problems.unknownName({}, CLI_CODES.badValue, 'policy', part, names);
  }
  return undefined;
}

/** The first profile of a KubeSchedulerConfiguration file: the pods of a comparison name no scheduler. */
function readConfiguration(part: string, cwd: string, problems: ProblemList): PolicySpec | undefined {
  const before = problems.errorCount;
  const profiles = readSchedulerProfiles(path.resolve(cwd, part), problems);
  if (profiles === null || problems.errorCount > before) return undefined;
  const [profile] = profiles;
  const about = `KubeSchedulerConfiguration ${part}, profile ${profile.schedulerName}`;
  return { kind: 'configuration', name: part, about, profile };
}

function pick({ name, about }: { readonly name: string; readonly about: string }): { name: string; about: string } {
  return { name, about };
}

/** Makes a policy usable in this thread. @throws UserError for a module that cannot be loaded. */
export async function loadPolicy(spec: PolicySpec): Promise<LoadedPolicy> {
  const name = spec.name;
  if (spec.kind === 'named') return { name, profileOf: (typical) => profileNamed(name, typical), module: undefined };
  if (spec.kind === 'configuration') return { name, profileOf: () => spec.profile, module: undefined };
  const module = await loadPolicyModule(spec.file, name);
  return { name, profileOf: (typical) => profileNamed('kube-default', typical), module };
}

function profileNamed(name: string, typicalPods: readonly TypicalPod[]): Profile {
  const profile = namedProfile(name, { typicalPods });
  if (profile === undefined) throw new Error(`policy ${name} has no profile`);
  return profile;
}
