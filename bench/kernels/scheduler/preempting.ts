/**
 * Runs a workload on a cluster that is full: each pod finds no node, preemption chooses one and its victims, these go at once and the pod comes.
 *
 * The whole decision of a failed cycle is in it: why each node rejects the pod, the message, the dry runs, the choice.
 */
import { Sfc32 } from '../../../core/base/random.ts';
import { type PathChoice, SchedulingCore } from '../../../core/scheduler/choice/scheduling-core.ts';
import { PlacedPods } from '../../../core/scheduler/pods/placed-pods.ts';
import { postFilter } from '../../../core/scheduler/preemption/post-filter.ts';
import type { Pod } from '../../../core/types/pod.ts';
import type { Round } from './placing.ts';
import type { SchedulerWorkload } from './workload.ts';

/** A full cluster and the pods that preempt. */
export class Preempting implements Round {
  placed = 0;
  examined = 0;
  checksum = 0;
  readonly #core: SchedulingCore;
  readonly #pods: PlacedPods;
  readonly #ids = new Map<string, number>();
  readonly #draws = new Sfc32(7, 8, 9);
  readonly #coming: readonly Pod[];
  #next = 0;

  constructor(workload: SchedulerWorkload, path: PathChoice) {
    this.#core = new SchedulingCore([workload.profile], new Sfc32(1, 2, 3), path);
    this.#pods = new PlacedPods(this.#core);
    for (let i = 0; i < workload.nodes; i++) {
      const slot = this.#core.putNode(workload.node(i));
      for (const pod of workload.running?.(i) ?? []) this.#assume(pod, slot);
    }
    const random = new Sfc32(4, 5, 6);
    const kinds = workload.kinds(random);
    this.#coming = Array.from({ length: workload.pods }, (_, i) => {
      const kind = kinds[random.below(kinds.length)] as Pod;
      return { ...kind, metadata: { ...kind.metadata, name: `preemptor-${i}` } };
    });
  }

  run(count: number): void {
    const core = this.#core;
    const out = { slot: -1, feasible: 0, examined: 0 };
    const end = this.#next + count;
    for (let i = this.#next; i < end; i++) {
      const pod = this.#coming[i] as Pod;
      const request = { podClass: core.classOf(pod), nodeName: '', pod };
      core.select(request, 0, out);
      this.examined += out.examined;
      let { slot } = out;
      if (slot < 0) {
        const { candidate } = postFilter(core, request, 0, this.#pods.leastPriority, this.#draws);
        if (candidate === null) continue;
        for (const { key } of candidate.victims) this.#pods.remove(this.#ids.get(key) as number);
        slot = core.nodes.find(candidate.nodeName);
        this.checksum = (Math.imul(this.checksum, 31) + candidate.victims.length) | 0;
      }
      this.checksum = (Math.imul(this.checksum, 31) + slot) | 0;
      this.#assume(pod, slot);
      this.placed++;
    }
    this.#next = end;
  }

  #assume(pod: Pod, slot: number): void {
    const id = this.#ids.size;
    this.#ids.set(`${pod.metadata.namespace}/${pod.metadata.name}`, id);
    this.#pods.assume(id, slot, this.#core.classOf(pod), true, pod);
  }
}
