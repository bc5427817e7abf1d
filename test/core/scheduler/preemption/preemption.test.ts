/**
 * Preemption on the columns must come to what the reference framework comes to, on every step of random histories: message, node, victims in
 * their order.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Sfc32 } from '../../../../core/base/random.ts';
import { type PathChoice, SchedulingCore } from '../../../../core/scheduler/choice/scheduling-core.ts';
import { DEFAULT_PROFILE } from '../../../../core/scheduler/configuration/profile.ts';
import { PlacedPods } from '../../../../core/scheduler/pods/placed-pods.ts';
import { type PostFilterOutcome, postFilter } from '../../../../core/scheduler/preemption/post-filter.ts';
import type { Pod } from '../../../../core/types/pod.ts';
import { makeNode, makePod } from '../objects.ts';

type Step =
  | {
      readonly kind: 'schedule';
      readonly size: number;
      readonly priority: number;
      readonly start: number;
      /** The node that the pod waits for itself; there is none of a number above 9. */
      readonly nominated: number;
    }
  | { readonly kind: 'nominate'; readonly size: number; readonly priority: number; readonly node: number }
  | { readonly kind: 'end' | 'start'; readonly pod: number; readonly at: number }
  | { readonly kind: 'node'; readonly node: number; readonly variant: number }
  | { readonly kind: 'budget'; readonly present: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('schedule' as const),
      size: fc.nat(6),
      priority: fc.nat(5),
      start: fc.nat(4),
      nominated: fc.nat(40),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('nominate' as const),
      size: fc.nat(5),
      priority: fc.nat(4),
      node: fc.nat(9),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('end' as const, 'start' as const),
      pod: fc.nat(99),
      at: fc.nat(4),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('node' as const), node: fc.nat(9), variant: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('budget' as const), present: fc.boolean() }) },
);

const SIZES = [
  { cpu: '1' },
  { cpu: '2', memory: '1Gi' },
  { memory: '7Gi' },
  {},
  { cpu: '3500m' },
  { cpu: '3' },
  { cpu: '6' },
];
const BUDGET = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'b', namespace: 'default' },
  spec: { selector: { matchLabels: { half: '1' } } },
  status: { disruptionsAllowed: 1 },
};

/** One scheduler's view. */
class Side {
  readonly core: SchedulingCore;
  readonly placed: PlacedPods;
  readonly draws = new Sfc32(4, 5, 6);

  constructor(path: PathChoice) {
    this.core = new SchedulingCore([DEFAULT_PROFILE], new Sfc32(1, 2, 3), path);
    this.placed = new PlacedPods(this.core);
  }

  schedule(pod: Pod): { readonly nodeName: string; readonly outcome: PostFilterOutcome | null } {
    const { core } = this;
    const out = { slot: -1, feasible: 0, examined: 0 };
    const request = { podClass: core.classOf(pod), nodeName: '', pod };
    core.select(request, 0, out);
    if (out.slot >= 0) return { nodeName: core.nodes.names[out.slot] as string, outcome: null };
    return { nodeName: '', outcome: postFilter(core, request, 0, this.placed.leastPriority, this.draws) };
  }
}

/** Both paths with the same history. */
class Pair {
  readonly sides: readonly Side[] = [new Side('cached'), new Side('reference')];
  readonly pods: { readonly id: number; pod: Pod; readonly nodeName: string }[] = [];
  preemptions = 0;
  #count = 0;

  run(step: Step): void {
    if (step.kind === 'schedule') this.#schedule(this.#podOf(step), step.start, step.nominated);
    else if (step.kind === 'node') this.putNode(step.node, step.variant);
    else if (step.kind === 'nominate') {
      const pod = makePod(`waiting-${step.priority}`, SIZES[step.size] ?? {}, { priority: step.priority * 10 });
      for (const { core } of this.sides) core.nominations.set(pod, step.node > 4 ? '' : `node-${step.node}`);
    } else if (step.kind === 'budget') {
      for (const { core } of this.sides) {
        if (step.present) core.putObject(BUDGET);
        else core.deleteObject('PodDisruptionBudget', 'default', 'b');
      }
    } else if (this.pods.length > 0) this.#change(step.kind, step.pod % this.pods.length, step.at);
  }

  putNode(node: number, variant: number): void {
    const size = { cpu: variant === 1 ? '8' : '4', memory: '8Gi', pods: variant === 2 ? '2' : '5' };
    const taints = variant === 3 ? [{ key: 'x', effect: 'NoSchedule' as const }] : [];
    for (const { core } of this.sides) core.putNode(makeNode(`node-${node}`, { ...size, taints }));
  }

  #podOf({ size, priority }: { readonly size: number; readonly priority: number }): Pod {
    const pod = makePod(`p${this.#count++}`, SIZES[size] ?? {}, { priority: priority * 10 });
    return { ...pod, metadata: { ...pod.metadata, labels: { half: `${this.#count % 2}` } } };
  }

  #schedule(given: Pod, start: number, nominated: number): void {
    const nominatedNodeName = `node-${nominated}`;
    const pod = nominated > 9 ? given : { ...given, status: { nominatedNodeName } };
    if (nominated <= 9) for (const { core } of this.sides) core.nominations.set(pod, nominatedNodeName);
    const [fast, reference] = this.sides.map((side) => side.schedule(pod));
    const shown = (result: typeof fast) => ({
      nodeName: result?.nodeName,
      message: result?.outcome?.message,
      clears: result?.outcome?.clearsNomination,
      candidate: result?.outcome?.candidate?.nodeName,
      victims: result?.outcome?.candidate?.victims.map(({ key }) => key),
      violations: result?.outcome?.candidate?.pdbViolations,
    });
    expect(shown(fast)).toEqual(shown(reference));
    const candidate = fast?.outcome?.candidate ?? null;
    for (const { key } of candidate?.victims ?? []) {
      this.preemptions++;
      this.#remove(this.pods.findIndex(({ pod: { metadata } }) => `default/${metadata.name}` === key));
    }
    const nodeName = candidate?.nodeName ?? fast?.nodeName ?? '';
    if (nodeName === '') return;
    const id = this.#count;
    const placed: Pod = { ...pod, ...(start === 0 ? {} : { status: { startTime: `2025-01-01T00:00:0${start}Z` } }) };
    this.pods.push({ id, pod: placed, nodeName });
    for (const { core, placed: pods } of this.sides) {
      core.nominations.delete(`default/${pod.metadata.name}`);
      pods.assume(id, core.nodes.find(nodeName), core.classOf(placed), true, placed);
    }
  }

  #change(kind: 'end' | 'start', at: number, second: number): void {
    if (kind === 'end') {
      this.#remove(at);
      return;
    }
    const entry = this.pods[at] as Pair['pods'][number];
    const before = entry.pod;
    const spec = { ...before.spec, nodeName: entry.nodeName };
    entry.pod = { ...before, spec, status: { startTime: `2025-01-01T00:00:0${second}Z` } };
    for (const { placed } of this.sides) placed.see(entry.id, entry.pod, before);
  }

  #remove(at: number): void {
    const [entry] = this.pods.splice(at, 1);
    for (const { placed } of this.sides) placed.remove(entry?.id as number);
  }
}

describe('preemption', () => {
  test('comes to the same on the columns and on the reference framework over random histories', () => {
    let preemptions = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(step, { minLength: 20, maxLength: 100 }), (nodes, steps) => {
        const pair = new Pair();
        for (let i = 0; i < nodes; i++) pair.putNode(i, i % 4);
        for (const each of steps) pair.run(each);
        preemptions += pair.preemptions;
      }),
      { numRuns: process.env['SEATRIAL_SOAK'] === undefined ? 40 : 3000, seed: 20250707 },
    );
    expect(preemptions).toBeGreaterThan(100);
  });
});
