/**
 * Faults of store members: files with flipped bits, a leadership that is handed over, snapshots and applying that take long, a crash amid
 * applying, a disk that is lost, compaction without measure.
 */
import { hashString, mix } from '../../base/content-hash.ts';
import { drawUint32, scaleDraw } from '../../base/random.ts';
import type { Pid } from '../../sim/process.ts';
import { findPoint } from '../../sim/registry.ts';
import type { FaultEffect } from '../fault-effect.ts';
import { interception } from './interceptors.ts';

/**
 * One drawn record of a file no longer matches its checksum. The process finds out when it reads the file, at its next start, and
 * refuses to run. At the end the record is as it was: somebody has mended the file.
 */
export function bitFlip(pids: readonly Pid[], file: string, faultId: string): FaultEffect {
  const undo: (() => void)[] = [];
  return {
    begin(cluster) {
      for (const pid of pids) {
        const disk = cluster.sim.diskOf(pid);
        const { length } = disk.read(file);
        if (length === 0) continue;
        const name = hashString(cluster.sim.processes.names[pid] as string);
        const draw = drawUint32(cluster.sim.seed, mix(hashString(faultId), name), 0xb17f11);
        undo.push(disk.corrupt(file, scaleDraw(draw, length), null));
      }
    },
    end() {
      for (const mend of undo) mend();
    },
    done: () => ({ count: undo.length, what: 'records damaged' }),
  };
}

/** The leading store member hands its leadership to the next running one. Over as soon as it has begun. */
export function leaderTransfer(pids: readonly Pid[]): FaultEffect {
  let begun = 0;
  return {
    begin(cluster) {
      const members = cluster.instancesOf('etcd');
      for (const pid of pids) {
        const from = members.indexOf(pid);
        const next = members.map((_, i) => members[(from + 1 + i) % members.length] as Pid);
        const to = next.find((other) => other !== pid && cluster.sim.isRunning(other));
        const group = cluster.storeMembers.get(pid)?.group;
        if (to === undefined || group === null || group === undefined) continue;
        begun++;
        group.transferLeader(members.indexOf(to) + 1);
      }
    },
    end() {},
    done: () => ({ count: begun, what: 'transfers begun' }),
  };
}

/** Applying what is committed takes longer, µs a batch: the log and the group go on, the store lags behind. */
export function slowApply(pids: readonly Pid[], latencyUs: number): FaultEffect {
  return interception('store.apply-batch', 'batches slowed', (pid) => (pids.includes(pid) ? latencyUs : undefined));
}

/** The member crashes in the middle of applying a batch: a change is made, it is not answered, and the rest of the batch waits. */
export function crashInApply(pids: readonly Pid[]): FaultEffect {
  const armed = new Set(pids);
  const down: Pid[] = [];
  return {
    begin({ sim, supervisor }) {
      const point = findPoint('store.apply') as number;
      sim.observation.listen(point, (pid) => {
        if (!armed.delete(pid)) return;
        down.push(pid);
        supervisor.takeDown(pid);
      });
    },
    end({ supervisor }) {
      armed.clear();
      for (const pid of down) supervisor.letUp(pid);
    },
    done: () => ({ count: down.length, what: 'processes taken down' }),
  };
}

/** The member's machine loses its disk; at the end it starts with an empty one, under its old identity. */
export function diskLoss(pids: readonly Pid[]): FaultEffect {
  return {
    begin({ sim, supervisor }) {
      for (const pid of pids) {
        supervisor.takeDown(pid);
        sim.diskOf(pid).lose();
      }
    },
    end({ supervisor }) {
      for (const pid of pids) supervisor.letUp(pid);
    },
    done: () => ({ count: pids.length, what: 'disks lost' }),
  };
}

/** Somebody compacts the store to its newest revision, over and over. */
export function compactionStorm(periodUs: number): FaultEffect {
  return {
    begin: ({ compactor }) => compactor.storm(periodUs),
    end: ({ compactor }) => compactor.storm(0),
    done: ({ compactor }) => ({ count: compactor.stormCount, what: 'compactions asked for' }),
  };
}

/** Snapshots that the members send take longer, µs. */
export function slowSnapshot(pids: readonly Pid[], latencyUs: number): FaultEffect {
  return interception('store.send-snapshot', 'snapshots slowed', (pid) => (pids.includes(pid) ? latencyUs : undefined));
}
