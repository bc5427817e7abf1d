/**
 * A story as a sequence diagram in Mermaid's language: GitHub and many editors draw it.
 */
import { oneLine } from '../report/table.ts';
import { showInstant } from '../report/virtual-time.ts';
import type { Scene, Story } from './story.ts';

/** Longer texts make a diagram unreadable. */
const TEXT_MAX = 90;

/** The diagram's text, with a line feed at the end. */
export function mermaidText({ lanes, scenes }: Story): string {
  const idOf = new Map(lanes.map((lane, index) => [lane, `p${index}`]));
  const all = lanes.length < 2 ? (lanes.length === 0 ? 'cluster' : 'p0') : `p0,p${lanes.length - 1}`;
  const participants = lanes.map((lane, index) => `  participant p${index} as ${plain(lane)}`);
  if (lanes.length === 0) participants.push('  participant cluster');
  const lines = scenes.map((scene) => `  ${line(scene, idOf, all)}`);
  return ['sequenceDiagram', ...participants, ...lines, ''].join('\n');
}

function line(scene: Scene, idOf: ReadonlyMap<string, string>, all: string): string {
  const text = plain(`${showInstant(scene.timeUs)} ${scene.what}`);
  if (scene.kind !== 'message') return `Note over ${all}: ${text}`;
  return `${idOf.get(scene.from)}->>${idOf.get(scene.to)}: ${text}`;
}

/** One line without the characters that end a statement or begin an entity. */
function plain(text: string): string {
  const flat = oneLine(text).replaceAll(';', ',').replaceAll('#', '').replaceAll('%%', '%');
  return flat.length > TEXT_MAX ? `${flat.slice(0, TEXT_MAX - 1)}…` : flat;
}
