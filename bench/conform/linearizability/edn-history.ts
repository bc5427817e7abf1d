/**
 * Histories of a key-value store in EDN, one map a line: `{:process 0, :type :invoke, :f :append, :key "4", :value "x"}`.
 *
 * Always: keys are independent, so each is a partition; a line of another form is an error with its number.
 */
import { NEVER_RETURNED, type Operation, type Partition } from '../../../core/chaos/linearizability/history.ts';
import { type TextInput, type TextOutput, textModel } from '../../../core/chaos/linearizability/text-model.ts';
import { dataError } from '../data-files.ts';

const LINE =
  /^\{:process (\d+), :type :(invoke|ok|fail|info), :f :(get|put|append), :key "((?:[^"\\]|\\.)*)", :value (nil|"(?:[^"\\]|\\.)*")\}\s*$/;

/** The history in `text`, a partition a key in order of first use. @throws UserError with file and line. */
export function readEdnHistory(text: string, file: string): Partition<TextInput, TextOutput>[] {
  const byKey = new Map<string, Operation<TextInput, TextOutput>[]>();
  const open = new Map<number, { readonly at: number; readonly key: string; readonly input: TextInput }>();
  const add = (key: string, operation: Operation<TextInput, TextOutput>): void => {
    const list = byKey.get(key);
    if (list === undefined) byKey.set(key, [operation]);
    else list.push(operation);
  };
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    if (line.trim() === '') continue;
    const fail = (message: string): Error => dataError({ file, line: at + 1, column: 1, message });
    const found = LINE.exec(line);
    if (found === null) throw fail(`not a line of an EDN history: ${line.slice(0, 60)}`);
    const [, process, type, f, key, value] = found as unknown as [string, string, string, string, string, string];
    const client = Number(process);
    const call = open.get(client);
    const text = value === 'nil' ? null : value.slice(1, -1);
    if (type === 'invoke') {
      if (call !== undefined) throw fail(`process ${client} calls again before its last call returned`);
      open.set(client, { at, key, input: inputOf(f, text) });
      continue;
    }
    if (call === undefined || call.key !== key) throw fail(`process ${client} returns from a call it did not make`);
    open.delete(client);
    const { input } = call;
    if (type === 'ok') {
      const output = { value: input.op === 'get' ? (text ?? '') : null };
      add(key, { client, callAt: call.at, returnAt: at, input, output });
    } else if (type === 'info' && input.op !== 'get') {
      add(key, { client, callAt: call.at, returnAt: NEVER_RETURNED, input, output: null });
    }
  }
  for (const [client, { at, key, input }] of open) {
    if (input.op !== 'get') add(key, { client, callAt: at, returnAt: NEVER_RETURNED, input, output: null });
  }
  return [...byKey].map(([key, operations]) => ({ name: `key ${key}`, operations, model: textModel() }));
}

function inputOf(f: string, value: string | null): TextInput {
  if (f === 'get') return { op: 'get' };
  return { op: f === 'put' ? 'put' : 'append', value: value ?? '' };
}
