/**
 * The work of `seatrial serve etcd`: starts the store, says where it listens, ends at a signal.
 *
 * Always: the line on standard output comes only when clients can connect. A signal is the ordinary end: exit 0.
 */
import type { CommandRun, GlobalArgs } from '../cli/command.ts';
import { EXIT, type ExitCode } from '../cli/exit.ts';
import type { ServeArgs } from '../cli/serve.ts';
import { ToolFailure } from '../cli/tool-failure.ts';
import { CLI_CODES, userError } from '../cli/user-error.ts';
import { ETCD_VERSION } from './etcd/kv-handlers.ts';
import { MEMORY_LOG, type MemberOptions, StoreMember } from './etcd/member.ts';
import { serveEtcd } from './etcd/server.ts';

/** Identity of a member that is alone and forgets everything. */
const IN_MEMORY: MemberOptions = {
  name: 'default',
  clusterId: 0xcdf8_18f5_0c92_ad4en,
  memberId: 0x8e9e_05c5_2164_694dn,
  raftTerm: 2n,
};

/** Serves until a signal. @throws UserError for an address that is none, ToolFailure when it cannot be bound. */
export async function serveJob(args: ServeArgs & GlobalArgs, run: CommandRun): Promise<ExitCode> {
  checkAddress(args.listen);
  const member = new StoreMember(IN_MEMORY);
  member.start(MEMORY_LOG, 0);
  const interrupt = run.watchInterrupts();
  try {
    const running = await serveEtcd(member, { listen: args.listen }).catch(async (error: Error) => {
      await member.close();
      throw new ToolFailure(args.listen, `cannot listen on ${args.listen}: ${error.message}`, { cause: error });
    });
    run.io.out(`etcd ${ETCD_VERSION} (seatrial) on ${running.host}:${running.port}\n`);
    if (!interrupt.signal.aborted) await new Promise((resolve) => interrupt.signal.addEventListener('abort', resolve));
    await running.close();
  } finally {
    interrupt.release();
  }
  return EXIT.yes;
}

function checkAddress(listen: string): void {
  const port = Number(/^[^\s:]+:(\d{1,5})$/.exec(listen)?.[1] ?? Number.NaN);
  if (port <= 65_535) return;
  throw userError({
    code: CLI_CODES.badValue,
    message: `--listen "${listen}" is not HOST:PORT`,
    hint: 'such as 127.0.0.1:2379',
  });
}
