/**
 * The persistent volume controller: binds claims to volumes, tells volumes and claims what they are, asks for volumes to be made.
 *
 * A claim of a class that waits for a consumer is left alone until the scheduler has chosen a node or a volume for it. A binding is four
 * writes (volume, its status, claim, its status), each of which another sync can take up. A claim without class gets the default class.
 * Recycling, resizing and the protection of what is in use are left out. Source: Kubernetes 1.34
 * pkg/controller/volume/persistentvolume/pv_controller.go.
 */
import type { Informer } from '../../client/informer.ts';
import type { WorkQueue } from '../../client/work-queue.ts';
import { defineBug } from '../../sim/registry.ts';
import type { Wait } from '../../sim/task.ts';
import { claimType } from '../../types/claim-types.ts';
import type { KubeObject } from '../../types/object.ts';
import type { ResourceType, ResourceTypes } from '../../types/resource-type.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../types/storage.ts';
import { storageClassNameOf } from '../../types/storage-class-name.ts';
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  isReservedFor,
  matchingVolume,
  NO_PROVISIONER,
  PROVISIONER,
  reserveFor,
  SELECTED_NODE,
} from '../../types/volume-match.ts';
import type { Controller } from '../controller.ts';
import type { ControllerScope } from '../controller-scope.ts';

export const BUG_IGNORES_CLAIM_REFS = defineBug(
  'volume-binder.ignores-claim-refs',
  'a volume that is promised to another claim counts as free',
);

const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class';
const NOTHING_TAKEN: ReadonlySet<PersistentVolume> = new Set();

export const volumeBinderController: Controller = {
  name: 'persistentvolume-binder-controller',
  register(scope) {
    const { types } = scope.manager.options;
    if (types !== undefined) new VolumeBinder(scope, types);
  },
};

class VolumeBinder {
  readonly #scope: ControllerScope;
  readonly #volumeType: ResourceType;
  readonly #claimType: ResourceType;
  readonly #volumes: Informer<PersistentVolume>;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #classes: Informer<StorageClass>;
  readonly #claimQueue: WorkQueue;
  readonly #volumeQueue: WorkQueue;

  constructor(scope: ControllerScope, types: ResourceTypes) {
    this.#scope = scope;
    this.#volumeType = claimType(types, 'PersistentVolume');
    this.#claimType = claimType(types, 'PersistentVolumeClaim');
    this.#volumes = scope.informer<PersistentVolume>(this.#volumeType);
    this.#claims = scope.informer<PersistentVolumeClaim>(this.#claimType);
    this.#classes = scope.informer<StorageClass>(claimType(types, 'StorageClass'));
    this.#claimQueue = scope.queue({
      name: 'volume-claim',
      type: this.#claimType,
      workers: 1,
      reconcile: (id) => this.#syncClaim(this.#claims.get(id)),
    });
    this.#volumeQueue = scope.queue({
      name: 'volume',
      type: this.#volumeType,
      workers: 1,
      reconcile: (id) => this.#syncVolume(this.#volumes.get(id)),
    });
    this.#listen();
  }

  #listen(): void {
    this.#claims.addHandler({
      onAdd: (id) => this.#claimQueue.add(id),
      onUpdate: (id) => this.#claimQueue.add(id),
      onDelete: (_id, claim) => this.#wakeVolume(claim.spec?.volumeName ?? ''),
    });
    this.#volumes.addHandler({
      onAdd: (id) => this.#volumeQueue.add(id),
      onUpdate: (id) => this.#volumeQueue.add(id),
      onDelete: (_id, volume) => this.#wakeClaim(volume),
    });
    this.#classes.addHandler({ onAdd: () => this.#wakeUnbound(), onUpdate: () => this.#wakeUnbound() });
  }

  #wakeVolume(name: string): void {
    const id = name === '' ? -1 : this.#volumes.keys.find('', name);
    if (id >= 0) this.#volumeQueue.add(id);
  }

  #wakeClaim({ spec }: PersistentVolume): void {
    const { namespace = '', name = '' } = spec?.claimRef ?? {};
    const id = name === '' ? -1 : this.#claims.keys.find(namespace, name);
    if (id >= 0) this.#claimQueue.add(id);
  }

  #wakeUnbound(): void {
    this.#claims.forEach(({ spec }, id) => {
      if ((spec?.volumeName ?? '') === '') this.#claimQueue.add(id);
    });
  }

  *#syncClaim(claim: PersistentVolumeClaim | undefined): Generator<Wait, void, unknown> {
    if (claim === undefined) return;
    if (claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) yield* this.#syncBound(claim);
    else if ((claim.spec?.volumeName ?? '') === '') yield* this.#syncUnbound(claim);
    else yield* this.#syncNamed(claim);
  }

  /** A claim that was bound keeps its volume or is lost. */
  *#syncBound(claim: PersistentVolumeClaim): Generator<Wait, void, unknown> {
    const name = claim.spec?.volumeName ?? '';
    const volume = name === '' ? undefined : this.#volumes.find('', name);
    if (volume === undefined)
      return yield* this.#lose(
        claim,
        'ClaimLost',
        'Bound claim has lost its PersistentVolume. Data on the volume is lost!',
      );
    if (volume.spec?.claimRef === undefined || isReservedFor(volume, claim)) return yield* this.#bind(volume, claim);
    const what = 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!';
    return yield* this.#lose(claim, 'ClaimMisbound', what);
  }

  *#lose(claim: PersistentVolumeClaim, reason: string, message: string): Generator<Wait, void, unknown> {
    if (claim.status?.phase === 'Lost') return;
    yield* this.#scope.client.updateStatus(this.#claimType, { ...claim, status: { ...claim.status, phase: 'Lost' } });
    this.#scope.recorder.event(claim, 'Warning', reason, message);
  }

  *#syncUnbound(given: PersistentVolumeClaim): Generator<Wait, void, unknown> {
    const claim = yield* this.#withClass(given);
    const className = storageClassNameOf(claim);
    const storageClass = className === '' ? undefined : this.#classes.find('', className);
    const selected = claim.metadata.annotations?.[SELECTED_NODE] !== undefined;
    const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && !selected;
    const query = { reachable: () => true, taken: NOTHING_TAKEN, reservedOnly: waits };
    const volume = matchingVolume(claim, this.#candidates(), query);
    if (volume !== undefined) return yield* this.#bind(volume, claim);
    if (waits)
      return this.#report(
        claim,
        'Normal',
        'WaitForFirstConsumer',
        'waiting for first consumer to be created before binding',
      );
    const provisioner = storageClass?.provisioner ?? '';
    if (storageClass === undefined || provisioner === '' || provisioner === NO_PROVISIONER) {
      const what =
        className === '' ? 'no storage class is set' : `storageclass.storage.k8s.io "${className}" not found`;
      const message = className === '' ? `no persistent volumes available for this claim and ${what}` : what;
      return this.#report(
        claim,
        className === '' ? 'Normal' : 'Warning',
        className === '' ? 'FailedBinding' : 'ProvisioningFailed',
        message,
      );
    }
    yield* this.#askFor(claim, provisioner);
  }

  /** Volumes by what they promise; under the planted bug nobody's promise counts. */
  #candidates(): PersistentVolume[] {
    const found: PersistentVolume[] = [];
    const ignores = this.#scope.ctx.bug(BUG_IGNORES_CLAIM_REFS);
    this.#volumes.forEach((volume) => {
      const promised = ignores && volume.metadata.annotations?.[BOUND_BY_CONTROLLER] !== undefined;
      found.push(
        promised
          ? { ...volume, spec: { ...volume.spec, claimRef: undefined }, status: { phase: 'Available' } }
          : volume,
      );
    });
    return found;
  }

  /** The class of a claim that names none is the newest default class. */
  *#withClass(claim: PersistentVolumeClaim): Generator<Wait, PersistentVolumeClaim, unknown> {
    if (claim.spec?.storageClassName !== undefined || storageClassNameOf(claim) !== '') return claim;
    let chosen: StorageClass | undefined;
    this.#classes.forEach((storageClass) => {
      const { annotations, creationTimestamp = '' } = storageClass.metadata;
      if (annotations?.[IS_DEFAULT] !== 'true') return;
      if (chosen === undefined || creationTimestamp > (chosen.metadata.creationTimestamp ?? '')) chosen = storageClass;
    });
    if (chosen === undefined) return claim;
    const spec = { ...claim.spec, storageClassName: chosen.metadata.name };
    return yield* this.#scope.client.update<PersistentVolumeClaim>(this.#claimType, { ...claim, spec });
  }

  *#askFor(claim: PersistentVolumeClaim, provisioner: string): Generator<Wait, void, unknown> {
    const { annotations } = claim.metadata;
    if (annotations?.[PROVISIONER] === provisioner) return;
    const metadata = { ...claim.metadata, annotations: { ...annotations, [PROVISIONER]: provisioner } };
    const asked = yield* this.#scope.client.update<PersistentVolumeClaim>(this.#claimType, { ...claim, metadata });
    const who = `either by the external provisioner '${provisioner}' or manually by the system administrator`;
    const hint =
      'If volume creation is delayed, please verify that the provisioner is running and correctly registered.';
    const message = `Waiting for a volume to be created ${who}. ${hint}`;
    this.#scope.recorder.event(asked, 'Normal', 'ExternalProvisioning', message);
  }

  /** A claim that names its volume waits until that is there and free. */
  *#syncNamed(claim: PersistentVolumeClaim): Generator<Wait, void, unknown> {
    const volume = this.#volumes.find('', claim.spec?.volumeName ?? '');
    if (volume === undefined) return;
    if (volume.spec?.claimRef === undefined || isReservedFor(volume, claim)) yield* this.#bind(volume, claim);
  }

  /** Writes what is missing of a binding. */
  *#bind(volume: PersistentVolume, claim: PersistentVolumeClaim): Generator<Wait, void, unknown> {
    const { client } = this.#scope;
    let bound = volume;
    if ((volume.spec?.claimRef?.uid ?? '') !== claim.metadata.uid) {
      bound = yield* client.update<PersistentVolume>(this.#volumeType, reserveFor(volume, claim));
    }
    if (bound.status?.phase !== 'Bound') {
      bound = yield* client.updateStatus(this.#volumeType, { ...bound, status: { ...bound.status, phase: 'Bound' } });
    }
    const { name } = volume.metadata;
    let current = claim;
    if (claim.spec?.volumeName !== name || claim.metadata.annotations?.[BIND_COMPLETED] === undefined) {
      const byUser =
        (claim.spec?.volumeName ?? '') !== '' && claim.metadata.annotations?.[BOUND_BY_CONTROLLER] === undefined;
      const marks = byUser ? { [BIND_COMPLETED]: 'yes' } : { [BIND_COMPLETED]: 'yes', [BOUND_BY_CONTROLLER]: 'yes' };
      const metadata = { ...claim.metadata, annotations: { ...claim.metadata.annotations, ...marks } };
      const spec = { ...claim.spec, volumeName: name };
      current = yield* client.update<PersistentVolumeClaim>(this.#claimType, { ...claim, metadata, spec });
    }
    if (current.status?.phase === 'Bound') return;
    const { accessModes, capacity } = volume.spec ?? {};
    yield* client.updateStatus(this.#claimType, {
      ...current,
      status: { ...current.status, phase: 'Bound', accessModes, capacity },
    });
  }

  *#syncVolume(volume: PersistentVolume | undefined): Generator<Wait, void, unknown> {
    if (volume === undefined) return;
    const reference = volume.spec?.claimRef;
    if (reference === undefined || (reference.uid ?? '') === '') {
      yield* this.#setPhase(volume, 'Available');
      if (reference === undefined) this.#wakeUnbound();
      else this.#wakeClaim(volume);
      return;
    }
    const claim = this.#claims.find(reference.namespace ?? '', reference.name ?? '');
    if (claim?.metadata.uid === reference.uid) {
      if (claim?.spec?.volumeName === volume.metadata.name) yield* this.#setPhase(volume, 'Bound');
      this.#wakeClaim(volume);
      return;
    }
    // A claim that the informer does not show may be new: only one that the server does not know is gone.
    if (claim === undefined && (yield* this.#exists(reference))) return;
    yield* this.#setPhase(volume, 'Released');
    if (volume.spec?.persistentVolumeReclaimPolicy !== 'Delete' || volume.metadata.deletionTimestamp !== undefined)
      return;
    yield* this.#scope.client.delete(this.#volumeType, '', volume.metadata.name);
  }

  *#exists({
    namespace = '',
    name = '',
    uid,
  }: {
    namespace?: string | undefined;
    name?: string | undefined;
    uid?: string | undefined;
  }): Generator<Wait, boolean, unknown> {
    const { items } = yield* this.#scope.client.list<PersistentVolumeClaim>(this.#claimType, namespace, {
      fieldSelector: `metadata.name=${name}`,
    });
    return items.some(({ metadata }) => metadata.uid === uid);
  }

  *#setPhase(volume: PersistentVolume, phase: string): Generator<Wait, void, unknown> {
    if (volume.status?.phase === phase) return;
    yield* this.#scope.client.updateStatus(this.#volumeType, { ...volume, status: { ...volume.status, phase } });
  }

  #report(claim: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#scope.recorder.event(claim, type, reason, message);
  }
}
