/**
 * `seatrial serve etcd`: a part of the simulated system behind a real socket, for real clients.
 */
import { defineCommand } from './command.ts';

const PARTS = ['etcd'] as const;

/** Arguments of `serve`. */
export interface ServeArgs {
  part: (typeof PARTS)[number];
  listen: string;
  'data-dir': string | undefined;
  'force-new-cluster': boolean;
  restore: string | undefined;
  'bump-revision': number;
  'mark-compacted': boolean;
  'quota-bytes': number;
}

export const serveCommand = defineCommand<ServeArgs>({
  name: 'serve <part>',
  describe: 'Serve a part of the system to real clients: the store as etcd v3 (gRPC)',
  examples: [
    ['seatrial serve etcd', 'a store in memory on 127.0.0.1:2379, until Ctrl-C'],
    ['seatrial serve etcd --data-dir ./data', 'in files: every answered write survives kill -9'],
    ['seatrial serve etcd --data-dir ./new --restore backup.db', 'from a saved snapshot, of seatrial or of etcd'],
    ['ETCDCTL_API=3 etcdctl --endpoints 127.0.0.1:2379 put a 1', 'etcd clients work against it'],
  ],
  complete: (before) => (before.length === 0 ? PARTS : []),
  builder: (parser, flags) =>
    parser
      .positional('part', { choices: PARTS, demandOption: true, describe: 'What to serve' })
      .option('listen', flags.text('listen', { describe: 'Address HOST:PORT', default: '127.0.0.1:2379' }))
      .option(
        'data-dir',
        flags.optionalText('data-dir', { describe: 'Folder of snapshots and log; default: in memory' }),
      )
      .option('force-new-cluster', flags.switch({ describe: 'The member begins a cluster of its own with its data' }))
      .option('restore', flags.optionalText('restore', { describe: 'Snapshot file to begin with; needs empty data' }))
      .option(
        'bump-revision',
        flags.count('bump-revision', {
          describe: 'Revisions skipped by --restore',
          default: 0,
          min: 0,
          max: 2_000_000_000,
        }),
      )
      .option('mark-compacted', flags.switch({ describe: 'After --restore all older history counts as compacted' }))
      .option(
        'quota-bytes',
        flags.count('quota-bytes', {
          describe: 'Backend quota, bytes (0: 2 GiB)',
          default: 0,
          min: 0,
          max: Number.MAX_SAFE_INTEGER,
        }),
      ),
  handler: async (args, run) => {
    const { serveJob } = await import('../serve/serve-job.ts');
    return await serveJob(args, run);
  },
});
