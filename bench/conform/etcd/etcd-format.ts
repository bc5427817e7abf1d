/**
 * `conform etcd`: the store against a real etcd, script by script; every field of every answer, every watch response, and HashKV at every
 * revision. See normalise.ts for what is masked.
 *
 * Always: run i of a seed is the same script whatever else runs; after a difference, and now and then, both stores start empty.
 */

import { dataError } from '../data-files.ts';
import { type ConformFormat, failedCase, PASSED } from '../format.ts';
import { generateScript } from './generate.ts';
import { LanePool } from './lanes.ts';
import { findEtcd, isEtcd } from './real-etcd.ts';
import { ScriptRun } from './run-script.ts';

/** Pairs of stores at work at the same time: most of a script's time is waiting for etcd's timers. */
const LANES = 8;

let pool: LanePool | null = null;

export const format: ConformFormat = {
  concurrency: LANES,
  cases: (_path, options) => {
    const program = findEtcd();
    if (program === undefined) {
      throw dataError({
        file: 'etcd',
        message: 'no such program on PATH',
        hint: 'set SEATRIAL_ETCD to an etcd binary, 3.6 for the full comparison',
      });
    }
    if (!isEtcd(program)) {
      throw dataError({
        file: program,
        message: 'is no etcd: `--version` does not name one',
        hint: 'SEATRIAL_ETCD is the path of an etcd binary',
      });
    }
    const lanes = new LanePool(program);
    pool = lanes;
    const { runs = 100, seed = 1 } = options ?? {};
    return Array.from({ length: runs }, (_, run) => ({
      name: `seed ${seed}/run ${run}`,
      run: async () => {
        const lane = await lanes.take();
        const script = generateScript({ seed, run, isOld: lane.isOld });
        const difference = await new ScriptRun(lane.real, lane.own, !lane.isOld, lanes.count).run(script);
        await lanes.give(lane, difference !== null);
        return difference === null ? PASSED : failedCase(difference);
      },
    }));
  },
  finish: async () => {
    const summary = (await pool?.close()) ?? '';
    pool = null;
    return summary;
  },
};
