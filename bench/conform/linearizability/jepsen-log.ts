/**
 * Jepsen's text log of operations on one register, as porcupine's etcd histories keep it: a line a call or return,
 * `INFO  jepsen.util - PROCESS<tab>:invoke|:ok|:fail|:info<tab>:read|:write|:cas<tab>VALUE`.
 *
 * Always: a line that is not of this form is an error with its number; a write or compare-and-set that timed out has an unknown
 * outcome; a read that failed says nothing and is left out.
 */
import { NEVER_RETURNED, type Operation, type Partition } from '../../../core/chaos/linearizability/history.ts';
import {
  REGISTER_MODEL,
  type RegisterInput,
  type RegisterOutput,
} from '../../../core/chaos/linearizability/register-model.ts';
import { dataError } from '../data-files.ts';

const LINE = /^INFO\s+jepsen\.util - (\d+)\s+:(invoke|ok|fail|info)\s+:(read|write|cas)\s+(\S.*?)\s*$/;

/** The history in `text` as one partition. @throws UserError with file and line for anything unreadable. */
export function readJepsenLog(text: string, file: string): Partition<RegisterInput, RegisterOutput>[] {
  const operations: Operation<RegisterInput, RegisterOutput>[] = [];
  const open = new Map<number, { readonly at: number; readonly input: RegisterInput }>();
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    if (line.trim() === '') continue;
    const fail = (message: string): Error => dataError({ file, line: at + 1, column: 1, message });
    const found = LINE.exec(line);
    if (found === null) throw fail(`not a line of a Jepsen log: ${line.slice(0, 60)}`);
    const [, process, type, f, value] = found as unknown as [string, string, string, string, string];
    const client = Number(process);
    const call = open.get(client);
    if (type === 'invoke') {
      if (call !== undefined) throw fail(`process ${client} calls again before its last call returned`);
      open.set(client, { at, input: inputOf(f, value, fail) });
      continue;
    }
    if (call === undefined) throw fail(`process ${client} returns from nothing`);
    open.delete(client);
    const output = outputOf(type, call.input, value, fail);
    if (output === 'nothing') continue;
    const returnAt = output === null ? NEVER_RETURNED : at;
    operations.push({ client, callAt: call.at, returnAt, input: call.input, output });
  }
  for (const [client, { at, input }] of open) {
    if (input.op !== 'read') operations.push({ client, callAt: at, returnAt: NEVER_RETURNED, input, output: null });
  }
  return [{ name: 'register', operations, model: REGISTER_MODEL }];
}

function inputOf(f: string, value: string, fail: (message: string) => Error): RegisterInput {
  if (f === 'read') return { op: 'read' };
  if (f === 'write') return { op: 'write', value: natural(value, fail) };
  const pair = /^\[(\d+) (\d+)\]$/.exec(value);
  if (pair === null) throw fail(`compare-and-set needs [FROM TO], not ${value}`);
  return { op: 'cas', from: natural(pair[1] as string, fail), to: natural(pair[2] as string, fail) };
}

/** null: outcome unknown; 'nothing': the operation can be left out. */
function outputOf(
  type: string,
  input: RegisterInput,
  value: string,
  fail: (message: string) => Error,
): RegisterOutput | null | 'nothing' {
  if (input.op === 'read') {
    return type === 'ok' ? { value: value === 'nil' ? null : natural(value, fail), done: true } : 'nothing';
  }
  if (type === 'info') return null;
  if (type === 'ok') return { value: null, done: true };
  // A refused compare-and-set is an answer; a write that certainly did not happen says nothing.
  return input.op === 'cas' ? { value: null, done: false } : 'nothing';
}

function natural(text: string, fail: (message: string) => Error): number {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text)) throw fail(`not a number: ${text}`);
  return value;
}
