/**
 * The flags that name one case of a scenario file, as replay lines hold them.
 */
import type { FlagReader } from './flag-reader.ts';
import { replayFlags } from './replay-flags.ts';

/** Values of {@link caseFlags}. */
export interface CaseArgs {
  seed: readonly number[];
  twin: boolean;
  interleaving: number | undefined;
  build: string | undefined;
  inputs: string | undefined;
  timeout: number;
}

/** The flags of a replay line. */
export function caseFlags(flags: FlagReader) {
  return {
    seed: flags.seeds('seed', { alias: 's', describe: 'The seed', default: '1' }),
    twin: flags.switch({ describe: "The file's twin instead of the file" }),
    interleaving: flags.optionalCount('interleaving', {
      describe: 'Order simultaneous events by this number',
      min: 0,
      max: 4_294_967_295,
    }),
    ...replayFlags(flags),
    timeout: flags.duration('timeout', { describe: 'Most host time; 0 = no limit', default: '10m' }),
  } as const;
}
