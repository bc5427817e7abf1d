/**
 * What a plugin answers when a pod may not go somewhere, and what a whole cycle may end with.
 *
 * Codes and their meaning are those of kube-scheduler (Kubernetes 1.34, framework.Status): removing pods can help against
 * *Unschedulable*, nothing on this node helps against *UnschedulableAndUnresolvable*, *Pending* waits for something that
 * is under way, *Error* ends the cycle without a verdict.
 */

export type StatusCode = 'Unschedulable' | 'UnschedulableAndUnresolvable' | 'Pending' | 'Error';

/** A refusal; reasons in the plugin's own order. */
export interface Rejection {
  readonly code: StatusCode;
  readonly reasons: readonly string[];
}

/** A refusal with the plugin that gave it; `''` where the framework itself refuses. */
export interface Verdict extends Rejection {
  readonly plugin: string;
}

/** Pods could be removed to make room. */
export function unschedulable(...reasons: readonly string[]): Rejection {
  return { code: 'Unschedulable', reasons };
}

/** Removing pods would not help. */
export function unresolvable(...reasons: readonly string[]): Rejection {
  return { code: 'UnschedulableAndUnresolvable', reasons };
}

/** Ends a cycle: something that the plugin needs is broken. `message` is what the pod's condition will say. */
export class CycleError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CycleError';
  }
}
