/**
 * Standard input as a text: read once, to its end or to a limit (a device may have no end).
 */
import { readDescriptor } from '../../scenarios/bounded-read.ts';
import { readFailure } from '../../scenarios/files.ts';
import { isScenarioFile, isScenarioText } from '../../scenarios/own-files.ts';
import { FILE_BYTES_MAX } from '../../scenarios/yaml-source.ts';
import { userError } from './user-error.ts';

/** What messages call standard input. */
export const STDIN_NAME = '(standard input)';

/** What messages call the input that `path` names, `-` being standard input. */
export function inputName(path: string): string {
  return path === '-' ? STDIN_NAME : path;
}

const STDIN_DESCRIPTOR = 0;

/** What was read: a command that has to tell what it is reads it before whoever uses it. */
let standardInput: Buffer | null = null;

/** All of it; `descriptor` is another than standard input's in tests. @throws UserError when it cannot be read, or has more than `bytesMax`. */
export function readStandardInput(bytesMax = FILE_BYTES_MAX, descriptor = STDIN_DESCRIPTOR): string {
  let bytes: Buffer | null;
  try {
    bytes = (descriptor === STDIN_DESCRIPTOR ? standardInput : null) ?? readDescriptor(descriptor, bytesMax);
  } catch (error) {
    const message = `cannot read: ${readFailure(error, STDIN_NAME)}`;
    const hint = 'a file: COMMAND - <FILE; what another program writes: PROGRAM | COMMAND -';
    throw userError({ file: STDIN_NAME, code: 'MAN-009', message, hint });
  }
  if (descriptor === STDIN_DESCRIPTOR) standardInput = bytes;
  if (bytes !== null && bytes.length <= bytesMax) return bytes.toString('utf8');
  throw userError({ file: STDIN_NAME, code: 'MAN-009', message: `this is larger than ${bytesMax} bytes` });
}

/** Whether a path names a scenario: a file, or `-` for standard input, of which `bytesMax` may be read. */
export function isScenarioInput(path: string, bytesMax?: number): boolean {
  return path === '-' ? isScenarioText(readStandardInput(bytesMax)) : isScenarioFile(path);
}
