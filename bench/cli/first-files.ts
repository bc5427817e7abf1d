/**
 * The work of `seatrial init`: an application, a scenario about it, and a workflow that runs both it and the trial.
 *
 * Always: all files or none: what is in the way is found before anything is written, and a failed write takes back the files
 * written before it. A file that already has the content is no obstacle, so a second call does nothing.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createFolder, writeFileAtomic } from '../report/atomic-file.ts';
import type { CommandRun } from './command.ts';
import { EXIT, type ExitCode } from './exit.ts';
import type { InitArgs } from './init.ts';
import { shellLine } from './shell-line.ts';
import { statPath } from './stat-path.ts';
import { CLI_CODES, ProblemList } from './user-error.ts';

/** A file to write: path below the folder, and content. */
type FirstFile = readonly [file: string, content: string];

const SCENARIO = path.posix.join('seatrial', 'first-scenario.yaml');

const CONFIG = `# Settings of seatrial, see \`seatrial config\`. The command line and SEATRIAL_… variables come first.
results: results          # where runs write to
run:
  seed: 1..3              # seeds of \`seatrial run\`
trial:
  seeds: 2                # seeds of \`seatrial trial\`
  fail-on: failed         # exit 1 from this mark on; degraded is stricter
`;

/** The manifests that the scenario and the workflow's trial are about. */
const MANIFESTS = path.posix.join('seatrial', 'web.yaml');

const FIRST_MANIFESTS = `# An application to begin with: put the folder of your own manifests in its place, here, in the scenario and in the workflow.
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example/web:1
          resources: {requests: {cpu: 250m, memory: 256Mi}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: default}
spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
`;

const FIRST_SCENARIO = `apiVersion: seatrial/v1
kind: Scenario
metadata: {name: first-scenario}
about: Three replicas behind a budget; the node of one of them loses power for five minutes. All are Ready again in time.
cluster:
  nodes: {count: 6, zones: [a, b, c], capacity: {cpu: "4", memory: 8Gi}}
workload:
  manifests: [web.yaml]   # relative to this file; a folder of yours: [../k8s]
faults:
  - {id: node, kind: node-crash, target: {hosting: Deployment/default/web, mode: one}, at: 60s, for: 5m}
phases: {warmUp: 60s, safety: 6m}
expect: pass
`;

const WORKFLOW = `name: seatrial
on: [push, pull_request]
permissions: {contents: read}
jobs:
  seatrial:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: {node-version: 20}
      # seatrial is a devDependency of this repository (npm install --save-dev FOLDER-OR-TARBALL), which npm ci installs.
      # --no: npx runs that one and takes none of that name from the network.
      - run: npm ci
      - run: npx --no seatrial run seatrial --report html=run.html
      # Put the folder of your own manifests in the place of this file.
      - run: npx --no seatrial trial ${MANIFESTS} --report html=trial.html
      - if: always()
        uses: actions/upload-artifact@v4
        with: {name: seatrial, path: '*.html'}
`;

/** What runs write is no part of a repository. */
const IGNORED = 'results/';

/** Writes the files and says what to do next. @throws UserError naming every file in the way; ToolFailure. */
export function writeFirstFiles(args: InitArgs, run: CommandRun): ExitCode {
  const folder = path.resolve(run.io.cwd, args.folder ?? '.');
  const ignoring = contentOf(path.join(folder, '.gitignore'));
  const files: readonly FirstFile[] = [
    ['seatrial.config.yaml', CONFIG],
    [SCENARIO, FIRST_SCENARIO],
    [MANIFESTS, FIRST_MANIFESTS],
    [path.posix.join('.github', 'workflows', 'seatrial.yaml'), WORKFLOW],
    // One that is there is its owner's, with --force too.
    ...(ignoring === null ? [['.gitignore', `${IGNORED}\n`] as const] : []),
  ];
  const wanted = files.filter(([file, content]) => contentOf(path.join(folder, file)) !== content);
  refuseObstacles(folder, args, wanted, run.io.cwd);
  writeAll(folder, wanted);
  for (const [file] of files) {
    run.io.out(
      `${wanted.some(([name]) => name === file) ? 'wrote' : 'is there'}  ${path.join(args.folder ?? '', file)}\n`,
    );
  }
  if (ignoring !== null && !ignoresResults(ignoring)) {
    run.io.out(`add to    ${path.join(args.folder ?? '', '.gitignore')}: ${IGNORED}, where runs write to\n`);
  }
  run.io.out(`\nnext: ${shellLine(['seatrial', 'run', path.join(args.folder ?? '', SCENARIO)])}\n`);
  const trial = shellLine(['seatrial', 'trial', path.join(args.folder ?? '', MANIFESTS)]);
  run.io.out(`      ${trial}    # which workload does not survive what; then the folder of your own manifests\n`);
  return EXIT.yes;
}

/** Whether a .gitignore names the results folder. */
function ignoresResults(text: string): boolean {
  return text.split('\n').some((line) => /^(\/|\*\*\/)?results(\/\*{0,2})?$/.test(line.trim()));
}

function refuseObstacles(folder: string, args: InitArgs, wanted: readonly FirstFile[], cwd: string): void {
  const problems = new ProblemList();
  const inTheWay = new Set(wanted.map(([file]) => fileAbove(path.join(folder, file))).filter((each) => each !== ''));
  for (const each of inTheWay) {
    problems.error({}, CLI_CODES.conflict, `${path.relative(cwd, each)} is in the way: it is no folder`);
  }
  for (const [file] of wanted) {
    const found = statPath(path.join(folder, file));
    if (found === undefined || (args.force && found.isFile())) continue;
    const shown = path.join(args.folder ?? '', file);
    if (!found.isFile()) problems.error({}, CLI_CODES.conflict, `${shown} is in the way: it is no file`);
    else problems.error({}, CLI_CODES.conflict, `${shown} is there already`, { hint: '--force replaces it' });
  }
  problems.throwIfErrors();
}

/** The nearest thing above a file that would have to be a folder and is none; '' = nothing is in the way. */
function fileAbove(file: string): string {
  let above = path.dirname(file);
  while (!existsSync(above) && path.dirname(above) !== above) above = path.dirname(above);
  return statPath(above)?.isDirectory() === true ? '' : above;
}

function writeAll(folder: string, files: readonly FirstFile[]): void {
  const undo: (() => void)[] = [];
  try {
    for (const [name, content] of files) {
      const file = path.join(folder, name);
      const before = contentOf(file);
      createFolder(path.dirname(file));
      writeFileAtomic(file, content);
      undo.push(() => (before === null ? rmSync(file, { force: true }) : writeFileAtomic(file, before)));
    }
  } catch (error) {
    for (const step of undo.reverse()) step();
    throw error;
  }
}

/** A file's text; null where there is none. */
function contentOf(file: string): string | null {
  return statPath(file)?.isFile() === true ? readFileSync(file, 'utf8') : null;
}
