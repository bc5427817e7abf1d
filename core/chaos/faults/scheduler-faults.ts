/**
 * Plugins of schedulers that fail at an extension point.
 */
import type { Seed } from '../../base/random.ts';
import type { Extension, ExtensionPoint } from '../../scheduler/points.ts';
import type { Pid } from '../../sim/process.ts';
import type { FaultEffect } from '../fault-effect.ts';
import { interception } from './interceptors.ts';
import { type Share, ShareDraws } from './share-draws.ts';

/** `plugin`, as messages name it, fails at the extension point for a share of the pods that get there. `seed` decides the draws. */
export function pluginErrors(
  schedulers: readonly Pid[],
  point: ExtensionPoint,
  plugin: string,
  share: Share,
  seed: Seed,
): FaultEffect {
  const draws = new ShareDraws(share, seed, 0x91_06e4);
  const effect = interception('scheduler.plugin', 'attempts failed', (pid, subject) => {
    if (!schedulers.includes(pid) || (subject as Extension).point !== point) return undefined;
    return draws.next() ? plugin : undefined;
  });
  return { ...effect, done: (cluster) => ({ ...effect.done(cluster), hits: { attempts: draws.hit } }) };
}
