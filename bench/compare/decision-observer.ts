/** Somebody who follows single decisions of a steady state, and may hand over to the other policy of the run. */
export interface DecisionObserver {
  /** Virtual time at which the other policy takes over; infinity = never. */
  readonly switchUs: number;
  /** Before a pod of a kind is tried; pods that are placed together are told of one after the other. */
  before(pod: number, kind: number, nowUs: number): void;
  /** The node it got, −1 for none, of each pod in the same order. */
  after(pod: number, kind: number, node: number): void;
}
