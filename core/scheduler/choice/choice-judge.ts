/**
 * Whether a choice of a node was right: the plain path, which defines that, could have made the same. For observers; nothing is drawn, counted or remembered.
 */

import type { Profile } from '../configuration/profile.ts';
import type { PluginSet } from '../plugins/index.ts';
import type { PodRequest, Snapshot } from '../plugins/plugin.ts';
import { Diagnosis } from './diagnosis.ts';
import { PlainPath } from './plain-path.ts';
import type { Draws, Selection } from './selection.ts';

/** Among more nodes no choice is judged: that costs as much as a search of all. */
const NODES_MAX = 100;
const FIRST: Draws = { below: () => 0 };

/** Judges the choices of one profile. */
export class ChoiceJudge {
  readonly #nodes: Snapshot['nodes'];
  readonly #path: PlainPath;
  readonly #right: Selection = { slot: -1, feasible: 0, examined: 0 };

  constructor(snapshot: Snapshot, plugins: PluginSet, profile: Profile) {
    const silent = new Diagnosis();
    silent.silent = true;
    this.#nodes = snapshot.nodes;
    this.#path = new PlainPath(snapshot, plugins, profile, FIRST, silent);
  }

  /** Whether the choice from search position `start` is right, as things still are; true as well in large clusters. */
  agrees(request: PodRequest, start: number, { slot, feasible, examined }: Selection): boolean {
    const nodes = this.#nodes;
    if (nodes.nodeCount > NODES_MAX) return true;
    const right = this.#right;
    const { evaluations } = nodes;
    this.#path.select(request, start, right);
    nodes.evaluations = evaluations;
    if (right.slot < 0 || slot < 0) return right.slot === slot;
    return right.feasible === feasible && right.examined === examined && this.#path.couldChoose(slot, right);
  }
}
