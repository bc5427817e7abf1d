/**
 * A scheduled action of the harness: a fault, an operation of a scenario, a measurement.
 */
import { hashString } from '../base/content-hash.ts';
import type { Payload } from './process.ts';

export class Action implements Payload {
  readonly label: string;
  readonly act: () => void;

  /** `label` says what happens and enters the digest in place of the code. */
  constructor(label: string, act: () => void) {
    this.label = label;
    this.act = act;
  }

  contentHash(): number {
    return hashString(this.label);
  }
}
