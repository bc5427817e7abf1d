/**
 * What a pod's resources, devices and host ports say of a node, and the scores that read the node's own row: the part of a total that one node's
 * change moves.
 */
import type { Diagnosis } from './diagnosis.ts';
import type { FilterPlugin, PodRequest, Snapshot } from './plugin.ts';
import { GpuSharePlugin } from './plugins/gpu-share-plugin.ts';
import type { PluginSet, WeightedScore } from './plugins/index.ts';
import { NodePortsPlugin } from './plugins/node-ports-plugin.ts';
import { NodeResourcesFitPlugin } from './plugins/node-resources-fit-plugin.ts';
import type { Profile } from './profile.ts';
import { kernelCovers, ResourceKernel } from './resource-kernel.ts';
import type { Evaluate } from './shape-index.ts';

/** The evaluation of a profile; `rowScores` are the scores that read nothing but the node's row. Pods without devices and ports pay for neither. */
export function rowEvaluate(
  snapshot: Snapshot,
  plugins: PluginSet,
  rowScores: readonly WeightedScore[],
  profile: Profile,
  silent: Diagnosis,
): Evaluate {
  const rowFilters = plugins.filters.filter(
    (plugin) => plugin instanceof GpuSharePlugin || plugin instanceof NodePortsPlugin,
  );
  if (kernelCovers(profile) && profile.policy === undefined) {
    return withFilters(snapshot, rowFilters, silent, kernelEvaluate(snapshot, profile));
  }
  const fit = plugins.filters.filter((plugin) => plugin instanceof NodeResourcesFitPlugin);
  return pluginEvaluate(snapshot, [...fit, ...rowFilters], rowScores, silent);
}

function kernelEvaluate(snapshot: Snapshot, profile: Profile): Evaluate {
  const kernel = new ResourceKernel(snapshot.nodes, profile);
  return (request, slots, from, count, base, out) =>
    kernel.evaluate(request.podClass.shape, slots, from, count, base, out);
}

/** Nodes that a filter rejects are infeasible. */
function withFilters(
  snapshot: Snapshot,
  filters: readonly FilterPlugin[],
  silent: Diagnosis,
  evaluate: Evaluate,
): Evaluate {
  const one = new Int32Array(1);
  return (request, slots, from, count, base, out) => {
    evaluate(request, slots, from, count, base, out);
    for (const filter of filters) {
      if (!filter.prepare(request, snapshot, silent, 0)) continue;
      for (let i = 0; i < count; i++) {
        one[0] = slots[from + i] as number;
        if (out[i] !== -1 && filter.filter(request, snapshot, one, 1, silent, 0) === 0) out[i] = -1;
      }
    }
  };
}

/** The same through the plugins, for policies and for profiles with other resources. Only nodes that fit are scored. */
function pluginEvaluate(
  snapshot: Snapshot,
  filters: readonly FilterPlugin[],
  scores: readonly WeightedScore[],
  silent: Diagnosis,
): Evaluate {
  let fitting = new Int32Array(1024);
  let places = new Int32Array(1024);
  let column = new Float64Array(1024);
  return (request: PodRequest, slots, from, count, base, out) => {
    if (column.length < count) {
      fitting = new Int32Array(count * 2);
      places = new Int32Array(count * 2);
      column = new Float64Array(count * 2);
    }
    for (let i = 0; i < count; i++) fitting[i] = slots[from + i] as number;
    let kept = count;
    for (const filter of filters) {
      if (filter.prepare(request, snapshot, silent, 0))
        kept = filter.filter(request, snapshot, fitting, kept, silent, 0);
    }
    // Filters keep the order, so one walk finds where the survivors stood; a slot may stand there twice.
    for (let i = 0, found = 0; i < count; i++) {
      const survives = found < kept && fitting[found] === slots[from + i];
      out[i] = survives ? base : -1;
      if (survives) places[found++] = i;
    }
    for (const { plugin, weight } of scores) {
      if (!plugin.prepare(request, snapshot)) continue;
      plugin.score(request, snapshot, fitting, kept, column);
      for (let i = 0; i < kept; i++) {
        const place = places[i] as number;
        out[place] = (out[place] as number) + weight * (column[i] as number);
      }
    }
  };
}
