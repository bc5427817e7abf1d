/** The store as a list of changes and nothing else: slow, obviously right, used to check the real one. */
export interface Change {
  readonly revision: number;
  readonly key: string;
  /** null: deleted. */
  readonly text: string | null;
}

export interface State {
  readonly key: string;
  readonly create: number;
  readonly mod: number;
  readonly version: number;
  readonly text: string;
}

export class NaiveStore {
  changes: Change[] = [];
  revision = 1;
  compactRevision = -1;

  get(key: string, revision = this.revision): State | null {
    let state: State | null = null;
    for (const change of this.changes) {
      if (change.key !== key || change.revision > revision) continue;
      if (change.text === null) state = null;
      else {
        const create: number = state === null ? change.revision : state.create;
        const version: number = state === null ? 1 : state.version + 1;
        state = { key, create, mod: change.revision, version, text: change.text };
      }
    }
    return state;
  }

  /** Applies the effective ones of `writes` in one revision; true if there were any. */
  write(writes: readonly { readonly key: string; readonly text: string | null }[]): boolean {
    const changes: Change[] = [];
    for (const { key, text } of writes) {
      if (text === null && this.get(key) === null) continue;
      changes.push({ revision: this.revision + 1, key, text });
    }
    if (changes.length === 0) return false;
    this.changes.push(...changes);
    this.revision++;
    return true;
  }

  range(start: string, end: string, revision: number): State[] {
    const keys = [...new Set(this.changes.map((change) => change.key))].filter(
      (key) => key >= start && (end === '\0' || key < end),
    );
    keys.sort();
    return keys.map((key) => this.get(key, revision)).filter((state) => state !== null);
  }

  /** Changes a watch from `start` must see. */
  since(start: number, from: string, to: string): Change[] {
    return this.changes.filter((c) => c.revision >= start && c.key >= from && (to === '\0' || c.key < to));
  }
}
