/**
 * The words in which scenarios are written: nodes, manifests, changes and waits, each a recorded step.
 */
import type { WaitCondition } from '../../bench/conform/controlplane/recording.ts';
import type { RealObject } from './connection.ts';
import { pathOf } from './kinds.ts';
import type { Recorder } from './recorder.ts';

const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const NS = 'demo';
/** Kinds without a namespace. */
const CLUSTER_WIDE = new Set(['Node', 'PersistentVolume', 'PriorityClass', 'Namespace']);

/** Manifests are written by hand. */
// biome-ignore lint/suspicious/noExplicitAny: fields of any kind
export type Manifest = any;

export interface Scenario {
  readonly name: string;
  readonly about: string;
  /** The leases of nodes are kept. */
  readonly leases?: boolean;
  /** Two instances of each led component, with leader election; their leases and logs are kept. */
  readonly leaders?: boolean;
  play(s: Play): Promise<void>;
}

export interface NodeWish {
  readonly cpu?: string;
  readonly memory?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly object[];
}

export class Play {
  readonly #recorder: Recorder;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  // ---- beginnings ------------------------------------------------------------------------------------------------

  /** Creates node-0, node-1 …, one for each wish, and waits for them. */
  async nodes(...wishes: readonly NodeWish[]): Promise<void> {
    for (const [index, wish] of wishes.entries()) await this.node(`node-${index}`, wish);
    await this.nodesReady(...wishes.map((_, index) => `node-${index}`));
  }

  /** `count` equal nodes, in zones turn by turn where some are named. */
  async equalNodes(count: number, zones: readonly string[] = [], wish: NodeWish = {}): Promise<void> {
    const wishes = Array.from({ length: count }, (_, index) => {
      const zone = zones[index % zones.length];
      return zone === undefined ? wish : { ...wish, labels: { 'topology.kubernetes.io/zone': zone, ...wish.labels } };
    });
    await this.nodes(...wishes);
  }

  async node(name: string, { cpu = '4', memory = '8Gi', labels = {}, taints }: NodeWish = {}): Promise<void> {
    const own = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };
    const room = { cpu, memory, pods: '110' };
    const spec = taints === undefined ? {} : { spec: { taints } };
    const metadata = { name, labels: { ...own, ...labels } };
    const status = { capacity: room, allocatable: room };
    await this.create({ apiVersion: 'v1', kind: 'Node', metadata, ...spec, status });
  }

  /** Waits until the node's condition Ready has this status. */
  nodeIs(name: string, ready: 'True' | 'Unknown'): Promise<void> {
    return this.wait({ kind: 'Node', name, path: 'cond:Ready', eq: ready });
  }

  async nodesReady(...names: readonly string[]): Promise<void> {
    await this.#recorder.wait(
      ...names.flatMap((name) => [
        { kind: 'Node', name, path: 'cond:Ready', eq: 'True' },
        { kind: 'Node', name, path: 'taint:node.kubernetes.io/not-ready:NoSchedule', eq: false },
        { kind: 'Node', name, path: 'spec.podCIDR' },
      ]),
    );
  }

  async namespace(name = NS): Promise<void> {
    await this.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await this.#recorder.wait(
      { kind: 'ServiceAccount', name: 'default', ns: name, path: 'metadata.uid' },
      { kind: 'ConfigMap', name: 'kube-root-ca.crt', ns: name, path: 'metadata.uid' },
    );
    await this.quiet(800);
  }

  // ---- requests --------------------------------------------------------------------------------------------------

  /** Posts a manifest as it is. */
  async create(manifest: Manifest): Promise<number> {
    const { kind } = manifest;
    const namespace = CLUSTER_WIDE.has(kind) ? '' : (manifest.metadata.namespace ?? NS);
    return this.send('POST', pathOf(kind, namespace), manifest);
  }

  async merge(kind: string, name: string, body: object, subresource = '', note?: string): Promise<number> {
    return this.send('PATCH', this.#path(kind, name, subresource), body, MERGE, note);
  }

  async strategic(kind: string, name: string, body: object): Promise<number> {
    return this.send('PATCH', this.#path(kind, name), body, STRATEGIC);
  }

  async scale(kind: string, name: string, replicas: number): Promise<void> {
    await this.merge(kind, name, { spec: { replicas } }, 'scale');
  }

  /** Another image, and annotations of the template (null takes one away). */
  async image(
    kind: string,
    name: string,
    image: string,
    wishes?: Readonly<Record<string, string | null>>,
  ): Promise<void> {
    const metadata = wishes === undefined ? {} : { metadata: { annotations: annotationsOf(wishes) } };
    const template = { ...metadata, spec: { containers: [{ name: 'app', image }] } };
    await this.strategic(kind, name, { spec: { template } });
  }

  async delete(kind: string, name: string, options: object = {}): Promise<number> {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background', ...options };
    return this.send('DELETE', this.#path(kind, name), body);
  }

  async evict(pod: string): Promise<number> {
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace: NS } };
    return this.send('POST', this.#path('Pod', pod, 'eviction'), body);
  }

  async stopKubelet(node: string): Promise<void> {
    const note = `the kubelet of ${node} falls silent from here on`;
    await this.merge('Node', node, { metadata: { labels: { 'reference.example/stopped': 'true' } } }, '', note);
  }

  async startKubelet(node: string): Promise<void> {
    const note = `the kubelet of ${node} is back from here on`;
    await this.merge('Node', node, { metadata: { labels: { 'reference.example/stopped': null } } }, '', note);
  }

  async send(method: string, path: string, body?: unknown, contentType?: string, note?: string): Promise<number> {
    return (await this.#recorder.request(method, path, body, contentType, note)).status;
  }

  // ---- waits -----------------------------------------------------------------------------------------------------

  wait(...until: WaitCondition[]): Promise<void> {
    return this.#recorder.wait(...until);
  }

  quiet(ms: number): Promise<void> {
    return this.#recorder.wait({ quiet: ms });
  }

  sleep(ms: number): Promise<void> {
    return this.#recorder.sleep(ms);
  }

  /** All replicas of a Deployment are of the newest template and available. */
  rolledOut(name: string, replicas: number): Promise<void> {
    return this.wait(
      { kind: 'Deployment', name, path: 'status.updatedReplicas', eq: replicas },
      { kind: 'Deployment', name, path: 'status.replicas', eq: replicas },
      { kind: 'Deployment', name, path: 'status.availableReplicas', eq: replicas },
    );
  }

  statefulReady(name: string, replicas: number): Promise<void> {
    return this.wait(
      { kind: 'StatefulSet', name, path: 'status.readyReplicas', eq: replicas },
      { kind: 'StatefulSet', name, path: 'status.replicas', eq: replicas },
      { kind: 'StatefulSet', name, path: 'status.availableReplicas', eq: replicas },
    );
  }

  daemonReady(name: string, pods: number): Promise<void> {
    return this.wait(
      { kind: 'DaemonSet', name, path: 'status.desiredNumberScheduled', eq: pods },
      { kind: 'DaemonSet', name, path: 'status.numberAvailable', eq: pods },
      { kind: 'DaemonSet', name, path: 'status.updatedNumberScheduled', eq: pods },
    );
  }

  status(kind: string, name: string, field: string, eq: unknown): Promise<void> {
    return this.wait({ kind, name, path: `status.${field}`, eq });
  }

  pods(labels: Readonly<Record<string, string>>, eq: number, where?: Readonly<Record<string, unknown>>): Promise<void> {
    return this.wait({ count: ['Pod', labels], ...(where === undefined ? {} : { where }), eq });
  }

  // ---- what there is ---------------------------------------------------------------------------------------------

  /** Names of the pods with these labels, oldest first. */
  podNames(labels: Readonly<Record<string, string>>, keep: (pod: RealObject) => boolean = () => true): string[] {
    return this.#recorder
      .objects('Pod')
      .filter(({ metadata }) => Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value))
      .filter(keep)
      .map(({ metadata }) => metadata.name);
  }

  object(kind: string, name: string): RealObject | undefined {
    return this.#recorder.objects(kind).find(({ metadata }) => metadata.name === name);
  }

  /** Names of the objects of this kind, oldest first. */
  objects(kind: string): string[] {
    return this.#recorder.objects(kind).map(({ metadata }) => metadata.name);
  }

  process(...[component, action, instance]: Parameters<Recorder['process']>): void {
    this.#recorder.process(component, action, instance);
  }

  apiServerReady(): Promise<void> {
    return this.#recorder.ready();
  }

  #path(kind: string, name: string, subresource = ''): string {
    return pathOf(kind, CLUSTER_WIDE.has(kind) ? '' : NS, name, subresource);
  }
}

// ---- manifests -----------------------------------------------------------------------------------------------------

/** `{readyAfter: '1s'}` as annotations of the fake kubelets. */
export function annotationsOf(wishes: Readonly<Record<string, string | null>>): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(wishes).map(([name, value]) => {
      const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return [`reference.example/${kebab}`, value];
    }),
  );
}

/** A pod template of one container; `spec` is merged in. */
export function template(app: string, wishes: Readonly<Record<string, string>> = {}, spec: Manifest = {}): Manifest {
  const { cpu, ...rest } = spec;
  const resources = cpu === undefined ? {} : { resources: { requests: { cpu } } };
  const annotations = Object.keys(wishes).length === 0 ? {} : { annotations: annotationsOf(wishes) };
  return {
    metadata: { labels: { app }, ...annotations },
    spec: {
      containers: [{ name: 'app', image: 'app:v1', ...resources }],
      terminationGracePeriodSeconds: 30,
      ...rest,
    },
  };
}

/** A controller's manifest; `spec` holds what is special, `wishes` and `pod` go into the template. */
export function workload(
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'ReplicaSet',
  name: string,
  spec: Manifest,
  wishes: Readonly<Record<string, string>> = {},
  pod: Manifest = {},
): Manifest {
  const service = kind === 'StatefulSet' ? { serviceName: name } : {};
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: NS },
    spec: { ...spec, ...service, selector: { matchLabels: { app: name } }, template: template(name, wishes, pod) },
  };
}

export function job(
  name: string,
  spec: Manifest,
  wishes: Readonly<Record<string, string>> = {},
  pod: Manifest = {},
): Manifest {
  const body = template(name, wishes, { restartPolicy: 'Never', ...pod });
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace: NS }, spec: { ...spec, template: body } };
}

export function pod(
  name: string,
  spec: Manifest = {},
  wishes: Readonly<Record<string, string>> = {},
  app = name,
): Manifest {
  const { metadata, spec: podSpec } = template(app, wishes, spec);
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: NS, ...metadata }, spec: podSpec };
}

export function budget(name: string, app: string, spec: Manifest): Manifest {
  const selector = { matchLabels: { app } };
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace: NS },
    spec: { ...spec, selector },
  };
}

export function service(name: string, app: string, spec: Manifest = {}): Manifest {
  const ports = [{ port: 80, targetPort: 8080 }];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: NS },
    spec: { selector: { app }, ports, ...spec },
  };
}

export function priorityClass(name: string, value: number, rest: Manifest = {}): Manifest {
  return { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, ...rest };
}
