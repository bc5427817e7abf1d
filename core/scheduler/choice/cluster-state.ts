/**
 * What a scheduler has been told of its cluster: nodes, pods on them, namespaces and what plugins look up, all kept as the paths to a node read them.
 */
import type { DeviceGate } from '../../types/device-gates.ts';
import { jsonEqual } from '../../types/json-value.ts';
import type { Node } from '../../types/node.ts';
import type { KubeObject, StringMap } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { ClaimOutlooks } from '../devices/claim-outlooks.ts';
import { DeviceStock } from '../devices/device-stock.ts';
import { GpuGrants } from '../devices/gpu-grants.ts';
import { ClusterObjects } from '../framework/cluster-objects.ts';
import { ImageStates } from '../framework/image-states.ts';
import type { NodeOrderRule } from '../nodes/node-order.ts';
import { NodeTable } from '../nodes/node-table.ts';
import { ResourceNames } from '../nodes/resource-names.ts';
import type { Snapshot } from '../plugins/plugin.ts';
import { CarriedTerms } from '../pods/carried-terms.ts';
import { ClassTermsCompiler } from '../pods/class-terms.ts';
import { DefaultSpread, servingSelector } from '../pods/default-spread.ts';
import { PodCounts } from '../pods/pod-counts.ts';
import type { PodClass, PodGroup, PodShape } from '../pods/pod-shape.ts';
import { PodTable } from '../pods/pod-table.ts';
import { ShapeTable } from '../pods/shape-table.ts';
import type { DeviceChooser } from '../policies/device-choice.ts';
import { Nominations } from '../preemption/nominations.ts';
import { SettledVolumes } from '../volumes/settled-volumes.ts';
import { TableView } from './table-view.ts';

/** What a state is to know of. */
export interface StateOptions {
  /**
   * Whether volumes, claims and devices are among the objects it is given; without, pods are placed as if all their claims
   * were satisfied.
   */
  readonly volumes?: boolean | undefined;
  /** Feature gates of devices that are on. Default: none. */
  readonly deviceGates?: readonly DeviceGate[] | undefined;
  /** Whether every pod on a node is given as an object too (PodTable.setObject): then labels that nobody asks for do not tell pods apart. */
  readonly keepsObjects?: boolean | undefined;
}

const NO_LABELS: StringMap = Object.freeze({});

/** Node table, pods on nodes, shapes and objects of one scheduler. */
export abstract class ClusterState {
  readonly nodes: NodeTable;
  readonly pods: PodTable;
  readonly shapes: ShapeTable;
  readonly snapshot: Snapshot;
  /** Namespaces, services, owners, budgets, volumes: what plugins look up. */
  readonly objects: ClusterObjects;
  readonly nominations = new Nominations();
  /** `null` when volumes are not among the objects. */
  protected readonly volumes: SettledVolumes | null;
  /** For the paths. */
  protected readonly claims: ClaimOutlooks;
  readonly #gpuGrants: GpuGrants;
  readonly #namespaces = new Map<string, StringMap>();
  readonly #counts: PodCounts;
  readonly #defaultSpread: DefaultSpread;
  #view: TableView | null = null;

  constructor(nodeOrder: NodeOrderRule, { volumes = false, keepsObjects = false, deviceGates = [] }: StateOptions) {
    const names = new ResourceNames();
    const labelsOf = (namespace: string) => this.#namespaces.get(namespace) ?? NO_LABELS;
    const fill = (counter: number) => this.pods.fillCounter(counter);
    this.objects = new ClusterObjects(deviceGates);
    this.nodes = new NodeTable(names, nodeOrder);
    this.volumes = volumes ? new SettledVolumes(this.objects, this.nodes) : null;
    this.#counts = new PodCounts(labelsOf);
    const carried = {
      carried: new CarriedTerms(labelsOf),
      carriedAffinity: new CarriedTerms(labelsOf),
      carriedPreferred: new CarriedTerms(labelsOf),
    };
    this.pods = new PodTable(this.nodes, this.#counts, carried);
    this.#gpuGrants = new GpuGrants(this.nodes, this.pods);
    const compiler = new ClassTermsCompiler(this.#counts, carried, labelsOf, fill);
    const regroup = () => this.pods.reclassify((pod) => this.classOf(pod));
    const compile = (shape: PodShape, group: PodGroup) => compiler.compile(shape, group);
    this.shapes = new ShapeTable(names, compile, keepsObjects ? regroup : null);
    this.#defaultSpread = new DefaultSpread(this.objects, this.#counts, fill);
    this.snapshot = {
      nodes: this.nodes,
      pods: this.pods,
      counts: this.#counts,
      carried: carried.carried,
      carriedAffinity: carried.carriedAffinity,
      carriedPreferred: carried.carriedPreferred,
      defaultSpread: this.#defaultSpread,
      images: new ImageStates(),
      sampleOf: (podClass) => this.shapes.sampleOf(podClass),
    };
    this.claims = new ClaimOutlooks(this.objects, this.nodes);
  }

  /** Who chooses GPUs for pods of a profile (by index). */
  protected abstract chooserOf(profile: number): DeviceChooser;

  /** The table as objects; made when it is first asked for. */
  get view(): TableView {
    this.#view ??= new TableView(this.snapshot, this.shapes, this.objects, this.nominations);
    return this.#view;
  }

  /** Adds or replaces a node. */
  putNode(node: Node): number {
    const known = this.nodes.find(node.metadata.name);
    const before = known < 0 ? null : (this.nodes.nodes[known] ?? null);
    this.snapshot.images.put(before ?? undefined, node);
    const slot = this.nodes.putNode(node);
    this.nodes.reserveResources();
    this.#gpuGrants.nodeSeen(slot, this.chooserOf(0));
    return slot;
  }

  /** Removes a node; its pods keep counting under its name until they are removed. */
  removeNode(name: string): void {
    const slot = this.nodes.find(name);
    const node = slot < 0 ? null : (this.nodes.nodes[slot] ?? null);
    if (node !== null) this.snapshot.images.remove(node);
    this.nodes.removeNode(name);
  }

  /** Sets a namespace's labels (for namespace selectors), `undefined` when it is gone. Recounts all pods if they changed. */
  putNamespace(name: string, labels: StringMap | undefined): void {
    if (jsonEqual(this.#namespaces.get(name) ?? NO_LABELS, labels ?? NO_LABELS)) return;
    if (labels === undefined) this.#namespaces.delete(name);
    else this.#namespaces.set(name, labels);
    if (labels === undefined) this.objects.delete('Namespace', '', name);
    else this.objects.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    for (const terms of [this.snapshot.carried, this.snapshot.carriedAffinity, this.snapshot.carriedPreferred]) {
      terms.invalidate();
    }
    if (this.#counts.count > 0) this.pods.recount();
  }

  /** An object that plugins look up came or changed (not nodes, pods and namespaces). */
  putObject(object: KubeObject): void {
    const { namespace = '', name } = object.metadata;
    const before = this.objects.get(object.kind, namespace, name);
    this.objects.put(object);
    if (object.kind === 'DeviceClass') this.#classesChanged();
    this.volumes?.changed(object);
    const selector = servingSelector(object);
    if (selector !== undefined) this.shapes.ask(selector);
    this.#defaultSpread.changed(before, object);
  }

  /** Such an object is gone. */
  deleteObject(kind: string, namespace: string, name: string): void {
    const before = this.objects.get(kind, namespace, name);
    this.objects.delete(kind, namespace, name);
    if (kind === 'DeviceClass') this.#classesChanged();
    this.#defaultSpread.changed(before, undefined);
  }

  #classesChanged(): void {
    if (!this.objects.deviceGates.has('DRAExtendedResource')) return;
    this.nodes.setDeviceStock(new DeviceStock(this.objects, this.nodes));
  }

  /** The class of a pod; columns for resources that it is the first to name are made. */
  classOf(pod: Pod): PodClass {
    this.volumes?.saw(pod);
    const podClass = this.shapes.intern(pod);
    this.nodes.reserveResources();
    return podClass;
  }

  /** Counts a pod on a node (which may not be known yet); returns its row. */
  addPod(nodeName: string, podClass: PodClass, terminating: boolean): number {
    return this.#add(this.nodes.slotFor(nodeName), podClass, terminating, 0);
  }

  /** Counts a pod on a slot that {@link select} gave; returns its row. */
  assume(slot: number, podClass: PodClass, profile = 0): number {
    return this.#add(slot, podClass, false, profile);
  }

  /** Takes a pod off its node again. */
  removePod(row: number): void {
    this.#gpuGrants.takeBack(row);
    this.pods.remove(row);
  }

  /** Puts a pod on a slot, and its demand on devices that the profile chooses. */
  #add(slot: number, podClass: PodClass, terminating: boolean, profile: number): number {
    const row = this.pods.add(slot, podClass, terminating);
    this.volumes?.added();
    if (podClass.shape.gpu !== null) this.#gpuGrants.give(row, this.chooserOf(profile));
    return row;
  }
}
