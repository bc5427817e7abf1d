/**
 * What a pod's claims for volumes mean for where it may and would like to run: node terms, places of the data, volumes to attach, and what is
 * left to be bound where the pod goes.
 *
 * As kube-scheduler 1.34 decides, in terms of nodes alone: VolumeBinding (a bound claim: the volume's node affinity; one that is
 * provisioned on demand: its class's allowedTopologies), VolumeZone (zone labels of the volume; a node without any zone label
 * passes), NodeVolumeLimits (a driver's limit of a CSINode, as a resource of which each volume takes one). A claim that waits for its consumer is
 * *open*, and the core binds it, where terms cannot say what comes of it: pods share it, or volumes made by hand may be taken. Not modelled: that pods
 * which share a volume attach it once, and that ReadWriteOncePod lets one of them run.
 */
import { assumedStorageClasses } from '../../core/cluster/claimed.ts';
import {
  type KubeObject,
  type NodeSelectorTerm,
  type PodSpec,
  storageClassNameOf,
  type Volume,
} from '../../core/cluster/vocabulary.ts';

/** Terms of one volume; one of them must hold. */
export type AnyOfTerms = readonly NodeSelectorTerm[];

/** What the volumes of one pod mean. */
export interface VolumePlaces {
  /** Each of these must hold. */
  readonly required: readonly AnyOfTerms[];
  /** Where the data lie. */
  readonly nodes: readonly string[];
  readonly zones: readonly string[];
  /** Volumes to attach by driver. */
  readonly attached: ReadonlyMap<string, number>;
  /** Volumes whose claims are bound where the pod goes. */
  readonly open: readonly Volume[];
  /** Why no node will do; '' = nothing stands against it. */
  readonly problem: string;
}

interface ClaimSpec {
  readonly volumeName?: string;
  readonly storageClassName?: string;
}

interface VolumeSpec {
  readonly nodeAffinity?: { readonly required?: { readonly nodeSelectorTerms?: AnyOfTerms } };
  readonly csi?: { readonly driver?: string };
}

interface ClassFields {
  readonly metadata: { readonly name: string };
  readonly provisioner?: string;
  readonly volumeBindingMode?: string;
  readonly allowedTopologies?: readonly {
    readonly matchLabelExpressions?: readonly { readonly key: string; readonly values: readonly string[] }[];
  }[];
}

const ZONE = 'topology.kubernetes.io/zone';
/** Labels that VolumeZone reads. */
const ZONE_LABELS: readonly string[] = [
  ZONE,
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
];
const HOSTNAME = 'kubernetes.io/hostname';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

/** The provisioner of classes whose volumes are made by hand. */
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';
/** What binding in the core looks up besides claims, volumes and classes. */
const OF_DRIVERS: readonly string[] = ['CSIDriver', 'CSIStorageCapacity'];

/** A claim that is not bound: its name, or what it is made from. */
interface Unbound {
  readonly name: string;
  readonly spec: ClaimSpec;
  /** Whether other pods may name it, too. */
  readonly shared: boolean;
}

/** Reads claims, volumes and classes of a cluster. */
export class VolumeCatalogue {
  readonly #objects = new Map<string, KubeObject>();
  readonly #zoneOfNode: (name: string) => string | undefined;
  /** Whether the objects are those of a running cluster, in which a claim that is not bound has a reason. */
  readonly #live: boolean;
  readonly #defaultClass: ClassFields | undefined;
  /** Drivers with a limit on some node. */
  readonly #limited: ReadonlySet<string>;
  /** Classes that have volumes to be taken. */
  readonly #handmade: ReadonlySet<string>;

  constructor(given: readonly KubeObject[], live: boolean, zoneOfNode: (name: string) => string | undefined) {
    const objects = live ? given : [...given, ...assumedStorageClasses(given)];
    for (const object of objects) {
      const { kind, metadata } = object;
      const namespace = kind === 'PersistentVolumeClaim' ? (metadata.namespace ?? 'default') : '';
      this.#objects.set(`${kind} ${namespace} ${metadata.name}`, object);
    }
    this.#live = live;
    this.#defaultClass = objects.find(
      ({ kind, metadata }) => kind === 'StorageClass' && metadata.annotations?.[DEFAULT_CLASS] === 'true',
    ) as ClassFields | undefined;
    this.#zoneOfNode = zoneOfNode;
    this.#limited = new Set(objects.flatMap(limitedDrivers));
    this.#handmade = new Set(objects.filter(isFreeVolume).map(storageClassNameOf));
  }

  /** What the volumes of a pod mean; `podName` names the claims of its ephemeral volumes. */
  placesOf(namespace: string, podName: string, spec: PodSpec): VolumePlaces {
    const places = new PlaceList();
    for (const volume of spec.volumes ?? []) {
      const claimName = volume.persistentVolumeClaim?.claimName;
      const { volumeClaimTemplate } = (volume['ephemeral'] ?? {}) as { readonly volumeClaimTemplate?: KubeObject };
      if (claimName !== undefined) this.#addClaim(namespace, claimName, volume, places);
      else if (volumeClaimTemplate !== undefined)
        this.#addEphemeral(namespace, podName, volume, volumeClaimTemplate, places);
    }
    return places;
  }

  /** The volumes of a pod that stays where it is: its claims are as they are. */
  attachedBy(namespace: string, podName: string, spec: PodSpec): VolumePlaces {
    return { ...this.placesOf(namespace, podName, spec), required: [], open: [], problem: '' };
  }

  /** What the core needs to bind open claims. */
  objects(): KubeObject[] {
    return [...this.#objects.values()].flatMap((object): KubeObject[] => {
      if (object.kind === 'StorageClass' || OF_DRIVERS.includes(object.kind)) return [object];
      if (isFreeVolume(object)) return [{ ...object, status: { phase: 'Available' } } as KubeObject];
      if (object.kind !== 'PersistentVolumeClaim') return [];
      const spec = (object.spec ?? {}) as ClaimSpec;
      return (spec.volumeName ?? '') === '' ? [this.#openClaim(object, spec)] : [];
    });
  }

  /** As admission completes a claim, and without the node that a pod now placed anew was to have. */
  #openClaim({ apiVersion, kind, metadata }: KubeObject, spec: ClaimSpec): KubeObject {
    const { [SELECTED_NODE]: _selected, ...annotations } = metadata.annotations ?? {};
    const namespace = metadata.namespace ?? 'default';
    return { apiVersion, kind, metadata: { ...metadata, namespace, annotations }, spec: this.#withClass(spec) };
  }

  #withClass(spec: ClaimSpec): ClaimSpec {
    const storageClassName = spec.storageClassName ?? this.#defaultClass?.metadata.name;
    return storageClassName === undefined ? spec : { ...spec, storageClassName };
  }

  /** Of a running cluster the claim is there; elsewhere it is made when the pod comes. */
  #addEphemeral(namespace: string, podName: string, volume: Volume, template: KubeObject, places: PlaceList): void {
    if (this.#live) {
      this.#addClaim(namespace, `${podName}-${volume.name}`, volume, places);
      return;
    }
    const spec = this.#withClass((template.spec ?? {}) as ClaimSpec);
    const made = { ...volume, ephemeral: { volumeClaimTemplate: { ...template, spec } } };
    this.#addUnbound({ name: `${namespace}/${podName}-${volume.name}`, spec, shared: false }, made, places);
  }

  #addClaim(namespace: string, name: string, volume: Volume, places: PlaceList): void {
    const claim = this.#objects.get(`PersistentVolumeClaim ${namespace} ${name}`);
    if (claim === undefined) {
      if (this.#live) places.problem ||= `claim ${namespace}/${name} is not in the dump`;
      return;
    }
    const spec = (claim.spec ?? {}) as ClaimSpec;
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (selected !== undefined) this.#addNode(selected, places);
    if ((spec.volumeName ?? '') !== '') this.#addVolume(spec.volumeName as string, places);
    else {
      const named = { name: volume.name, persistentVolumeClaim: { claimName: name } };
      this.#addUnbound({ name: `${namespace}/${name}`, spec, shared: true }, named, places);
    }
  }

  #addVolume(name: string, places: PlaceList): void {
    const volume = this.#objects.get(`PersistentVolume  ${name}`);
    if (volume === undefined) {
      if (this.#live) places.problem ||= `volume ${name} is not in the dump`;
      return;
    }
    const spec = (volume.spec ?? {}) as VolumeSpec;
    const terms = spec.nodeAffinity?.required?.nodeSelectorTerms;
    if (terms !== undefined) {
      places.required.push(terms);
      for (const node of valuesOf(terms, HOSTNAME)) this.#addNode(node, places);
      places.zones.push(...valuesOf(terms, ZONE));
    }
    const { labels = {} } = volume.metadata;
    for (const key of ZONE_LABELS) {
      const text = labels[key];
      if (text === undefined) continue;
      const values = text.split('__');
      places.required.push([{ matchExpressions: [{ key, operator: 'In', values }] }, OUTSIDE_ZONES]);
      if (key === ZONE) places.zones.push(...values);
    }
    this.#attach(spec.csi?.driver, places);
  }

  #addUnbound({ name, spec, shared }: Unbound, volume: Volume, places: PlaceList): void {
    const found = this.#classOf(spec.storageClassName);
    if (found === undefined) {
      if (this.#live) places.problem ||= `claim ${name} is not bound, and its class is not in the dump`;
      return;
    }
    const waits = found.volumeBindingMode === 'WaitForFirstConsumer';
    if (this.#live && !waits) {
      places.problem ||= `claim ${name} is not bound, and its class binds at once`;
      return;
    }
    const isHandmade =
      this.#handmade.has(found.metadata.name) || (found.provisioner ?? NO_PROVISIONER) === NO_PROVISIONER;
    if (waits && (shared || isHandmade)) places.open.push(volume);
    const topologies = found.allowedTopologies ?? [];
    if (topologies.length > 0 && !isHandmade) {
      places.required.push(
        topologies.map(({ matchLabelExpressions = [] }) => ({
          matchExpressions: matchLabelExpressions.map(({ key, values }) => ({ key, operator: 'In' as const, values })),
        })),
      );
    }
    this.#attach(found.provisioner, places);
  }

  /** Counts where some node has a limit. */
  #attach(driver: string | undefined, { attached }: PlaceList): void {
    if (driver !== undefined && this.#limited.has(driver)) attached.set(driver, (attached.get(driver) ?? 0) + 1);
  }

  #classOf(name: string | undefined): ClassFields | undefined {
    if (name === undefined) return this.#defaultClass;
    return this.#objects.get(`StorageClass  ${name}`) as ClassFields | undefined;
  }

  #addNode(name: string, places: PlaceList): void {
    places.nodes.push(name);
    const zone = this.#zoneOfNode(name);
    if (zone !== undefined) places.zones.push(zone);
  }
}

/** A volume that no claim has. */
function isFreeVolume({ kind, spec, ...object }: KubeObject): boolean {
  if (kind !== 'PersistentVolume') return false;
  const { phase } = (object as { readonly status?: { readonly phase?: string } }).status ?? {};
  const { claimRef } = (spec ?? {}) as { readonly claimRef?: unknown };
  return phase === undefined ? claimRef === undefined : phase === 'Available';
}

function limitedDrivers({ kind, spec }: KubeObject): string[] {
  if (kind !== 'CSINode') return [];
  const { drivers = [] } = (spec ?? {}) as {
    readonly drivers?: readonly { readonly name: string; readonly allocatable?: { readonly count?: number } }[];
  };
  return drivers.flatMap(({ name, allocatable }) => (allocatable?.count === undefined ? [] : [name]));
}

/** A node without any zone label: VolumeZone lets every volume go there. */
const OUTSIDE_ZONES: NodeSelectorTerm = {
  matchExpressions: ZONE_LABELS.map((key) => ({ key, operator: 'DoesNotExist' as const })),
};

class PlaceList implements VolumePlaces {
  readonly required: AnyOfTerms[] = [];
  readonly nodes: string[] = [];
  readonly zones: string[] = [];
  readonly attached = new Map<string, number>();
  readonly open: Volume[] = [];
  problem = '';
}

function valuesOf(terms: AnyOfTerms, wanted: string): string[] {
  return terms.flatMap(({ matchExpressions = [] }) =>
    matchExpressions.flatMap(({ key, operator, values = [] }) => (key === wanted && operator === 'In' ? values : [])),
  );
}

/** Terms of which one must hold so that one of each list holds. An empty list or term holds nowhere. */
export function allOf(lists: readonly AnyOfTerms[]): AnyOfTerms {
  return lists.reduce<AnyOfTerms>(
    (terms, list) =>
      terms.flatMap((left) =>
        list.flatMap((right) => {
          const matchExpressions = [...(left.matchExpressions ?? []), ...(right.matchExpressions ?? [])];
          const matchFields = [...(left.matchFields ?? []), ...(right.matchFields ?? [])];
          const isEmpty = (right.matchExpressions ?? []).length + (right.matchFields ?? []).length === 0;
          return isEmpty ? [] : [{ matchExpressions, ...(matchFields.length === 0 ? {} : { matchFields }) }];
        }),
      ),
    [{}],
  );
}
