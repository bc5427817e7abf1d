import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataDir } from '../../../bench/serve/etcd/data-dir.ts';
import { StoreMember } from '../../../bench/serve/etcd/member.ts';
import { BytesValue } from '../../../core/store/v3/bytes-value.ts';
import type { WriteRequest } from '../../../core/store/v3/messages.ts';

const SECTOR = 512;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-data-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const data = (): string => path.join(folder, 'data');
const fileOf = (start: string): string =>
  path.join(data(), readdirSync(data()).find((name) => name.startsWith(start)) as string);

const put = (key: string, text: string, lease = 0n): WriteRequest => ({
  op: 'put',
  put: { key, value: new BytesValue(Buffer.from(text)), lease, prevKv: false, ignoreValue: false, ignoreLease: false },
});

interface Open {
  readonly member: StoreMember;
  readonly dir: DataDir;
  readonly term: bigint;
}

function open(force = false): Open {
  const { dir, recovered } = DataDir.open(data(), 'default', force);
  const member = new StoreMember(recovered.identity);
  if (recovered.backup !== null) member.engine.restore(recovered.backup);
  for (const { request } of recovered.requests) member.engine.apply(request, 0);
  member.start(dir, dir.lastIndex);
  return { member, dir, term: recovered.identity.raftTerm };
}

const propose = (member: StoreMember, request: WriteRequest): Promise<unknown> =>
  new Promise((resolve) => member.propose(request, resolve));

async function fill({ member }: Open, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) await propose(member, put(`k${i % 5}`, `v${i}`));
}

/** Everything a client could see, in one number. */
const hashOf = ({ member }: Open): unknown => [member.engine.revision, member.engine.hashKv(member.engine.revision)];

test('what was answered is there again: from the log, from a snapshot, from both', async () => {
  let store = open();
  await propose(store.member, { op: 'leaseGrant', leaseGrant: { id: 7n, ttl: 500 } });
  await propose(store.member, put('leased', 'x', 7n));
  await fill(store, 0, 20);
  for (const stage of ['log', 'snapshot', 'both']) {
    if (stage === 'snapshot') store.dir.saveSnapshot(store.member.engine);
    if (stage === 'both') await fill(store, 20, 30);
    const before = hashOf(store);
    const term = store.term;
    await store.member.close();
    store = open();
    expect([stage, hashOf(store)]).toEqual([stage, before]);
    expect(store.term).toBe(term + 1n);
    expect(store.member.engine.lessor.lookup(7n)?.keys.size).toBe(1);
  }
  expect(readdirSync(data()).filter((name) => name.startsWith('wal')).length).toBe(1);
  await store.member.close();
});

test('what a killed process leaves, room ahead of the log included, opens with everything that was answered', async () => {
  const running = open();
  for (let i = 0; i < 20; i++) {
    // 20 kB each: the room of 256 KiB is used up and made again; one is longer than the room.
    await propose(running.member, put(`k${i}`, 'x'.repeat(i === 7 ? 700_000 : 20_000)));
    if (i % 3 !== 0) continue;
    const left = path.join(folder, `left-${i}`);
    cpSync(data(), left, { recursive: true });
    rmSync(path.join(left, 'lock'));
    expect(statSync(path.join(left, 'wal-0000000000000001.log')).size % (256 * 1024)).toBe(0);
    const { dir, recovered } = DataDir.open(left, 'default', false);
    const member = new StoreMember(recovered.identity);
    for (const { request } of recovered.requests) member.engine.apply(request, 0);
    expect([member.engine.revision, member.engine.hashKv(i + 2)]).toEqual(hashOf(running));
    await dir.close();
  }
  await running.member.close();
});

test('a forced new cluster keeps data and member, not the cluster', async () => {
  const store = open();
  await fill(store, 0, 3);
  const { clusterId, memberId } = store.member.options;
  await store.member.close();
  const forced = open(true);
  expect([forced.member.engine.revision, forced.member.options.memberId]).toEqual([4, memberId]);
  expect(forced.member.options.clusterId).not.toBe(clusterId);
  await forced.member.close();
});

describe('a record that a crash cut off is removed, everything before it stays', () => {
  test.each([1, 5, 8, 20])('%i bytes of the last record are there', async (bytes) => {
    let store = open();
    await fill(store, 0, 10);
    const before = hashOf(store);
    await store.member.close();
    const { size } = statSync(fileOf('wal'));
    store = open();
    await propose(store.member, put('last', 'unanswered'));
    await store.member.close();
    truncateSync(fileOf('wal'), size + bytes);
    store = open();
    expect(hashOf(store)).toEqual(before);
    await fill(store, 10, 12);
    const after = hashOf(store);
    await store.member.close();
    store = open();
    expect(hashOf(store)).toEqual(after);
    await store.member.close();
  });

  test('zeros behind the last record are what a file system may leave', async () => {
    let store = open();
    await fill(store, 0, 4);
    const before = hashOf(store);
    await store.member.close();
    appendFileSync(fileOf('wal'), Buffer.alloc(4096));
    store = open();
    expect(hashOf(store)).toEqual(before);
    await store.member.close();
  });

  test.each([0, 1, 2, 3])('sector %i of the last record was not written, later ones were', async (lost) => {
    let store = open();
    await fill(store, 0, 8);
    const before = hashOf(store);
    await store.member.close();
    const { size } = statSync(fileOf('wal'));
    store = open();
    await propose(store.member, put('last', 'x'.repeat(3 * SECTOR)));
    await store.member.close();
    const log = Buffer.concat([readFileSync(fileOf('wal')), Buffer.alloc(2_000)]);
    const from = Math.floor(size / SECTOR) * SECTOR + lost * SECTOR;
    log.fill(0, Math.max(size, from), from + SECTOR);
    writeFileSync(fileOf('wal'), log);
    store = open();
    expect(hashOf(store)).toEqual(before);
    await store.member.close();
  });
});

describe('damage stops the start and names file and offset', () => {
  const damage = (file: string, offset: number): void => {
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(offset) ^ 0x10, offset);
    writeFileSync(file, bytes);
  };

  test('a flipped bit anywhere in the log', async () => {
    const store = open();
    await fill(store, 0, 6);
    await store.member.close();
    const whole = readFileSync(fileOf('wal'));
    for (let offset = 0; offset < whole.length; offset += 3) {
      writeFileSync(fileOf('wal'), whole);
      damage(fileOf('wal'), offset);
      expect(open).toThrow(/wal-0000000000000001\.log, offset \d+: /);
    }
  });

  test('a sector of zeros before the last record', async () => {
    const store = open();
    for (let i = 0; i < 6; i++) await propose(store.member, put(`k${i}`, 'x'.repeat(2 * SECTOR)));
    await store.member.close();
    const whole = readFileSync(fileOf('wal'));
    // The last record takes the last two sectors and a part of the third.
    for (let from = 0; from < whole.length - 4 * SECTOR; from += SECTOR) {
      writeFileSync(fileOf('wal'), Buffer.from(whole).fill(0, from, from + SECTOR));
      expect(open).toThrow(/log, offset \d+: .*and a record follows at offset \d+/);
    }
  });

  test('a snapshot, a missing log, a log with a gap, an unreadable identity, a foreign folder', async () => {
    const store = open();
    await fill(store, 0, 6);
    store.dir.saveSnapshot(store.member.engine);
    await fill(store, 6, 9);
    await store.member.close();
    const [snapshot, wal] = [fileOf('snapshot'), fileOf('wal')];
    const intact = readFileSync(snapshot);
    damage(snapshot, 5000);
    expect(open).toThrow(/snapshot-0{15}6\.db, offset \d+: the checksum/);
    writeFileSync(snapshot, intact);
    const log = readFileSync(wal);
    rmSync(wal);
    expect(open).toThrow(/the log from index 7 on is missing/);
    writeFileSync(path.join(data(), 'wal-0000000000000009.log'), log);
    expect(open).toThrow(/the log from index 7 on is missing/);
    writeFileSync(path.join(data(), 'member.json'), '{');
    expect(open).toThrow(/member\.json, offset 0/);
    rmSync(data(), { recursive: true });
    mkdirSync(path.join(data(), 'member'), { recursive: true });
    expect(open).toThrow(/not a data folder of serve etcd \(an etcd data folder/);
  });

  test('a folder in use', async () => {
    const store = open();
    writeFileSync(path.join(data(), 'lock'), `${process.ppid}\n`);
    expect(open).toThrow(/in use by process/);
    await store.member.close();
  });
});
