/**
 * What the store behind the v3 interface keeps in memory: keys and values as they come off the wire.
 */
import { KeyInterner } from '../../core/store/key-interner.ts';
import { BytesValue } from '../../core/store/v3/bytes-value.ts';
import { Engine } from '../../core/store/v3/engine.ts';
import type { PutRequest } from '../../core/store/v3/messages.ts';
import { PUT_REQUEST } from '../serve/etcd/etcd-messages.ts';
import { decode } from '../serve/protobuf/decode.ts';
import { encode } from '../serve/protobuf/encode.ts';
import { settledRss } from './settled-rss.ts';

/** Name of the kernel. */
export const KEYS_MEMORY = 'memory of 100,000 keys of 1 KiB';
export const MEMORY_KEYS = 100_000;
const VALUE_BYTES = 1_024;
/** What etcd's process takes for them, MB. */
export const KEYS_MEMORY_MB_MAX = 293;

/** Keys put before the first reading, so that compiled code and V8's own tables are there. */
const WARM_KEYS = 5_000;

/** An encoded put of the i-th key. */
export function keyPut(i: number): Buffer {
  const value = new BytesValue(new Uint8Array(VALUE_BYTES).fill(i));
  return encode(PUT_REQUEST, { key: `/registry/pods/default/pod-${String(i).padStart(6, '0')}`, value });
}

/** Growth of the resident set by 100,000 new keys, bytes. */
export function keysMemory(): number {
  const filled = (count: number): Engine => {
    const engine = new Engine({ keys: new KeyInterner() });
    for (let i = 0; i < count; i++) {
      engine.apply({ op: 'put', put: decode(PUT_REQUEST, keyPut(i)) as unknown as PutRequest }, 0);
    }
    return engine;
  };
  filled(WARM_KEYS);
  const before = settledRss();
  const engine = filled(MEMORY_KEYS);
  const growth = settledRss() - before;
  // Still in use after the reading.
  if (engine.revision !== MEMORY_KEYS + 1) throw new Error('puts were lost');
  return growth;
}
