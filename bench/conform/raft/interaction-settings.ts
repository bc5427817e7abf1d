/**
 * The `add-nodes` directive: how many nodes, from which state, with which settings.
 *
 * Defaults: election after 3 ticks, heartbeat every tick, no limits (etcd-io/raft rafttest, cdfbeed). Unknown settings are
 * ignored there, and so here.
 */
import { READ_ONLY_LEASE_BASED, READ_ONLY_SAFE } from '../../../core/raft/read-only.ts';
import type { Directive } from './datadriven.ts';
import { goQuote } from './go-quote.ts';
import type { Interaction } from './interaction.ts';
import type { NodeSettings } from './interaction-node.ts';
import { numberAt, scanBoolean, scanNumber } from './scan.ts';

interface Draft {
  settings: { -readonly [name in keyof NodeSettings]: NodeSettings[name] };
  voters: number[];
  learners: number[];
  index: number;
  data: Uint8Array;
}

/** Adds the nodes; a string is the error. */
export function addNodes(test: Interaction, directive: Directive): string | null {
  const count = numberAt(directive, 0);
  const draft: Draft = {
    settings: { electionTick: 3, heartbeatTick: 1, maxInflightMessages: 2 ** 31 - 1 },
    voters: [],
    learners: [],
    index: 0,
    data: new Uint8Array(0),
  };
  for (const { key, values } of directive.args.slice(1)) {
    for (const value of values) {
      const error = set(draft, key, value, directive);
      if (error !== null) return error;
    }
  }
  const { settings, voters, learners, index, data } = draft;
  const bootstrap = voters.length > 0 || learners.length > 0 || index !== 0 || data.length > 0;
  const confState = { voters, votersOutgoing: [], learners, learnersNext: [], autoLeave: false };
  return test.addNodes(count, settings, { index, term: 0, confState, data }, bootstrap);
}

function set(draft: Draft, key: string, value: string, directive: Directive): string | null {
  const { settings } = draft;
  switch (key) {
    case 'voters':
      draft.voters.push(scanNumber(value, directive));
      break;
    case 'learners':
      draft.learners.push(scanNumber(value, directive));
      break;
    case 'inflight':
      settings.maxInflightMessages = scanNumber(value, directive);
      break;
    case 'index':
      draft.index = scanNumber(value, directive);
      settings.applied = draft.index;
      break;
    case 'content':
      draft.data = new TextEncoder().encode(value);
      break;
    case 'async-storage-writes':
      settings.asyncStorageWrites = scanBoolean(value, directive);
      break;
    case 'prevote':
      settings.preVote = scanBoolean(value, directive);
      break;
    case 'checkquorum':
      settings.checkQuorum = scanBoolean(value, directive);
      break;
    case 'max-committed-size-per-ready': {
      const bytes = scanNumber(value, directive);
      // 0 stands for the default: no limit.
      settings.maxApplyingBytes = bytes === 0 ? Number.POSITIVE_INFINITY : bytes;
      break;
    }
    case 'disable-conf-change-validation':
      settings.disableConfChangeValidation = scanBoolean(value, directive);
      break;
    case 'read-only':
      if (value !== 'safe' && value !== 'lease-based') {
        return `invalid read-only option ${goQuote(new TextEncoder().encode(value))}`;
      }
      settings.readOnly = value === 'safe' ? READ_ONLY_SAFE : READ_ONLY_LEASE_BASED;
      break;
    case 'step-down-on-removal':
      settings.stepDownOnRemoval = scanBoolean(value, directive);
      break;
  }
  return null;
}
