import type { Dice, Json } from './dice.ts';

/**
 * A pod and what its kubelet finds of it. Left out: containers created but not started, of unknown state, whose definition has changed, and containers
 * with restart rules of their own.
 */
export function drawPodActions(dice: Dice): Json {
  const initContainers = dice.list(dice.of(0, 0, 1, 2, 3), (index) => ({
    name: `i${index}`,
    ...dice.maybe(0.5, () => ({ restartPolicy: 'Always' })),
    ...dice.maybe(0.3, () => ({ startupProbe: {} })),
    ...dice.maybe(0.3, () => ({ livenessProbe: {} })),
  }));
  const containers = dice.list(dice.int(1, 3), (index) => ({ name: `c${index}` }));
  const metadata = { name: 'one', ...dice.maybe(0.1, () => ({ deletionTimestamp: '2026-01-01T00:00:00Z' })) };
  const spec = { restartPolicy: dice.of('Always', 'OnFailure', 'Never'), initContainers, containers };
  const found: Json = {};
  const initDone = dice.int(0, initContainers.length);
  const reachesMain = initDone === initContainers.length && dice.chance(0.8);
  for (const [index, { name, ...rest }] of initContainers.entries())
    if (dice.chance(index <= initDone ? 0.95 : 0.1)) found[name] = drawFound(dice, rest, index < initDone ? 0.7 : 0.4);
  for (const { name } of containers) if (dice.chance(reachesMain ? 0.9 : 0.05)) found[name] = drawFound(dice, {}, 0.3);
  return { pod: { metadata, spec }, sandbox: dice.of('none', 'ready', 'ready', 'ready', 'lost'), found };
}

/** `endsWell`: how likely an init container has ended with 0. */
function drawFound(dice: Dice, { restartPolicy, startupProbe }: Json, endsWell: number): Json {
  const runs = dice.chance(restartPolicy === undefined ? 0.4 : 0.7);
  const state = runs ? 'running' : 'exited';
  const exitCode = runs || dice.chance(endsWell) ? 0 : 1;
  const isProbed = runs && (startupProbe !== undefined || restartPolicy === undefined);
  const startup = isProbed ? dice.of('', 'success', 'success', 'failure') : '';
  const liveness = runs ? dice.of('', '', 'success', 'failure') : '';
  return { state, exitCode, startup, liveness };
}
