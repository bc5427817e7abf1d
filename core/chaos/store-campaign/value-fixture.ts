/** Values for store tests: text as bytes, and a count of how often the commit was announced. */
import { hashString } from '../../base/content-hash.ts';
import type { StoreValue } from '../../store/client-interface.ts';

export class TextValue implements StoreValue {
  readonly text: string;
  readonly hash: number;
  /** Revisions announced through `committed`. */
  readonly announced: number[] = [];

  constructor(text: string) {
    this.text = text;
    this.hash = hashString(text);
  }

  get sizeBytes(): number {
    return this.text.length;
  }

  bytes(): Uint8Array {
    return new TextEncoder().encode(this.text);
  }

  committed(revision: number): void {
    this.announced.push(revision);
  }
}

export const textOf = (value: StoreValue | null): string | null => (value === null ? null : (value as TextValue).text);
