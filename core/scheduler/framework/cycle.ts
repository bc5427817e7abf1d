/**
 * One scheduling cycle of one pod: the view it decides on, and what each plugin worked out for it.
 *
 * Dry runs (nominated pods, preemption) work on a clone, whose plugin states may be changed; what a plugin skipped at
 * PreFilter stays skipped in clones.
 */
import { assert } from '../../base/assert.ts';
import type { ClusterView } from './cluster-view.ts';
import type { PodInfo } from './pod-info.ts';

/** What a plugin keeps between its extension points. */
export interface PluginState {
  /** A copy that `addPod` and `removePod` may change; immutable states return themselves. */
  clone(): PluginState;
}

/** The pod and the plugins' states. */
export class Cycle {
  readonly info: PodInfo;
  readonly view: ClusterView;
  /** Plugins that have nothing to filter in this cycle. */
  readonly skippedFilters: Set<string>;
  /** Plugins that have nothing to score in this cycle. */
  readonly skippedScores = new Set<string>();
  readonly #states: Map<string, PluginState>;

  constructor(
    info: PodInfo,
    view: ClusterView,
    skipped: Set<string> = new Set(),
    states: Map<string, PluginState> = new Map(),
  ) {
    this.info = info;
    this.view = view;
    this.skippedFilters = skipped;
    this.#states = states;
  }

  /** Remembers a plugin's state. */
  write(plugin: string, state: PluginState): void {
    this.#states.set(plugin, state);
  }

  /** The state a plugin wrote. */
  read<T extends PluginState>(plugin: string): T {
    const state = this.#states.get(plugin);
    assert(state !== undefined, 'cycle: the plugin wrote its state at an earlier extension point');
    return state as T;
  }

  /** Whether a plugin has written a state. */
  has(plugin: string): boolean {
    return this.#states.has(plugin);
  }

  /** A cycle of the same pod whose states may be changed. */
  clone(): Cycle {
    const states = new Map<string, PluginState>();
    for (const [plugin, state] of this.#states) states.set(plugin, state.clone());
    return new Cycle(this.info, this.view, this.skippedFilters, states);
  }
}
