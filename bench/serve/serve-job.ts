/**
 * The work of `seatrial serve etcd`: starts the store, says where it listens, ends at a signal.
 *
 * Always: the line on standard output comes only when clients can connect. A signal is the ordinary end: exit 0.
 */
import type { Backup } from '../../core/store/v3/engine.ts';
import type { CommandRun, GlobalArgs } from '../cli/command.ts';
import { EXIT, type ExitCode } from '../cli/exit.ts';
import { checkFolderFlag } from '../cli/folder-flag.ts';
import type { ServeArgs } from '../cli/serve.ts';
import { errorCode, ToolFailure } from '../cli/tool-failure.ts';
import { CLI_CODES, ProblemList, userError } from '../cli/user-error.ts';
import { DataDir, DataDirError, type Recovered, readSnapshot } from './etcd/data-dir.ts';
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

/** What the system says of an address that the user has to change. */
const WRONG_ADDRESS: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'the port is in use'],
  ['EADDRNOTAVAIL', 'no address of this machine'],
  ['ENOTFOUND', 'no such host'],
  ['EAI_AGAIN', 'the host cannot be resolved'],
  ['EACCES', 'the port needs more rights'],
]);

/** Serves until a signal. @throws UserError for an address that cannot be used, ToolFailure when it cannot be bound for another reason. */
export async function serveJob(args: ServeArgs & GlobalArgs, run: CommandRun): Promise<ExitCode> {
  checkAddress(args.listen);
  checkFlags(args);
  const member = startMember(args);
  const interrupt = run.watchInterrupts('stopping');
  try {
    const running = await serveEtcd(member, { listen: args.listen }).catch(async (error: Error) => {
      await member.close();
      const wrong = WRONG_ADDRESS.get(errorCode(error));
      if (wrong !== undefined) {
        throw userError({ code: CLI_CODES.badValue, message: `--listen "${args.listen}": ${wrong}` });
      }
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

/** The member with its data. @throws UserError for data that cannot be used. */
function startMember(args: ServeArgs): StoreMember {
  const quota = args['quota-bytes'] === 0 ? {} : { quotaBytes: args['quota-bytes'] };
  try {
    const folder = args['data-dir'];
    const backup = args.restore === undefined ? null : readSnapshot(args.restore);
    if (folder === undefined) {
      const member = new StoreMember({ ...IN_MEMORY, ...quota });
      if (backup !== null) member.engine.restore(backup, args['bump-revision'], args['mark-compacted']);
      member.start(MEMORY_LOG, 0);
      return member;
    }
    const { dir, recovered } = DataDir.open(folder, IN_MEMORY.name, args['force-new-cluster']);
    const member = new StoreMember({ ...recovered.identity, ...quota });
    if (backup !== null) restoreInto(dir, recovered, member, args, backup);
    else recover(member, recovered);
    member.start(dir, dir.lastIndex);
    return member;
  } catch (error) {
    if (!(error instanceof DataDirError)) throw error;
    const hint = 'nothing was changed; a copy of the folder and a snapshot of another time are the ways out';
    throw userError({ code: CLI_CODES.noInput, message: error.message, hint });
  }
}

function recover(member: StoreMember, recovered: Recovered): void {
  const { engine } = member;
  if (recovered.backup !== null) engine.restore(recovered.backup);
  for (const { request } of recovered.requests) engine.apply(request, 0);
}

/** A restored folder begins with the backup as its first snapshot. */
function restoreInto(dir: DataDir, recovered: Recovered, member: StoreMember, args: ServeArgs, backup: Backup): void {
  if (recovered.backup !== null || recovered.lastIndex > 0) {
    throw new DataDirError(`${args['data-dir']} holds data already: --restore begins a new folder`);
  }
  member.engine.restore(backup, args['bump-revision'], args['mark-compacted']);
  dir.saveFirstSnapshot(member.engine);
}

/** Flags that would do nothing without another one. */
function checkFlags(args: ServeArgs): void {
  const problems = new ProblemList();
  const needs = (flag: string, other: string): void =>
    problems.error({}, CLI_CODES.conflict, `--${flag} does nothing without --${other}`);
  if (args['force-new-cluster'] && args['data-dir'] === undefined) needs('force-new-cluster', 'data-dir');
  if (args['mark-compacted'] && args.restore === undefined) needs('mark-compacted', 'restore');
  if (args['bump-revision'] > 0 && args.restore === undefined) needs('bump-revision', 'restore');
  checkFolderFlag('data-dir', args['data-dir'], problems);
  problems.throwIfErrors();
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
