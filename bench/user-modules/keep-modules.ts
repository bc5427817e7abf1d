/**
 * Copies of users' modules beside a scenario file that is handed on: a finding replays where its author's folders are not, and after they have changed.
 *
 * Always: the modules lie below `modules/` as they lie to each other in the original, and the files that they import by relative paths go with them. Packages
 * do not: they are installed where the finding is replayed.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { findOperator, registerOperator } from '../../core/cluster/operators.ts';
import { createFolder, writeFileAtomic } from '../report/atomic-file.ts';

/** Imports by relative paths; those of types alone, which are gone when the module runs, are left out. */
const IMPORTED =
  /(?<!\b(?:import|export)\s+type\s[^;'"]*)(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\()\s*['"](\.{1,2}\/[^'"\n]+)['"]/g;
/** What TypeScript calls a file that it compiles from another one. */
const COMPILED_FROM: Readonly<Record<string, string>> = { '.js': '.ts', '.mjs': '.mts' };

/**
 * Copies the modules of the plan's controllers, which are loaded, below `folder`; the plan that is given back names the copies. A plan without any is given
 * back as it is. @throws ToolFailure naming the path that cannot be written.
 */
export function keepModules(plan: ScenarioPlan, folder: string): ScenarioPlan {
  const { operators = [] } = plan.cluster;
  if (operators.length === 0) return plan;
  const files = withImports(operators.map(({ module }) => module));
  const top = commonFolder(files);
  const copyOf = (file: string): string => path.join(path.resolve(folder), 'modules', path.relative(top, file));
  for (const file of files) {
    createFolder(path.dirname(copyOf(file)));
    writeFileAtomic(copyOf(file), readFileSync(file));
  }
  const copied = operators.map((each) => {
    const operator = findOperator(each.module);
    if (operator !== undefined) registerOperator(copyOf(each.module), operator);
    return { ...each, module: copyOf(each.module) };
  });
  return { ...plan, cluster: { ...plan.cluster, operators: copied } };
}

/** The files and, with them, whatever they import by relative paths. */
function withImports(modules: readonly string[]): ReadonlySet<string> {
  const files = new Set(modules);
  // A set is walked to its end, what is added on the way included.
  for (const file of files) {
    for (const [, imported = ''] of readFileSync(file, 'utf8').matchAll(IMPORTED)) {
      const found = fileOf(path.resolve(path.dirname(file), imported));
      if (found !== undefined) files.add(found);
    }
  }
  return files;
}

function fileOf(named: string): string | undefined {
  const { dir, name, ext } = path.parse(named);
  const compiled = path.join(dir, `${name}${COMPILED_FROM[ext] ?? ext}`);
  const tried = [named, compiled, `${named}.ts`, `${named}.js`, path.join(named, 'index.ts')];
  return tried.find((each) => existsSync(each) && statSync(each).isFile());
}

function commonFolder(files: Iterable<string>): string {
  const [first = [], ...others] = [...files].map((file) => path.dirname(file).split(path.sep));
  let length = first.length;
  for (const parts of others) {
    let same = 0;
    while (same < length && parts[same] === first[same]) same++;
    length = same;
  }
  return first.slice(0, length).join(path.sep) || path.sep;
}
