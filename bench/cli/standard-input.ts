/**
 * Standard input as a text: read once, to its end or to a limit (a device may have no end).
 */
import { readDescriptor } from '../../scenarios/bounded-read.ts';
import { FILE_BYTES_MAX } from '../../scenarios/yaml-source.ts';
import { userError } from './user-error.ts';

/** What messages call standard input. */
export const STDIN_NAME = '(standard input)';

const STDIN_DESCRIPTOR = 0;

/** All of it. @throws UserError when there is more than `bytesMax`. */
export function readStandardInput(bytesMax = FILE_BYTES_MAX): string {
  const bytes = readDescriptor(STDIN_DESCRIPTOR, bytesMax);
  if (bytes !== null) return bytes.toString('utf8');
  throw userError({ file: STDIN_NAME, code: 'MAN-009', message: `this is larger than ${bytesMax} bytes` });
}
