/**
 * `--report FORMAT=PATH`, repeatable: files written beside what goes to standard output.
 */
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '../report/atomic-file.ts';
import { statPath } from './stat-path.ts';
import { CLI_CODES, type ProblemList } from './user-error.ts';

/** One file to write. */
export interface ReportFile<F extends string> {
  readonly format: F;
  readonly file: string;
}

/** Reads the flags' texts, each with one file or several behind commas; problems are added to `problems`. */
export function readReportFiles<F extends string>(
  texts: readonly string[],
  formats: readonly F[],
  cwd: string,
  problems: ProblemList,
): ReportFile<F>[] {
  const files: ReportFile<F>[] = [];
  for (const part of texts.flatMap(splitFiles)) {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const file = equals < 0 ? '' : part.slice(equals + 1);
    const format = formats.find((known) => known === name);
    if (format === undefined) problems.unknownName({}, CLI_CODES.badValue, 'report format', name, formats);
    else if (file === '') problems.error({}, CLI_CODES.badValue, `--report ${part}: expected FORMAT=PATH`);
    else if (!isFolder(path.resolve(cwd, path.dirname(file)))) {
      problems.error({}, CLI_CODES.badValue, `--report ${part}: the folder ${path.dirname(file)} does not exist`);
    } else if (isFolder(path.resolve(cwd, file))) {
      problems.error({}, CLI_CODES.badValue, `--report ${part}: ${file} is a folder`);
    } else if (!canWrite(path.resolve(cwd, file))) {
      problems.error({}, CLI_CODES.badValue, `--report ${part}: the folder ${path.dirname(file)} cannot be written`);
    } else files.push({ format, file });
  }
  const twice = files.find(({ file }, index) => files.findIndex((other) => other.file === file) !== index);
  if (twice !== undefined) problems.error({}, CLI_CODES.conflict, `--report: ${twice.file} is named twice`);
  return files;
}

/** Commas part files only where another FORMAT= or a bare word follows: a path may hold one. */
function splitFiles(text: string): string[] {
  return text.split(/,(?=[a-z]+(?:=|,|$))/);
}

/** Writes the files; a file with the same content is left alone. @throws ToolFailure naming the path. */
export function writeReportFiles<F extends string>(
  files: readonly ReportFile<F>[],
  contentOf: (format: F) => string,
): void {
  for (const { format, file } of files) {
    const content = contentOf(format);
    if (!hasContent(file, content)) writeFileAtomic(file, content);
  }
}

/** Files are replaced as a whole, which is a matter of their folder; pipes and devices are written themselves. */
function canWrite(file: string): boolean {
  const found = statPath(file);
  const isSpecial = found !== undefined && !found.isFile();
  try {
    accessSync(isSpecial ? file : path.dirname(file), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function isFolder(folder: string): boolean {
  return statPath(folder)?.isDirectory() === true;
}

function hasContent(file: string, content: string): boolean {
  try {
    return statSync(file).isFile() && readFileSync(file, 'utf8') === content;
  } catch {
    return false;
  }
}
