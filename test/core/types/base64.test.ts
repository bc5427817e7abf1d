/** Bytes of Secrets and ConfigMaps: what the API server decodes, and where it says what it cannot. The answers are those of Go's encoding/base64. */
import { expect, test } from 'vitest';
import type { KubeObject } from '../../../core/types/object.ts';
import { CONFIGMAPS, SECRETS } from '../../../core/types/resource-type.ts';
import { base64Problem } from '../../../core/types/validation/base64.ts';
import { checkShape } from '../../../core/types/validation/shape.ts';

test.each([
  ['secret', 4],
  ['a', 0],
  ['abcdab', 4],
  ['abc', 0],
  ['ab!d', 2],
  ['=', 0],
  ['a===', 1],
  ['ab=', 3],
  ['ab=c', 2],
  ['ab=\nc', 3],
  ['ab==c', 4],
  ['abc=c', 4],
  ['abc==', 4],
  ['ab-_', 2],
  ['ab cd', 2],
  ['é', 0],
])('no base64: %j', (text, index) => {
  expect(base64Problem(text)).toBe(`illegal base64 data at input byte ${index}`);
});

test.each(['', '\n', 'aA==', 'aAb=', 'aAz9', 'ab+/', 'ab\r\ncd\n', 'ab=\n=\n', 'aB=='])('base64: %j', (text) => {
  expect(base64Problem(text)).toBeNull();
});

const metadata = { name: 'a', namespace: 'd' };

test.each([
  [SECRETS, { data: { key: 'plain text' } }, 'illegal base64 data at input byte 5'],
  [SECRETS, { stringData: { key: 'plain text' } }, undefined],
  [SECRETS, { data: { key: 1 } }, 'json: cannot unmarshal number into Go struct field Secret.data.key of type []uint8'],
  [CONFIGMAPS, { binaryData: { key: '?' } }, 'illegal base64 data at input byte 0'],
  [CONFIGMAPS, { data: { key: '?' }, binaryData: { other: 'aAz9' } }, undefined],
])('%s with %j', (type, parts, problem) => {
  const refusal = checkShape(type, { apiVersion: 'v1', kind: type.kind, metadata, ...parts } as unknown as KubeObject);
  const { kind } = type;
  const message = `${kind} in version "v1" cannot be handled as a ${kind}: ${problem}`;
  expect([refusal?.code, refusal?.message]).toEqual(problem === undefined ? [undefined, undefined] : [400, message]);
});
