/**
 * package.json and its lock: exact versions, and a lock that `npm ci` accepts on every platform.
 *
 * A lock made where a platform's optional package could not be seen lacks its entry, and `npm ci` then refuses to install
 * at all; the machine that made the lock does not notice.
 */
import type { Finding } from './finding.ts';

type Versions = Readonly<Record<string, string>>;

/** The parts of package.json that are read. */
export interface Manifest {
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
}

/** The parts of package-lock.json (version 3) that are read. */
export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

interface LockEntry extends Manifest {
  readonly version?: string;
  readonly optionalDependencies?: Versions;
}

/** Ranges, differences between manifest and lock, and dependencies without an entry. */
export function checkPackages(manifest: Manifest, lock: Lock): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    const locked = lock.packages[`node_modules/${name}`]?.version;
    const message = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)
      ? locked !== version && `"${name}" is ${version} here and ${locked ?? 'missing'} in the lock`
      : `"${name}": "${version}" is not an exact version`;
    if (message !== false) findings.push({ path: 'package.json', line: 0, message });
  }
  for (const [where, entry] of Object.entries(lock.packages)) {
    for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
      if (isLocked(where, name, lock)) continue;
      const message = `${where} needs "${name}", which has no entry: \`npm ci\` refuses such a lock`;
      findings.push({ path: 'package-lock.json', line: 0, message });
    }
  }
  return findings;
}

/** Node's look-up: beside the package, then in every node_modules above it. */
function isLocked(where: string, name: string, lock: Lock): boolean {
  for (let folder = where; ; ) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in lock.packages) return true;
    if (folder === '') return false;
    const above = folder.lastIndexOf('/node_modules/');
    folder = above === -1 ? '' : folder.slice(0, above);
  }
}
