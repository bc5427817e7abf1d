/**
 * Decisions recorded from the real scheduler code: rejected nodes with plugin, code and reasons, the scores of the plugins that
 * exist here, and the failure message up to what preemption adds. Needs the recorded data; skips where it is missing.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { Sfc32 } from '../../../core/base/random.ts';
import { UNRESOLVABLE } from '../../../core/scheduler/diagnosis.ts';
import { DEFAULT_PROFILE } from '../../../core/scheduler/profile.ts';
import { SchedulingCore } from '../../../core/scheduler/scheduling-core.ts';
import type { Node } from '../../../core/types/node.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { lacksData, SHARED_DIR } from '../../support/needs.ts';

interface Rejection {
  readonly plugin: string;
  readonly code: string;
  readonly reasons: readonly string[];
}

interface Step {
  readonly before?: Changes;
  readonly after?: Changes;
  readonly pod: Pod;
  readonly gated?: unknown;
  readonly prefilter: null | { readonly code: string };
  readonly filter?: Readonly<Record<string, Rejection>>;
  readonly scores?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly bound?: string;
  readonly failure?: { readonly message: string; readonly error?: boolean };
}

interface Changes {
  readonly delete?: readonly string[];
  readonly upsert?: readonly KubeObject[];
}

interface Case {
  readonly case: string;
  readonly config: unknown;
  readonly objects: readonly KubeObject[];
  readonly steps: readonly Step[];
}

const FAMILIES = [
  'resources',
  'taints-tolerations',
  'node-affinity',
  'ports',
  'inter-pod-affinity',
  'topology-spread',
  'unschedulable-nodename',
];
const OUR_SCORES = new Set(['NodeResourcesFit', 'NodeResourcesBalancedAllocation', 'TaintToleration', 'NodeAffinity']);

class Cluster {
  readonly core = new SchedulingCore([{ ...DEFAULT_PROFILE, percentageOfNodesToScore: 'all' }], new Sfc32(1, 2, 3));
  readonly rows = new Map<string, number>();

  put(object: KubeObject): void {
    const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    if (object.kind === 'Node') this.core.putNode(object as Node);
    if (object.kind === 'Namespace') this.core.putNamespace(object.metadata.name, object.metadata.labels ?? {});
    if (object.kind !== 'Pod') return;
    this.removePod(key);
    const pod = object as Pod;
    if (!pod.spec.nodeName) return;
    const terminating = pod.metadata.deletionTimestamp !== undefined;
    this.rows.set(key, this.core.addPod(pod.spec.nodeName, this.core.classOf(pod), terminating));
  }

  removePod(key: string): void {
    const row = this.rows.get(key);
    if (row !== undefined) this.core.removePod(row);
    this.rows.delete(key);
  }

  apply(changes: Changes | undefined): void {
    for (const path of changes?.delete ?? []) {
      const [kind, ...rest] = path.split('/');
      if (kind === 'Node') this.core.removeNode(rest.join('/'));
      if (kind === 'Namespace') this.core.putNamespace(rest.join('/'), undefined);
      if (kind === 'Pod') this.removePod(rest.join('/'));
    }
    for (const object of changes?.upsert ?? []) this.put(object);
  }

  check(step: Step): void {
    const { core } = this;
    const request = { podClass: core.classOf(step.pod), nodeName: step.pod.spec.nodeName ?? '' };
    const scores: Record<string, Record<string, number>> = {};
    const out = core.explain(request, 0, (plugin, slot, weighted) => {
      const node = core.nodes.names[slot] as string;
      scores[node] = { ...scores[node], [plugin]: weighted };
    });
    if (step.prefilter === null || step.prefilter.code === 'Success')
      expect(this.rejections()).toEqual(step.filter ?? {});
    if (step.scores !== undefined) {
      const wanted = Object.entries(step.scores).map(([node, of]) => [
        node,
        Object.fromEntries(Object.entries(of).filter(([plugin]) => OUR_SCORES.has(plugin))),
      ]);
      expect(scores).toEqual(Object.fromEntries(wanted));
    }
    if (step.failure === undefined) return;
    expect(out.slot).toBe(-1);
    expect(step.failure.message.startsWith(core.diagnosis.message())).toBe(true);
  }

  rejections(): Record<string, Rejection> {
    const { diagnosis, nodes } = this.core;
    const names = this.core.filterNames(0);
    const found: Record<string, Rejection> = {};
    for (let i = 0; i < diagnosis.rejectedCount; i++) {
      found[nodes.names[diagnosis.rejectedSlots[i] as number] as string] = {
        plugin: names[diagnosis.rejectedBy[i] as number] as string,
        code: diagnosis.codes[i] === UNRESOLVABLE ? 'UnschedulableAndUnresolvable' : 'Unschedulable',
        reasons: diagnosis.reasonsOf(diagnosis.reasonSets[i] as number),
      };
    }
    return found;
  }
}

describe.skipIf(lacksData('scheduler/v1.34'))('recorded decisions of 1.34', () => {
  for (const family of FAMILIES) {
    test(family, () => {
      const lines = readFileSync(path.join(SHARED_DIR, 'scheduler/v1.34', `${family}.jsonl`), 'utf8')
        .trim()
        .split('\n');
      let steps = 0;
      for (const line of lines) {
        const recorded = JSON.parse(line) as Case;
        if (recorded.config !== null) continue;
        const cluster = new Cluster();
        for (const object of recorded.objects) cluster.put(object);
        for (const [number, step] of recorded.steps.entries()) {
          cluster.apply(step.before);
          if (step.gated === undefined && step.failure?.error !== true) {
            try {
              cluster.check(step);
            } catch (error) {
              throw new Error(`${recorded.case} step ${number}`, { cause: error });
            }
            steps++;
          }
          if (step.bound !== undefined && !step.pod.spec.nodeName) {
            cluster.put({
              ...step.pod,
              apiVersion: 'v1',
              kind: 'Pod',
              spec: { ...step.pod.spec, nodeName: step.bound },
            } as Pod);
          } else if (step.bound !== undefined) cluster.put({ ...step.pod, apiVersion: 'v1', kind: 'Pod' } as Pod);
          cluster.apply(step.after);
        }
      }
      expect(steps).toBeGreaterThan(300);
    });
  }
});
