/**
 * The kernel's promise as properties: any program of processes and faults gives the same digest twice and in another thread; the digest sees a
 * different seed, fault, cost or bug; a changed payload is found at its event; removing a fault leaves other objects' draws alone.
 */
import { Worker } from 'node:worker_threads';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findDivergence } from '../../core/sim/divergence.ts';
import {
  buildProgram,
  digestOfProgram,
  POINT_DRAW,
  PROGRAM_UNTIL_US,
  type Program,
  type ProgramFault,
} from '../support/random-program.ts';

const SEED = 20261121;

const fault: fc.Arbitrary<ProgramFault> = fc.record({
  kind: fc.constantFrom<ProgramFault['kind'][]>(
    'crash',
    'silent-crash',
    'pause',
    'clock-rate',
    'wall-offset',
    'cut',
    'slow-link',
    'lossy-link',
  ),
  target: fc.nat(5),
  peer: fc.nat(5),
  atMs: fc.integer({ min: 0, max: 6000 }),
  forMs: fc.integer({ min: 1, max: 3000 }),
});

const program: fc.Arbitrary<Program> = fc.record({
  seed: fc.nat(),
  processCount: fc.integer({ min: 2, max: 6 }),
  faults: fc.array(fault, { maxLength: 5 }),
});

const inThread = (programs: readonly Program[]): Promise<string[]> =>
  new Promise((resolve, reject) => {
    const script = new URL('../support/random-program-worker.ts', import.meta.url).href;
    const worker = new Worker(`import('tsx/esm/api').then(({ tsImport }) => tsImport('${script}', '${script}'))`, {
      eval: true,
      workerData: programs,
    });
    worker.once('message', resolve);
    worker.once('error', reject);
  });

describe('kernel determinism', () => {
  it('gives the same digest twice and in another thread', async () => {
    const programs = fc.sample(program, { seed: SEED, numRuns: 40 });
    const digests = programs.map(digestOfProgram);
    expect(programs.map(digestOfProgram)).toEqual(digests);
    expect(await inThread(programs)).toEqual(digests);
    expect(new Set(digests).size).toBeGreaterThan(35);
  }, 30_000);

  it('gives another digest for another seed, cost, bug or interleaving, or without a fault', () => {
    fc.assert(
      fc.property(program, fault, (base, extra) => {
        const digest = digestOfProgram(base);
        expect(digestOfProgram({ ...base, seed: base.seed + 1 })).not.toBe(digest);
        expect(digestOfProgram({ ...base, linkLatencyUs: 201 })).not.toBe(digest);
        expect(digestOfProgram({ ...base, bug: true })).not.toBe(digest);
        expect(digestOfProgram({ ...base, faults: [...base.faults, extra] })).not.toBe(digest);
      }),
      { seed: SEED, numRuns: 25 },
    );
  }, 30_000);

  it('finds an altered payload at its event, and names who got it', () => {
    fc.assert(
      fc.property(program, fc.integer({ min: 0, max: 6 }), (base, nth) => {
        const calm = { ...base, faults: [] };
        const divergence = findDivergence(
          () => buildProgram(calm),
          () => buildProgram({ ...calm, alterPayload: nth }),
          PROGRAM_UNTIL_US,
        );
        expect(divergence).not.toBeNull();
        expect(divergence?.left?.op).toBe(40);
        expect(divergence?.left?.a).toBe(nth);
        expect(divergence?.left?.from).toBe('process-0');
        expect(divergence?.component).toBe(divergence?.left?.target);
        expect(divergence?.left?.payloadHash).not.toBe(divergence?.right?.payloadHash);
      }),
      { seed: SEED, numRuns: 15 },
    );
  }, 30_000);

  it('keeps the draws of untouched objects when a fault is removed', () => {
    const drawsOf = (p: Program): Map<string, number> => {
      const draws = new Map<string, number>();
      const simulation = buildProgram(p);
      simulation.observation.listen(POINT_DRAW, (_pid, subject) => {
        const [key, value] = subject as [string, number];
        draws.set(key, value);
      });
      simulation.run(PROGRAM_UNTIL_US);
      return draws;
    };
    fc.assert(
      fc.property(program, fault, (base, extra) => {
        const without = drawsOf(base);
        for (const [key, value] of drawsOf({ ...base, faults: [...base.faults, extra] })) {
          const other = without.get(key);
          if (other !== undefined) expect(value).toBe(other);
        }
      }),
      { seed: SEED, numRuns: 20 },
    );
  }, 30_000);

  it('permutes equal times by the interleaving stream, and replays it', () => {
    const base: Program = { seed: 7, processCount: 4, faults: [], interleaving: 1 };
    expect(digestOfProgram(base)).toBe(digestOfProgram(base));
  });
});
