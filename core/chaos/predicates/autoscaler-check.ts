/**
 * H2: under constant load an autoscaler settles: it does not take a workload up far beyond what it then leaves it, nor up and down for ever.
 *
 * An autoscaler is a user's reconciler of an object with `spec.maxReplicas` that writes `spec.replicas` of another. Load is constant while the
 * spec of its object stays as it is. Judged by what it writes itself: a fall from the highest value by more than a quarter (a rollout's surge, one
 * at least), or a third turn within an hour. Source: the chaos manual's catalogue, after kubernetes issue 72775 and Kivi's case H1.
 */
import type { KubeObject } from '../../types/object.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

const TURNS_MAX = 2;
const WINDOW_US = 3_600_000_000;
/** Part of the highest value that may be given back. */
const SURGE = 0.25;

/** A write of a user's reconciler, as its host tells. */
interface OperatorWrite {
  readonly operator: string;
  /** What was reconciled, as the operator has it. */
  readonly reconciled: KubeObject | undefined;
  /** The other object as the operator had it, and as it is stored now. */
  readonly before: KubeObject | undefined;
  readonly written: KubeObject;
}

interface Scaling {
  /** Generation of the autoscaler's object. */
  generation: number;
  last: number;
  highest: number;
  direction: number;
  turnsUs: number[];
  told: boolean;
}

type Spec = Readonly<Record<string, unknown>> | undefined;

export function steadyAutoscalers(judge: Judge): Predicate {
  let scalings: Map<string, Scaling> | null = null;
  const predicate: Predicate = {
    id: 'H2',
    about:
      'under constant load an autoscaler gives back at most a quarter of what it reached, and turns at most twice an hour',
    evaluations: 0,
  };
  listen(judge, 'operator.wrote', (_pid, subject) => {
    const { operator, reconciled, before, written } = subject as OperatorWrite;
    const replicas = replicasOf(written);
    if ((reconciled?.spec as Spec)?.['maxReplicas'] === undefined || replicas === undefined) return;
    predicate.evaluations++;
    scalings ??= new Map();
    const uid = written.metadata.uid ?? '';
    const generation = reconciled?.metadata.generation ?? 0;
    let scaling = scalings.get(uid);
    if (scaling === undefined || scaling.generation !== generation) {
      const last = replicasOf(before) ?? replicas;
      scaling = { generation, last, highest: last, direction: 0, turnsUs: [], told: false };
      scalings.set(uid, scaling);
    }
    const problem = takeIn(scaling, replicas, judge.sim.now);
    if (problem === '' || scaling.told) return;
    scaling.told = true;
    judge.violate(predicate, `${written.kind} ${keyOf(written)}: operator ${operator} ${problem} under constant load`);
  });
  return predicate;
}

function replicasOf(object: KubeObject | undefined): number | undefined {
  const replicas = (object?.spec as Spec)?.['replicas'];
  return typeof replicas === 'number' ? replicas : undefined;
}

/** Takes a value in; what is wrong with it, '' for nothing. */
function takeIn(scaling: Scaling, replicas: number, nowUs: number): string {
  const direction = Math.sign(replicas - scaling.last);
  if (direction === 0) return '';
  if (direction === -scaling.direction) scaling.turnsUs.push(nowUs);
  scaling.direction = direction;
  scaling.last = replicas;
  scaling.highest = Math.max(scaling.highest, replicas);
  scaling.turnsUs = scaling.turnsUs.filter((turnUs) => nowUs - turnUs < WINDOW_US);
  if (scaling.turnsUs.length > TURNS_MAX) return `turned ${scaling.turnsUs.length} times within an hour`;
  // What only falls was too large before the autoscaler came.
  const isBack = scaling.turnsUs.length > 0;
  const givenBack = scaling.highest - replicas;
  if (!isBack || givenBack <= Math.max(1, Math.ceil(scaling.highest * SURGE))) return '';
  return `scaled up to ${scaling.highest} and back to ${replicas} replicas`;
}
