/**
 * The build of another git ref, in a temporary folder of its own.
 *
 * A worktree of the ref beside the packages of this one, compiled with this one's compiler: no network, and nothing in the
 * user's tree changes. Always removed again, also after a failure.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ToolFailure } from '../cli/tool-failure.ts';
import { CLI_CODES, type ProblemList } from '../cli/user-error.ts';

const BUILD_MS_MAX = 600_000;

/** A compiled build, or why there is none. */
export type OtherBuild =
  | {
      readonly kind: 'built';
      readonly commit: string;
      /** Its packages differ from ours: times may differ for that. */
      readonly otherPackages: boolean;
      /** Folder with dist/. */
      readonly folder: string;
      remove(): void;
    }
  | { readonly kind: 'none'; readonly reason: string };

/** Builds `ref` of the repository at `root`. @throws ToolFailure when git or the compiler breaks. */
export function buildOther(root: string, ref: string): OtherBuild {
  if (!isClone(root))
    return { kind: 'none', reason: 'this is no clone: there is nothing to build the other side from' };
  const commit = commitOf(root, ref);
  if (commit === null) return { kind: 'none', reason: `git knows no commit "${ref}" in this shallow clone` };
  const folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-gate-'));
  const tree = path.join(folder, 'tree');
  const remove = (): void => {
    git(root, ['worktree', 'remove', '--force', tree]);
    rmSync(folder, { recursive: true, force: true });
    git(root, ['worktree', 'prune']);
  };
  try {
    check(git(root, ['worktree', 'add', '--detach', '--force', tree, commit]), `git worktree of ${ref}`);
    symlinkSync(path.join(root, 'node_modules'), path.join(tree, 'node_modules'), 'dir');
    const compiler = path.join(root, 'node_modules', '.bin', 'tsc');
    check(run(compiler, ['-p', 'tsconfig.json'], tree), `build of ${ref}`);
    return { kind: 'built', commit, otherPackages: packagesDiffer(root, tree), folder: tree, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Reports a ref that does not exist; a shallow clone may lack one that does, which {@link buildOther} tells. */
export function checkRef(root: string, ref: string, problems: ProblemList): void {
  if (!isClone(root) || commitOf(root, ref) !== null) return;
  if (git(root, ['rev-parse', '--is-shallow-repository']).stdout.trim() === 'true') return;
  const names = git(root, ['for-each-ref', '--format=%(refname:short)']).stdout.split('\n').filter(Boolean);
  problems.unknownName({}, CLI_CODES.badValue, 'git ref', ref, names);
}

function isClone(root: string): boolean {
  return existsSync(path.join(root, '.git')) && existsSync(path.join(root, 'tsconfig.json'));
}

function commitOf(root: string, ref: string): string | null {
  const { status, stdout } = git(root, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]);
  return status === 0 ? stdout.trim() : null;
}

function packagesDiffer(left: string, right: string): boolean {
  const lock = (folder: string): string => {
    const file = path.join(folder, 'package-lock.json');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  return lock(left) !== lock(right);
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function git(root: string, argv: readonly string[]): Ended {
  return run('git', argv, root);
}

function run(program: string, argv: readonly string[], cwd: string): Ended {
  const ended = spawnSync(program, argv, { cwd, encoding: 'utf8', timeout: BUILD_MS_MAX, maxBuffer: 64 * 1024 * 1024 });
  return { status: ended.status, stdout: ended.stdout ?? '', stderr: ended.error?.message ?? ended.stderr ?? '' };
}

function check({ status, stdout, stderr }: Ended, what: string): void {
  if (status === 0) return;
  const text = `${stderr.trim()}\n${stdout.trim()}`.trim().split('\n').slice(0, 5).join('\n');
  throw new ToolFailure(what, `${what} failed: ${text}`);
}
