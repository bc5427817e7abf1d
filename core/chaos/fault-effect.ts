/**
 * What a fault does when it begins and when it ends, with its targets decided.
 */
import type { Cluster } from '../cluster/cluster.ts';

export interface FaultEffect {
  begin(cluster: Cluster): void;
  end(cluster: Cluster): void;
}
