/**
 * One text value with get, put and append. States are texts, interned in order of first use.
 */
import type { Operation, SequentialModel } from './history.ts';

export type TextInput =
  | { readonly op: 'get' }
  | { readonly op: 'put'; readonly value: string }
  | { readonly op: 'append'; readonly value: string };

/** What a get answered; null for a write, which is only acknowledged. */
export interface TextOutput {
  readonly value: string | null;
}

/** Characters of a text shown to people. */
const SHOWN_CHARACTERS = 24;

/** A fresh model; its table of states belongs to one history. */
export function textModel(): SequentialModel<TextInput, TextOutput> {
  const ids = new Map<string, number>([['', 0]]);
  const texts = [''];
  /** Known results of (state, operation's value id): 53-bit keys. */
  const appended = new Map<number, number>();
  const intern = (text: string): number => {
    const known = ids.get(text);
    if (known !== undefined) return known;
    texts.push(text);
    ids.set(text, texts.length - 1);
    return texts.length - 1;
  };
  const append = (state: number, value: string): number => {
    const key = state * 0x200000 + intern(value);
    const known = appended.get(key);
    if (known !== undefined) return known;
    const result = intern((texts[state] as string) + value);
    appended.set(key, result);
    return result;
  };
  return {
    initial: 0,
    step(state, { input, output }) {
      if (input.op === 'put') return intern(input.value);
      if (input.op === 'append') return append(state, input.value);
      return output === null || output.value === texts[state] ? state : -1;
    },
    describeState: (state) => shorten(texts[state] as string),
    describe: ({ input, output }: Operation<TextInput, TextOutput>) =>
      input.op === 'get'
        ? `get → ${output === null ? '?' : shorten(output.value ?? '')}`
        : `${input.op} ${shorten(input.value)}${output === null ? ' ?' : ''}`,
  };
}

/** The end of a long text: that is where appends show. */
function shorten(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? `"${text}"` : `"…${text.slice(-SHOWN_CHARACTERS)}"`;
}
