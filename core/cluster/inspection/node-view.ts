/**
 * What is inside a node: how far its kubelet is, what it has admitted, and each pod as kubelet and runtime know it.
 */
import type { Fleet } from '../../node/fleet.ts';
import { FLAG, PHASE } from '../../node/pod-table.ts';
import type { Parts } from './cluster-view.ts';
import { objectsByName } from './view.ts';

const NODE_STATES = ['down', 'registering', 'up'];
const PHASE_NAMES = new Map<number, string>(Object.entries(PHASE).map(([name, code]) => [code, name]));

/** The parts of the node with this index. */
export function nodeParts({ state, heartbeats }: Fleet, node: number): Parts {
  const { nodes } = state;
  return {
    kubelet: () => ({
      state: NODE_STATES[nodes.state[node] as number] ?? '',
      connected: heartbeats.reachable(node),
      statusSentUs: Number.isFinite(nodes.statusSentUs[node]) ? nodes.statusSentUs[node] : null,
    }),
    used: () => ({
      cpuMilli: nodes.usedCpuMilli[node],
      memoryBytes: nodes.usedMemoryBytes[node],
      pods: nodes.usedPods[node],
    }),
    allocatable: () => ({
      cpuMilli: nodes.cpuMilli[node],
      memoryBytes: nodes.memoryBytes[node],
      pods: nodes.podsMax[node],
    }),
    pods: () => objectsByName(podRows(state, node)),
  };
}

interface PodRow {
  readonly metadata: {
    readonly namespace?: string | undefined;
    readonly name: string;
    readonly uid?: string | undefined;
  };
}

/** One entry a row of the pod table on this node; an older pod of the same name has its row after a `~`. Times are µs of true time, −1 for never. */
function podRows({ pods }: Fleet['state'], node: number): PodRow[] {
  const rows: PodRow[] = [];
  const seen = new Set<string>();
  for (let row = pods.firstOf(node); row >= 0; row = pods.next[row] as number) {
    const { namespace, name, uid } = pods.pod[row]?.metadata ?? { namespace: '', name: `row-${row}` };
    const key = `${namespace}/${name}`;
    rows.push({
      metadata: { namespace, name: seen.has(key) ? `${name}~${row}` : name, uid },
      ...{
        phase: PHASE_NAMES.get(pods.phase[row] as number) ?? '',
        flags: Object.entries(FLAG)
          .filter(([, flag]) => pods.has(row, flag))
          .map(([flag]) => flag),
        restarts: pods.restarts[row],
        reason: pods.reason[row],
        message: pods.message[row],
        startedUs: pods.startedUs[row],
        readyAtUs: pods.readyAtUs[row],
        stopAtUs: pods.stopAtUs[row],
      },
    });
    seen.add(key);
  }
  return rows;
}
