/**
 * What becomes of a plugin that a profile enables at Filter or Score but not at PreFilter or PreScore, where it would have worked out what it
 * needs: some end the cycle with an error, some work it out again for each node, the others need nothing. The texts are upstream's (Kubernetes
 * 1.34 and 1.36), since they end up in the pod's condition.
 */
import { type Plugin, SKIP } from './plugin.ts';
import { diskConflict } from './plugins/volume-restrictions.ts';
import { CycleError } from './status.ts';

const FILTER_ERRORS: ReadonlyMap<string, string> = new Map([
  ['NodePorts', 'reading "PreFilterNodePorts" from cycleState: not found'],
  ['NodeResourcesFit', 'error reading "PreFilterNodeResourcesFit" from cycleState: not found'],
  ['VolumeRestrictions', 'cannot read "PreFilterVolumeRestrictions" from cycleState'],
  ['VolumeBinding', 'not found'],
  ['PodTopologySpread', 'reading "PreFilterPodTopologySpread" from cycleState: not found'],
  ['InterPodAffinity', 'error reading "PreFilterInterPodAffinity" from cycleState: not found'],
  ['DynamicResources', 'not found'],
  ['NodeDeclaredFeatures', 'error reading "PreFilterNodeDeclaredFeatures" from cycle-state: not found'],
]);
const SCORE_ERRORS: ReadonlyMap<string, string> = new Map([
  ['TaintToleration', 'failed to read "PreScoreTaintToleration" from cycleState: not found'],
  ['PodTopologySpread', 'error reading "PreScorePodTopologySpread" from cycleState: not found'],
  ['InterPodAffinity', 'failed to read "PreScoreInterPodAffinity" from cycleState: not found'],
]);

/** The plugin as it filters without its PreFilter. */
export function filterWithoutState(plugin: Plugin): Plugin {
  const error = FILTER_ERRORS.get(plugin.name);
  if (plugin.name === 'VolumeRestrictions' && error !== undefined)
    return { name: plugin.name, filter: (cycle, node) => diskConflict(cycle.info.pod, node) ?? fail(error) };
  if (error !== undefined) return { name: plugin.name, filter: () => fail(error) };
  if (plugin.name !== 'VolumeZone') return plugin;
  return {
    name: plugin.name,
    filter: (cycle, node) => {
      const outcome = plugin.preFilter?.(cycle) ?? null;
      if (outcome === SKIP) return null;
      return outcome !== null && 'code' in outcome ? outcome : (plugin.filter?.(cycle, node) ?? null);
    },
  };
}

/** The plugin as it scores without its PreScore. */
export function scoreWithoutState(plugin: Plugin): Plugin {
  const error = SCORE_ERRORS.get(plugin.name);
  if (error !== undefined) return { name: plugin.name, score: () => fail(error) };
  // It has nothing to score with as long as StorageCapacityScoring is off.
  if (plugin.name === 'VolumeBinding') return { name: plugin.name, score: () => 0 };
  if (plugin.name !== 'NodeAffinity' && plugin.name !== 'NodeResourcesBalancedAllocation') return plugin;
  return {
    name: plugin.name,
    score: (cycle, node) => (plugin.preScore?.(cycle, [node]) === SKIP ? 0 : (plugin.score?.(cycle, node) ?? 0)),
    normalize: (cycle, nodes, scores) => plugin.normalize?.(cycle, nodes, scores),
  };
}

function fail(error: string): never {
  throw new CycleError(error);
}
