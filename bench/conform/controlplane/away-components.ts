/**
 * Components of which no instance runs at the end of a recording: what they would have done is not missing.
 */
import type { EndExcuse } from './end-excuses.ts';
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

  /** Such components: nobody can say what each would have done. */
  *excuses(): Generator<EndExcuse, void, undefined> {
    for (const [component, instances] of this.#running) {
      if (![...instances.values()].includes(true)) yield { about: [], why: `${component} does not run` };
    }
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
