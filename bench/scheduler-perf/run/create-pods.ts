/**
 * createPods: pods of a template, thirty requests at a time, with a claim and its volume each where the file asks for them.
 *
 * Pods of one template share everything that does not depend on the index. Source: Kubernetes 1.37, scheduler_perf runners.go
 * and executor.go.
 */
import type { Wait } from '../../../core/sim/task.ts';
import { copyWith } from '../../../core/types/json-value.ts';
import type { ObjectMeta } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { PODS } from '../../../core/types/resource-type.ts';
import type { CreatePods } from '../config/operation.ts';
import type { ObjectTemplate } from '../objects/object-template.ts';
import type { Load, Steps } from './load.ts';
import type { PodTally } from './pod-tally.ts';
import { noneScheduled } from './wait.ts';

/** Creates all pods of an operation and waits for the answers. */
export function* createPods(load: Load, operation: CreatePods): Steps {
  yield* load.parallel('create pods', operation.count, (index) => createOne(load, operation, index));
}

/**
 * The steady state: `count` pods at a time, each deleted when it gets its node and made anew, until the time is up. Pods of
 * the namespace that others made go the same way. When none ever got a node it ends like any other, as the original does, and leaves a note.
 */
export function* createSteadily(load: Load, operation: CreatePods, tally: PodTally): Steps {
  const endUs = load.ctx.now() + operation.steadyStateUs;
  const scheduled: Pod[] = [];
  let any = false;
  const outer = tally.onScheduled;
  tally.onScheduled = (pod, nowUs, createdUs) => {
    outer?.(pod, nowUs, createdUs);
    if (pod.metadata.namespace !== operation.namespace) return;
    scheduled.push(pod);
    any = true;
  };
  try {
    yield* createPods(load, operation);
    while (load.ctx.now() < endUs) {
      const pod = scheduled.shift();
      if (pod === undefined) {
        yield* load.ctx.sleep(STEADY_POLL_US);
        continue;
      }
      yield* load.delete(PODS, operation.namespace, pod.metadata.name, { gracePeriodSeconds: 0 });
      yield* createOne(load, operation, 0);
    }
    if (!any && operation.count > 0) load.notes.push(noneScheduled(tally, operation.namespace));
  } finally {
    tally.onScheduled = outer;
  }
}

const STEADY_POLL_US = 1_000;

function createOne(load: Load, operation: CreatePods, index: number): Generator<Wait, unknown, unknown> {
  const { namespace, volume } = operation;
  if (volume === null) return load.create(PODS, namespace, podOf(operation, index));
  return createWithClaim(load, operation, index, volume);
}

function* createWithClaim(
  load: Load,
  operation: CreatePods,
  index: number,
  volume: NonNullable<CreatePods['volume']>,
): Steps {
  const { namespace } = operation;
  const claimName = `pvc-${index}`;
  yield* createBound(load, namespace, claimName, index, volume);
  const pod = podOf(operation, index);
  const volumes = [{ name: 'vol', persistentVolumeClaim: { claimName } }];
  yield* load.create(PODS, namespace, { ...pod, spec: copyWith(pod.spec, { volumes }) });
}

/** Metadata of the last template, as it is and with a place for labels: copies by spread then need no class of their own. */
let lastMetadata: ObjectMeta | null = null;
let withLabels: ObjectMeta = { name: '' };

/** The pod of an index; `signature` tells batches of pods apart. */
function podOf({ template, signatureBatchSize }: CreatePods, index: number): Pod {
  if (template === null) return DEFAULT_POD;
  const pod = template.at(index) as Pod;
  const { apiVersion, kind, metadata, spec } = pod;
  if (metadata !== lastMetadata) {
    lastMetadata = metadata;
    withLabels = copyWith(metadata, { labels: undefined });
  }
  const signature = `signature-label-${Math.floor(index / signatureBatchSize)}`;
  const labels = metadata.labels === undefined ? { signature } : copyWith(metadata.labels, { signature });
  return { apiVersion, kind, metadata: { ...withLabels, labels }, spec };
}

/** A claim and a volume, bound to each other as the volume controller would leave them. */
function* createBound(
  load: Load,
  namespace: string,
  claimName: string,
  index: number,
  templates: { readonly volume: ObjectTemplate; readonly claim: ObjectTemplate },
): Steps {
  const volumeName = `${namespace}-vol-${index}`;
  const claim = templates.claim.at(0);
  const claimSpec = copyWith(claim.spec as object, { volumeName });
  const bound = copyWith(claim, { metadata: copyWith(claim.metadata, { name: claimName }), spec: claimSpec });
  yield* load.createWithStatus(load.typeOf(claim), namespace, bound, { phase: 'Bound' });
  const volume = templates.volume.at(0);
  const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name: claimName };
  const spec = copyWith(withVolumeId(volume.spec as VolumeSpec, volumeName, index), { claimRef });
  const metadata = copyWith(volume.metadata, { name: volumeName });
  yield* load.createWithStatus(load.typeOf(volume), '', copyWith(volume, { metadata, spec }), { phase: 'Bound' });
}

interface VolumeSpec {
  readonly csi?: object;
  readonly awsElasticBlockStore?: object;
  readonly claimRef?: object;
}

function withVolumeId(spec: VolumeSpec, name: string, index: number): VolumeSpec {
  if (spec.csi !== undefined) return { ...spec, csi: copyWith(spec.csi, { volumeHandle: name }) };
  const { awsElasticBlockStore } = spec;
  if (awsElasticBlockStore === undefined) return spec;
  return { ...spec, awsElasticBlockStore: copyWith(awsElasticBlockStore, { volumeID: `vol-${index}` }) };
}

const REQUESTS = { cpu: '100m', memory: '500Mi' };

/** A pause pod of 100m CPU and 500 MiB. */
const DEFAULT_POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { generateName: 'pod-' },
  spec: {
    containers: [
      {
        name: 'pause',
        image: 'registry.k8s.io/pause:3.10.2',
        ports: [{ containerPort: 80 }],
        resources: { limits: REQUESTS, requests: REQUESTS },
      },
    ],
  },
} as unknown as Pod;
