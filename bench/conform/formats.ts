/**
 * The formats of recorded data that `seatrial conform` knows: one line and one file each.
 *
 * Always: a format's module is loaded only when it is asked for.
 */
import type { ConformFormat } from './format.ts';

/** A format in the list. */
export interface FormatEntry {
  readonly name: string;
  /** What agrees, for `--help`. */
  readonly about: string;
  /** The cases are generated and compared with a running program: there is no data to name. */
  readonly isLive?: true;
  readonly load: () => Promise<{ readonly format: ConformFormat }>;
}

export const FORMATS: readonly FormatEntry[] = [
  {
    name: 'controlplane',
    about:
      'recorded timelines of a real control plane: every predicate whose subject appears holds, and what can be replayed goes as recorded; one case is one run',
    load: () => import('./controlplane/controlplane-format.ts'),
  },
  {
    name: 'etcd',
    about:
      'generated request scripts on a real etcd (SEATRIAL_ETCD, or etcd on PATH) and on the store: every field of every answer',
    isLive: true,
    load: () => import('./etcd/etcd-format.ts'),
  },
  {
    name: 'linearizability',
    about: 'client histories (Jepsen logs, EDN) with known verdicts: the checker agrees',
    load: () => import('./linearizability/linearizability-format.ts'),
  },
  {
    name: 'openb',
    about: "published tables of the FGD paper's placements, every cell within 0.01",
    load: () => import('./openb.ts'),
  },
  {
    name: 'oracle',
    about: 'answers of the real Kubernetes code to single questions (JSON lines), e.g. one sync of a controller',
    load: () => import('./oracle/oracle-format.ts'),
  },
  {
    name: 'raft',
    about: 'data-driven test files of etcd-io/raft, byte for byte: one case is one file',
    load: () => import('./raft/raft-format.ts'),
  },
  {
    name: 'scheduler',
    about:
      'decisions of the real kube-scheduler (JSON lines): filters, scores, messages, preemption; one case is one line',
    load: () => import('./scheduler/scheduler-format.ts'),
  },
];
