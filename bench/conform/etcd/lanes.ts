/**
 * Pairs of a real etcd and the store behind its own interface, started when needed and used again by one script after the other.
 *
 * Always: a pair serves one script at a time; a pair that showed a difference is thrown away; {@link LanePool.close} ends every process.
 */
import { ETCD_3_4, ETCD_3_6 } from '../../../core/store/v3/compatibility.ts';
import { EtcdClient } from '../../serve/etcd/client.ts';
import { MEMORY_LOG, StoreMember } from '../../serve/etcd/member.ts';
import { type RunningEtcd, serveEtcd } from '../../serve/etcd/server.ts';
import { RPC } from '../../serve/etcd/services.ts';
import type { Message } from '../../serve/protobuf/decode.ts';
import { RealEtcd } from './real-etcd.ts';
import { Side } from './side.ts';

/** Scripts after which a pair starts anew, so that young stores are compared too. */
const SCRIPTS_PER_PAIR = 100;
const OWN_MEMBER_ID = 0x8e9e_05c5_2164_694dn;

/** A pair of stores. */
export class Lane {
  readonly real: Side;
  readonly own: Side;
  readonly version: string;
  scripts = 0;
  readonly #etcd: RealEtcd;
  readonly #server: RunningEtcd;

  private constructor(real: Side, own: Side, etcd: RealEtcd, server: RunningEtcd) {
    this.real = real;
    this.own = own;
    this.version = etcd.version;
    this.#etcd = etcd;
    this.#server = server;
  }

  /** Whether the real etcd is a 3.4, which is compared with the named switch set. */
  get isOld(): boolean {
    return isOldVersion(this.version);
  }

  static async start(program: string): Promise<Lane> {
    const etcd = await RealEtcd.start(program);
    const compatibility = isOldVersion(etcd.version) ? ETCD_3_4 : ETCD_3_6;
    const member = new StoreMember({
      name: 'default',
      clusterId: 1n,
      memberId: OWN_MEMBER_ID,
      raftTerm: 2n,
      syncPeriodMs: 1,
      compatibility,
    });
    member.start(MEMORY_LOG, 0);
    const server = await serveEtcd(member, { listen: '127.0.0.1:0' });
    const own = new Side('seatrial', new EtcdClient(`127.0.0.1:${server.port}`));
    const real = new Side('etcd', etcd.client);
    own.memberId = OWN_MEMBER_ID;
    const status = await etcd.client.call(RPC.status, {});
    if (status.ok) real.memberId = (status.message['header'] as Message)['memberId'] as bigint;
    return new Lane(real, own, etcd, server);
  }

  async stop(): Promise<void> {
    this.real.reset();
    this.own.reset();
    this.own.client.close();
    await this.#etcd.stop();
    await this.#server.close();
  }
}

const isOldVersion = (version: string): boolean => /^3\.[0-4]\./.test(version);

export class LanePool {
  readonly #program: string;
  readonly #idle: Lane[] = [];
  readonly #counts = new Map<string, number>();
  #version = '';

  constructor(program: string) {
    this.#program = program;
  }

  /** Counts one request by kind and outcome. */
  readonly count = (kind: string, outcome: string): void => {
    const name = `${kind}: ${outcome}`;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  };

  /** A pair that nobody uses. @throws Error when the real etcd does not start. */
  async take(): Promise<Lane> {
    const lane = this.#idle.pop() ?? (await Lane.start(this.#program));
    this.#version = lane.version;
    lane.real.reset();
    lane.own.reset();
    return lane;
  }

  /** Gives a pair back. */
  async give(lane: Lane, hasDiffered: boolean): Promise<void> {
    lane.scripts++;
    if (hasDiffered || lane.scripts >= SCRIPTS_PER_PAIR) await lane.stop();
    else this.#idle.push(lane);
  }

  /** Ends all pairs; returns what was compared, counted by kind and outcome. */
  async close(): Promise<string> {
    await Promise.all(this.#idle.map((lane) => lane.stop()));
    this.#idle.length = 0;
    if (this.#version === '') return '';
    const asWhat = isOldVersion(this.#version) ? `as 3.4, with the switch set ${ETCD_3_4.name}` : 'as 3.6';
    const lines = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `  ${count}\t${name}`);
    return `compared with etcd ${this.#version}, ${asWhat}\n${lines.join('\n')}\n`;
  }
}
