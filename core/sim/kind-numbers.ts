/**
 * Small numbers for the kinds of API objects that come up in one run, so that tables by kind are arrays and a name is looked up once a subject.
 *
 * Numbers follow the order in which kinds come up; they take part in no digest.
 */
export class KindNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];

  /** The number of a kind, from 0 on. */
  of(kind: string): number {
    const number = this.#numbers.get(kind);
    if (number !== undefined) return number;
    this.#numbers.set(kind, this.#names.length);
    return this.#names.push(kind) - 1;
  }

  /** The kind that has this number. */
  nameOf(number: number): string {
    return this.#names[number] as string;
  }
}
