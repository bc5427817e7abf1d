/**
 * The lines of a component's log that a recording keeps: warnings, errors, and what leader election says.
 */
import { readFileSync } from 'node:fs';

const LINE = /^([IWEF])(\d\d)(\d\d) (\d\d:\d\d:\d\d\.\d{6})\s+\d+ ([^:]+):\d+\] (.*)$/;

/** Lines since `startedAt` (wall time, ms) of the instance's log. */
export function logLines(file: string, component: string, instance: string, startedAt: number): object[] {
  const year = new Date(startedAt).getUTCFullYear();
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, level = '', month, day, clock, source = '', text = ''] = LINE.exec(line) ?? [];
      if (level === '' || (level === 'I' && source !== 'leaderelection.go')) return [];
      const ms = Date.parse(`${year}-${month}-${day}T${clock?.slice(0, 12)}Z`) - startedAt;
      return ms < 0 ? [] : [{ ms, level, component, instance, source, text }];
    });
}
