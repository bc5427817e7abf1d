/** Semantic versions as devices publish them. Source: semver.org 2.0.0, sections 2, 9 and 11. */

const VERSION =
  /^(0|[1-9]\d{0,9})\.(0|[1-9]\d{0,9})\.(0|[1-9]\d{0,9})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?$/;

/** A version; build metadata plays no role. */
export class Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly preRelease: readonly string[];

  constructor(major: number, minor: number, patch: number, preRelease: readonly string[]) {
    this.major = major;
    this.minor = minor;
    this.patch = patch;
    this.preRelease = preRelease;
  }
}

/** Reads a version, `null` for anything else. */
export function parseVersion(text: string): Version | null {
  const match = text.length > 256 ? null : VERSION.exec(text);
  if (match === null) return null;
  const [, major, minor, patch, preRelease = ''] = match;
  return new Version(Number(major), Number(minor), Number(patch), preRelease === '' ? [] : preRelease.split('.'));
}

/** Negative, zero or positive as the first is older, equal or newer. */
export function compareVersions(a: Version, b: Version): number {
  const order = a.major - b.major || a.minor - b.minor || a.patch - b.patch;
  if (order !== 0) return Math.sign(order);
  if (a.preRelease.length === 0 || b.preRelease.length === 0)
    return Math.sign(b.preRelease.length - a.preRelease.length);
  for (let i = 0; i < Math.min(a.preRelease.length, b.preRelease.length); i++) {
    const part = comparePart(a.preRelease[i] as string, b.preRelease[i] as string);
    if (part !== 0) return part;
  }
  return Math.sign(a.preRelease.length - b.preRelease.length);
}

/** Numbers by value and below words; words by their characters. */
function comparePart(a: string, b: string): number {
  const numeric = [a, b].map((part) => /^\d+$/.test(part));
  if (numeric[0] === true && numeric[1] === true) return Math.sign(Number(a) - Number(b));
  if (numeric[0] !== numeric[1]) return numeric[0] === true ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
