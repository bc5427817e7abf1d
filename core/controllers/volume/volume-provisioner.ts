/**
 * The provisioner of every storage class that names one: a CSI driver with its sidecar, reduced to the volume that comes of it.
 *
 * A volume can be used from the zone in which it was made: that of the node that the scheduler selected, or, for classes that bind at
 * once, one drawn from the claim's name among the zones of the nodes (an ordinal at its end goes round). Nodes without zone use any. Data,
 * attaching and detaching are not simulated. Source: kubernetes-csi/external-provisioner 5.x (pkg/controller), Kubernetes 1.34
 * component-helpers volume.ChooseZoneForVolume.
 */
import type { Informer } from '../../client/informer.ts';
import type { Wait } from '../../sim/task.ts';
import { claimType } from '../../types/claim-types.ts';
import type { Node } from '../../types/node.ts';
import { NODES, type ResourceType, type ResourceTypes } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../types/storage.ts';
import { storageClassNameOf } from '../../types/storage-class-name.ts';
import { PROVISIONER, SELECTED_NODE } from '../../types/volume-match.ts';
import type { Controller } from '../controller.ts';
import type { ControllerScope } from '../controller-scope.ts';

const WORKERS = 100;
const ZONE = 'topology.kubernetes.io/zone';

export const volumeProvisioner: Controller = {
  name: 'volume-provisioner',
  register(scope) {
    const { types } = scope.manager.options;
    if (types !== undefined) new Provisioner(scope, types);
  },
};

class Provisioner {
  readonly #scope: ControllerScope;
  readonly #volumeType: ResourceType;
  readonly #claimType: ResourceType;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #classes: Informer<StorageClass>;
  readonly #nodes: Informer<Node>;

  constructor(scope: ControllerScope, types: ResourceTypes) {
    this.#scope = scope;
    this.#volumeType = claimType(types, 'PersistentVolume');
    this.#claimType = claimType(types, 'PersistentVolumeClaim');
    this.#claims = scope.informer<PersistentVolumeClaim>(this.#claimType);
    this.#classes = scope.informer<StorageClass>(claimType(types, 'StorageClass'));
    this.#nodes = scope.informer<Node>(NODES);
    const queue = scope.queue({
      name: 'provision',
      type: this.#claimType,
      workers: WORKERS,
      reconcile: (id) => this.#provision(id),
    });
    const seen = (id: number, claim: PersistentVolumeClaim): void => {
      if (this.#isAsked(claim)) queue.add(id);
    };
    this.#claims.addHandler({ onAdd: seen, onUpdate: (id, _old, claim) => seen(id, claim) });
  }

  /** Whether a volume is wanted: a claim that waits for a consumer has a node by now. */
  #isAsked({ metadata, spec }: PersistentVolumeClaim): boolean {
    return (spec?.volumeName ?? '') === '' && metadata.annotations?.[PROVISIONER] !== undefined;
  }

  *#provision(id: number): Generator<Wait, void, unknown> {
    const asked = this.#claims.get(id);
    if (asked === undefined || !this.#isAsked(asked)) return;
    yield* this.#scope.ctx.sleep(this.#scope.ctx.costs.volumeProvisionUs);
    const claim = this.#claims.get(id);
    if (claim === undefined || claim.metadata.uid !== asked.metadata.uid || !this.#isAsked(claim)) return;
    const storageClass = this.#classes.find('', storageClassNameOf(claim));
    if (storageClass === undefined) return;
    const zone = this.#zoneOf(claim, storageClass);
    if (zone === null) return yield* this.#giveUp(claim);
    yield* this.#create(claim, storageClass, zone);
  }

  *#create(claim: PersistentVolumeClaim, storageClass: StorageClass, zone: string): Generator<Wait, void, unknown> {
    const volume = provisionedVolume(claim, storageClass, zone);
    try {
      yield* this.#scope.client.create(this.#volumeType, volume);
    } catch (error) {
      if (!(error instanceof StatusError) || !error.isAlreadyExists) throw error;
    }
    const message = `Successfully provisioned volume ${volume.metadata.name}`;
    this.#scope.recorder.event(claim, 'Normal', 'ProvisioningSucceeded', message);
  }

  /** The scheduler is to choose again. */
  *#giveUp(claim: PersistentVolumeClaim): Generator<Wait, void, unknown> {
    const { [SELECTED_NODE]: selected, ...annotations } = claim.metadata.annotations ?? {};
    const message = `failed to provision volume: no topology for node "${selected ?? ''}"`;
    this.#scope.recorder.event(claim, 'Warning', 'ProvisioningFailed', message);
    if (selected === undefined) throw StatusError.internalError(message);
    yield* this.#scope.client.update(this.#claimType, { ...claim, metadata: { ...claim.metadata, annotations } });
  }

  /** The zone of the new volume, `''` where nodes have none, `null` when there is no place for it. */
  #zoneOf({ metadata }: PersistentVolumeClaim, { allowedTopologies = [] }: StorageClass): string | null {
    const selected = metadata.annotations?.[SELECTED_NODE];
    if (selected !== undefined) {
      const node = this.#nodes.find('', selected);
      return node === undefined ? null : (node.metadata.labels?.[ZONE] ?? '');
    }
    const allowed = allowedTopologies.flatMap(({ matchLabelExpressions = [] }) =>
      matchLabelExpressions.flatMap(({ key, values }) => (key === ZONE ? (values ?? []) : [])),
    );
    const zones = new Set<string>();
    this.#nodes.forEach((node) => {
      const zone = node.metadata.labels?.[ZONE];
      if (zone !== undefined && (allowed.length === 0 || allowed.includes(zone))) zones.add(zone);
    });
    if (zones.size === 0) return allowed.length === 0 ? '' : null;
    return [...zones].sort()[zoneIndex(metadata.name) % zones.size] as string;
  }
}

/** The volume that is made for a claim; `zone` is `''` where nodes have none. */
export function provisionedVolume(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  zone: string,
): PersistentVolume {
  const { namespace, name, uid = '' } = claim.metadata;
  const { provisioner = '', reclaimPolicy = 'Delete' } = storageClass;
  const volumeName = `pvc-${uid}`;
  const terms = [{ matchExpressions: [{ key: ZONE, operator: 'In' as const, values: [zone] }] }];
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName, annotations: { 'pv.kubernetes.io/provisioned-by': provisioner } },
    spec: {
      capacity: { storage: claim.spec?.resources?.requests?.['storage'] ?? '1Gi' },
      accessModes: claim.spec?.accessModes ?? ['ReadWriteOnce'],
      volumeMode: claim.spec?.volumeMode,
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: storageClass.metadata.name,
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
      csi: { driver: provisioner, volumeHandle: volumeName },
      ...(zone === '' ? {} : { nodeAffinity: { required: { nodeSelectorTerms: terms } } }),
    },
  };
}

/** FNV-1a of a claim's name without its ordinal, plus the ordinal: claims of one StatefulSet go round the zones. */
function zoneIndex(name: string): number {
  const match = /^(.*)-(\d{1,9})$/.exec(name);
  const [base, ordinal] = match === null ? [name, 0] : [match[1] as string, Number(match[2])];
  let hash = 0x811c9dc5;
  for (let i = 0; i < base.length; i++) hash = Math.imul(hash ^ base.charCodeAt(i), 0x01000193) >>> 0;
  return hash + ordinal;
}
