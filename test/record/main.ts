/**
 * Records scenarios on a real control plane: `npx tsx test/record/main.ts BIN OUT [NAME…]`. What is needed is said in README.md.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { clean } from './clean.ts';
import { FakeKubelets } from './kubelets.ts';
import { logLines } from './log-lines.ts';
import { normalise } from './normalise.ts';
import { Play, type Scenario } from './play.ts';
import { type RawRun, Recorder } from './recorder.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { LED, Stack } from './stack.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Leases that a scenario is about. */
function leasesOf({ leases, leaders }: Scenario): string[] {
  return [...(leases === true ? ['kube-node-lease'] : []), ...(leaders === true ? ['kube-system'] : [])];
}

async function record(stack: Stack, scenario: Scenario): Promise<RawRun> {
  const connection = stack.connect();
  const kubelets = new FakeKubelets(connection);
  const recorder = new Recorder(stack, connection, kubelets, leasesOf(scenario));
  try {
    await recorder.begin();
    await scenario.play(new Play(recorder));
    return recorder.end();
  } finally {
    recorder.end();
    if (scenario.leaders !== true) await clean(connection, ['demo', 'other']);
    kubelets.close();
    connection.close();
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;
const lines = (values: readonly object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');

function write(folder: string, scenario: Scenario, run: RawRun, number: number): void {
  mkdirSync(folder, { recursive: true });
  const { events, steps, originalNames, final } = normalise(run);
  const suffix = number === 1 ? '' : `-${number}`;
  writeFileSync(path.join(folder, `events${suffix}.jsonl`), lines(events));
  const { name, about } = scenario;
  const head = { scenario: name, about, recordedFrom: 'Kubernetes v1.34.1', namespaces: ['demo'] };
  if (number === 1 || scenario.leaders === true)
    writeFileSync(path.join(folder, `steps${suffix}.json`), json({ ...head, steps, originalNames }));
  if (number > 1) return;
  writeFileSync(path.join(folder, 'final.json'), json(final));
  const manifests = run.manifests.map((each) => stringify(each));
  writeFileSync(path.join(folder, 'manifests.yaml'), manifests.join('---\n'));
}

/** A scenario about leaders has a stack of its own for each run. */
async function recordLeaders(bin: string, out: string, scenario: Scenario, runs: number): Promise<void> {
  const folder = path.join(out, scenario.name);
  const timings: object[] = [];
  for (let run = 1; run <= runs; run++) {
    await withStack(bin, 2, async (stack) => {
      const raw = await record(stack, scenario);
      write(folder, scenario, raw, run);
      const log = LED.flatMap((component) =>
        ['instance-1', 'instance-2', 'instance-3'].flatMap((instance) => {
          const file = stack.logOf(component, instance);
          return existsSync(file) ? logLines(file, component, instance, raw.startedAt) : [];
        }),
      );
      writeFileSync(path.join(folder, `log${run === 1 ? '' : `-${run}`}.jsonl`), lines(log));
      timings.push({ run, holdersBefore: Object.fromEntries(LED.map((component) => [component, 'instance-1'])) });
      say(`${scenario.name} ${run}: ${raw.events.length} events`);
    });
    writeFileSync(path.join(folder, 'timings.json'), json(timings));
  }
}

async function withStack(bin: string, instances: number, use: (stack: Stack) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(path.join(tmpdir(), 'control-plane-'));
  const stack = new Stack(bin, dir, instances);
  const stop = (): void => void stack.stop().then(() => process.exit(1));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
  try {
    await stack.start();
    await use(stack);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  } finally {
    await stack.stop();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, stop);
    if (process.env['KEEP'] === undefined) rmSync(dir, { recursive: true });
    else say(dir);
  }
}

async function main(bin: string, out: string, names: readonly string[]): Promise<void> {
  const runs = Number(process.env['RUNS'] ?? 1);
  const chosen = SCENARIOS.filter(({ name }) => names.length === 0 || names.some((wanted) => name.startsWith(wanted)));
  const plain = chosen.filter(({ leaders }) => leaders !== true);
  const ofLeaders = chosen.filter(({ leaders }) => leaders === true);
  for (const scenario of ofLeaders) await recordLeaders(bin, out, scenario, runs);
  if (plain.length === 0) return;
  await withStack(bin, 1, async (stack) => {
    for (const scenario of plain) {
      for (let run = 1; run <= runs; run++) {
        try {
          const raw = await record(stack, scenario);
          write(path.join(out, scenario.name), scenario, raw, run);
          say(`${scenario.name} ${run}: ${raw.events.length} events`);
        } catch (error) {
          say(`${scenario.name} ${run}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    }
  });
}

const [bin = '', out = '', ...names] = process.argv.slice(2);
if (out === '') {
  say('usage: npx tsx test/record/main.ts BIN OUT [NAME…]');
  process.exit(2);
}
await main(bin, out, names);
