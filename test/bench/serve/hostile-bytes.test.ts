import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoltError, readBolt } from '../../../bench/serve/bolt/read-bolt.ts';
import { writeBolt } from '../../../bench/serve/bolt/write-bolt.ts';
import { txnRequest, txnToWire } from '../../../bench/serve/etcd/convert.ts';
import * as messages from '../../../bench/serve/etcd/etcd-messages.ts';
import { ImageError, readImage } from '../../../bench/serve/etcd/image-file.ts';
import { encodeLogged, frameRecord, readRecord } from '../../../bench/serve/etcd/log-record.ts';
import { decode, ProtobufError } from '../../../bench/serve/protobuf/decode.ts';
import { encode } from '../../../bench/serve/protobuf/encode.ts';

const SCHEMAS = Object.values(messages);
const BYTES = fc.uint8Array({ maxLength: 60 });
const SETTINGS = { seed: 36, numRuns: 1_500 };

/** `what` either returns or throws one of the expected errors. */
function survives(what: () => unknown, ...kinds: readonly (new (...args: never[]) => Error)[]): void {
  try {
    what();
  } catch (error) {
    if (!kinds.some((kind) => error instanceof kind)) throw error;
  }
}

test('any bytes are a message or a refusal, for every message', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SCHEMAS), BYTES, (schema, bytes) => {
      survives(() => decode(schema, bytes), ProtobufError);
    }),
    SETTINGS,
  );
});

test('what was decoded encodes to bytes that decode to the same', () => {
  let decoded = 0;
  fc.assert(
    fc.property(fc.constantFrom(...SCHEMAS), BYTES, (schema, bytes) => {
      survives(() => {
        const message = decode(schema, bytes);
        const again = encode(schema, message);
        expect(encode(schema, decode(schema, again))).toEqual(again);
        decoded++;
      }, ProtobufError);
    }),
    SETTINGS,
  );
  expect(decoded).toBeGreaterThan(100);
});

test('a transaction keeps its meaning on the way through the log', () => {
  fc.assert(
    fc.property(BYTES, (bytes) => {
      survives(() => {
        const txn = txnRequest(decode(messages.TXN_REQUEST, bytes));
        const again = txnRequest(decode(messages.TXN_REQUEST, encode(messages.TXN_REQUEST, txnToWire(txn))));
        expect(encode(messages.TXN_REQUEST, txnToWire(again))).toEqual(encode(messages.TXN_REQUEST, txnToWire(txn)));
      }, ProtobufError);
    }),
    SETTINGS,
  );
});

test('any bytes are a log with an end, a cut-off record or damage', () => {
  const { bytes } = frameRecord([encodeLogged({ index: 1, request: { op: 'leaseRevoke', id: 7n } })], 0);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), BYTES, (at, flip, tail) => {
      const file = Buffer.concat([bytes, tail]);
      file[at] = (file[at] as number) ^ flip;
      const found = readRecord(file, 0, 0);
      if (flip === 0) expect(found.kind).toBe('record');
      else expect(found.kind).not.toBe('record');
    }),
    SETTINGS,
  );
});

test('a database is read back; changed anywhere it is read or refused, and reading ends', () => {
  const entries = Array.from({ length: 300 }, (_, i) => ({
    key: Buffer.from(String(i).padStart(6, '0')),
    value: Buffer.alloc(i % 50 === 0 ? 9_000 : i, i),
  }));
  const file = writeBolt(
    new Map([
      ['empty', []],
      ['key', entries],
    ]),
  );
  const found = readBolt(file);
  expect(found.get('empty')).toEqual([]);
  expect(found.get('key')?.map(({ key, value }) => [key.toString(), value.length])).toEqual(
    entries.map(({ key, value }) => [key.toString(), value.length]),
  );
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(file.length), (at, flip, cut) => {
      const changed = Buffer.from(file);
      changed[at] = (changed[at] as number) ^ flip;
      survives(() => readBolt(changed), BoltError);
      survives(() => readImage(changed), ImageError);
      survives(() => readBolt(file.subarray(0, cut)), BoltError);
    }),
    { seed: 36, numRuns: 150 },
  );
});
