/**
 * The selector and labels that the server gives a new Job from its uid. Source: Kubernetes 1.34, registry/batch/job
 * strategy.go generateSelector.
 */
import type { Job } from '../job.ts';

/** The Job with its generated selector and the labels in its template; itself with `manualSelector`. */
export function withGeneratedSelector(job: Job, uid: string): Job {
  if (job.spec.manualSelector === true) return job;
  const labels = {
    ...job.spec.template.metadata?.labels,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': job.metadata.name,
    'controller-uid': uid,
    'job-name': job.metadata.name,
  };
  return {
    ...job,
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
