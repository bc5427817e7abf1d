/**
 * `seatrial replay --until … --inspect …`: a case replayed up to a moment, and any component's state as it is then.
 */
import { type Moment, type Prefix, runPrefix } from '../../core/chaos/prefix.ts';
import { clusterView } from '../../core/cluster/inspection/cluster-view.ts';
import { Branch, lookUp } from '../../core/cluster/inspection/view.ts';
import { parseDuration } from '../../scenarios/duration.ts';
import { nearestName } from '../../scenarios/suggest.ts';
import type { CampaignScenario } from '../campaign/campaign.ts';
import { stableJson } from '../report/stable-json.ts';
import { showInstant } from '../report/virtual-time.ts';
import { guardedRun } from '../user-modules/guarded-run.ts';
import type { CommandRun } from './command.ts';
import type { ReplayArgs } from './replay.ts';
import { CLI_CODES, ProblemList, UserError } from './user-error.ts';

/** Replays up to the moment and prints what the path shows. @throws UserError for a moment or a path that does not exist. */
export function inspectMoment(
  scenario: CampaignScenario,
  seed: number,
  args: Pick<ReplayArgs, 'until' | 'inspect' | 'output' | 'timeout'>,
  run: CommandRun,
): void {
  const { plan } = scenario;
  const moment = readMoment(
    args.until ?? 'violation',
    plan.faults.map(({ id }) => id),
  );
  const prefix = guardedRun(scenario, args.timeout / 1000, () => runPrefix(plan, seed, moment));
  const { cluster, jury, timeUs, event, reached } = prefix;
  if (!reached) run.io.err(`warning: the run ended before ${args.until ?? 'a violation'}; this is its end\n`);
  const path = args.inspect ?? '';
  const found = lookUp(clusterView(cluster, jury.world, jury.world.kinds), path);
  if (!found.found) throw unknownPath(found.parent, found.name, found.known);
  const { value } = found;
  if (args.output === 'json') {
    const shown = value instanceof Branch ? { names: value.names } : { value: plainData(value) };
    run.io.out(stableJson({ timeUs, event, reached, path, ...shown }));
  } else run.io.out(`${momentText(prefix)}, ${path === '' ? 'the cluster' : path}:\n${valueText(value)}`);
}

function momentText({ timeUs, event }: Prefix): string {
  return `at ${showInstant(timeUs)}, after event ${event}`;
}

/** `90s`, `#81234`, `violation`, `f1`, `f1.begins`, `f1.ends`. @throws UserError. */
function readMoment(text: string, faultIds: readonly string[]): Moment {
  if (text === 'violation') return { kind: 'violation' };
  const event = /^#(\d{1,15})$/.exec(text)?.[1];
  if (event !== undefined) return { kind: 'event', event: Number(event) };
  const [id, edge] = /^(.*)\.(begins|ends)$/.exec(text)?.slice(1) ?? [text, 'begins'];
  if (id !== undefined && faultIds.includes(id)) return { kind: 'fault', id, edge: edge as 'begins' | 'ends' };
  const duration = parseDuration(text);
  if (duration.ok) return { kind: 'time', timeUs: duration.us };
  const problems = new ProblemList();
  const known = ['violation', ...faultIds];
  const nearest = nearestName(text, known);
  const isTime = /^[-+.]?\d/.test(text);
  const message = isTime ? `--until "${text}": ${duration.reason}` : `unknown moment "${text}"`;
  const hint = `a time such as 90s, an event such as #81234, ${known.join(', ')}`;
  problems.error({}, CLI_CODES.badValue, message, { nearest, hint });
  throw new UserError(problems.problems);
}

function unknownPath(parent: string, name: string, known: readonly string[]): UserError {
  const problems = new ProblemList();
  if (known.length === 0) problems.error({}, CLI_CODES.badValue, `--inspect: nothing lies below "${parent}"`);
  else problems.unknownName({}, CLI_CODES.badValue, parent === '' ? 'part' : `part of ${parent}`, name, known);
  return new UserError(problems.problems);
}

/** A branch as a list of names, each with what lies below where that is short; data as JSON. */
function valueText(value: unknown): string {
  if (!(value instanceof Branch)) return `${stableJson(plainData(value)).trimEnd()}\n`;
  if (value.names.length === 0) return '  nothing\n';
  return value.names.map((name) => `  ${name}${summary(value.at(name))}\n`).join('');
}

/** Characters of a summary. */
const SUMMARY_MAX = 100;

function summary(value: unknown): string {
  if (value instanceof Branch) return value.names.length === 0 ? '/ (empty)' : `/ ${listed(pathsIn(value))}`;
  if (typeof value !== 'object' || value === null) return `: ${String(value)}`;
  const text = JSON.stringify(value);
  return `: ${text.length > SUMMARY_MAX ? `${text.slice(0, SUMMARY_MAX - 1)}…` : text}`;
}

/** Names in a branch, instead of its own branches the paths to what is in them. */
function pathsIn(branch: Branch): string[] {
  return branch.names.flatMap((name) => {
    const child = branch.at(name);
    if (!(child instanceof Branch)) return [name];
    return child.names.length === 0 ? [`${name}/`] : child.names.map((below) => `${name}/${below}`);
  });
}

/** How many there are, and as many as a line holds. */
function listed(paths: readonly string[]): string {
  let length = 0;
  const over = paths.findIndex((path) => {
    length += path.length + 2;
    return length > SUMMARY_MAX;
  });
  const shown = over < 0 ? paths : [...paths.slice(0, over), '…'];
  return `(${paths.length}): ${shown.join(', ')}`;
}

/** Data without what JSON cannot say. */
function plainData(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}
