/**
 * Interns pods to shapes, groups and classes.
 *
 * The identity of shared sub-objects is the fast path: pods of one template share their spec, so all of them cost one
 * WeakMap read; a pod whose spec was rebuilt (by binding, by another server) still shares containers, affinity and so on,
 * whose ids are remembered one by one. Only parts never seen as objects are compared by content (once an object).
 * What lies in a shape is what filters and scores read; two specs that differ elsewhere get the same shape.
 */
import { assert } from '../../base/assert.ts';
import { hostPortsOf } from '../../types/host-ports.ts';
import type { LabelSelector, StringMap } from '../../types/object.ts';
import type { Container, Pod, PodSpec } from '../../types/pod.ts';
import { gpuDemandOf } from '../devices/gpu-demand.ts';
import { heldSpecOf } from '../framework/held-requests.ts';
import { parsePreferredTerms, preferredTermErrors, requiredNodeTerms } from '../framework/node-selector.ts';
import type { ResourceNames } from '../nodes/resource-names.ts';
import { StringIds } from '../nodes/string-ids.ts';
import { LabelKeys } from './label-keys.ts';
import type { ClassTerms, PodClass, PodGroup, PodShape } from './pod-shape.ts';
import { resourceVectorOf } from './shape-requests.ts';

/** At most so many shapes, groups and classes each in one scheduler's life. */
const MAX_SHAPES = 1 << 22;

const NO_LABELS: StringMap = Object.freeze({});

/** Ids of equal content, remembered by object identity. */
class Parts {
  readonly #byIdentity = new WeakMap<object, number>();
  readonly #byText = new StringIds();
  readonly #project: (part: never) => unknown;

  constructor(project: (part: never) => unknown) {
    this.#project = project;
  }

  /** 0 for an absent part. */
  idOf(part: object | undefined): number {
    if (part === undefined) return 0;
    const known = this.#byIdentity.get(part);
    if (known !== undefined) return known;
    const id = this.#byText.intern(JSON.stringify(this.#project(part as never))) + 1;
    this.#byIdentity.set(part, id);
    return id;
  }
}

/** All shapes, groups and classes of one scheduler. */
export class ShapeTable {
  /** Grows when pods may be of another class than they were. */
  generation = 0;
  readonly #names: ResourceNames;
  readonly #compileTerms: (shape: PodShape, group: PodGroup) => ClassTerms;
  readonly #containers = new Parts((list: readonly Container[]) => list.map(projectContainer));
  readonly #whole = new Parts((part: object) => part);
  /** Of what pods ask of the nodes' descriptions. */
  readonly #wishes = new StringIds();
  readonly #shapesBySpec = new WeakMap<object, PodShape>();
  /** The spec whose parts were compared last with this list of containers: templates share it with what binding makes of them. */
  readonly #specsByContainers = new WeakMap<object, PodSpec>();
  readonly #shapesByParts = new Map<string, PodShape>();
  readonly #shapes: PodShape[] = [];
  /** Of label maps that are asked for as a whole. */
  readonly #groupsByLabels = new WeakMap<object, PodGroup>();
  readonly #groupsByText = new Map<string, PodGroup>();
  /** The group that was last found by its text in each namespace: pods of several workloads come in turns. */
  readonly #groupsByNamespace = new Map<string, PodGroup>();
  readonly #classes: PodClass[] = [];
  readonly #samples: Pod[] = [];
  readonly #classByPair = new Map<number, PodClass>();
  #lastSpec: PodSpec | null = null;
  #lastLabels: StringMap | undefined;
  #lastNamespace = '';
  #lastClass: PodClass | null = null;

  /** What selectors ask for; `null`: every label counts. */
  readonly #keys: LabelKeys | null;
  readonly #regroup: (() => void) | null;

  /**
   * `compileTerms` is called once for each class whose shape has pod terms. With `regroup`, labels that nobody asks for are
   * no part of a class; it is called when pods that were taken together are to be interned anew.
   */
  constructor(
    names: ResourceNames,
    compileTerms: (shape: PodShape, group: PodGroup) => ClassTerms,
    regroup: (() => void) | null = null,
  ) {
    this.#names = names;
    this.#compileTerms = compileTerms;
    this.#regroup = regroup;
    this.#keys = regroup === null ? null : new LabelKeys();
  }

  /** A selector from outside the pods (of a Service, of an owner) counts pods by its labels from now on. */
  ask(selector: LabelSelector | undefined): void {
    if (this.#keys?.askSelector(selector) === true) this.#forgetGroups();
  }

  #forgetGroups(): void {
    this.generation++;
    this.#lastClass = null;
    this.#regroup?.();
  }

  /** The class of an id. */
  classOf(id: number): PodClass {
    return this.#classes[id] as PodClass;
  }

  /** The class of a pod. `spec.nodeName`, priority and gates are no part of it. @throws for a malformed quantity. */
  intern(pod: Pod): PodClass {
    const { metadata } = pod;
    // What fits beside a pod is a matter of what it holds; only one that has a node can hold anything else than it asks for.
    const spec = pod.spec.nodeName === undefined ? pod.spec : heldSpecOf(pod);
    const namespace = metadata.namespace ?? '';
    const last = this.#lastClass;
    if (last !== null && spec === this.#lastSpec && metadata.labels === this.#lastLabels) {
      if (namespace === this.#lastNamespace) return last;
    }
    const shape =
      last !== null && sameParts(spec, this.#lastSpec as PodSpec)
        ? last.shape
        : (this.#shapesBySpec.get(spec) ?? this.#shapeLike(spec) ?? this.#shapeOf(spec));
    const group = this.#groupOf(namespace, metadata.labels ?? NO_LABELS);
    const pair = shape.id * MAX_SHAPES + group.id;
    const podClass = this.#classByPair.get(pair) ?? this.#addClass(pair, shape, group, pod);
    this.#lastSpec = spec;
    this.#lastLabels = metadata.labels;
    this.#lastNamespace = namespace;
    this.#lastClass = podClass;
    return podClass;
  }

  /** Some pod of a class: the first that was seen. */
  sampleOf({ id }: PodClass): Pod {
    return this.#samples[id] as Pod;
  }

  #addClass(pair: number, shape: PodShape, group: PodGroup, sample: Pod): PodClass {
    const terms = shape.dependsOnPods ? this.#compileTerms(shape, group) : null;
    const podClass: PodClass = { id: this.#classes.length, shape, group, terms };
    assert(podClass.id < MAX_SHAPES, `more than ${MAX_SHAPES} pod classes in one scheduler`);
    this.#classes.push(podClass);
    this.#samples.push(sample);
    this.#classByPair.set(pair, podClass);
    return podClass;
  }

  #groupOf(namespace: string, labels: StringMap): PodGroup {
    const known = this.#groupsByLabels.get(labels);
    if (known !== undefined && known.namespace === namespace) return known;
    const last = this.#lastClass?.group;
    const near = last?.namespace === namespace ? last : this.#groupsByNamespace.get(namespace);
    if (near !== undefined && this.#keys?.agree(labels, near.labels) === true) return near;
    const asked = this.#keys?.asked(labels) ?? labels;
    const text = JSON.stringify([namespace, Object.entries(asked).sort(([a], [b]) => (a < b ? -1 : 1))]);
    let group = this.#groupsByText.get(text);
    if (group === undefined) {
      group = { id: this.#groupsByText.size, namespace, labels: asked };
      assert(group.id < MAX_SHAPES, `more than ${MAX_SHAPES} pod label sets in one scheduler`);
      this.#groupsByText.set(text, group);
    }
    // Labels that differ from pod to pod are not seen again.
    if (asked === labels) this.#groupsByLabels.set(labels, group);
    this.#groupsByNamespace.set(namespace, group);
    return group;
  }

  /** The shape of a spec that shares all its parts with one of the same containers, whose pods may come in turns with others. */
  #shapeLike(spec: PodSpec): PodShape | undefined {
    const near = this.#specsByContainers.get(spec.containers);
    return near !== undefined && sameParts(spec, near) ? this.#shapesBySpec.get(near) : undefined;
  }

  #shapeOf(spec: PodSpec): PodShape {
    const whole = this.#whole;
    const wishes = [
      whole.idOf(spec.tolerations),
      whole.idOf(spec.nodeSelector),
      whole.idOf(spec.affinity?.nodeAffinity),
    ].join();
    const key = [
      this.#containers.idOf(spec.containers),
      this.#containers.idOf(spec.initContainers),
      whole.idOf(spec.tolerations),
      whole.idOf(spec.nodeSelector),
      whole.idOf(spec.affinity),
      whole.idOf(spec.topologySpreadConstraints),
      whole.idOf(spec.overhead),
      whole.idOf(spec.resources),
    ].join();
    let shape = this.#shapesByParts.get(key);
    if (shape === undefined) {
      shape = compileShape(this.#shapes.length, this.#wishes.intern(wishes), spec, this.#names);
      assert(shape.id < MAX_SHAPES, `more than ${MAX_SHAPES} pod shapes in one scheduler`);
      this.#shapes.push(shape);
      this.#shapesByParts.set(key, shape);
      if (this.#keys?.askShape(shape) === true) this.#forgetGroups();
    }
    this.#shapesBySpec.set(spec, shape);
    this.#specsByContainers.set(spec.containers, spec);
    return shape;
  }
}

/** Whether two specs share every part that a shape is made of, as those of one template do after binding. */
function sameParts(left: PodSpec, right: PodSpec): boolean {
  return (
    left.containers === right.containers &&
    left.initContainers === right.initContainers &&
    left.tolerations === right.tolerations &&
    left.nodeSelector === right.nodeSelector &&
    left.affinity === right.affinity &&
    left.topologySpreadConstraints === right.topologySpreadConstraints &&
    left.overhead === right.overhead &&
    left.resources === right.resources
  );
}

function projectContainer(container: Container): unknown {
  const ports = container.ports?.filter((port) => (port.hostPort ?? 0) > 0);
  return [container.resources?.requests ?? 0, container.restartPolicy ?? '', ports ?? []];
}

/** One literal: a copy with a field more would have a hidden class of its own, and all that reads shapes would be compiled for many. */
function compileShape(id: number, wishId: number, spec: PodSpec, names: ResourceNames): PodShape {
  const affinity = spec.affinity;
  const spread = spec.topologySpreadConstraints ?? [];
  const requiredAffinity = affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const requiredAntiAffinity = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const preferredAffinity = affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const preferredAntiAffinity = affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const preferredNodes = affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const hardSpread = spread.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule');
  const softSpread = spread.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway');
  const required = requiredAffinity.length + requiredAntiAffinity.length;
  const preferred = preferredAffinity.length + preferredAntiAffinity.length;
  return {
    id,
    wishId,
    vector: resourceVectorOf(spec, names),
    gpu: gpuDemandOf(spec),
    hostPorts: hostPortsOf(spec),
    tolerations: spec.tolerations ?? [],
    required: asksForLabels(spec) ? requiredNodeTerms(spec) : null,
    preferred: parsePreferredTerms(preferredNodes),
    isUnparsable: preferredTermErrors(preferredNodes, false) !== '',
    hardSpread,
    softSpread,
    hasOwnSpread: spread.length > 0,
    preferredAffinity,
    preferredAntiAffinity,
    requiredAffinity,
    requiredAntiAffinity,
    dependsOnPods: hardSpread.length + softSpread.length + required + preferred > 0,
  };
}

/** Whether a spec has a nodeSelector or required node affinity. */
function asksForLabels({ nodeSelector = {}, affinity }: PodSpec): boolean {
  if (Object.keys(nodeSelector).length > 0) return true;
  return affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined;
}
