/**
 * Begins the script of a page with replays: shows the first one, and the one that is chosen.
 */
import type { ClusterReplay } from '../../replay/cluster-replay.ts';
import { readPalette } from './colours.ts';
import { startCopy } from './copy.ts';
import { byId } from './element.ts';
import { Player } from './player.ts';
import { startPrint } from './print.ts';
import { startTheme } from './theme.ts';

function startReplays(): void {
  const replays = JSON.parse(byId('replays').textContent ?? '[]') as readonly ClusterReplay[];
  const root = byId('replay');
  const choice = byId('replay-run') as HTMLSelectElement;
  const tables = [...document.querySelectorAll<HTMLElement>('.replay-tables')];
  let player: Player | null = null;
  const show = (): void => {
    const index = Number(choice.value);
    const replay = replays[index];
    const own = tables[index];
    if (replay === undefined || own === undefined) return;
    player?.close();
    tables.forEach((table, place) => {
      table.hidden = place !== index;
    });
    player = new Player(root, replay, own);
  };
  choice.addEventListener('change', show);
  startTheme(() => player?.redraw(readPalette()));
  show();
}

startReplays();
startCopy();
startPrint();
