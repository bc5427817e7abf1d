/**
 * One run told as a story: what was there, what was done, what came of it, and which messages led there.
 *
 * Always: made from one traced run of (plan, seed), so the same case tells the same story, to the byte.
 */
import { explain } from '../../core/chaos/explain/causal-chain.ts';
import type { ShownLink } from '../../core/chaos/explain/fold-chain.ts';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import type { RunResult } from '../../core/chaos/run-plan.ts';
import { Timeline, type TimelineEntry } from '../campaign/timeline.ts';
import { faultDeed } from './fault-deed.ts';
import { operationDeed } from './operation-deed.ts';

/** Begins and ends of faults that a picture shows; a flapping link would hide everything else. */
const FAULT_BANDS_MAX = 24;
/** Lanes of processes that faults hit and no message names. */
const HIT_LANES_MAX = 3;

/** A message that led to the violation. Times are µs since the cluster was up. */
export interface MessageScene {
  readonly kind: 'message';
  readonly timeUs: number;
  readonly from: string;
  readonly to: string;
  readonly what: string;
}

/** What a picture shows at one instant: a message, or something that concerns everybody. */
export type Scene =
  | MessageScene
  | {
      readonly kind: 'fault' | 'operation' | 'heal' | 'violation' | 'repeat';
      readonly timeUs: number;
      readonly what: string;
    };

export interface Story {
  readonly plan: ScenarioPlan;
  readonly seed: number;
  readonly result: RunResult;
  readonly timeline: readonly TimelineEntry[];
  /** By time; messages are those of the causal chain alone. */
  readonly scenes: readonly Scene[];
  /** Processes that the messages name or faults hit, from the user over the control plane to the nodes. */
  readonly lanes: readonly string[];
}

/** Runs the case with a trace and gathers its story. */
export function storyOf(plan: ScenarioPlan, seed: number): Story {
  const timeline = new Timeline();
  const { result, chain } = explain(plan, seed, timeline);
  const scenes = [...chain.flatMap(scenesOf), ...happenings(plan, result)]
    .map((scene, index) => ({ scene, index }))
    .sort((left, right) => left.scene.timeUs - right.scene.timeUs || left.index - right.index)
    .map(({ scene }) => scene);
  return { plan, seed, result, timeline: timeline.entries(result), scenes, lanes: lanesOf(scenes, result) };
}

/** A link between two processes, and that it came again; timers and harness actions have no arrow. */
function scenesOf({ timeUs, from, process, label, again }: ShownLink): Scene[] {
  const isMessage = from !== process && from !== HARNESS && process !== HARNESS;
  const messages: Scene[] = isMessage ? [{ kind: 'message', timeUs, from, to: process, what: label }] : [];
  // A timer alone has no arrow that could come again; at the end of an exchange it stands for all of it.
  if (again === null || (!isMessage && again.links === 1)) return messages;
  const what = again.times === 1 ? 'the same once more' : `the same ${again.times} more times`;
  return [...messages, { kind: 'repeat', timeUs: again.untilUs, what }];
}

const HARNESS = 'harness';

function happenings(plan: ScenarioPlan, result: RunResult): Scene[] {
  const scenes: Scene[] = [];
  for (const operation of plan.operations) {
    if (operation.atUs > result.times.endUs) continue;
    scenes.push({ kind: 'operation', timeUs: operation.atUs, what: `user ${operationDeed(operation)}` });
  }
  for (const report of result.faults.slice(0, FAULT_BANDS_MAX)) {
    const fault = plan.faults.find(({ id }) => id === report.id);
    if (fault === undefined || report.beginUs < 0) continue;
    const deed = faultDeed(fault, report.targets);
    scenes.push({ kind: 'fault', timeUs: report.beginUs, what: `${report.id}: ${deed}` });
    if (report.endUs > report.beginUs)
      scenes.push({ kind: 'fault', timeUs: report.endUs, what: `${report.id} ends (${fault.kind})` });
  }
  if (result.times.healUs >= 0) scenes.push({ kind: 'heal', timeUs: result.times.healUs, what: 'heal point' });
  const { outcome } = result;
  if (outcome.kind === 'fail')
    scenes.push({ kind: 'violation', timeUs: outcome.timeUs, what: `${outcome.predicate}: ${outcome.message}` });
  return scenes;
}

/** Components in the order in which a request travels. */
const RANKS = ['user', 'operator-', 'controller-manager-', 'cloud-', 'scheduler-', 'apiserver-', 'etcd-'];

function lanesOf(scenes: readonly Scene[], { faults }: RunResult): string[] {
  const found = new Set<string>();
  for (const scene of scenes) {
    if (scene.kind !== 'message') continue;
    found.add(scene.from);
    found.add(scene.to);
  }
  const hit = new Set(faults.flatMap(({ targets }) => targets).filter((name) => !found.has(name)));
  for (const name of [...hit].slice(0, HIT_LANES_MAX)) found.add(name);
  const rank = (name: string): number => {
    const at = RANKS.findIndex((prefix) => name.startsWith(prefix));
    return at < 0 ? RANKS.length : at;
  };
  return [...found].sort((left, right) => rank(left) - rank(right) || (left < right ? -1 : 1));
}
