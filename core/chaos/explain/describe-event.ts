/**
 * What a traced event was, in words: the request, its answer, what a watch brought, a timer.
 */
import { OP_ACTION, OP_CONN_CLOSED, OP_START, OP_TASK_TIMER } from '../../sim/ops.ts';
import type { TraceRecord } from '../../sim/trace.ts';
import {
  OP_STORE_ANSWERS_AND_EVENTS,
  OP_STORE_BATCH,
  OP_STORE_PEER,
  OP_STORE_RANGE,
  OP_STORE_RESPONSE,
  OP_STORE_TXN,
  OP_STORE_WATCH_EVENTS,
} from '../../store/ops.ts';
import { OP_LEASE_BATCH, OP_LEASE_BATCH_RESULT } from '../../types/lease-batch.ts';
import { ApiRequest, ApiResponse, OP_WATCH_CLOSED, VERB, WatchEvents } from '../../types/wire.ts';

const VERB_NAMES = new Map<number, string>(Object.entries(VERB).map(([name, code]) => [code, name]));
const CHANGES = ['', 'ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'];

/** Operations whose payload does not say enough: what they are to the process that gets them, and in few words. */
const OPERATIONS = new Map<number, readonly [what: string, label: string]>([
  [OP_CONN_CLOSED, ['hears that a connection is gone', 'connection gone']],
  [OP_TASK_TIMER, ['goes on with a task', 'goes on with a task']],
  [OP_ACTION, ['something is done to it from outside', 'something from outside']],
  [OP_START, ['starts', 'starts']],
  [OP_LEASE_BATCH, ['is asked to renew leases', 'renew leases']],
  [OP_LEASE_BATCH_RESULT, ['hears which leases are renewed', 'leases renewed']],
  [OP_WATCH_CLOSED, ['hears that a watch is closed', 'watch closed']],
  [OP_STORE_TXN, ['is asked for a transaction', 'transaction']],
  [OP_STORE_BATCH, ['is asked for a batch of writes', 'batch of writes']],
  [OP_STORE_RANGE, ['is asked for a range of keys', 'range']],
  [OP_STORE_PEER, ['gets a Raft message', 'Raft message']],
  [OP_STORE_RESPONSE, ['gets an answer of the store', 'answer']],
  [OP_STORE_ANSWERS_AND_EVENTS, ['gets answers and events of the store', 'answers and events']],
  [OP_STORE_WATCH_EVENTS, ['gets events of the store', 'events']],
]);

/** One line: what the event was to the process that got it. */
export function describeEvent(event: TraceRecord): string {
  const { payload, from, target, op, task } = event;
  if (payload instanceof ApiRequest) return `is asked by ${from} to ${requestText(payload)}`;
  if (payload instanceof ApiResponse) return `gets the answer ${responseText(payload)}`;
  if (payload instanceof WatchEvents) {
    return payload.events.length === 0 ? 'gets an empty batch of a watch' : `sees ${watchText(payload)}`;
  }
  if (task !== '') return `goes on with its task ${task}`;
  const [known] = OPERATIONS.get(op) ?? [];
  if (known !== undefined) return known;
  return from === target ? 'comes to a timer of its own' : `hears from ${from}`;
}

/** What the event was in few words, without who was concerned: the text of an arrow in a diagram. */
export function eventLabel({ payload, from, target, op }: TraceRecord): string {
  if (payload instanceof ApiRequest) return requestText(payload);
  if (payload instanceof ApiResponse) return responseText(payload);
  if (payload instanceof WatchEvents) return payload.events.length === 0 ? 'empty batch' : watchText(payload);
  const [, known] = OPERATIONS.get(op) ?? [];
  return known ?? (from === target ? 'timer' : 'message');
}

function responseText({ code, object, error }: ApiResponse): string {
  const subject = object === null ? '' : ` ${object.kind} ${nameOf(object.metadata)}`;
  return `${code}${subject.trimEnd()}${error === null ? '' : `: ${error.message}`}`;
}

/** Of a batch that is not empty. */
function watchText({ events }: WatchEvents): string {
  const [first] = events;
  const more = events.length > 1 ? ` and ${events.length - 1} more` : '';
  const object = first?.object as { kind?: string; metadata?: { namespace?: string; name: string } } | null | undefined;
  const subject = object?.metadata === undefined ? '' : ` ${object.kind ?? ''} ${nameOf(object.metadata)}`;
  return `${CHANGES[first?.type ?? -1] ?? 'an event'}${subject}${more}`;
}

function requestText(request: ApiRequest): string {
  const verb = VERB_NAMES.get(request.verb) ?? 'do something with';
  const name = request.name || givenName(request.object?.metadata);
  const place = request.namespace === '' ? name : `${request.namespace}/${name}`;
  const part = request.subresource === '' ? '' : ` (${request.subresource})`;
  return `${verb} ${request.type.kind} ${place}${part}`.trim();
}

/** The name that a request's object asks for; where the server is to end it, what there is of it. */
function givenName(metadata?: { readonly name?: string; readonly generateName?: string | undefined }): string {
  const { name = '', generateName = '' } = metadata ?? {};
  return name || (generateName && `${generateName}…`);
}

function nameOf({ namespace, name }: { readonly namespace?: string | undefined; readonly name: string }): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}
