/** What of the real code a recorded case asks, and how it is answered here. */
export interface Subject {
  /** The outcome for a recorded input. */
  readonly answer: (input: unknown) => unknown;
  /** A recorded outcome in the form of `answer`, where it is another. */
  readonly expected?: (recorded: unknown) => unknown;
}
