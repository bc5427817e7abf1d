/**
 * Components of which no instance runs at the end of a recording: what they would have done is not missing.
 */
import type { Step } from './recording.ts';

export class AwayComponents {
  /** Instances by component, with whether each runs. */
  readonly #running = new Map<string, Map<string, boolean>>();

  /** An instance that was seen to run. */
  saw(component: string, instance: string): void {
    this.#instances(component).set(instance, true);
  }

  /** Takes in a step about a process: a signal, a start, an exit. */
  take(step: Step): void {
    const { component = '', instance = '', action = '' } = step;
    const runs = step.do !== 'exit' && (action === 'start' || action === 'SIGCONT');
    this.#instances(component).set(instance, runs);
  }

  /** The first such component, with why; null where each has an instance that runs. */
  excuse(): string | null {
    for (const [component, instances] of this.#running) {
      if (![...instances.values()].includes(true)) return `${component} does not run`;
    }
    return null;
  }

  #instances(component: string): Map<string, boolean> {
    let known = this.#running.get(component);
    if (known === undefined) {
      known = new Map();
      this.#running.set(component, known);
    }
    return known;
  }
}
