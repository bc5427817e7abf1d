/**
 * Records scenarios on a real control plane: `npx tsx test/record/main.ts BIN OUT [NAME…]`. What is needed is said in README.md.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { clean } from './clean.ts';
import { FakeKubelets } from './kubelets.ts';
import { normalise } from './normalise.ts';
import { Play, type Scenario } from './play.ts';
import { type RawRun, Recorder } from './recorder.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { Stack } from './stack.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function record(stack: Stack, scenario: Scenario): Promise<RawRun> {
  const connection = stack.connect();
  const kubelets = new FakeKubelets(connection);
  const recorder = new Recorder(stack, connection, kubelets, scenario.leases === true);
  try {
    await recorder.begin();
    await scenario.play(new Play(recorder));
    return recorder.end();
  } finally {
    recorder.end();
    await clean(connection, ['demo', 'other']);
    kubelets.close();
    connection.close();
  }
}

function write(folder: string, scenario: Scenario, run: RawRun, number: number): void {
  mkdirSync(folder, { recursive: true });
  const { events, steps, originalNames, final } = normalise(run);
  const suffix = number === 1 ? '' : `-${number}`;
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  writeFileSync(path.join(folder, `events${suffix}.jsonl`), lines);
  if (number > 1) return;
  const { name, about } = scenario;
  const head = { scenario: name, about, recordedFrom: 'Kubernetes v1.34.1', namespaces: ['demo'] };
  const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;
  writeFileSync(path.join(folder, 'steps.json'), json({ ...head, steps, originalNames }));
  writeFileSync(path.join(folder, 'final.json'), json(final));
  const manifests = run.manifests.map((each) => stringify(each));
  writeFileSync(path.join(folder, 'manifests.yaml'), manifests.join('---\n'));
}

async function main(bin: string, out: string, names: readonly string[]): Promise<void> {
  const runs = Number(process.env['RUNS'] ?? 1);
  const chosen = SCENARIOS.filter(({ name }) => names.length === 0 || names.some((wanted) => name.startsWith(wanted)));
  const dir = mkdtempSync(path.join(tmpdir(), 'control-plane-'));
  const stack = new Stack(bin, dir);
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void stack.stop().then(() => process.exit(1)));
  try {
    await stack.start();
    for (const scenario of chosen) {
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
  } finally {
    await stack.stop();
    if (process.env['KEEP'] === undefined) rmSync(dir, { recursive: true });
    else say(dir);
  }
}

const [bin = '', out = '', ...names] = process.argv.slice(2);
if (out === '') {
  say('usage: npx tsx test/record/main.ts BIN OUT [NAME…]');
  process.exit(2);
}
await main(bin, out, names);
