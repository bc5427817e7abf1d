/**
 * The directives of configuration change tests: `simple`, `enter-joint`, `leave-joint`, each with changes as input.
 *
 * The last index rises with every directive, failed ones too, so a node's `next` tells when it came. Rules: etcd-io/raft
 * confchange (cdfbeed).
 */
import { enterJoint, leaveJoint, type Membership, simpleChange } from '../../../core/raft/changer.ts';
import { parseChanges } from '../../../core/raft/conf-change.ts';
import { formatConfig, formatProgress, ProgressTracker } from '../../../core/raft/tracker.ts';
import { type Directive, DirectiveError } from './datadriven.ts';
import { scanBoolean } from './scan.ts';

const COMMANDS = ['simple', 'enter-joint', 'leave-joint'];
/** Window of every node, in messages. */
const MAX_INFLIGHT = 10;

/** Whether a configuration change test knows the command. */
export const isConfChangeCommand = (command: string): boolean => COMMANDS.includes(command);

export class ConfChangeTest {
  readonly #tracker = new ProgressTracker(MAX_INFLIGHT, 0);
  #lastIndex = 0;

  /** Does one directive and returns what it prints. @throws DirectiveError */
  run(directive: Directive): string {
    const lastIndex = this.#lastIndex++;
    const changes = parseChanges(directive.input);
    if (typeof changes === 'string') return changes;
    const result = this.#change(directive, lastIndex, changes);
    if (typeof result === 'string') return `${result}\n`;
    this.#tracker.assign(result.config, result.progress);
    return `${formatConfig(result.config)}\n${formatProgress(result.progress)}`;
  }

  #change(
    directive: Directive,
    lastIndex: number,
    changes: Exclude<ReturnType<typeof parseChanges>, string>,
  ): Membership | string {
    const tracker = this.#tracker;
    switch (directive.command) {
      case 'simple':
        return simpleChange(tracker, tracker, lastIndex, changes);
      case 'enter-joint':
        return enterJoint(tracker, tracker, lastIndex, autoLeave(directive), changes);
      case 'leave-joint':
        if (changes.length > 0) return 'this command takes no input';
        return leaveJoint(tracker, tracker, lastIndex);
      default:
        throw new DirectiveError(directive.line, `unknown directive "${directive.command}"`);
    }
  }
}

function autoLeave(directive: Directive): boolean {
  if (directive.args.length === 0) return false;
  const value = directive.args.find(({ key }) => key === 'autoleave')?.values;
  if (value?.length !== 1) throw new DirectiveError(directive.line, 'enter-joint takes one autoleave=…');
  return scanBoolean(value[0] as string, directive);
}
