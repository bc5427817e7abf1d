import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Client } from '../../../core/client/client.ts';
import { Informer } from '../../../core/client/informer.ts';
import type { InformerIndex } from '../../../core/client/informer-index.ts';
import { MARK_RELIST_AFTER_GONE, MARK_RELIST_DELETED, MARK_WATCH_RESUMED } from '../../../core/client/marks.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { CONFIGMAPS } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { BOOKMARK, VERB, WatchEvent } from '../../../core/types/wire.ts';
import { ClientBench } from '../../support/client-bench.ts';

const object = (name: string, colour = 0): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'demo' },
  spec: { colour },
});
const colourOf = (value: KubeObject): number => (value.spec as { colour: number }).colour;

interface Watched {
  readonly bench: ClientBench;
  readonly log: string[];
  informer: Informer<KubeObject>;
  byColour: InformerIndex<KubeObject>;
}

function watched(servers = 1, bugs: string[] = []): Watched {
  const bench = new ClientBench(servers, { bugs });
  const log: string[] = [];
  const result = { bench, log } as unknown as Watched;
  bench.add('watcher', (library) => {
    const client = new Client(library, { servers: bench.servers, user: 'w', qps: 0, burst: 1, names: bench.names });
    const informer = new Informer<KubeObject>(client, CONFIGMAPS);
    result.informer = informer;
    result.byColour = informer.addIndex('colour', colourOf);
    informer.addHandler({
      onAdd: (_id, added) => log.push(`+${added.metadata.name}`),
      onUpdate: (_id, old, changed) => log.push(`~${old.metadata.resourceVersion}>${changed.metadata.resourceVersion}`),
      onDelete: (_id, gone) => log.push(`-${gone.metadata.name}`),
    });
    informer.start();
  });
  return result;
}

function agrees({ bench, informer, byColour }: Watched): void {
  const truth = bench.state.of(CONFIGMAPS);
  expect([...informer.ids()].sort()).toEqual([...truth.keys()].sort());
  expect(informer.size).toBe(truth.size);
  const colours = new Map<number, number[]>();
  for (const [id, value] of truth) {
    expect(informer.get(id)).toBe(value);
    colours.set(colourOf(value), [...(colours.get(colourOf(value)) ?? []), id]);
  }
  expect(byColour.count(-1)).toBe(0);
  colours.delete(-1);
  for (const [colour, ids] of colours) expect([...byColour.ids(colour)].sort()).toEqual(ids.sort());
  for (const colour of byColour.keys()) expect(byColour.count(colour)).toBe(colours.get(colour)?.length ?? 0);
}

describe('Informer', () => {
  it('lists at revision 0, then watches from the list’s revision', () => {
    const w = watched();
    w.bench.state.put(CONFIGMAPS, object('a'));
    w.bench.run(1_000_000);
    expect(w.informer.synced).toBe(true);
    w.bench.state.put(CONFIGMAPS, object('b'));
    w.bench.state.put(CONFIGMAPS, object('a', 3));
    w.bench.state.remove(CONFIGMAPS, 'demo', 'b');
    w.bench.run(1_000_000);
    expect(w.log).toEqual(['+a', '+b', '~11>13', '-b']);
    const [list, watch] = w.bench.state.log.map(({ request }) => request);
    expect(list).toMatchObject({ verb: VERB.list, options: { resourceVersion: '0' } });
    expect(watch).toMatchObject({ verb: VERB.watch, options: { resourceVersion: '11', allowWatchBookmarks: true } });
    expect(watch?.options.timeoutUs).toBeGreaterThanOrEqual(300_000_000);
    expect(watch?.options.timeoutUs).toBeLessThanOrEqual(600_000_000);
    expect(w.informer.find('demo', 'a')?.spec).toEqual({ colour: 3 });
    agrees(w);
  });

  it('resumes from its last revision after a broken connection, without a list', () => {
    const w = watched();
    w.bench.run(1_000_000);
    w.bench.state.put(CONFIGMAPS, object('a'));
    w.bench.run(4_000_000);
    w.bench.sim.crash(w.bench.servers[0] as number);
    w.bench.state.put(CONFIGMAPS, object('b'));
    w.bench.run(10_000_000);
    w.bench.sim.restart(w.bench.servers[0] as number);
    w.bench.run(40_000_000);
    expect(w.log).toEqual(['+a', '+b']);
    expect(w.bench.state.log.filter(({ request }) => request.verb === VERB.list).length).toBe(1);
    expect(w.bench.sim.observation.marks[MARK_WATCH_RESUMED]).toBeGreaterThan(0);
    agrees(w);
  });

  it('resumes from the revision of a bookmark', () => {
    const w = watched();
    w.bench.state.put(CONFIGMAPS, object('a'));
    w.bench.run(5_000_000);
    const bookmark = new WatchEvent(BOOKMARK, -1, 40, object(''), null);
    for (const tell of w.bench.state.listeners) tell(CONFIGMAPS, bookmark);
    w.bench.run(5_000_000);
    w.bench.instances[0]?.closeWatches();
    w.bench.run(5_000_000);
    expect(w.bench.state.log.at(-1)?.request).toMatchObject({ verb: VERB.watch, options: { resourceVersion: '40' } });
    expect(w.log).toEqual(['+a']);
  });

  it('begins its back-off anew after two quiet minutes', () => {
    const w = watched();
    w.bench.run(3_000_000);
    /** When it asked while nobody listened for so long, µs. */
    const asked = (us: number): number[] => {
      const times: number[] = [];
      w.bench.state.script = () => {
        times.push(w.bench.sim.now);
        return StatusError.serviceUnavailable('no');
      };
      w.bench.instances[0]?.closeWatches();
      w.bench.run(us);
      w.bench.state.script = () => undefined;
      w.bench.run(200_000_000);
      return times;
    };
    expect(asked(60_000_000).length).toBeGreaterThan(4);
    expect(asked(10_000_000).length).toBeGreaterThan(2);
  });

  it('tells a late handler what is there in the order of its coming, where that is kept', () => {
    const bench = new ClientBench(1, {});
    const told: string[] = [];
    const informers: Informer<KubeObject>[] = [];
    bench.add('watcher', (library) => {
      const client = new Client(library, { servers: bench.servers, user: 'w', qps: 0, burst: 1, names: bench.names });
      for (const keepsArrivals of [true, false]) {
        const informer = new Informer<KubeObject>(client, CONFIGMAPS, { keepsArrivals });
        informer.start();
        informers.push(informer);
      }
    });
    bench.run(1_000_000);
    for (const name of ['a', 'b', 'c']) bench.state.put(CONFIGMAPS, object(name));
    bench.state.put(CONFIGMAPS, object('b', 1));
    bench.state.remove(CONFIGMAPS, 'demo', 'a');
    bench.state.put(CONFIGMAPS, object('a'));
    bench.run(1_000_000);
    for (const informer of informers) informer.addHandler({ onAdd: (_id, { metadata }) => told.push(metadata.name) });
    expect(told.join(' ')).toBe('b c a a b c');
  });

  it('takes no event that it has seen, whoever sends it again', () => {
    const w = watched();
    w.bench.run(1_000_000);
    w.bench.state.put(CONFIGMAPS, object('a', 1));
    w.bench.state.put(CONFIGMAPS, object('a', 2));
    w.bench.run(1_000_000);
    const [first] = w.bench.state.history;
    for (const tell of w.bench.state.listeners) if (first !== undefined) tell(CONFIGMAPS, first.event);
    w.bench.run(1_000_000);
    expect(w.log).toEqual(['+a', '~11>12']);
    expect(w.informer.revision).toBe(12);
    agrees(w);
  });

  it('backs off 0.8 s doubling to 30 s, jittered, while nobody listens', () => {
    const w = watched();
    w.bench.run(3_000_000);
    let dials: number[] = [];
    w.bench.state.script = () => {
      dials.push(w.bench.sim.now);
      return StatusError.serviceUnavailable('no');
    };
    w.bench.state.compacted = 1e9;
    w.bench.instances[0]?.closeWatches();
    w.bench.run(300_000_000);
    dials = dials.filter((_, index) => index > 0);
    const gaps = dials.slice(1).map((time, index) => time - (dials[index] as number));
    for (const [index, gap] of gaps.entries()) {
      const base = Math.min(800_000 * 2 ** (index + 1), 30_000_000);
      expect(gap).toBeGreaterThanOrEqual(base);
      expect(gap).toBeLessThan(2 * base + 10_000);
    }
    expect(gaps.length).toBeGreaterThan(6);
  });

  it('lists again after 410 and finds deletions', () => {
    const w = watched();
    w.bench.state.put(CONFIGMAPS, object('a'));
    w.bench.state.put(CONFIGMAPS, object('b'));
    w.bench.run(5_000_000);
    w.bench.sim.crash(w.bench.servers[0] as number);
    w.bench.state.remove(CONFIGMAPS, 'demo', 'a');
    w.bench.state.put(CONFIGMAPS, object('c'));
    w.bench.state.compacted = w.bench.state.revision;
    w.bench.sim.restart(w.bench.servers[0] as number);
    w.bench.run(30_000_000);
    expect(w.log).toEqual(['+a', '+b', '+c', '-a']);
    expect(w.bench.sim.observation.marks[MARK_RELIST_AFTER_GONE]).toBe(1);
    expect(w.bench.sim.observation.marks[MARK_RELIST_DELETED]).toBe(1);
    const relist = w.bench.state.log.map(({ request }) => request).filter(({ verb }) => verb === VERB.list)[1];
    expect(relist?.options.resourceVersion).toBe('12');
    agrees(w);
  });

  it('the planted bug misses deletions on a relist', () => {
    const w = watched(1, ['informer-misses-deletions']);
    w.bench.state.put(CONFIGMAPS, object('a'));
    w.bench.run(5_000_000);
    w.bench.sim.crash(w.bench.servers[0] as number);
    w.bench.state.remove(CONFIGMAPS, 'demo', 'a');
    w.bench.state.compacted = w.bench.state.revision;
    w.bench.sim.restart(w.bench.servers[0] as number);
    w.bench.run(30_000_000);
    expect(() => agrees(w)).toThrow();
  });

  it('lists the most recent state when the server is behind or the revision is gone', () => {
    const w = watched();
    w.bench.run(1_000_000);
    w.bench.state.script = ({ verb, options }) =>
      verb === VERB.list && options.resourceVersion !== undefined
        ? StatusError.tooLargeResourceVersion(options.resourceVersion, 1)
        : undefined;
    w.bench.state.put(CONFIGMAPS, object('a'));
    w.bench.sim.crash(w.bench.servers[0] as number);
    w.bench.state.compacted = 1e9;
    w.bench.sim.restart(w.bench.servers[0] as number);
    w.bench.run(5_000_000);
    w.bench.state.compacted = 0;
    w.bench.run(200_000_000);
    const lists = w.bench.state.log.map(({ request }) => request).filter(({ verb }) => verb === VERB.list);
    expect(lists.some(({ options }) => options.resourceVersion === undefined)).toBe(true);
    agrees(w);
  });

  it('asks for the most recent state at once when its first list is refused as too old', () => {
    const w = watched();
    w.bench.state.script = ({ options }) =>
      options.resourceVersion === '0' ? new StatusError(410, 'Expired', 'too old') : undefined;
    w.bench.run(500_000);
    expect(w.informer.synced).toBe(true);
    expect(w.bench.state.log.map(({ request }) => request.options.resourceVersion)).toEqual(['0', undefined, '10']);
  });

  it('ends with the server’s state whatever breaks in between', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('put'),
        name: fc.integer({ min: 0, max: 5 }),
        colour: fc.integer({ min: -1, max: 2 }),
      }),
      fc.record({ kind: fc.constant('remove'), name: fc.integer({ min: 0, max: 5 }), colour: fc.constant(0) }),
      fc.record({
        kind: fc.constantFrom('crash', 'close', 'compact', 'pause'),
        name: fc.constant(0),
        colour: fc.constant(0),
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.integer({ min: 0, max: 3_000_000 })), { maxLength: 30 }), (steps) => {
        const w = watched(2);
        const { state, sim, servers, instances } = w.bench;
        for (const [{ kind, name, colour }, waitUs] of steps) {
          w.bench.run(waitUs);
          if (kind === 'put') state.put(CONFIGMAPS, object(`o${name}`, colour));
          if (kind === 'remove') state.remove(CONFIGMAPS, 'demo', `o${name}`);
          if (kind === 'close') for (const instance of instances) instance.closeWatches();
          if (kind === 'compact') state.compacted = state.revision;
          if (kind === 'pause') {
            sim.pause(servers[1] as number);
            sim.at(sim.now + 500_000, 'wake', () => sim.resume(servers[1] as number));
          }
          if (kind !== 'crash') continue;
          sim.crash(servers[0] as number);
          sim.restart(servers[0] as number);
        }
        w.bench.run(300_000_000);
        agrees(w);
      }),
      { seed: 3, numRuns: 60 },
    );
  });
});
