/**
 * K9: a kubelet starts a pod only with what the pod needs, and none of which it has read that it is being deleted.
 *
 * Needs are written a second time, plainly: ConfigMaps and Secrets that are not optional have been there at some time (a copy that is old may still have one),
 * claims for volumes are bound and those for devices reserved at the first start. What a kubelet has read is judged by its lists.
 * Source: kubelet 1.34, volume manager, makeEnvironmentVariables and SyncTerminatingPod; Kubernetes documentation, Configure a Pod to Use a ConfigMap.
 */
import type { Pid } from '../../sim/process.ts';
import { CALL_READ } from '../../types/call-outcome.ts';
import { PART_BIRTH, PART_END, PART_METADATA } from '../../types/changed-parts.ts';
import { claimNameOf, isReservedForPod, type ResourceClaim } from '../../types/device.ts';
import type { KubeObject } from '../../types/object.ts';
import type { Pod, PodSpec } from '../../types/pod.ts';
import type { PersistentVolumeClaim } from '../../types/storage.ts';
import { type ApiRequest, type ApiResponse, VERB } from '../../types/wire.ts';
import { type Judge, keyOf, listen, listenLater, type Predicate } from '../predicate.ts';
import type { Commit, World } from '../world.ts';

interface Started {
  readonly node: string;
  readonly podUid: string;
  readonly restarts: number;
}

/** Revision of the last list of pods that a kubelet has had since its own start. */
interface Listed {
  readonly incarnation: number;
  readonly revision: number;
}

export function startNeeds(judge: Judge): Predicate {
  /** Store keys of pods, by uid. */
  const keys = new Map<string, number>();
  /** Revision at which a pod was marked as being deleted, by uid. */
  const marked = new Map<string, number>();
  const listed: (Listed | undefined)[] = [];
  /** `ConfigMap/ns/name` of all that have ever been there. */
  const known = new Set<string>();
  const { processes } = judge.sim;
  const predicate: Predicate = {
    id: 'K9',
    about: 'a kubelet starts only pods that have what they need, and none that it has read to be deleted',
    evaluations: 0,
    commitKinds: ['Pod', 'ConfigMap', 'Secret'],
    commitParts: PART_BIRTH | PART_METADATA | PART_END,
    onCommit({ kind, keyId, object, previous, revision }: Commit) {
      if (kind !== 'Pod') {
        if (object !== null && previous === null) known.add(`${kind}/${keyOf(object)}`);
        return;
      }
      const uid = (object ?? previous)?.metadata.uid ?? '';
      if (object === null) {
        keys.delete(uid);
        marked.delete(uid);
        return;
      }
      keys.set(uid, keyId);
      if (object.metadata.deletionTimestamp === undefined || marked.has(uid)) return;
      marked.set(uid, revision);
      hearLists();
    },
  };
  const hearLists = listenLater(
    judge,
    'client.call-ended',
    (pid, subject) => {
      const { request, response } = subject as { readonly request: ApiRequest; readonly response: ApiResponse };
      if (request.verb !== VERB.list) return;
      listed[pid] = { incarnation: processes.incarnation[pid] as number, revision: Number(response.resourceVersion) };
    },
    ['Pod'],
    CALL_READ,
  );
  listen(judge, 'kubelet.run', (pid: Pid, subject) => {
    const { node, podUid, restarts } = subject as Started;
    const pod = judge.world.of('Pod').get(keys.get(podUid) ?? -1) as Pod | undefined;
    if (pod?.metadata.uid !== podUid) return;
    predicate.evaluations++;
    const list = listed[pid];
    const readRevision = list?.incarnation === processes.incarnation[pid] ? (list?.revision ?? 0) : 0;
    const hasRead = readRevision >= (marked.get(podUid) ?? Number.MAX_VALUE);
    const fault = hasRead
      ? 'this kubelet has read that it is being deleted'
      : (missingSource(pod, known) ?? (restarts === 0 ? unusableClaim(pod, judge.world) : null));
    if (fault !== null) judge.violate(predicate, `${node} starts pod ${keyOf(pod)}: ${fault}`);
  });
  return predicate;
}

/** A ConfigMap or Secret that the pod needs and that has never been there, or null. */
function missingSource({ metadata, spec }: Pod, known: ReadonlySet<string>): string | null {
  for (const [kind, name = '', optional] of sourcesOf(spec)) {
    if (name === '' || optional === true || known.has(`${kind}/${metadata.namespace}/${name}`)) continue;
    return `there is no ${kind} ${name}`;
  }
  return null;
}

type Source = readonly [kind: string, name: string | undefined, optional: boolean | undefined];

function* sourcesOf({ volumes, initContainers, containers }: PodSpec): Generator<Source> {
  for (const { configMap, secret } of volumes ?? []) {
    yield ['ConfigMap', configMap?.name, configMap?.optional];
    yield ['Secret', secret?.secretName, secret?.optional];
  }
  for (const { env, envFrom } of [...(initContainers ?? []), ...containers]) {
    for (const { configMapRef, secretRef } of envFrom ?? []) {
      yield ['ConfigMap', configMapRef?.name, configMapRef?.optional];
      yield ['Secret', secretRef?.name, secretRef?.optional];
    }
    for (const { valueFrom } of env ?? []) {
      yield ['ConfigMap', valueFrom?.configMapKeyRef?.name, valueFrom?.configMapKeyRef?.optional];
      yield ['Secret', valueFrom?.secretKeyRef?.name, valueFrom?.secretKeyRef?.optional];
    }
  }
}

/** A claim of the pod that is there and cannot be used, or null. */
function unusableClaim(pod: Pod, world: World): string | null {
  const find = (kind: string, name: string): KubeObject | undefined => {
    for (const object of world.of(kind).values())
      if (object.metadata.name === name && object.metadata.namespace === pod.metadata.namespace) return object;
    return undefined;
  };
  for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
    if (persistentVolumeClaim === undefined) continue;
    const claim = find('PersistentVolumeClaim', persistentVolumeClaim.claimName) as PersistentVolumeClaim | undefined;
    if (claim?.status?.phase === 'Pending') return `its claim ${claim.metadata.name} is not bound`;
  }
  for (const entry of pod.spec.resourceClaims ?? []) {
    const claim = find('ResourceClaim', claimNameOf(pod, entry) ?? '') as ResourceClaim | undefined;
    if (claim !== undefined && !isReservedForPod(claim, pod))
      return `its claim ${claim.metadata.name} is not reserved for it`;
  }
  return null;
}
