/**
 * The directives of quorum tests: `committed` and `vote` over one majority or two joint ones.
 *
 * Each result is worked out in other ways too (a plain count, joined with nobody or itself, the halves exchanged, lower indexes
 * lowered further); where one differs, an extra line shows it, and the file fails. Form: etcd-io/raft quorum (cdfbeed).
 */
import {
  jointCommitted,
  jointVote,
  majorityCommitted,
  majorityVote,
  unionIds,
  voteName,
} from '../../../core/raft/quorum.ts';
import { type Directive, DirectiveError } from './datadriven.ts';
import { scanNumber } from './scan.ts';

const COMMANDS = ['committed', 'vote'];
const NO = 1;

/** Whether a quorum test knows the command. */
export const isQuorumCommand = (command: string): boolean => COMMANDS.includes(command);

interface Arguments {
  readonly isJoint: boolean;
  /** As written: order and repetition decide which value belongs to whom. */
  readonly incoming: readonly number[];
  readonly outgoing: readonly number[];
  readonly indexes: readonly number[];
  readonly votes: readonly number[];
}

const ascending = (ids: readonly number[]): number[] => unionIds([], ids);
const show = (index: number): string => (index === Number.POSITIVE_INFINITY ? '∞' : String(index));

/** Does one directive and returns what it prints. @throws DirectiveError */
export function runQuorum(directive: Directive): string {
  if (!isQuorumCommand(directive.command)) {
    throw new DirectiveError(directive.line, `unknown directive "${directive.command}"`);
  }
  const args = readArguments(directive);
  const input = directive.command === 'vote' ? args.votes : args.indexes;
  const voters = ascending([...args.incoming, ...args.outgoing]);
  if (voters.length !== input.length) {
    const ids = voters.map((id) => `${id}:{}`).join(' ');
    return `error: mismatched input (explicit or _) for voters map[${ids}]: [${input.join(' ')}]`;
  }
  const known = assignValues(args, input);
  return directive.command === 'vote' ? vote(args, known) : committed(args, known);
}

function readArguments(directive: Directive): Arguments {
  let isJoint = false;
  const incoming: number[] = [];
  const outgoing: number[] = [];
  const indexes: number[] = [];
  const votes: number[] = [];
  for (const { key, values } of directive.args) {
    for (const value of values) {
      if (key === 'cfg') incoming.push(scanNumber(value, directive));
      else if (key === 'cfgj') {
        isJoint = true;
        if (value !== 'zero') outgoing.push(scanNumber(value, directive));
        else if (values.length !== 1) throw new DirectiveError(directive.line, "cannot mix 'zero' into configuration");
      } else if (key === 'idx') indexes.push(readIndex(value, directive));
      else if (key === 'votes') votes.push(readVote(value, directive));
      else throw new DirectiveError(directive.line, `unknown arg ${key}`);
    }
  }
  return { isJoint, incoming, outgoing, indexes, votes };
}

/** 0 stands for "nothing known", so it cannot be given as an index. */
function readIndex(value: string, directive: Directive): number {
  if (value === '_') return 0;
  const index = scanNumber(value, directive);
  if (index === 0) throw new DirectiveError(directive.line, 'cannot use 0 as idx');
  return index;
}

function readVote(value: string, directive: Directive): number {
  const at = ['_', 'n', 'y'].indexOf(value);
  if (at < 0) throw new DirectiveError(directive.line, `unknown vote: ${value}`);
  return at;
}

/** One value for each distinct voter, in order of appearance; placeholders are left out. */
function assignValues({ incoming, outgoing }: Arguments, values: readonly number[]): ReadonlyMap<number, number> {
  const known = new Map<number, number>();
  let next = 0;
  for (const id of [...incoming, ...outgoing]) {
    if (!known.has(id) && next < values.length) known.set(id, values[next++] as number);
  }
  for (const [id, value] of known) if (value === 0) known.delete(id);
  return known;
}

function vote(args: Arguments, known: ReadonlyMap<number, number>): string {
  const votes = new Map([...known].map(([id, value]) => [id, value !== NO] as const));
  const incoming = ascending(args.incoming);
  const outgoing = ascending(args.outgoing);
  if (!args.isJoint) return `${voteName(majorityVote(incoming, votes))}\n`;
  const result = jointVote(incoming, outgoing, votes);
  const exchanged = jointVote(outgoing, incoming, votes);
  const note = exchanged === result ? '' : `${voteName(exchanged)} <-- via symmetry\n`;
  return `${note}${voteName(result)}\n`;
}

function committed(args: Arguments, known: ReadonlyMap<number, number>): string {
  const acked = (id: number): number => known.get(id) ?? -1;
  const incoming = ascending(args.incoming);
  const outgoing = ascending(args.outgoing);
  const index = args.isJoint ? jointCommitted(incoming, outgoing, acked) : majorityCommitted(incoming, acked);
  let text = describe(unionIds(incoming, outgoing), known);
  const check = (other: number, how: string): void => {
    if (other !== index) text += `${show(other)} <-- ${how}\n`;
  };
  if (args.isJoint) check(jointCommitted(outgoing, incoming, acked), 'via symmetry');
  else {
    check(plainCommitted(incoming, known), 'via alternative computation');
    check(jointCommitted(incoming, [], acked), 'via zero-joint quorum');
    check(jointCommitted(incoming, incoming, acked), 'via self-joint quorum');
    for (const id of incoming) {
      const own = acked(id);
      if (own <= 0 || index <= own) continue;
      for (const lower of [own - 1, 0]) {
        check(
          majorityCommitted(incoming, (other) => (other === id ? lower : acked(other))),
          `overlaying ${id}->${lower}`,
        );
      }
    }
  }
  return `${text}${show(index)}\n`;
}

/** The largest index that enough voters have reached, by counting for each. */
function plainCommitted(voters: readonly number[], known: ReadonlyMap<number, number>): number {
  if (voters.length === 0) return Number.POSITIVE_INFINITY;
  const needed = Math.floor(voters.length / 2) + 1;
  let best = 0;
  for (const candidate of known.values()) {
    const reached = voters.filter((id) => (known.get(id) ?? 0) >= candidate).length;
    if (reached >= needed && candidate > best) best = candidate;
  }
  return best;
}

/** A bar for each voter: as long as the number of voters that are strictly behind it. */
function describe(voters: readonly number[], known: ReadonlyMap<number, number>): string {
  const count = voters.length;
  if (count === 0) return '<empty majority quorum>';
  let text = `${' '.repeat(count)}    idx\n`;
  for (const id of voters) {
    const index = known.get(id) ?? 0;
    const behind = voters.filter((other) => (known.get(other) ?? 0) < index).length;
    const bar = known.has(id) ? `${'x'.repeat(behind)}>${' '.repeat(count - behind)}` : `?${' '.repeat(count)}`;
    text += `${bar} ${String(index).padStart(5)}    (id=${id.toString(16)})\n`;
  }
  return text;
}
