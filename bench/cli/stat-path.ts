/**
 * Looks at a path that a user wrote, where anything may be: nothing, a folder, a device, a loop of links.
 */
import { type Stats, statSync } from 'node:fs';

/**
 * What is at `file`; undefined when it cannot be looked at, whatever the reason. Node's own `throwIfNoEntry: false` still
 * throws for loops of links, names that are too long and folders that may not be entered.
 */
export function statPath(file: string): Stats | undefined {
  try {
    return statSync(file);
  } catch {
    return undefined;
  }
}
