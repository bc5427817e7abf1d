/**
 * Reads `--device-gates`: feature gates of devices that are on where no cluster file says which.
 */
import { DEVICE_GATES, type DeviceGate } from '../../core/cluster/vocabulary.ts';
import { CLI_CODES, type ProblemList } from './user-error.ts';

/** The gates that the flag names, separated by commas, in the order of all gates; names that are none are problems. */
export function readDeviceGates(text: string | undefined, problems: ProblemList): readonly DeviceGate[] {
  const words = text === undefined ? [] : text.split(',').map((word) => word.trim());
  for (const word of words) {
    if ((DEVICE_GATES as readonly string[]).includes(word)) continue;
    problems.unknownName({}, CLI_CODES.badValue, 'feature gate of devices', word, DEVICE_GATES);
  }
  return DEVICE_GATES.filter((gate) => words.includes(gate));
}
