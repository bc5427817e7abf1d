/** What is held for a pod between the choice of its node and its binding (extension points Reserve, PreBind, Unreserve). */
import type { Wait } from '../../sim/task.ts';
import type { Pod } from '../../types/pod.ts';

/** One plugin's share. */
export interface Reserver {
  /** The plugin's name. */
  readonly name: string;
  /** A node is chosen: takes what the pod needs there; false when it is not there any more. */
  reserve(pod: Pod, nodeName: string): boolean;
  /** Whether it holds anything for a pod; if not, nothing below is called. Most pods need nothing. */
  holds(pod: Pod): boolean;
  /** Writes what was taken, and waits until it can be used. @throws StatusError */
  preBind(pod: Pod, nodeName: string): Generator<Wait, void, unknown>;
  /** The pod is not bound after all: what was taken is free again. */
  unreserve(pod: Pod): void;
  /** The pod is bound. */
  bound(pod: Pod): void;
}
