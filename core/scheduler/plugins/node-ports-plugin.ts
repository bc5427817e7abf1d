/**
 * NodePorts (Kubernetes 1.34): a host port is free when no pod of the node uses protocol and port on the same or any address. Upstream keeps a
 * set, in which a port that two pods share (only pods that no scheduler placed do) is free once one of them has gone; here it stays taken.
 */

import type { HostPort } from '../../types/host-ports.ts';
import { type Diagnosis, UNSCHEDULABLE } from '../choice/diagnosis.ts';
import type { FilterPlugin, PodRequest, Snapshot } from './plugin.ts';

const REASONS = ["node(s) didn't have free ports for the requested pod ports"];
const ANY = '0.0.0.0';

/** Filter on host ports. Cost: O(pods of the node) for pods that ask for ports, nothing for others. */
export class NodePortsPlugin implements FilterPlugin {
  readonly name = 'NodePorts';

  prepare(request: PodRequest): boolean {
    return request.podClass.shape.hostPorts.length > 0;
  }

  filter(
    request: PodRequest,
    snapshot: Snapshot,
    slots: Int32Array,
    count: number,
    diagnosis: Diagnosis,
    index: number,
  ): number {
    const wanted = request.podClass.shape.hostPorts;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      if (portsFree(wanted, snapshot, slot)) slots[kept++] = slot;
      else diagnosis.reject(slot, index, UNSCHEDULABLE, diagnosis.reasonSet(REASONS));
    }
    return kept;
  }
}

function portsFree(wanted: readonly HostPort[], { nodes, pods }: Snapshot, slot: number): boolean {
  for (let row = nodes.firstPod[slot] as number; row >= 0; row = pods.nextOf(row)) {
    const used = pods.classOf(row).shape.hostPorts;
    if (used.length > 0 && portsConflict(wanted, used)) return false;
  }
  return true;
}

/** Whether any two ports of the lists exclude each other on one node. */
export function portsConflict(wanted: readonly HostPort[], used: readonly HostPort[]): boolean {
  return wanted.some((a) =>
    used.some((b) => a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === ANY || b.ip === ANY)),
  );
}
