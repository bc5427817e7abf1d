/**
 * What a scheduling policy is to the core: a score plugin, and possibly a say in which device a share of a GPU gets.
 *
 * Filters, queue, sampling, node order and tie rule are the profile's and the same for every policy, so that a comparison
 * compares scores and nothing else.
 */

import type { Draws } from '../choice/selection.ts';
import type { NodeTable } from '../nodes/node-table.ts';
import type { ScorePlugin } from '../plugins/plugin.ts';
import type { DeviceChooser } from './device-choice.ts';

/** One policy at work in one scheduler. */
export interface SchedulingPolicy {
  /** Scores whole numbers from 0 to 100 that depend on the pod's shape and the node's own state only: they are cached. */
  readonly score: ScorePlugin;
  /** `null`: the tightest device for a share, the lowest idle ones for whole devices. */
  readonly chooser: DeviceChooser | null;
}

/** Makes a policy for a scheduler's node table; `draws` is the stream of the policy's own randomness. */
export type PolicyFactory = (nodes: NodeTable, draws: Draws) => SchedulingPolicy;
