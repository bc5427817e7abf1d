/**
 * Memory that the scheduler's columns and caches take for a large cluster, without the API objects that they refer to.
 */
import { Sfc32 } from '../../../core/base/random.ts';
import { SchedulingCore } from '../../../core/scheduler/choice/scheduling-core.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { ALL_NODES, apps, HOSTNAME, mixedNode, mixedPod, podOf, related, spreading, ZONE } from './workload.ts';

const NODES = 15_000;
const PODS = 50_000;
const SHAPES = 100;
const APPS = 10;
const MEGABYTE = 1e6;

/** Growth of heap and buffers, MB, in a process with a callable collector. */
export function tableMegabytes(): number {
  const nodes = Array.from({ length: NODES }, (_, i) => mixedNode(i));
  const random = new Sfc32(4, 5, 6);
  const kinds: readonly Pod[] = [
    ...Array.from({ length: SHAPES }, (_, i) => mixedPod(i, random)),
    ...apps(APPS).flatMap((app) => [
      spreading(`hard-${app}`, [[ZONE, 1]], true),
      spreading(
        `soft-${app}`,
        [
          [HOSTNAME, 3],
          [ZONE, 5],
        ],
        false,
      ),
      related(`anti-${app}`, HOSTNAME, 'podAntiAffinity'),
    ]),
    // Fits nowhere: why each node rejects it is kept as well.
    podOf('too-large', 'too-large', '64', '1Gi'),
  ];
  const before = bytesInUse();
  const core = new SchedulingCore([ALL_NODES], new Sfc32(1, 2, 3));
  for (const node of nodes) core.putNode(node);
  const out = { slot: -1, feasible: 0, examined: 0 };
  for (let i = 0; i < PODS; i++) {
    const pod = kinds[i % kinds.length] as Pod;
    const podClass = core.classOf(pod);
    core.select({ podClass, nodeName: '', pod }, 0, out);
    if (out.slot >= 0) core.assume(out.slot, podClass);
  }
  const grown = bytesInUse() - before;
  // Keeps all of it alive up to here.
  return core.pods.count > 0 ? grown / MEGABYTE : 0;
}

function bytesInUse(): number {
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
  gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
