/** Paths of files in manifests, and their modes. Source: Kubernetes 1.34.1, pkg/apis/core/validation/validation.go validateLocalDescendingPath, ValidateLocalNonReservedPath. */
import type { FieldErrors } from './field-errors.ts';

const MAX_MODE = 0o777;

/** A path without a step back. */
export function validateNoBacksteps(path: string, field: string, errors: FieldErrors): void {
  if (path.split('/').includes('..')) errors.invalid(field, path, "must not contain '..'");
}

/** A path below where it is mounted. */
export function validateDescendingPath(path: string, field: string, errors: FieldErrors): void {
  if (path.startsWith('/')) errors.invalid(field, path, 'must be a relative path');
  validateNoBacksteps(path, field, errors);
}

/** A path of a file in a volume: names with two dots in front are those of the kubelet. */
export function validateFilePath(path: string, field: string, errors: FieldErrors): void {
  validateDescendingPath(path, field, errors);
  if (path.startsWith('..') && !path.startsWith('../')) errors.invalid(field, path, "must not start with '..'");
}

/** The mode of a file, if there is one. */
export function validateMode(mode: number | undefined, field: string, errors: FieldErrors): void {
  if (mode !== undefined && (mode < 0 || mode > MAX_MODE))
    errors.invalid(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive');
}
