/**
 * The completion script that yargs generates, for a shell of our choice.
 *
 * yargs decides by the SHELL variable, both for the script and for the form of its answers; so it is set for the moment of
 * generation, and the script itself sets it for each question (a bash started from zsh would get zsh's answers).
 */
import yargs from 'yargs';

const QUESTION = 'seatrial --get-yargs-completions';

/** The script's text for `shell`. Synchronous: nothing else sees the changed variable. */
export function completionScript(shell: 'bash' | 'zsh'): string {
  const before = process.env['SHELL'];
  process.env['SHELL'] = `/bin/${shell}`;
  let script = '';
  try {
    const parser = yargs([]).scriptName('seatrial').locale('en').exitProcess(false).completion('completion');
    parser.parse(['completion'], {}, (_error, _args, output) => {
      script = output;
    });
  } finally {
    if (before === undefined) delete process.env['SHELL'];
    else process.env['SHELL'] = before;
  }
  const asked = script.replaceAll(QUESTION, `SHELL=/bin/${shell} ${QUESTION}`);
  // Its head tells how to install it, by a command that would be yargs' own.
  return `${asked.replaceAll('seatrial completion >>', `seatrial completion ${shell} >>`).trimEnd()}\n`;
}
