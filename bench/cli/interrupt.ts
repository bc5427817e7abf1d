/**
 * Ctrl-C and SIGTERM: the first asks the command to stop and keep partial results, the second kills.
 *
 * Always: while nobody watches, the default action of the signal stands.
 */
import { EXIT, type ExitCode } from './exit.ts';

/** A running watch. */
export interface Interrupt {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal;
  /** 130 or 143 after a signal, undefined before. */
  readonly exitCode: ExitCode | undefined;
  /** Ends the watch. */
  release(): void;
}

/** Begins to watch; `announce` is called once, at the first signal. */
export function watchInterrupts(announce: () => void): Interrupt {
  const controller = new AbortController();
  let exitCode: ExitCode | undefined;
  const onSignal = (code: ExitCode) => () => {
    if (exitCode !== undefined) process.exit(code);
    exitCode = code;
    announce();
    controller.abort();
  };
  const onInterrupt = onSignal(EXIT.interrupted);
  const onTerminate = onSignal(EXIT.terminated);
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release() {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    },
  };
}
