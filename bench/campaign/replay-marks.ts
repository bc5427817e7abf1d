/**
 * What a replay line says of the moment it was printed: the build, and a digest of the files. A line with both is complete: settings
 * that could change the result are not read for it.
 */
import { buildDigest } from './build-digest.ts';

/** Values of the flags `--build` and `--inputs`. */
export interface ReplayMarks {
  readonly build: string | undefined;
  readonly inputs: string | undefined;
}

/** The flags that end a replay line. */
export function replayMarks(inputs: string): string[] {
  return ['--build', buildDigest(), '--inputs', inputs];
}

/** Warnings of a line from another build or of other files, a line each; '' for none, and for what the line does not say. */
export function changedSince({ build, inputs }: ReplayMarks, found: string): string {
  const here = buildDigest();
  const warnings: string[] = [];
  if (build !== undefined && build !== here) {
    warnings.push(`warning: this is build ${here}, the line is from build ${build}: the result may differ\n`);
  }
  if (inputs !== undefined && inputs !== found) {
    warnings.push(
      `warning: the files have changed since the line was printed (inputs ${inputs}, now ${found}): the result may differ\n`,
    );
  }
  return warnings.join('');
}
