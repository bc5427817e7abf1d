/**
 * What a pod's claims mean for where it may and would like to run: node terms, places of the data, volumes to attach.
 *
 * As kube-scheduler 1.34 decides, in terms of nodes alone: VolumeBinding (a bound claim: the volume's node affinity; one that is
 * provisioned on demand: its class's allowedTopologies), VolumeZone (zone labels of the volume; a node without any zone label
 * passes), NodeVolumeLimits (a driver's limit of a CSINode, as a resource of which each volume takes one). Not modelled: that pods
 * which share a volume attach it once, and that ReadWriteOncePod lets one of them run.
 */
import type { KubeObject, NodeSelectorTerm, PodSpec } from '../../core/cluster/vocabulary.ts';

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

/** Reads claims, volumes and classes of a cluster. */
export class VolumeCatalogue {
  readonly #objects = new Map<string, KubeObject>();
  readonly #zoneOfNode: (name: string) => string | undefined;
  /** Whether the objects are those of a running cluster, in which a claim that is not bound has a reason. */
  readonly #live: boolean;
  readonly #defaultClass: ClassFields | undefined;

  constructor(objects: readonly KubeObject[], live: boolean, zoneOfNode: (name: string) => string | undefined) {
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
  }

  /** What the volumes of a pod mean; `podName` names the claims of its ephemeral volumes. */
  placesOf(namespace: string, podName: string, spec: PodSpec): VolumePlaces {
    const places = new PlaceList();
    for (const { name, persistentVolumeClaim, ephemeral } of (spec.volumes ?? []) as readonly {
      readonly name: string;
      readonly persistentVolumeClaim?: { readonly claimName: string };
      readonly ephemeral?: unknown;
    }[]) {
      const claimName =
        persistentVolumeClaim?.claimName ?? (ephemeral === undefined ? undefined : `${podName}-${name}`);
      if (claimName !== undefined) this.#addClaim(namespace, claimName, places);
    }
    return places;
  }

  #addClaim(namespace: string, name: string, places: PlaceList): void {
    const claim = this.#objects.get(`PersistentVolumeClaim ${namespace} ${name}`);
    if (claim === undefined) {
      if (this.#live) places.problem ||= `claim ${namespace}/${name} is not in the dump`;
      return;
    }
    const spec = (claim.spec ?? {}) as ClaimSpec;
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (selected !== undefined) this.#addNode(selected, places);
    if ((spec.volumeName ?? '') === '') this.#addUnbound(`${namespace}/${name}`, spec, places);
    else this.#addVolume(spec.volumeName as string, places);
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
    if (spec.csi?.driver !== undefined) places.attach(spec.csi.driver);
  }

  #addUnbound(claim: string, { storageClassName }: ClaimSpec, places: PlaceList): void {
    const found = this.#classOf(storageClassName);
    if (found === undefined) {
      if (this.#live) places.problem ||= `claim ${claim} is not bound, and its class is not in the dump`;
      return;
    }
    if (this.#live && found.volumeBindingMode !== 'WaitForFirstConsumer') {
      places.problem ||= `claim ${claim} is not bound, and its class binds at once`;
      return;
    }
    const topologies = found.allowedTopologies ?? [];
    if (topologies.length > 0) {
      places.required.push(
        topologies.map(({ matchLabelExpressions = [] }) => ({
          matchExpressions: matchLabelExpressions.map(({ key, values }) => ({ key, operator: 'In' as const, values })),
        })),
      );
    }
    if (found.provisioner !== undefined) places.attach(found.provisioner);
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

/** A node without any zone label: VolumeZone lets every volume go there. */
const OUTSIDE_ZONES: NodeSelectorTerm = {
  matchExpressions: ZONE_LABELS.map((key) => ({ key, operator: 'DoesNotExist' as const })),
};

class PlaceList implements VolumePlaces {
  readonly required: AnyOfTerms[] = [];
  readonly nodes: string[] = [];
  readonly zones: string[] = [];
  readonly attached = new Map<string, number>();
  problem = '';

  attach(driver: string): void {
    this.attached.set(driver, (this.attached.get(driver) ?? 0) + 1);
  }
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
