/**
 * K2: each kubelet admits only what fits by its own accounting.
 */
import { type Judge, listen, type Predicate } from '../predicate.ts';

interface Amounts {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly pods: number;
}

/** The parts of the kubelet's admission that are read here. */
interface Admission {
  readonly node: string;
  readonly podUid: string;
  readonly used: Amounts;
  readonly allocatable: Amounts;
}

export function kubeletRoom(judge: Judge): Predicate {
  const predicate: Predicate = { id: 'K2', about: 'each kubelet admits only what fits on its node', evaluations: 0 };
  // A recording's fake kubelet runs whatever is bound to it.
  if (judge.truth?.kubelet === 'recorded') return predicate;
  listen(judge, 'kubelet.admit', (_pid, subject) => {
    const { node, podUid, used, allocatable } = subject as Admission;
    predicate.evaluations++;
    for (const name of ['cpuMilli', 'memoryBytes', 'pods'] as const) {
      if (used[name] > allocatable[name]) {
        judge.violate(
          predicate,
          `${node} admitted pod ${podUid}: ${name} used ${used[name]}, allocatable ${allocatable[name]}`,
        );
      }
    }
  });
  return predicate;
}
