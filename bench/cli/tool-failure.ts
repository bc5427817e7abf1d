/**
 * Something outside the simulation broke: a write failed, a worker died, a file vanished.
 *
 * Not a bug with a stack trace and not the user's typing error: it names its cause and the path or case, and ends the
 * command with exit code 3.
 */

/** A failure of the tool's surroundings; `message` is complete for a reader without a stack trace. */
export class ToolFailure extends Error {
  /** The path or case that failed. */
  readonly subject: string;

  constructor(subject: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ToolFailure';
    this.subject = subject;
  }
}

/** The failure for an error of the file system on `file`: `cannot write results/x: no space left on device (ENOSPC)`. */
export function fileFailure(verb: 'write' | 'read' | 'create', file: string, error: unknown): ToolFailure {
  const code = errorCode(error);
  const reason = REASONS.get(code) ?? (error instanceof Error ? error.message : String(error));
  return new ToolFailure(file, `cannot ${verb} ${file}: ${reason}${code === '' ? '' : ` (${code})`}`, { cause: error });
}

/** The failure for an error that Node's file system threw and nobody caught; undefined for any other error. */
export function systemFailure(error: unknown): ToolFailure | undefined {
  if (!(error instanceof Error) || errorCode(error) === '' || !('syscall' in error) || !('path' in error))
    return undefined;
  const isWriting = ['mkdir', 'write', 'rename', 'unlink', 'rm', 'fsync', 'truncate'].includes(String(error.syscall));
  return fileFailure(isWriting ? 'write' : 'read', String(error.path), error);
}

/** The `code` of a Node error such as ENOENT, or ''. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'no space left on device'],
  ['EDQUOT', 'disk quota exceeded'],
  ['EROFS', 'read-only file system'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'operation not permitted'],
  ['ENOENT', 'no such file or folder'],
  ['ENOTDIR', 'a part of the path is not a folder'],
  ['EISDIR', 'it is a folder'],
  ['EEXIST', 'a file is in the way'],
  ['ELOOP', 'too many symbolic links'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['EMFILE', 'too many open files'],
  ['EFBIG', 'larger than files may be'],
  ['EIO', 'input/output error'],
]);
