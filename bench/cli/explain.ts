/**
 * `seatrial explain NAMESPACE/POD PATH…`: why a pod of a run or a dump goes where it goes, or nowhere.
 */
import { DEVICE_GATES, type DeviceGate } from '../../core/cluster/device-gates.ts';
import { type CaseArgs, caseFlags } from './case-flags.ts';
import { defineCommand } from './command.ts';

const OUTPUTS = ['text', 'json'] as const;
const VERSIONS = ['1.34', '1.36'] as const;

/** Arguments of `explain`. */
export interface ExplainArgs extends CaseArgs {
  pod: string | undefined;
  paths: string[] | undefined;
  at: number | undefined;
  attempt: string | undefined;
  without: string | undefined;
  weight: string | undefined;
  'scheduler-config': string | undefined;
  'kubernetes-version': (typeof VERSIONS)[number];
  'device-gates': readonly DeviceGate[] | undefined;
  node: string | undefined;
  all: boolean;
  rows: number;
  output: (typeof OUTPUTS)[number];
}

export const explainCommand = defineCommand<ExplainArgs>({
  name: 'explain <pod> [paths..]',
  describe: 'Why a pod of a run or a dump goes where it goes, or nowhere, and what would change that',
  examples: [
    [
      'seatrial explain demo/web paused.yaml --seed 7',
      'the last decision on a pod of a workload, as its scheduler saw it; one without a node first',
    ],
    [
      'seatrial explain demo/web paused.yaml --seed 7 --at 90s',
      'what would be decided then; --attempt 1: the first decision',
    ],
    ['kubectl get nodes,pods,svc,rs,pdb,ns -A -o json > dump.json', 'the cluster as it is'],
    ['seatrial explain shop/checkout-0 dump.json', 'nodes by the plugin that rejects them, the best with their scores'],
    ['seatrial explain shop/checkout-0 dump.json --node n17', 'one node; --all: every node'],
    [
      'seatrial explain shop/checkout-0 dump.json --without TaintToleration --weight NodeResourcesFit=5',
      'what another profile would decide',
    ],
  ],
  builder: (parser, flags) =>
    parser
      .positional('pod', { type: 'string', describe: 'The pod, namespace/name; or its workload, Kind/namespace/name' })
      .positional(
        'paths',
        flags.paths('A scenario file; or dumps and manifests, files or folders; - for standard input'),
      )
      .options(caseFlags(flags))
      .option('at', flags.optionalDuration('at', { describe: 'Of a run: what would be decided at this virtual time' }))
      .option('attempt', flags.optionalText('attempt', { describe: 'Of a run: which decision, 1 or later, or last' }))
      .option(
        'without',
        flags.optionalText('without', { describe: 'What if these plugins were disabled: names, separated by commas' }),
      )
      .option(
        'weight',
        flags.optionalText('weight', { describe: 'What if plugins had other weights: NAME=N, separated by commas' }),
      )
      .option(
        'scheduler-config',
        flags.optionalText('scheduler-config', { describe: 'Of a dump: KubeSchedulerConfiguration file' }),
      )
      .option(
        'kubernetes-version',
        flags.choice('kubernetes-version', { describe: 'Of a dump: whose rules', default: '1.34', choices: VERSIONS }),
      )
      .option(
        'device-gates',
        flags.words('device-gates', {
          describe: 'Of a dump: feature gates of devices that are on, separated by commas, such as DRADeviceTaints',
          choices: DEVICE_GATES,
        }),
      )
      .option('node', flags.optionalText('node', { describe: 'Show this node alone' }))
      .option('all', flags.switch({ describe: 'Show every node, the rejected ones too' }))
      .option(
        'rows',
        flags.count('rows', {
          describe: 'Nodes with scores that are shown as text',
          default: 10,
          min: 1,
          max: 1_000_000,
        }),
      )
      .option('output', flags.choice('output', { alias: 'o', describe: 'Format', default: 'text', choices: OUTPUTS })),
  handler: async (args, run) => {
    const { explainJob } = await import('../explain/explain-job.ts');
    return await explainJob(args, run);
  },
});
