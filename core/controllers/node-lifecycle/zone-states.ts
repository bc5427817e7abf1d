/**
 * Disruption states of zones, and what they do to the rate at which nodes are given up.
 *
 * Normal and fully disrupted zones are emptied at the normal rate, partially disrupted ones at the secondary rate when large and
 * not at all when small; when all zones are fully disrupted, the fault is thought to be the controller's own and everything
 * stops. Source: Kubernetes 1.34 pkg/controller/nodelifecycle (handleDisruption, ComputeZoneState).
 */

export type ZoneState = 'Initial' | 'Normal' | 'PartialDisruption' | 'FullDisruption';

/** Rates in nodes a second and thresholds; defaults of kube-controller-manager 1.34. */
export interface EvictionRates {
  /** --node-eviction-rate, default 0.1. */
  readonly normalQps: number;
  /** --secondary-node-eviction-rate, default 0.01. */
  readonly secondaryQps: number;
  /** --large-cluster-size-threshold, default 50: zones of more nodes are large. */
  readonly largeZoneNodes: number;
  /** --unhealthy-zone-threshold, default 0.55: share of nodes not ready that makes a zone partially disrupted. */
  readonly unhealthyShare: number;
}

/** State of a zone with so many counted nodes, `ready` of them ready. */
function zoneStateOf(nodes: number, ready: number, rates: EvictionRates): ZoneState {
  const notReady = nodes - ready;
  if (ready === 0 && notReady > 0) return 'FullDisruption';
  // In single precision, as there: 11 of 20 are 55 %, which they are not in double precision.
  if (notReady > 2 && Math.fround(notReady / nodes) >= Math.fround(rates.unhealthyShare)) return 'PartialDisruption';
  return 'Normal';
}

/** Nodes a second that may be tainted in a zone of `nodes` nodes. */
function evictionQps(state: ZoneState, nodes: number, rates: EvictionRates): number {
  if (state !== 'PartialDisruption') return rates.normalQps;
  return nodes > rates.largeZoneNodes ? rates.secondaryQps : 0;
}

/** What the monitor has to do after comparing states. */
export type DisruptionChange = 'none' | 'stop-all' | 'resume-all';

/** The states of all zones, by the zone's index; undefined = no counted node. */
export class ZoneStates {
  readonly #states: (ZoneState | undefined)[] = [];

  /** State of a zone after the last {@link update}. */
  of(zone: number): ZoneState | undefined {
    return this.#states[zone];
  }

  /**
   * Takes the counts of a tick (`nodes`, `ready` by zone index) and answers what changed. `setRate` is called for zones whose rate
   * follows from a new state; on 'stop-all' the caller stops every zone.
   */
  update(
    nodes: Int32Array,
    ready: Int32Array,
    rates: EvictionRates,
    setRate: (zone: number, qps: number) => void,
  ): DisruptionChange {
    const states = this.#states;
    while (states.length < nodes.length) states.push(undefined);
    let allAre = true;
    let allWere = true;
    for (let zone = 0; zone < states.length; zone++) {
      const size = nodes[zone] as number;
      if (size === 0) {
        states[zone] = undefined;
        continue;
      }
      if (zoneStateOf(size, ready[zone] as number, rates) !== 'FullDisruption') allAre = false;
      if (states[zone] !== 'FullDisruption') allWere = false;
    }
    if (allAre && allWere) return 'none';
    for (let zone = 0; zone < states.length; zone++) {
      const size = nodes[zone] as number;
      if (size === 0) continue;
      const state = zoneStateOf(size, ready[zone] as number, rates);
      if (!allAre && (allWere || states[zone] !== state)) setRate(zone, evictionQps(state, size, rates));
      states[zone] = state;
    }
    if (allAre) return 'stop-all';
    return allWere ? 'resume-all' : 'none';
  }
}
