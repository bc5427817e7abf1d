/**
 * SC9: a pod too many on a node (two schedulers, a stale view, somebody who binds by hand) is refused by the node's kubelet: in the end no node holds
 * more than its allocatable.
 */
import type { Node } from '../../types/node.ts';
import type { Pod } from '../../types/pod.ts';
import { roomsOf } from '../node-room.ts';
import { type Judge, lacks, type Predicate } from '../predicate.ts';
import { Settled } from '../settled.ts';

export function surplusRefused(judge: Judge): Predicate {
  const settled = new Settled(judge);
  const predicate: Predicate = {
    id: 'SC9',
    about: 'no node is left with more pods than fit: its kubelet refuses the surplus',
    evaluations: 0,
    missing() {
      if (settled.holds) return null;
      predicate.evaluations++;
      const pods = [...judge.world.of('Pod').values()] as Pod[];
      for (const [node, room] of roomsOf([...judge.world.of('Node').values()] as Node[], pods)) {
        const short = (['cpu', 'memory', 'pods'] as const).find((resource) => (room.get(resource) ?? 0) < 0);
        if (short !== undefined) {
          const much = `holds more ${short} than it has: ${-(room.get(short) as number)} too much`;
          return lacks(predicate, 'Node', node, `${node.metadata.name} ${much}`);
        }
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}
