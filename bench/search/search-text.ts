/**
 * What a search or a mutation campaign found, for people: findings first, then what was reached, the verdict last.
 */

import { CLUSTER_STATES, type Coverage, neverMet } from '../../core/chaos/search/coverage.ts';
import { SEARCHED_KINDS } from '../../core/chaos/search/draw-fault.ts';
import { allMarks } from '../../core/cluster/declared.ts';
import type { Colours } from '../report/colour.ts';
import { countOf } from '../report/counted.ts';
import { predicatesHint } from '../report/predicates-hint.ts';
import { Table } from '../report/table.ts';
import type { MutationResult } from './mutation-job.ts';
import type { SearchResult } from './search-job.ts';

/** A finding with the file it was written to, and how to see it again. */
export interface ShownFinding {
  readonly signature: string;
  readonly file: string;
  readonly replay: string;
}

/** Where the finding was kept; with --no-results and --no-corpus nothing was. */
function fileLines(shown: ShownFinding | undefined): string {
  if (shown === undefined || shown.file === '') return '  kept nowhere: leave out --no-results to have its file\n\n';
  return `  ${shown.file}\n  replay: ${shown.replay}\n\n`;
}

/** The report of a search for a terminal. */
export function searchText(
  result: SearchResult,
  shown: readonly ShownFinding[],
  verbose: boolean,
  colours: Colours,
): string {
  const parts: string[] = [];
  result.findings.forEach((finding, index) => {
    const { plan, shrinkRuns } = finding;
    const faults = plan.faults.map(({ kind }) => kind).join(', ') || 'no fault';
    const size = `${faults}; ${countOf(plan.operations.length, 'operation')}, ${countOf(plan.workload.length, 'object')}`;
    const how = shrinkRuns === 0 ? 'as drawn' : `shrunk in ${shrinkRuns} runs`;
    parts.push(
      `${colours.red(finding.signature)}  ${finding.message}\n`,
      `  ${finding.cases} of ${result.runs} cases, the first is ${finding.caseNumber}; ${how}: ${size}\n`,
      ...(finding.unneeded.length === 0 ? [] : [`  fails without ${finding.unneeded.join(', ')}, too\n`]),
      fileLines(shown[index]),
    );
  });
  for (const { caseNumber, cause } of result.broken)
    parts.push(`${colours.red(`case ${caseNumber} broke`)}: ${cause}\n`);
  const lines = coverageLines(result.coverage, verbose).map((line) => `${line}\n`);
  const isClean = result.findings.length === 0 && (result.canaryFound || !result.complete);
  const verdict = searchVerdict(result);
  parts.push(verbose ? coverageText(result.coverage, colours) : '', ...lines, '\n');
  parts.push(predicatesHint(result.findings.map(({ signature }) => signature.split(' ')[0] ?? '')));
  parts.push(`${isClean ? colours.green(verdict) : colours.red(verdict)}\n`);
  return parts.join('');
}

/** One line: what was run, and whether something was found. */
export function searchVerdict({ runs, possible, findings, excused, complete, canaryFound }: SearchResult): string {
  const all = Number.isFinite(possible) ? ` of ${possible} cases` : '';
  const what = `${runs} runs${all}${complete ? '' : ' (interrupted)'}, ${excused} excused`;
  if (!canaryFound && complete) return `${what}: the canary was not found, so nothing else can be believed`;
  return `${what}: ${findings.length === 0 ? 'nothing found' : countOf(findings.length, 'finding')}`;
}

function coverageText(coverage: Coverage, colours: Colours): string {
  const table = new Table([
    { title: 'fault met the cluster' },
    ...CLUSTER_STATES.map((title) => ({ title, align: 'right' as const })),
  ]);
  SEARCHED_KINDS.forEach((kind, row) => {
    const cells = CLUSTER_STATES.map((_, state) => coverage.met[row * CLUSTER_STATES.length + state] ?? 0);
    table.add([kind, ...cells.map(String)]);
  });
  return table.text(colours);
}

/** How many pairs of a fault and a state there were, and how many rare paths were reached; in full also which never. */
export function coverageLines({ met, marks }: Coverage, inFull: boolean): string[] {
  const all = allMarks();
  const missed = all.filter((_, mark) => (marks[mark] ?? 0) === 0).map(({ name }) => name);
  const reached = met.filter((count) => count > 0).length;
  const pairs = `${reached} of ${met.length} pairs of a fault and a state of the cluster met`;
  const paths = `${all.length - missed.length} of ${all.length} rare paths reached`;
  if (!inFull) {
    const isWhole = reached === met.length && missed.length === 0;
    return [`${pairs}, ${paths}${isWhole ? '' : '; --verbose lists the others'}`];
  }
  return [`${pairs}${neverMetText(met)}`, `${paths}${missed.length === 0 ? '' : `; never: ${missed.join(', ')}`}`];
}

/** Which kinds of faults there never were, and which states the others never met. */
function neverMetText(met: readonly number[]): string {
  const never = neverMet(met);
  const isUndrawn = ({ states }: (typeof never)[number]) => states.length === CLUSTER_STATES.length;
  const kinds = never.filter(isUndrawn).map(({ kind }) => kind);
  const pairs = never.filter((each) => !isUndrawn(each)).map(({ kind, states }) => `${kind} (${states.join(', ')})`);
  const drawn = kinds.length === 0 ? '' : `; never drawn: ${kinds.join(', ')}`;
  return `${drawn}${pairs.length === 0 ? '' : `; never met: ${pairs.join(', ')}`}`;
}

/** The report of a mutation campaign for a terminal. */
export function mutationText(result: MutationResult, colours: Colours): string {
  const table = new Table([
    { title: 'planted bug' },
    { title: 'found by' },
    { title: 'runs', align: 'right' },
    { title: 'without faults' },
    { title: 'swarm found it after', align: 'right' },
  ]);
  const ranked = [...result.mutants].sort((left, right) => Number(left.foundBy !== '') - Number(right.foundBy !== ''));
  for (const { bug, foundBy, runs, visibleWithoutFaults, swarmRuns, falseAlarm } of ranked) {
    const by = foundBy === '' ? 'nothing' : falseAlarm === '' ? foundBy : `${foundBy}, false alarm ${falseAlarm}`;
    const paint = isFound({ foundBy, falseAlarm }) ? (text: string) => text : (text: string) => colours.red(text);
    table.add([
      bug,
      { text: by, style: paint },
      `${runs}`,
      foundBy === '' ? '' : visibleWithoutFaults ? 'visible' : 'invisible',
      swarmRuns === 0 ? '–' : `${swarmRuns}`,
    ]);
  }
  const broken = result.broken.map(({ bug, cause }) => `${colours.red(`${bug} broke`)}: ${cause}\n`).join('');
  const invisible = result.mutants.filter((mutant) => isFound(mutant) && !mutant.visibleWithoutFaults).length;
  const line = mutationVerdict(result);
  const isWhole = result.mutants.length > 0 && result.broken.length === 0 && result.mutants.every(isFound);
  const painted = isWhole ? colours.green(line) : colours.red(line);
  const visible = `${invisible} of them are invisible without faults`;
  return `${table.text(colours)}${broken}\n${visible}\n${soundText(result.sound, colours)}${painted}\n`;
}

/** One line: how many of the planted bugs were found. */
export function mutationVerdict({ mutants, broken, complete }: MutationResult): string {
  const total = mutants.length + broken.length;
  const found = mutants.filter(isFound).length;
  const share = total === 0 ? 0 : Math.floor((found / total) * 100);
  return `mutation score: ${found}/${total} (${share} %)${complete ? '' : ', interrupted'}`;
}

/** How the plans without any bug came out: an alarm is a false one, or a rule that the build lacks. */
function soundText(sound: MutationResult['sound'], colours: Colours): string {
  const alarmed = sound.filter(({ alarm }) => alarm !== '');
  const lines = alarmed.map(({ plan, alarm }) => `${colours.red(`${plan}, where nothing is planted`)}: ${alarm}\n`);
  return `${lines.join('')}${sound.length - alarmed.length} of ${sound.length} plans without any bug pass\n`;
}

/** Found, and its situation is silent without it. */
export function isFound({ foundBy, falseAlarm }: { readonly foundBy: string; readonly falseAlarm: string }): boolean {
  return foundBy !== '' && falseAlarm === '';
}
