/**
 * Volumes between the choice of a node and the binding: claims that wait for a pod get an existing volume, or a note of the node for their
 * provisioner, and the pod is bound when all its claims are. Source: Kubernetes 1.34, plugins volumebinding/binder.go.
 *
 * What is chosen counts for the next pods at once. The wait looks once a second, the first time after one, and ends after
 * `bindTimeoutSeconds`, or when the pod or its node is gone.
 */
import type { Client } from '../../client/client.ts';
import type { Context } from '../../sim/context.ts';
import type { Wait } from '../../sim/task.ts';
import type { KubeObject } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import type { ResourceType } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../types/storage.ts';
import { reserveFor, SELECTED_NODE } from '../../types/volume-match.ts';
import type { SchedulingCore } from '../choice/scheduling-core.ts';
import type { Lookups } from '../cycle/lookups.ts';
import type { Reserver } from '../cycle/reserver.ts';
import { findClaim, isFullyBound, waitingClaims } from '../framework/pod-claims.ts';
import { boundVolumeAllows, chooseVolumes } from '../framework/volume-matching.ts';
import { podKey } from '../pods/pod-key.ts';

const POLL_US = 1_000_000;
const US_PER_SECOND = 1_000_000;

/** What a pod waits for. */
interface Held {
  /** Volumes with their claim's name, and claims with their node's; not yet written ones first to last. */
  readonly writes: { readonly type: ResourceType; readonly object: KubeObject }[];
  readonly claims: readonly PersistentVolumeClaim[];
}

/** What it needs of its scheduler. */
export interface VolumeParts {
  readonly client: Client;
  readonly core: SchedulingCore;
  readonly lookups: Lookups;
  readonly volumes: ResourceType;
  readonly claims: ResourceType;
  readonly bindTimeoutSeconds: number;
  /** Whether a pod of this name is there. */
  readonly exists: (pod: Pod) => boolean;
}

/** The volumes of one scheduler's pods. */
export class VolumeReservations implements Reserver {
  readonly name = 'VolumeBinding';
  readonly #ctx: Context;
  readonly #parts: VolumeParts;
  readonly #held = new Map<string, Held>();

  constructor(ctx: Context, parts: VolumeParts) {
    this.#ctx = ctx;
    this.#parts = parts;
  }

  reserve(pod: Pod, nodeName: string): boolean {
    if (pod.spec.volumes === undefined) return true;
    const { core, volumes, claims } = this.#parts;
    const waiting = waitingClaims(core.objects, pod);
    if (waiting.length === 0) return true;
    const slot = core.nodes.find(nodeName);
    const labels = core.nodes.nodes[slot]?.metadata.labels ?? {};
    const chosen = chooseVolumes(core.objects, [...waiting], nodeName, labels);
    if (chosen === null) return false;
    const bound = chosen.bindings.map(({ volume, claim }) => ({ type: volumes, object: reserveFor(volume, claim) }));
    const noted = chosen.provisions.map((claim) => ({ type: claims, object: withNode(claim, nodeName) }));
    const writes = [...bound, ...noted];
    for (const { object } of writes) core.putObject(object);
    this.#held.set(podKey(pod), { writes, claims: waiting });
    return true;
  }

  holds(pod: Pod): boolean {
    return this.#held.size > 0 && this.#held.has(podKey(pod));
  }

  *preBind(pod: Pod, nodeName: string): Generator<Wait, void, unknown> {
    const held = this.#held.get(podKey(pod));
    if (held === undefined) return;
    const { client, lookups, bindTimeoutSeconds } = this.#parts;
    for (let next = held.writes[0]; next !== undefined; next = held.writes[0]) {
      const written = yield* client.update(next.type, next.object);
      held.writes.shift();
      lookups.assume(written);
    }
    const endUs = this.#ctx.now() + bindTimeoutSeconds * US_PER_SECOND;
    do {
      if (this.#ctx.now() >= endUs) throw failure('context deadline exceeded');
      yield* this.#ctx.sleep(POLL_US);
    } while (!this.#areBound(pod, nodeName, held.claims));
  }

  unreserve(pod: Pod): void {
    const held = this.#held.get(podKey(pod));
    this.#held.delete(podKey(pod));
    for (const { object } of held?.writes ?? []) this.#parts.lookups.restore(object);
  }

  bound(pod: Pod): void {
    this.#held.delete(podKey(pod));
  }

  /** Whether all claims are bound to volumes that the node can use. @throws StatusError when that cannot come about any more */
  #areBound(pod: Pod, nodeName: string, claims: readonly PersistentVolumeClaim[]): boolean {
    const { core, exists } = this.#parts;
    const { nodes, objects } = core;
    const node = nodes.nodes[nodes.find(nodeName)] ?? null;
    if (node === null) throw failure(`failed to get node "${nodeName}": node "${nodeName}" not found`);
    if (!exists(pod)) throw failure(`pod does not exist any more: pod "${pod.metadata.name}" not found`);
    for (const { metadata } of claims) {
      const claim = findClaim(objects, pod, metadata.name);
      if (claim === undefined)
        throw failure(
          `failed to check provisioning pvc: could not find v1.PersistentVolumeClaim "${podNamespace(pod)}/${metadata.name}"`,
        );
      const selected = claim.metadata.annotations?.[SELECTED_NODE];
      const volumeName = claim.spec?.volumeName ?? '';
      const volume = objects.get<PersistentVolume>('PersistentVolume', '', volumeName);
      if (volume !== undefined && !boundVolumeAllows(objects, volume, nodeName, node.metadata.labels ?? {})) {
        throw failure(
          `pv "${volumeName}" node affinity doesn't match node "${nodeName}": no matching NodeSelectorTerms`,
        );
      }
      if (isFullyBound(claim)) continue;
      const promised = [...objects.list<PersistentVolume>('PersistentVolume')].some(
        ({ spec }) => spec?.claimRef?.uid === claim.metadata.uid,
      );
      if (selected !== nodeName && !promised) throw failure(`provisioning failed for PVC "${metadata.name}"`);
      return false;
    }
    return true;
  }
}

function withNode(claim: PersistentVolumeClaim, nodeName: string): PersistentVolumeClaim {
  const annotations = { ...claim.metadata.annotations, [SELECTED_NODE]: nodeName };
  return { ...claim, metadata: { ...claim.metadata, annotations } };
}

function podNamespace({ metadata }: Pod): string {
  return metadata.namespace ?? '';
}

function failure(message: string): StatusError {
  return new StatusError(500, '', `binding volumes: ${message}`);
}
