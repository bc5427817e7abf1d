/**
 * Claims for devices as policies get them: what a pod's entries name, and the objects that satisfy them.
 *
 * Pods that are placed anew bring their claims along without devices: generated ones are made again for each, from their template or from what
 * was generated; named ones are free again unless a pod that stays uses them. Without any ResourceSlice nobody can say where devices are: claims
 * are then taken for granted, and the pods are named.
 */
import {
  controllerOf,
  type DeviceGate,
  EXTENDED_CLAIM_ANNOTATION,
  gatedDeviceFields,
  isPodGroup,
  type KubeObject,
  type Pod,
  type PodGroup,
  type PodSpec,
} from '../../core/cluster/vocabulary.ts';

const OFFERED: readonly string[] = ['ResourceSlice', 'DeviceClass', 'ResourceClaimTemplate', 'DeviceTaintRule'];
const MADE_ANEW = 'seatrial-made-anew';
/** Who has claims made for them, as claims call them. */
const OWNERS: Readonly<Record<string, string>> = { Pod: 'pods', PodGroup: 'podgroups' };

type Entries = NonNullable<PodSpec['resourceClaims']>;

interface ClaimStatus {
  readonly reservedFor?: readonly { readonly resource?: string; readonly name: string }[];
}

/** Tells pods, and PodGroups with pods, that keep their node and their claims. */
export type Stays = (namespace: string, name: string, resource?: string) => boolean;

/** Reads claims, templates and slices of a cluster. */
export class DeviceCatalogue {
  readonly #objects = new Map<string, KubeObject>();
  readonly #templates = new Map<string, KubeObject>();
  readonly #hasDevices: boolean;
  readonly #stays: Stays;
  /** What gated fields come to, with the objects that have them. */
  readonly #gated = new Map<string, string[]>();
  /** Whether the pods of a PodGroup may share claims. */
  readonly #sharesClaims: boolean;
  /** Pods and workloads whose claims are taken for granted. */
  readonly #granted = new Set<string>();

  /** `gates`: feature gates of devices that are on. */
  constructor(objects: readonly KubeObject[], stays: Stays, gates: readonly DeviceGate[]) {
    const standsFor = gates.includes('DRAExtendedResource');
    for (const object of objects) {
      const isClaim = object.kind === 'ResourceClaim';
      // One that stands for a pod's extended resources is made with the pod.
      const isMadeAnew = standsFor && isClaim && object.metadata.annotations?.[EXTENDED_CLAIM_ANNOTATION] === 'true';
      if ((OFFERED.includes(object.kind) || isClaim) && !isMadeAnew) this.#objects.set(keyOf(object), object);
      if (OFFERED.includes(object.kind) || isClaim || isPodGroup(object)) this.#noteGated(object, gates);
    }
    this.#sharesClaims = gates.includes('DRAWorkloadResourceClaims');
    this.#hasDevices = objects.some(({ kind }) => kind === 'ResourceSlice');
    this.#stays = stays;
  }

  /** The entries that policies are to satisfy, and why no node will do ('' = nothing stands against it). */
  entriesOf(namespace: string, name: string, { spec, status }: Pick<Pod, 'spec' | 'status'>) {
    const entries: Entries = spec.resourceClaims ?? [];
    if (entries.length === 0) return { entries: undefined, problem: '' };
    if (!this.#hasDevices) {
      this.#granted.add(`${namespace}/${name}`);
      return { entries: undefined, problem: '' };
    }
    let problem = '';
    const kept = entries.map((entry) => {
      const { resourceClaimName, resourceClaimTemplateName = '' } = entry;
      if (resourceClaimName !== undefined) {
        if (!this.#objects.has(`ResourceClaim ${namespace} ${resourceClaimName}`))
          problem ||= `ResourceClaim ${namespace}/${resourceClaimName} is not given`;
        return entry;
      }
      if (this.#objects.has(`ResourceClaimTemplate ${namespace} ${resourceClaimTemplateName}`)) return entry;
      const generated =
        status?.resourceClaimStatuses?.find((each) => each.name === entry.name)?.resourceClaimName ?? '';
      const claim = this.#objects.get(`ResourceClaim ${namespace} ${generated}`);
      if (claim === undefined)
        problem ||= `ResourceClaimTemplate ${namespace}/${resourceClaimTemplateName} is not given`;
      return claim === undefined ? entry : { ...entry, resourceClaimTemplateName: this.#templateLike(claim) };
    });
    return { entries: kept, problem };
  }

  /** The groups whose pods share claims, with what is known of these. */
  groups(groups: readonly PodGroup[]): PodGroup[] {
    if (!this.#hasDevices || !this.#sharesClaims) return [];
    return groups.flatMap((group) => {
      const { namespace = 'default', name, uid = name } = group.metadata;
      const { resourceClaims = [], priority } = group.spec ?? {};
      if (resourceClaims.length === 0) return [];
      const { entries } = this.entriesOf(namespace, name, {
        spec: { containers: [], resourceClaims },
        status: group.status,
      });
      const metadata = { ...group.metadata, namespace, uid };
      return [{ ...group, metadata, spec: { priority, resourceClaims: entries } } as PodGroup];
    });
  }

  /** What the core is to know. */
  objects(): KubeObject[] {
    const given = [...this.#objects.values()].flatMap((object) =>
      object.kind === 'ResourceClaim' ? this.#claim(object) : object,
    );
    return [...given, ...this.#templates.values()].map(namespaced);
  }

  #noteGated(object: KubeObject, gates: readonly DeviceGate[]): void {
    for (const { path, gate, effect } of gatedDeviceFields(object, gates)) {
      const field = path.filter((part) => typeof part === 'string').join('.');
      const note = `${object.kind} ${field}: feature gate ${gate} is off, as by default in Kubernetes 1.34: ${effect}`;
      const names = this.#gated.get(note) ?? [];
      names.push(object.metadata.name);
      this.#gated.set(note, names);
    }
  }

  /** What is to be said of claims that nobody looks at, and of fields without effect. */
  notes(): string[] {
    const gated = [...this.#gated].map(([note, [first, ...more]]) => {
      return `${note} (${first}${more.length === 0 ? '' : ` and ${more.length} more`})`;
    });
    if (this.#granted.size === 0) return gated;
    const names = [...this.#granted].join(', ');
    return [
      ...gated,
      `no ResourceSlice is given, so nobody knows where devices are: claims for them are taken for granted (${names})`,
    ];
  }

  /** A template whose claims are like one that was generated; its name. */
  #templateLike({ metadata, spec }: KubeObject): string {
    const { namespace = 'default' } = metadata;
    const key = JSON.stringify([namespace, spec]);
    const name = this.#templates.get(key)?.metadata.name ?? `${MADE_ANEW}-${this.#templates.size}`;
    const kind = { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaimTemplate' };
    this.#templates.set(key, { ...kind, metadata: { namespace, name }, spec: { spec } });
    return name;
  }

  /** A claim as it is when the pods to be placed have gone; one that was made for such a pod or group goes with it. */
  #claim(claim: KubeObject): KubeObject[] {
    const { namespace = 'default' } = claim.metadata;
    const owner = controllerOf(claim);
    const resource = OWNERS[owner?.kind ?? ''];
    if (owner !== undefined && resource !== undefined && !this.#stays(namespace, owner.name, resource)) return [];
    const { status } = claim as { readonly status?: ClaimStatus };
    const reservedFor = (status?.reservedFor ?? []).filter((user) => this.#stays(namespace, user.name, user.resource));
    return [{ ...claim, status: reservedFor.length === 0 ? {} : { ...status, reservedFor } } as KubeObject];
  }
}

function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace ?? 'default'} ${metadata.name}`;
}

/** As the core looks objects up: claims and templates with their namespace, the others without. */
function namespaced(object: KubeObject): KubeObject {
  if (!object.kind.startsWith('ResourceClaim')) return object;
  return { ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? 'default' } };
}
