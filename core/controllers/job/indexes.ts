/**
 * Completion indexes of Indexed jobs: the text of the status (`0,1,3-5`: runs of three and more as ranges) and back. Source: Kubernetes
 * 1.34 pkg/controller/job/indexed_job_utils.go.
 */
import type { StringMap } from '../../types/object.ts';
import type { Pod, PodTemplateSpec } from '../../types/pod.ts';

const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';

/** Indexes in a status text that lie below `completions`. */
export function parseIndexes(text: string | undefined, completions: number): Set<number> {
  const indexes = new Set<number>();
  if (text === undefined || text === '') return indexes;
  for (const part of text.split(',')) {
    const dash = part.indexOf('-');
    const first = Number(dash < 0 ? part : part.slice(0, dash));
    const last = Math.min(dash < 0 ? first : Number(part.slice(dash + 1)), completions - 1);
    for (let index = first; index <= last; index++) indexes.add(index);
  }
  return indexes;
}

/** The status text; '' for none. */
export function formatIndexes(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let end = i;
    while (end + 1 < sorted.length && sorted[end + 1] === (sorted[end] as number) + 1) end++;
    if (end - i >= 2) parts.push(`${sorted[i]}-${sorted[end]}`);
    else for (let k = i; k <= end; k++) parts.push(String(sorted[k]));
    i = end + 1;
  }
  return parts.join(',');
}

/** The index of a pod, −1 when it has none or one out of range. */
export function indexOf(pod: Pod, completions: number): number {
  const text = pod.metadata.annotations?.[COMPLETION_INDEX];
  if (text === undefined || !/^\d{1,9}$/.test(text)) return -1;
  const index = Number(text);
  return index < completions ? index : -1;
}

/** The lowest `count` indexes that none of the sets has: done, being worked on, failed. */
export function pendingIndexes(taken: readonly ReadonlySet<number>[], count: number, completions: number): number[] {
  const pending: number[] = [];
  for (let index = 0; index < completions && pending.length < count; index++) {
    if (!taken.some((set) => set.has(index))) pending.push(index);
  }
  return pending;
}

/** The template with the environment variable that tells containers their index. */
export function indexedTemplate(template: PodTemplateSpec): PodTemplateSpec {
  const variable = {
    name: 'JOB_COMPLETION_INDEX',
    valueFrom: { fieldRef: { fieldPath: `metadata.labels['${COMPLETION_INDEX}']` } },
  };
  const { spec } = template;
  const withIndex = (containers: PodTemplateSpec['spec']['containers']): typeof containers =>
    containers.map((container) => {
      if (container.env?.some((known) => known.name === variable.name) === true) return container;
      return { ...container, env: [...(container.env ?? []), variable] };
    });
  const containers = withIndex(spec.containers);
  if (spec.initContainers === undefined) return { ...template, spec: { ...spec, containers } };
  return { ...template, spec: { ...spec, containers, initContainers: withIndex(spec.initContainers) } };
}

/** An indexed template made personal for one index: label, annotation and those of `more`, hostname. */
export function templateForIndex(
  template: PodTemplateSpec,
  jobName: string,
  index: number,
  more: StringMap | undefined,
): PodTemplateSpec {
  const text = String(index);
  const { metadata, spec } = template;
  return {
    metadata: {
      ...metadata,
      labels: { ...metadata?.labels, [COMPLETION_INDEX]: text },
      annotations: { ...metadata?.annotations, ...more, [COMPLETION_INDEX]: text },
    },
    spec: { ...spec, hostname: `${jobName}-${index}` },
  };
}
