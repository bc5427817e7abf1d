/**
 * Recorded decisions of the real scheduler on the scheduler's own core: the columns' rejections and scores wherever they
 * answer, and on every step a node among the recorded best, the whole message, and what preemption chooses: the node, its
 * victims in order, whether a nomination goes. (All of a decision is compared on the reference framework, by `conform scheduler`.) The full set needs the recorded data.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { RecordedCase, RecordedChange, RecordedStep } from '../../../../bench/conform/scheduler/recorded-case.ts';
import { Sfc32 } from '../../../../core/base/random.ts';
import { UNRESOLVABLE } from '../../../../core/scheduler/choice/diagnosis.ts';
import { SchedulingCore } from '../../../../core/scheduler/choice/scheduling-core.ts';
import { decodeConfigurationBody } from '../../../../core/scheduler/configuration/decode.ts';
import type { SchedulerVersion } from '../../../../core/scheduler/configuration/default-plugins.ts';
import { profilesOf } from '../../../../core/scheduler/configuration/to-profile.ts';
import { nominationOf } from '../../../../core/scheduler/framework/plain-cluster.ts';
import { postFilter } from '../../../../core/scheduler/preemption/post-filter.ts';
import { defaultDeviceGates } from '../../../../core/types/device-gates.ts';
import type { Node } from '../../../../core/types/node.ts';
import type { KubeObject } from '../../../../core/types/object.ts';
import type { Pod } from '../../../../core/types/pod.ts';
import { isPodTerminal } from '../../../../core/types/pod-conditions.ts';
import { lacksData, SHARED_DIR } from '../../../support/needs.ts';

class Recorded {
  readonly core: SchedulingCore;
  readonly #rows = new Map<string, number>();
  /** Steps whose rejections and scores the columns gave. */
  onColumns = 0;
  #leastPriority = Number.POSITIVE_INFINITY;

  constructor({ config, version }: RecordedCase) {
    const simulated: SchedulerVersion = version.startsWith('1.36') ? '1.36' : '1.34';
    const { configuration } = decodeConfigurationBody(config, simulated);
    const profiles = profilesOf(configuration, { percentageOfNodesToScore: 'all', nodeOrder: 'insertion' });
    const deviceGates = defaultDeviceGates(simulated);
    this.core = new SchedulingCore(profiles, new Sfc32(1, 2, 3), { volumes: true, deviceGates });
  }

  put(object: KubeObject): void {
    const { core } = this;
    const { name, namespace = '', labels = {} } = object.metadata;
    if (object.kind === 'Node') core.putNode(object as Node);
    else if (object.kind === 'Namespace') core.putNamespace(name, labels);
    else if (object.kind !== 'Pod') core.putObject(object);
    else {
      const pod = object as Pod;
      this.#removePod(`${namespace}/${name}`);
      core.nominations.set(pod, nominationOf(pod));
      if (!pod.spec.nodeName || isPodTerminal(pod)) return;
      this.#leastPriority = Math.min(this.#leastPriority, pod.spec.priority ?? 0);
      const terminating = pod.metadata.deletionTimestamp !== undefined;
      const row = core.addPod(pod.spec.nodeName, core.classOf(pod), terminating);
      core.pods.setObject(row, pod);
      this.#rows.set(`${namespace}/${name}`, row);
    }
  }

  apply(change: RecordedChange | undefined): void {
    for (const text of change?.delete ?? []) {
      const parts = text.split('/');
      const [kind = '', name = ''] = [parts[0], parts.at(-1)];
      const namespace = parts.length > 2 ? (parts[1] as string) : '';
      if (kind === 'Node') this.core.removeNode(name);
      else if (kind === 'Namespace') this.core.putNamespace(name, undefined);
      else if (kind === 'Pod') this.#removePod(`${namespace}/${name}`);
      else this.core.deleteObject(kind, namespace, name);
    }
    for (const object of change?.upsert ?? []) this.put(object);
  }

  #removePod(key: string): void {
    const row = this.#rows.get(key);
    if (row !== undefined) this.core.removePod(row);
    this.#rows.delete(key);
    this.core.nominations.delete(key);
  }

  check(step: RecordedStep): void {
    const { core } = this;
    const pod: Pod = { apiVersion: 'v1', kind: 'Pod', ...step.pod };
    const profile = core.profileOf(pod.spec.schedulerName ?? 'default-scheduler');
    const request = { podClass: core.classOf(pod), nodeName: pod.spec.nodeName ?? '', pod };
    const asked = request.nodeName !== '';
    if (!asked) core.nominations.set(pod, nominationOf(pod));
    if (!core.needsReference(request, profile)) this.#checkColumns(step, request, profile);
    const out = { slot: -1, feasible: 0, examined: 0 };
    core.select(request, profile, out);
    if (step.best !== undefined) {
      expect(step.best).toContain(out.slot < 0 ? core.diagnosis.message() : core.nodes.names[out.slot]);
      return;
    }
    expect(out.slot).toBe(-1);
    expect(step.failure?.message.startsWith(core.diagnosis.message())).toBe(true);
    const outcome = asked ? null : core.preempt(request, profile, new Sfc32(1, 2, 3));
    const best = [...(outcome?.bestNodes ?? [])].sort();
    if (core.nodes.nodeCount > 100) return;
    expect(best).toEqual(step.preemption?.best ?? []);
    if (!asked) this.#checkPostFilter(step, request, profile);
  }

  #checkPostFilter(step: RecordedStep, request: Parameters<SchedulingCore['preempt']>[0], profile: number): void {
    const { failure, preemption } = step;
    const found = postFilter(this.core, request, profile, this.#leastPriority, new Sfc32(1, 2, 3));
    expect(found.message).toBe(failure?.message);
    const { nodeName, victims } = found.candidate ?? {};
    const recorded = preemption?.candidates?.find(({ node }) => node === nodeName);
    expect(victims?.map(({ pod }) => `${pod.metadata.namespace}/${pod.metadata.name}`)).toEqual(recorded?.victims);
    if (preemption !== undefined) {
      expect(found.clearsNomination).toBe(preemption.eligible && preemption.candidates === undefined);
    } else if (failure?.postFilterError !== undefined) expect(found.clearsNomination).toBe(false);
  }

  #checkColumns(step: RecordedStep, request: Parameters<SchedulingCore['explain']>[0], profile: number): void {
    const { core } = this;
    const scores: Record<string, Record<string, number>> = {};
    core.explain(request, profile, (plugin, slot, weighted) => {
      const node = core.nodes.names[slot] as string;
      scores[node] = { ...scores[node], [plugin]: weighted };
    });
    if (step.prefilter === null || step.prefilter?.code === 'Success') {
      expect(this.#rejections(profile)).toEqual(step.filter ?? {});
    }
    if (step.scores === undefined) return;
    this.onColumns++;
    for (const [node, { total: _total, ...row }] of Object.entries(step.scores)) {
      expect({ node, ...withoutZeros(scores[node] ?? {}) }).toEqual({ node, ...withoutZeros(row) });
    }
  }

  #rejections(profile: number): Record<string, object> {
    const { diagnosis, nodes } = this.core;
    const names = this.core.filterNames(profile);
    const found: Record<string, object> = {};
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

/** A plugin that adds 0 on every node may be left out by either side. */
function withoutZeros(row: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(row).filter(([, score]) => score !== 0));
}

function replay(recorded: RecordedCase): number {
  const cluster = new Recorded(recorded);
  for (const object of recorded.objects) cluster.put(object);
  for (const [number, step] of recorded.steps.entries()) {
    cluster.apply(step.before);
    const pod: Pod = { apiVersion: 'v1', kind: 'Pod', ...step.pod };
    if (step.gated === undefined && step.failure?.error !== true) {
      try {
        cluster.check(step);
      } catch (error) {
        throw new Error(`${recorded.case} step ${number}`, { cause: error });
      }
    }
    if (step.bound !== undefined) {
      const { nominatedNodeName: _gone, ...status } = pod.status ?? {};
      cluster.put({ ...pod, spec: { ...pod.spec, nodeName: step.bound }, status } as Pod);
    } else if (!pod.spec.nodeName) {
      const nominatedNodeName = step.preemption?.nominated ?? pod.status?.nominatedNodeName;
      cluster.put({ ...pod, status: { ...pod.status, nominatedNodeName } } as Pod);
    }
    cluster.apply(step.after);
  }
  return cluster.onColumns;
}

/** Nodes change and their images are counted afresh, which is a known difference in runs; conform replays these cases as they are. */
const NOT_IN_RUNS: ReadonlySet<string> = new Set(['images-told', 'gated-nominations']);

test('drawn cases, wilder than the recorded ones', () => {
  const file = path.join(import.meta.dirname, '../../../data/scheduler/drawn.jsonl.gz');
  let onColumns = 0;
  for (const line of gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n')) {
    const recorded = JSON.parse(line) as RecordedCase;
    if (!NOT_IN_RUNS.has(recorded.family ?? '')) onColumns += replay(recorded);
  }
  expect(onColumns).toBeGreaterThan(200);
});

describe.skipIf(lacksData('scheduler'))('recorded decisions', () => {
  for (const folder of ['v1.34', 'v1.36']) {
    const root = path.join(SHARED_DIR, 'scheduler', folder);
    for (const file of lacksData('scheduler') ? [] : readdirSync(root)) {
      test(`${folder} ${file}`, () => {
        let onColumns = 0;
        for (const line of readFileSync(path.join(root, file), 'utf8').trim().split('\n')) {
          onColumns += replay(JSON.parse(line) as RecordedCase);
        }
        // Pods with volumes are never left to the columns.
        expect(onColumns).toBeGreaterThan(file === 'volumes.jsonl' ? -1 : 10);
      });
    }
  }
});
