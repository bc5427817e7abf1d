/**
 * One build's side of the host-time gate: `node gate-process.js [--plant SHARE]` answers requests on standard input.
 *
 * `--plant 0.05` does 5 % more operations a burst than it was asked for: what the gate must catch. See
 * bench/gate/protocol.ts for the language.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import {
  type Burst,
  type KernelDigest,
  type KernelList,
  type KernelRequest,
  PROTOCOL_VERSION,
  type ProcessFacts,
} from '../gate/protocol.ts';
import { GATE_KERNELS, type GateKernel, SENSOR } from './gate-kernels.ts';

const planted = Number(process.argv[process.argv.indexOf('--plant') + 1] ?? 0) || 0;
const states = new Map<string, (count: number) => number>();
const facts = { gcCount: 0, gcMs: 0, peakHeapBytes: 0 };
let measuring = false;

new PerformanceObserver((list) => {
  if (!measuring) return;
  for (const entry of list.getEntries()) {
    facts.gcCount++;
    facts.gcMs += entry.duration;
  }
}).observe({ entryTypes: ['gc'] });

function kernelOf(name: string): GateKernel {
  const kernel = GATE_KERNELS.find((each) => each.name === name);
  if (kernel === undefined) throw new Error(`no kernel is named "${name}"`);
  return kernel;
}

function runOf(name: string): (count: number) => number {
  let run = states.get(name);
  if (run === undefined) {
    run = kernelOf(name).make();
    states.set(name, run);
  }
  return run;
}

function countOf(name: string, count: number): number {
  return name === SENSOR ? count : count + Math.round(count * planted);
}

function burst(name: string, count: number): Burst {
  const run = runOf(name);
  const operations = countOf(name, count);
  const cpu = process.cpuUsage();
  const startedNs = process.hrtime.bigint();
  run(operations);
  const elapsedNs = Number(process.hrtime.bigint() - startedNs);
  const { user, system } = process.cpuUsage(cpu);
  measuring = true;
  facts.peakHeapBytes = Math.max(facts.peakHeapBytes, process.memoryUsage().heapUsed);
  return { elapsedNs, cpuUs: user + system };
}

function answer(request: KernelRequest): KernelList | KernelDigest | Burst | ProcessFacts | object {
  switch (request.do) {
    case 'list':
      return { protocol: PROTOCOL_VERSION, kernels: GATE_KERNELS.map(({ name }) => name) };
    case 'digest': {
      const kernel = kernelOf(request.kernel);
      return { digest: kernel.make()(kernel.digestCount) };
    }
    case 'warm': {
      const run = runOf(request.kernel);
      const operations = countOf(request.kernel, request.count);
      for (let i = 0; i < request.bursts; i++) run(operations);
      return {};
    }
    case 'burst':
      return burst(request.kernel, request.count);
    case 'facts':
      return facts;
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  let text: string;
  try {
    text = JSON.stringify(answer(JSON.parse(line) as KernelRequest));
  } catch (error) {
    text = JSON.stringify({ error: error instanceof Error ? error.message : String(error) });
  }
  // Reports of the garbage collector come with the next turn.
  setImmediate(() => process.stdout.write(`${text}\n`));
});
