/**
 * Scenarios drawn from a seed that can be replayed: two to five objects of drawn kinds, then changes, each followed by rest (every third scenario has
 * quick bursts of changes instead).
 */
import { type Play, priorityClass, type Scenario } from '../play.ts';
import { CLUSTER_CHANGES, NODES } from './mixed-cluster.ts';
import { type Change, chance, type Draw, pick, type Subject, seeded } from './mixed-draw.ts';
import { BATCH_KINDS } from './mixed-jobs.ts';
import { OTHER_KINDS } from './mixed-others.ts';
import { APP_KINDS } from './mixed-workloads.ts';

const COUNT = 400;
const CHANGES = 10;
const REST_MS = 1000;

/** Workloads first: the others select what those make. */
function subjects(draw: Draw): Subject[] {
  const drawn: Subject[] = [];
  const apps = 1 + draw(2);
  for (let index = 0; index < apps; index++) drawn.push(pick(draw, APP_KINDS)(draw, `app${index}`));
  if (chance(draw, 60)) drawn.push(pick(draw, BATCH_KINDS)(draw, 'work'));
  const others = draw(3);
  for (let index = 0; index < others; index++) drawn.push(pick(draw, OTHER_KINDS)(draw, `app${draw(apps)}`, index));
  return drawn;
}

async function play(s: Play, draw: Draw, seed: number): Promise<void> {
  await s.create(priorityClass('high', 1000));
  await s.equalNodes(NODES, ['a', 'b'], { cpu: pick(draw, ['2', '4']) });
  await s.namespace();
  const bursts = seed % 3 === 0;
  const drawn = subjects(draw);
  const changes: Change[] = [];
  for (const subject of drawn) {
    let refused = false;
    for (const manifest of subject.manifests) refused = (await s.create(manifest)) >= 400 || refused;
    if (!refused) changes.push(...subject.changes);
  }
  await s.quiet(1500);
  for (let change = 0; change < CHANGES; change++) {
    await pick(draw, chance(draw, 70) && changes.length > 0 ? changes : CLUSTER_CHANGES)(s, draw);
    if (bursts && chance(draw, 60)) await s.sleep(pick(draw, [10, 60, 250]));
    else await s.quiet(REST_MS);
  }
  await s.quiet(2500);
}

export const MIXED: readonly Scenario[] = seeded('mixed', COUNT, play);
