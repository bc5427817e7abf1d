/**
 * The directives of interaction tests: what each reads from its line and does to the nodes.
 *
 * A directive that wrote nothing prints `ok`; an error is its text, without a line's end. Names, arguments and texts:
 * etcd-io/raft rafttest (cdfbeed).
 */
import {
  ConfChange,
  parseChanges,
  TRANSITION_AUTO,
  TRANSITION_JOINT_EXPLICIT,
  TRANSITION_JOINT_IMPLICIT,
} from '../../../core/raft/conf-change.ts';
import { messageTypeOf } from '../../../core/raft/message.ts';
import { type Directive, DirectiveError } from './datadriven.ts';
import { ANY_TYPE, type Interaction } from './interaction.ts';
import { type InteractionNode, Payload } from './interaction-node.ts';
import { addNodes } from './interaction-settings.ts';
import { namedNumber, numberAt, plainNumbers, scanBoolean, scanNumber } from './scan.ts';

/** Does one directive; a string is its error. */
type Handler = (test: Interaction, directive: Directive) => string | null;

const TRANSITIONS: Readonly<Record<string, number>> = {
  auto: TRANSITION_AUTO,
  implicit: TRANSITION_JOINT_IMPLICIT,
  explicit: TRANSITION_JOINT_EXPLICIT,
};

const HANDLERS: Readonly<Record<string, Handler>> = {
  _breakpoint: () => null,
  'add-nodes': addNodes,
  campaign: (test, directive) => first(test, directive).raw.campaign(),
  compact,
  'deliver-msgs': deliverMessages,
  'process-ready': (test, directive) => each(test, directive, 'handling Ready', (node) => test.processReady(node)),
  'process-append-thread': (test, directive) =>
    each(test, directive, 'processing append thread', (node) => test.processAppend(node)),
  'process-apply-thread': (test, directive) =>
    each(test, directive, 'processing apply thread', (node) => quietly(() => test.processApply(node))),
  'log-level': (test, directive) => test.output.setLevel(directive.args[0]?.key ?? ''),
  'raft-log': (test, directive) => quietly(() => test.printLog(first(test, directive))),
  'raft-state': (test) => quietly(() => test.printStates()),
  'set-randomized-election-timeout': (test, directive) =>
    quietly(() => {
      first(test, directive).raw.raft.randomizedElectionTimeout = namedNumber(directive, 'timeout');
    }),
  stabilize,
  status: (test, directive) => quietly(() => test.printStatus(first(test, directive))),
  'tick-election': (test, directive) => tick(first(test, directive), 'electionTick'),
  'tick-heartbeat': (test, directive) => tick(first(test, directive), 'heartbeatTick'),
  'transfer-leadership': transferLeadership,
  'forget-leader': (test, directive) => quietly(() => first(test, directive).raw.forgetLeader()),
  'send-snapshot': (test, directive) =>
    quietly(() => {
      const [from, to] = pair(test, directive);
      test.sendSnapshot(from, to.id);
    }),
  propose,
  'propose-conf-change': proposeConfChange,
  'report-unreachable': reportUnreachable,
};

/** Whether an interaction test knows the command. */
export const isInteractionCommand = (command: string): boolean => Object.hasOwn(HANDLERS, command);

/** Does one directive and returns what it prints. @throws DirectiveError where the real harness would give up the file. */
export function interact(test: Interaction, directive: Directive): string {
  const handler = HANDLERS[directive.command];
  if (handler === undefined) throw new DirectiveError(directive.line, `unknown directive "${directive.command}"`);
  test.output.take();
  const error = handler(test, directive);
  const text = test.output.take();
  if (error === null) return text === '' ? 'ok' : text;
  return test.output.quiet ? error : text + error;
}

function quietly(act: () => void): null {
  act();
  return null;
}

function nodeOf(test: Interaction, id: number, { line }: Directive): InteractionNode {
  const node = test.nodes[id - 1];
  if (node === undefined) throw new DirectiveError(line, `there is no node ${id}`);
  return node;
}

const first = (test: Interaction, directive: Directive): InteractionNode =>
  nodeOf(test, numberAt(directive, 0), directive);

function pair(test: Interaction, directive: Directive): [InteractionNode, InteractionNode] {
  const [from, to, ...rest] = plainNumbers(directive);
  if (from === undefined || to === undefined || rest.length > 0) {
    throw new DirectiveError(directive.line, `${directive.command} needs two nodes`);
  }
  return [nodeOf(test, from, directive), nodeOf(test, to, directive)];
}

/** For each node of the line; with titles where there are several. */
function each(
  test: Interaction,
  directive: Directive,
  title: string,
  act: (node: InteractionNode) => string | null,
): string | null {
  const nodes = plainNumbers(directive).map((id) => nodeOf(test, id, directive));
  for (const node of nodes) {
    let error: string | null = null;
    if (nodes.length === 1) error = act(node);
    else {
      test.output.write(`> ${node.id} ${title}\n`);
      test.output.indented(() => {
        error = act(node);
      });
    }
    if (error !== null) return error;
  }
  return null;
}

function tick(node: InteractionNode, setting: 'electionTick' | 'heartbeatTick'): null {
  for (let i = 0; i < node.settings[setting]; i++) node.raw.tick();
  return null;
}

function compact(test: Interaction, directive: Directive): string | null {
  const node = first(test, directive);
  const index = numberAt(directive, 1);
  if (!node.storage.compact(index)) return 'requested index is unavailable due to compaction';
  test.printLog(node);
  return null;
}

function deliverMessages(test: Interaction, directive: Directive): null {
  let type = ANY_TYPE;
  const recipients: { readonly id: number; readonly drop: boolean }[] = [];
  for (const { key, values } of directive.args) {
    if (values.length === 0) recipients.push({ id: scanNumber(key, directive), drop: false });
    for (const value of values) {
      if (key === 'type') {
        type = messageTypeOf(value);
        if (type < 0) throw new DirectiveError(directive.line, `unknown message type ${value}`);
      } else if (key === 'drop') {
        const id = scanNumber(value, directive);
        if (recipients.some((recipient) => recipient.id === id)) {
          throw new DirectiveError(directive.line, `can't both deliver and drop msgs to ${id}`);
        }
        recipients.push({ id, drop: true });
      }
    }
  }
  let count = 0;
  for (const { id, drop } of recipients) {
    if (!drop && test.messages.some(({ to }) => to === id)) nodeOf(test, id, directive);
    count += test.deliver(id, drop, type);
  }
  if (count === 0) test.output.write('no messages\n');
  return null;
}

function stabilize(test: Interaction, directive: Directive): string | null {
  const ids = plainNumbers(directive);
  const nodes = ids.length === 0 ? test.nodes : ids.map((id) => nodeOf(test, id, directive));
  const { level } = test.output;
  try {
    for (const { key, values } of directive.args) {
      if (key !== 'log-level') continue;
      for (const value of values) {
        const error = test.output.setLevel(value);
        if (error !== null) return error;
      }
    }
    return test.stabilize(nodes);
  } finally {
    test.output.level = level;
  }
}

function transferLeadership(test: Interaction, directive: Directive): null {
  const from = nodeOf(test, namedNumber(directive, 'from'), directive);
  const to = nodeOf(test, namedNumber(directive, 'to'), directive);
  from.raw.transferLeader(to.id);
  return null;
}

function propose(test: Interaction, directive: Directive): string | null {
  const payload = directive.args[1];
  if (directive.args.length !== 2 || payload === undefined || payload.values.length > 0) {
    throw new DirectiveError(directive.line, 'propose needs a node and one word');
  }
  return first(test, directive).raw.propose(new Payload(new TextEncoder().encode(payload.key)));
}

function proposeConfChange(test: Interaction, directive: Directive): string | null {
  const node = first(test, directive);
  let v1 = false;
  let transition = TRANSITION_AUTO;
  for (const { key, values } of directive.args.slice(1)) {
    for (const value of values) {
      if (key === 'v1') v1 = scanBoolean(value, directive);
      else if (key !== 'transition') return `unknown command ${key}`;
      else if (!Object.hasOwn(TRANSITIONS, value)) return `unknown transition ${value}`;
      else transition = TRANSITIONS[value] as number;
    }
  }
  const changes = parseChanges(directive.input);
  if (typeof changes === 'string') return changes;
  if (v1 && (changes.length > 1 || transition !== TRANSITION_AUTO)) {
    return 'v1 conf change can only have one operation and no transition';
  }
  if (v1 && changes.length === 0) throw new DirectiveError(directive.line, 'a v1 conf change needs its operation');
  return node.raw.proposeConfChange(new ConfChange(changes, transition, v1));
}

function reportUnreachable(test: Interaction, directive: Directive): string | null {
  if (plainNumbers(directive).length !== 2) {
    return 'must specify exactly two node indexes: node on which to report, and reported node';
  }
  const [from, to] = pair(test, directive);
  from.raw.reportUnreachable(to.id);
  return null;
}
