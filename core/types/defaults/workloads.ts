/**
 * Defaults of Deployment, ReplicaSet, StatefulSet, DaemonSet and Job. Source: Kubernetes 1.34, pkg/apis/apps/v1 and
 * pkg/apis/batch/v1 defaults.go.
 */

import type { DaemonSet, DaemonSetSpec } from '../daemon-set.ts';
import type { Deployment, DeploymentSpec } from '../deployment.ts';
import type { Job, JobSpec } from '../job.ts';
import { copyWith } from '../json-value.ts';
import type { KubeObject } from '../object.ts';
import type { PodTemplateSpec } from '../pod.ts';
import type { ReplicaSet, ReplicaSetSpec } from '../replica-set.ts';
import type { StatefulSet, StatefulSetSpec } from '../stateful-set.ts';
import type { VolumeClaimSpec } from '../storage.ts';
import { defaultClaimSpec } from './container.ts';
import { mapShared, withDefaults, withField, withPointerDefaults } from './fields.ts';
import { defaultTemplate } from './pod-spec.ts';
import { withoutNullFields, withoutNulls } from './without-nulls.ts';
import { WORKLOAD_ZEROES, withoutZeroes } from './without-zeroes.ts';

/** Cleans the spec of nulls and defaults its template; undefined when there is no spec to work on. */
function specOf<S extends { readonly template?: PodTemplateSpec | undefined }>(input: S): S | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const { template, ...rest } = input;
  const cleanRest = withoutZeroes(withoutNulls(rest), WORKLOAD_ZEROES);
  if (template === undefined || template === null)
    return template === null || cleanRest !== rest ? (cleanRest as S) : input;
  const next = withTemplateMeta(defaultTemplate(withoutNullFields(template)));
  return next === template && cleanRest === rest
    ? input
    : (copyWith(cleanRest as object, { template: next } as object) as S);
}

function withTemplateMeta(template: PodTemplateSpec): PodTemplateSpec {
  return template.metadata === undefined || template.metadata === null
    ? template
    : withField(template, 'metadata', withoutNulls(template.metadata));
}

/** apps/v1 Deployment. */
export function defaultDeployment(deployment: Deployment): Deployment {
  const input = specOf<DeploymentSpec>(deployment.spec);
  if (input === undefined) return deployment;
  let spec = withDefaults(input, {
    replicas: 1,
    strategy: { type: 'RollingUpdate' },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  });
  let strategy = withDefaults(spec.strategy ?? {}, { type: 'RollingUpdate' });
  if (strategy.type === 'RollingUpdate') {
    const rollingUpdate = withDefaults(strategy.rollingUpdate ?? {}, { maxUnavailable: '25%', maxSurge: '25%' });
    strategy = withField(strategy, 'rollingUpdate', rollingUpdate);
  }
  spec = withField(spec, 'strategy', strategy);
  return withField(deployment, 'spec', spec);
}

/** apps/v1 ReplicaSet. */
export function defaultReplicaSet(replicaSet: ReplicaSet): ReplicaSet {
  const spec = specOf<ReplicaSetSpec>(replicaSet.spec);
  return spec === undefined ? replicaSet : withField(replicaSet, 'spec', withDefaults(spec, { replicas: 1 }));
}

function defaultClaim(claim: KubeObject): KubeObject {
  const spec = defaultClaimSpec((claim.spec ?? {}) as VolumeClaimSpec);
  const complete =
    claim.kind === 'PersistentVolumeClaim' &&
    claim.apiVersion === 'v1' &&
    claim.status !== undefined &&
    claim.spec === spec;
  if (complete) return claim;
  return {
    ...claim,
    kind: 'PersistentVolumeClaim',
    apiVersion: 'v1',
    spec,
    status: claim.status ?? { phase: 'Pending' },
  };
}

/** apps/v1 StatefulSet. */
export function defaultStatefulSet(statefulSet: StatefulSet): StatefulSet {
  const input = specOf<StatefulSetSpec>(statefulSet.spec);
  if (input === undefined) return statefulSet;
  let spec = withDefaults(input, {
    replicas: 1,
    podManagementPolicy: 'OrderedReady',
    revisionHistoryLimit: 10,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  });
  let strategy = spec.updateStrategy ?? {};
  // A strategy that is named has no partition of its own.
  if ((strategy.type ?? '') === '')
    strategy = { ...strategy, type: 'RollingUpdate', rollingUpdate: strategy.rollingUpdate ?? {} };
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate !== undefined) {
    const rollingUpdate = withDefaults(strategy.rollingUpdate, { partition: 0 });
    // Dropped while the gate MaxUnavailableStatefulSet is off, as it is in 1.34.
    strategy = withField(strategy, 'rollingUpdate', withField(rollingUpdate, 'maxUnavailable', undefined));
  }
  spec = withField(spec, 'updateStrategy', strategy);
  const retention = withDefaults(spec.persistentVolumeClaimRetentionPolicy ?? {}, {
    whenDeleted: 'Retain',
    whenScaled: 'Retain',
  });
  spec = withField(spec, 'persistentVolumeClaimRetentionPolicy', retention);
  if (spec.volumeClaimTemplates !== undefined) {
    spec = withField(spec, 'volumeClaimTemplates', mapShared(spec.volumeClaimTemplates, defaultClaim));
  }
  return withField(statefulSet, 'spec', spec);
}

/** apps/v1 DaemonSet. */
export function defaultDaemonSet(daemonSet: DaemonSet): DaemonSet {
  const input = specOf<DaemonSetSpec>(daemonSet.spec);
  if (input === undefined) return daemonSet;
  const spec = withDefaults(input, { updateStrategy: { type: 'RollingUpdate' }, revisionHistoryLimit: 10 });
  let strategy = withDefaults(spec.updateStrategy ?? {}, { type: 'RollingUpdate' });
  if (strategy.type === 'RollingUpdate') {
    const rollingUpdate = withDefaults(strategy.rollingUpdate ?? {}, { maxUnavailable: 1, maxSurge: 0 });
    strategy = withField(strategy, 'rollingUpdate', rollingUpdate);
  }
  return withField(daemonSet, 'spec', withField(spec, 'updateStrategy', strategy));
}

const NO_LIMIT = 2_147_483_647;

/** batch/v1 Job. The selector and its labels depend on the uid, see `job-selector.ts`. */
export function defaultJob(job: Job): Job {
  const input = specOf<JobSpec>(job.spec);
  if (input === undefined) return job;
  let spec = input;
  if (spec.completions === undefined && spec.parallelism === undefined) {
    spec = { ...spec, completions: 1, parallelism: 1 };
  }
  spec = withPointerDefaults(spec, {
    parallelism: 1,
    backoffLimit: spec.backoffLimitPerIndex === undefined ? 6 : NO_LIMIT,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
    manualSelector: false,
  });
  if (spec.podFailurePolicy !== undefined) {
    const rules = mapShared(spec.podFailurePolicy.rules, (rule) => {
      const patterns = mapShared(rule.onPodConditions, (pattern) => withDefaults(pattern, { status: 'True' }));
      return patterns === rule.onPodConditions ? rule : { ...rule, onPodConditions: patterns };
    });
    spec = withField(
      spec,
      'podFailurePolicy',
      withField(spec.podFailurePolicy, 'rules', rules as typeof spec.podFailurePolicy.rules),
    );
  }
  const labels = job.metadata.labels;
  const inherited = spec.template?.metadata?.labels;
  const result = withField(job, 'spec', spec);
  if ((labels !== undefined && Object.keys(labels).length > 0) || inherited === undefined) return result;
  return { ...result, metadata: { ...job.metadata, labels: inherited } };
}
