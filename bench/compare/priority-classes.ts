/**
 * The priority of pods that are compared, as the Priority admission plug-in resolves it; what is given stays where an API server would refuse it.
 */
import {
  type GivenPriority,
  type KubeObject,
  type PriorityClass,
  priorityOf,
  SYSTEM_PRIORITIES,
} from '../../core/cluster/vocabulary.ts';

/** What the PriorityClasses of a workload make of its pods. */
export class PriorityClasses {
  readonly #classes: readonly PriorityClass[];
  /** Why an API server would refuse manifests. */
  readonly #refusals = new Set<string>();

  constructor(objects: readonly KubeObject[]) {
    const system = Object.entries(SYSTEM_PRIORITIES).map(([name, value]) => ({ metadata: { name }, value }));
    this.#classes = [...system, ...objects.filter(({ kind }) => kind === 'PriorityClass')] as PriorityClass[];
  }

  /** A spec with the priority and preemption policy that it gives, or else its class. */
  resolved<Spec extends GivenPriority>(spec: Spec): Spec {
    const { priority, preemptionPolicy } = priorityOf(this.#classes, spec, 'pod');
    return {
      ...spec,
      priority: spec.priority ?? priority,
      preemptionPolicy: spec.preemptionPolicy ?? preemptionPolicy,
    };
  }

  /** Notes what an API server would not take of a manifest. */
  check(subject: string, spec: GivenPriority): void {
    const { refusal } = priorityOf(this.#classes, spec, 'pod');
    if (refusal !== '') this.#refusals.add(`${subject}: an API server refuses its pods (${refusal})`);
  }

  /** What is to be said of them. */
  notes(): string[] {
    return [...this.#refusals];
  }
}
