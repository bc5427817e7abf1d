/**
 * Reads what a comparison is about: the embedded trace, a trace of the user's, manifests, a dump.
 *
 * Always: one source of pods; every problem of all files and flags at once.
 */
import path from 'node:path';
import type { DeviceGate } from '../../core/cluster/vocabulary.ts';
import { isScenarioFile } from '../../scenarios/own-files.ts';
import type { CompareArgs } from '../cli/compare.ts';
import { readStandardInput } from '../cli/standard-input.ts';
import { CLI_CODES, type ProblemList } from '../cli/user-error.ts';
import { type ClusterInput, checkTwoRoles, readCluster, readClusterFile } from '../trial/cluster-file.ts';
import { readTrialInput } from '../trial/input.ts';
import { takeInventory } from '../trial/inventory.ts';
import { checkPodCount } from '../trial/prepare.ts';
import { sizeCluster } from '../trial/sizing.ts';
import {
  dumpWorkload,
  manifestWorkload,
  OBJECT_ASSUMPTION,
  OBJECT_LIFETIMES,
  type ObjectWorkload,
} from './object-workload.ts';
import { fileWorkload, OPENB_LIFETIMES, openbWorkload } from './trace-workload.ts';
import type { CompareWorkload } from './workload.ts';

/** A workload with what is assumed about it. */
export interface CompareInput {
  readonly workload: CompareWorkload;
  /** Where pods get their lifetimes from, for experiments in which they end; '' = from the input. */
  readonly lifetimes: string;
  readonly assumptions: readonly string[];
}

/** Reads the input that the flags name; null with problems. */
export function readCompareInput(args: CompareArgs, problems: ProblemList): CompareInput | null {
  const { paths = [], nodes, pods, order, cluster } = args;
  const ranks = args['node-ranks'];
  const before = problems.errorCount;
  if ((nodes === undefined) !== (pods === undefined)) {
    problems.error({}, CLI_CODES.conflict, '--nodes and --pods go together: both are files of one trace');
  }
  if (pods === undefined && (order !== undefined || ranks !== undefined)) {
    problems.error(
      {},
      CLI_CODES.conflict,
      '--order and --node-ranks belong to a trace: --nodes and --pods are missing',
    );
  }
  const sources = [paths.length > 0, pods !== undefined].filter(Boolean).length;
  if (sources > 1) problems.error({}, CLI_CODES.conflict, 'a comparison is about manifests or about a trace, not both');
  if (pods !== undefined && cluster !== undefined) {
    problems.error({}, CLI_CODES.conflict, '--cluster does not go with a trace, whose nodes are its own: leave it out');
  }
  if (args['device-gates'] !== undefined && paths.length === 0 && cluster === undefined) {
    problems.error({}, CLI_CODES.conflict, '--device-gates does not go with a trace, whose devices are no claims');
  }
  if (problems.errorCount > before) return null;
  const input = readSource(args, args['device-gates'] ?? [], problems);
  if (problems.errorCount > before || input === null) return null;
  if (input.workload.kindOf.length === 0) {
    problems.error({}, CLI_CODES.noInput, `${input.workload.name} holds no pod that a policy could place`);
  }
  return input;
}

function readSource(args: CompareArgs, gates: readonly DeviceGate[], problems: ProblemList): CompareInput | null {
  const { paths = [], nodes, pods, order, cluster } = args;
  if (nodes !== undefined && pods !== undefined) {
    const workload = fileWorkload({ nodes, pods, order, nodeRanks: args['node-ranks'] }, problems);
    if (workload === null) return null;
    return { workload, lifetimes: workload.lifetimesS === null ? OPENB_LIFETIMES : '', assumptions: [] };
  }
  if (paths.length > 0) return manifests(paths, cluster, gates, problems);
  if (cluster === undefined) return { workload: openbWorkload(), lifetimes: OPENB_LIFETIMES, assumptions: [] };
  return dumpAlone(cluster, readCluster(cluster, problems), gates, problems);
}

function manifests(
  paths: readonly string[],
  cluster: string | undefined,
  asked: readonly DeviceGate[],
  problems: ProblemList,
): CompareInput | null {
  if (cluster !== undefined) checkTwoRoles(cluster, paths);
  const before = problems.errorCount;
  const given = cluster === undefined ? undefined : readClusterFile(cluster, problems);
  const gates = gatesOf(given?.description.settings?.deviceGates, asked, problems);
  const input = readTrialInput(paths, readStandardInput, problems, gates);
  if (problems.errorCount > before || given === null) return null;
  const inventory = takeInventory(input.objects, problems);
  const { objects } = inventory;
  checkPodCount(inventory, problems);
  if (problems.errorCount > before) return null;
  const target = given ?? sizeCluster(objects, undefined, undefined);
  return objectInput(manifestWorkload(input.subject, objects, target, gates));
}

/** The gates of a cluster: what its file says, as a run of it heeds them, or else the flag. */
function gatesOf(
  said: readonly DeviceGate[] | undefined,
  asked: readonly DeviceGate[],
  problems: ProblemList,
): readonly DeviceGate[] {
  if (said !== undefined && asked.length > 0) {
    problems.error({}, CLI_CODES.conflict, '--device-gates: the cluster file has its own, settings.deviceGates');
  }
  return said ?? asked;
}

function dumpAlone(
  file: string,
  input: ClusterInput | null,
  gates: readonly DeviceGate[],
  problems: ProblemList,
): CompareInput | null {
  if (input === null) return null;
  if (input.dump === undefined) {
    const message = isScenarioFile(file)
      ? 'a scenario: only its cluster is read, which has no pods'
      : 'a cluster without pods';
    problems.error({ file }, CLI_CODES.noInput, message, {
      hint: 'name manifests to place on it, or give a dump: kubectl get nodes,pods,svc,rs,sts,pdb,pc,pvc,pv,sc,csinodes -A -o json',
    });
    return null;
  }
  return objectInput(dumpWorkload(path.basename(file), input.dump, gates));
}

function objectInput({ workload, notes }: ObjectWorkload): CompareInput {
  return { workload, lifetimes: OBJECT_LIFETIMES, assumptions: [OBJECT_ASSUMPTION, ...notes] };
}
