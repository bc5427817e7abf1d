/**
 * `seatrial explain NAMESPACE/POD PATH…`: why a pod of a dump goes where it goes, or nowhere.
 */
import { defineCommand } from './command.ts';

const OUTPUTS = ['text', 'json'] as const;
const VERSIONS = ['1.34', '1.36'] as const;

/** Arguments of `explain`. */
export interface ExplainArgs {
  pod: string | undefined;
  paths: readonly string[] | undefined;
  'scheduler-config': string | undefined;
  'kubernetes-version': (typeof VERSIONS)[number];
  rows: number;
  output: (typeof OUTPUTS)[number];
}

export const explainCommand = defineCommand<ExplainArgs>({
  name: 'explain <pod> [paths..]',
  describe:
    'Why a pod goes where it goes, or nowhere: every node, its plugin or its scores, and what would change that',
  examples: [
    ['kubectl get nodes,pods,svc,rs,pdb,ns -A -o json > dump.json', 'the cluster as it is'],
    ['seatrial explain shop/checkout-0 dump.json', 'every node: rejected by which plugin, or scored how'],
    ['seatrial explain shop/checkout-0 dump.json --scheduler-config my.yaml', 'under a configuration of yours'],
  ],
  builder: (parser, flags) =>
    parser
      .positional('pod', { type: 'string', describe: 'namespace/name of the pod' })
      .positional('paths', { type: 'string', array: true, describe: 'Dumps or manifests, files or folders' })
      .option(
        'scheduler-config',
        flags.optionalText('scheduler-config', { describe: 'KubeSchedulerConfiguration file' }),
      )
      .option(
        'kubernetes-version',
        flags.choice('kubernetes-version', { describe: 'Whose rules', default: '1.34', choices: VERSIONS }),
      )
      .option('rows', flags.count('rows', { describe: 'Nodes shown as text', default: 20, min: 1, max: 1_000_000 }))
      .option('output', flags.choice('output', { alias: 'o', describe: 'Format', default: 'text', choices: OUTPUTS })),
  handler: async (args, run) => {
    const { explainJob } = await import('../explain/explain-job.ts');
    return explainJob(args, run);
  },
});
