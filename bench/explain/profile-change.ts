/**
 * `--without` and `--weight`: the profile that is asked about instead.
 */
import { changeablePlugins, type ProfileChange } from '../../core/cluster/explanation.ts';
import { nearestName } from '../../scenarios/suggest.ts';
import type { ExplainArgs } from '../cli/explain.ts';
import { CLI_CODES, type ProblemList } from '../cli/user-error.ts';

/** kube-scheduler takes weights up to here. */
const WEIGHT_MAX = 100;

/** What the flags ask for; null when they ask for nothing. What is wrong with them goes to `problems`. */
export function readChange(
  args: Pick<ExplainArgs, 'without' | 'weight' | 'kubernetes-version'>,
  problems: ProblemList,
): ProfileChange | null {
  const { without, weight } = args;
  if (without === undefined && weight === undefined) return null;
  const version = args['kubernetes-version'];
  const names = wordsOf(without).filter((name) => isKnown('without', name, changeablePlugins(version), problems));
  const scoring = changeablePlugins(version, true);
  const weights = new Map<string, number>();
  for (const word of wordsOf(weight)) {
    const [name = '', value] = word.split('=');
    if (!isKnown('weight', name, scoring, problems)) continue;
    const number = /^\d{1,3}$/.test(value ?? '') ? Number(value) : Number.NaN;
    if (!(number <= WEIGHT_MAX)) {
      const message = `--weight "${word}": expected ${name}=N with a whole number from 0 to ${WEIGHT_MAX}`;
      problems.error({}, CLI_CODES.badValue, message);
    } else if (names.includes(name)) {
      problems.error({}, CLI_CODES.conflict, `--without and --weight both name ${name}`);
    } else weights.set(name, number);
  }
  return { without: names, weights };
}

/** Each word once, so that what is wrong with it is told once. */
function wordsOf(text: string | undefined): string[] {
  return text === undefined ? [] : [...new Set(text.split(',').map((word) => word.trim()))];
}

function isKnown(flag: string, name: string, known: readonly string[], problems: ProblemList): boolean {
  if (known.includes(name)) return true;
  const what = flag === 'weight' ? 'no plugin that scores' : 'no plugin';
  const nearest = nearestName(name, known);
  problems.error({}, CLI_CODES.badValue, `--${flag}: "${name}" is ${what}`, {
    nearest,
    hint: nearest === undefined ? `known: ${known.join(', ')}` : undefined,
  });
  return false;
}
