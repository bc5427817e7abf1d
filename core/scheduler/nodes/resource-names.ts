/**
 * Resource names to dense column numbers.
 *
 * The four resources every node has come first and keep fixed numbers; extended resources get the next number when a node
 * or a pod first names them. Units: cpu in millicores, everything else in its own unit (bytes, pods, devices), integers.
 */
export const CPU = 0;
export const MEMORY = 1;
export const EPHEMERAL_STORAGE = 2;
export const PODS = 3;
/** The first number of an extended resource (huge pages and attachable volumes count as extended here). */
export const FIRST_EXTENDED = 4;

/** The dense numbers of all resource names of one scheduler. */
export class ResourceNames {
  readonly #names: string[] = ['cpu', 'memory', 'ephemeral-storage', 'pods'];
  readonly #ids = new Map<string, number>(this.#names.map((name, id) => [name, id]));

  /** How many resources have a number. */
  get count(): number {
    return this.#names.length;
  }

  /** The number of a name, a new one when it has none yet. */
  intern(name: string): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const id = this.#names.length;
    this.#names.push(name);
    this.#ids.set(name, id);
    return id;
  }

  /** The name of a number. */
  nameOf(id: number): string {
    return this.#names[id] as string;
  }
}
