/**
 * `seatrial serve etcd`: a part of the simulated system behind a real socket, for real clients.
 */
import { defineCommand } from './command.ts';

const TARGETS = ['etcd'] as const;

/** Arguments of `serve`. */
export interface ServeArgs {
  target: (typeof TARGETS)[number];
  listen: string;
}

export const serveCommand = defineCommand<ServeArgs>({
  name: 'serve <target>',
  describe: 'Serve a part of the system to real clients: the store as etcd v3 (gRPC)',
  examples: [
    ['seatrial serve etcd', 'a store in memory on 127.0.0.1:2379, until Ctrl-C'],
    ['ETCDCTL_API=3 etcdctl --endpoints 127.0.0.1:2379 put a 1', 'etcd clients work against it'],
  ],
  builder: (parser, flags) =>
    parser
      .positional('target', { choices: TARGETS, demandOption: true, describe: 'What to serve' })
      .option('listen', flags.text('listen', { describe: 'Address HOST:PORT', default: '127.0.0.1:2379' })),
  handler: async (args, run) => {
    const { serveJob } = await import('../serve/serve-job.ts');
    return await serveJob(args, run);
  },
});
