/**
 * What a traced event was, in words: the request, its answer, what a watch brought, a timer.
 */
import type { TraceRecord } from '../../sim/trace.ts';
import { ApiRequest, ApiResponse, VERB, WatchEvents } from '../../types/wire.ts';

const VERB_NAMES = new Map<number, string>(Object.entries(VERB).map(([name, code]) => [code, name]));
const CHANGES = ['', 'ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'];

/** Operation codes whose payload does not say enough. Codes below 32 are the kernel's. */
const OPERATIONS = new Map<number, string>([
  [1, 'hears that a connection is gone'],
  [2, 'goes on with a task'],
  [6, 'something is done to it from outside'],
  [8, 'starts'],
  [64, 'is asked for a transaction'],
  [67, 'is asked for a range of keys'],
  [80, 'gets an answer of the store'],
  [82, 'gets events of the store'],
]);

/** One line: what the event was to the process that got it. */
export function describeEvent(event: TraceRecord): string {
  const { payload, from, target, op } = event;
  if (payload instanceof ApiRequest) return `is asked by ${from} to ${requestText(payload)}`;
  if (payload instanceof ApiResponse) {
    const subject = payload.object === null ? '' : ` ${payload.object.kind} ${nameOf(payload.object.metadata)}`;
    const error = payload.error === null ? '' : `: ${payload.error.message}`;
    return `gets the answer ${payload.code}${subject}${error}`;
  }
  if (payload instanceof WatchEvents) {
    const [first] = payload.events;
    if (first === undefined) return 'gets an empty batch of a watch';
    const more = payload.events.length > 1 ? ` and ${payload.events.length - 1} more` : '';
    const object = first.object as { kind?: string; metadata?: { namespace?: string; name: string } } | null;
    const subject = object?.metadata === undefined ? '' : ` ${object.kind ?? ''} ${nameOf(object.metadata)}`;
    return `sees ${CHANGES[first.type] ?? 'an event'}${subject}${more}`;
  }
  const known = OPERATIONS.get(op);
  if (known !== undefined) return known;
  return from === target ? 'comes to a timer of its own' : `hears from ${from}`;
}

function requestText(request: ApiRequest): string {
  const verb = VERB_NAMES.get(request.verb) ?? 'do something with';
  const name = request.name === '' ? (request.object?.metadata.name ?? '') : request.name;
  const place = request.namespace === '' ? name : `${request.namespace}/${name}`;
  const part = request.subresource === '' ? '' : ` (${request.subresource})`;
  return `${verb} ${request.type.kind} ${place}${part}`.trim();
}

function nameOf({ namespace, name }: { readonly namespace?: string | undefined; readonly name: string }): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}
