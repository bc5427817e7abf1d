/**
 * Names of Event objects: the object's name and the time in ns, hexadecimal (client-go tools/record and tools/events); the three digits below a µs count a
 * recorder's names.
 */

/** The names that one recorder gives. */
export class EventNames {
  #names = 0;

  /** How many names were given, modulo 1,000. */
  get count(): number {
    return this.#names;
  }

  /** A new name of an event about the object `name` at that wall time. */
  next(name: string, wallUs: number): string {
    this.#names = (this.#names + 1) % 1000;
    // In parts of 24 bits: the whole has more digits than a double holds.
    const low = (wallUs % 0x1000000) * 1000 + this.#names;
    const high = Math.floor(wallUs / 0x1000000) * 1000 + Math.floor(low / 0x1000000);
    const top = Math.floor(high / 0x1000000);
    if (top !== lastTop) {
      lastTop = top;
      lastTopText = top === 0 ? '' : top.toString(16);
    }
    return `${name}.${lastTopText}${hexadecimal(high % 0x1000000)}${hexadecimal(low % 0x1000000)}`;
  }
}

/** Two hexadecimal digits each. */
const HEXADECIMAL = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
/** The first digits of the last name's time: they change every few days. */
let lastTop = 0;
let lastTopText = '';

/** Six digits of an integer below 2^24. */
function hexadecimal(value: number): string {
  const first = HEXADECIMAL[value >>> 16] as string;
  return first + (HEXADECIMAL[(value >>> 8) & 0xff] as string) + (HEXADECIMAL[value & 0xff] as string);
}
