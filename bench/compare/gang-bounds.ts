/**
 * How often gangs fit at best: one that is to share a value of a label takes its room on the nodes of one such value, so what is left over there is of no use to it.
 *
 * Always an upper bound: each gang is asked about as if the others were not there, and the nodes of a value are one large node.
 */
import { unitsOf } from './arrivals.ts';
import type { PreparedRun } from './experiment-input.ts';
import { countsOf, type PackingModel, packingModel } from './packing-model.ts';
import { type CompareWorkload, gangRuleOf } from './workload.ts';

/**
 * The most copies of these pods in which every gang starts, where the policy gives gangs their nodes together; Infinity where nothing speaks against any
 * number, 0 where a gang has fewer pods than it needs.
 */
export function copiesOfGangs(run: PreparedRun, copied: Pick<CompareWorkload, 'kindOf' | 'gangOf'>): number {
  const places = new Map<string, readonly PackingModel[]>();
  const known = new Map<string, number>();
  let least = Number.POSITIVE_INFINITY;
  for (const group of run.gangs ? unitsOf(copied) : []) {
    const rule = gangRuleOf(run.workload, group[0] as number);
    if (rule === null) continue;
    if (group.length < rule.needed) return 0;
    if (rule.topologyKey === '') continue;
    const counts = countsOf(run, group);
    const text = `${rule.topologyKey} ${counts.join()}`;
    let copies = known.get(text);
    if (copies === undefined) {
      const models = places.get(rule.topologyKey) ?? modelsBy(run, rule.topologyKey);
      places.set(rule.topologyKey, models);
      copies = models.reduce((sum, model) => sum + wholeCopies(model, counts), 0);
      known.set(text, copies);
    }
    least = Math.min(least, copies);
  }
  return least;
}

/** A model of the nodes of each value of a label; nodes without it are no place for a gang that asks for one. */
function modelsBy(run: PreparedRun, label: string): readonly PackingModel[] {
  const slotsOf = new Map<string, number[]>();
  run.nodeOf.forEach((node, slot) => {
    const value = run.workload.nodes[node]?.metadata.labels?.[label];
    if (value === undefined) return;
    const slots = slotsOf.get(value);
    if (slots === undefined) slotsOf.set(value, [slot]);
    else slots.push(slot);
  });
  const hosting = new Map<string, Uint8Array>();
  return [...slotsOf.values()].map((slots) => packingModel(run, slots, hosting));
}

/** How many times pods fit as a whole: each of them somewhere, and of each resource enough on the nodes that can host any. */
function wholeCopies({ resourceCount, requests, classes }: PackingModel, counts: Float64Array): number {
  const kinds = [...counts.keys()].filter((kind) => (counts[kind] as number) > 0);
  if (kinds.some((kind) => !classes.some(({ hosts }) => hosts[kind] === 1))) return 0;
  const useful = classes.filter(({ hosts }) => kinds.some((kind) => hosts[kind] === 1));
  let least = Number.POSITIVE_INFINITY;
  for (let r = 0; r < resourceCount; r++) {
    const asked = kinds.reduce((sum, kind) => sum + (counts[kind] as number) * (requests[kind]?.[r] ?? 0), 0);
    const free = useful.reduce((sum, each) => sum + Math.max(0, each.free[r] as number), 0);
    if (asked > 0) least = Math.min(least, Math.floor(free / asked));
  }
  return least;
}
