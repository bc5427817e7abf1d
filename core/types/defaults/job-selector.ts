/**
 * The selector and labels that the server gives a new Job from its uid. Source: Kubernetes 1.34, registry/batch/job
 * strategy.go generateSelector.
 */
import type { Job } from '../job.ts';
import type { ObjectMeta, StringMap } from '../object.ts';
import { freshMeta } from '../version-meta.ts';

/** The labels that tell the pods of one Job from all others. */
export function generatedLabels({ name, uid = '' }: ObjectMeta): StringMap {
  return {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
}

/** The Job with its generated selector and the labels in its template; itself with `manualSelector`. */
export function withGeneratedSelector(job: Job, uid: string): Job {
  if (job.spec.manualSelector === true) return job;
  const labels = { ...job.spec.template.metadata?.labels, ...generatedLabels({ ...job.metadata, uid }) };
  // A Job without labels of its own gets the template's by defaulting, when it is made or read: the generated ones are in both.
  const own = job.metadata.labels;
  const sharesLabels = own === job.spec.template.metadata?.labels || own === undefined || Object.keys(own).length === 0;
  return {
    ...job,
    metadata: sharesLabels ? freshMeta({ ...job.metadata, labels }) : job.metadata,
    spec: {
      ...job.spec,
      selector: {
        ...job.spec.selector,
        matchLabels: { ...job.spec.selector?.matchLabels, 'batch.kubernetes.io/controller-uid': uid },
      },
      template: { ...job.spec.template, metadata: { ...job.spec.template.metadata, labels } },
    },
  };
}
