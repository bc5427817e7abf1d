/**
 * Fake kubelets: they keep the leases of all nodes and turn pods Running, ended or gone, as the README of the shared recordings says.
 */
import type { Connection, RealObject } from './connection.ts';
import { pathOf } from './kinds.ts';

const LEASE_S = 40;
const RENEW_MS = 10_000;
const RETRY_MS = 500;
const STOPPED_LABEL = 'reference.example/stopped';
const MERGE = 'application/strategic-merge-patch+json';

const NODE_CONDITIONS = [
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['NetworkUnavailable', 'False', 'RouteCreated', 'RouteController created a route'],
] as const;

type Timer = ReturnType<typeof setTimeout>;

/** What a fake kubelet is about to do with a pod. */
interface Due {
  readonly what: string;
  readonly timer: Timer;
}

export class FakeKubelets {
  readonly #connection: Connection;
  readonly #nodes = new Map<string, RealObject>();
  readonly #pods = new Map<string, RealObject>();
  readonly #renewals = new Map<string, Timer>();
  readonly #due = new Map<string, Due>();
  #ips = 0;
  #closed = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Takes in a change of a Node or Pod. */
  take(type: string, kind: string, object: RealObject): void {
    if (kind === 'Node') this.#node(type, object);
    else if (kind === 'Pod') this.#pod(type, object);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#renewals.values()) clearInterval(timer);
    for (const { timer } of this.#due.values()) clearTimeout(timer);
  }

  // ---- nodes -----------------------------------------------------------------------------------------------------

  #node(type: string, node: RealObject): void {
    const { name, labels } = node.metadata;
    if (type === 'DELETED' || labels?.[STOPPED_LABEL] !== undefined) {
      clearInterval(this.#renewals.get(name));
      this.#renewals.delete(name);
      if (type === 'DELETED') this.#nodes.delete(name);
      else this.#nodes.set(name, node);
      return;
    }
    this.#nodes.set(name, node);
    // One that is made anew finds the pods of the one before.
    if (!this.#renewals.has(name)) {
      this.#renewals.set(
        name,
        setInterval(() => void this.#renew(name), RENEW_MS),
      );
      void this.#lease(node);
      for (const pod of [...this.#pods.values()]) this.#pod('MODIFIED', pod);
    }
    const ready = node['status']?.conditions?.find((each: { type: string }) => each.type === 'Ready');
    if (ready?.status !== 'True') void this.#report(name);
  }

  async #lease(node: RealObject): Promise<void> {
    const { name, uid } = node.metadata;
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid }];
    const spec = { holderIdentity: 'host', leaseDurationSeconds: LEASE_S, renewTime: microTime() };
    const body = { metadata: { name, namespace: 'kube-node-lease', ownerReferences }, spec };
    const { status } = await this.#send('POST', pathOf('Lease', 'kube-node-lease'), body);
    if (status === 409) await this.#renew(name);
  }

  async #renew(name: string): Promise<void> {
    await this.#send('PATCH', pathOf('Lease', 'kube-node-lease', name), { spec: { renewTime: microTime() } });
  }

  async #report(name: string): Promise<void> {
    const at = time();
    const conditions = NODE_CONDITIONS.map(([type, status, reason, message]) => ({
      type,
      status,
      reason,
      message,
      lastHeartbeatTime: at,
      lastTransitionTime: at,
    }));
    const nodeInfo = {
      kernelVersion: 'kwok-v0.8.0',
      containerRuntimeVersion: 'kwok-v0.8.0',
      kubeletVersion: 'kwok-v0.8.0',
      kubeProxyVersion: 'kwok-v0.8.0',
      operatingSystem: 'linux',
      architecture: 'amd64',
      machineID: '',
      systemUUID: '',
      bootID: '',
      osImage: '',
    };
    const addresses = [{ type: 'InternalIP', address: '192.0.2.10' }];
    const daemonEndpoints = { kubeletEndpoint: { Port: 17247 } };
    const status = { phase: 'Running', conditions, addresses, daemonEndpoints, nodeInfo };
    await this.#send('PATCH', pathOf('Node', '', name, 'status'), { status });
  }

  // ---- pods ------------------------------------------------------------------------------------------------------

  #pod(type: string, pod: RealObject): void {
    const { uid } = pod.metadata;
    if (type === 'DELETED') {
      this.#pods.delete(uid);
      this.#plan(uid, '', 0, () => {});
      return;
    }
    this.#pods.set(uid, pod);
    const node = this.#nodes.get(pod['spec'].nodeName ?? '');
    if (node === undefined || node.metadata.labels?.[STOPPED_LABEL] !== undefined) {
      this.#plan(uid, '', 0, () => {});
      return;
    }
    this.#lead(pod);
  }

  /** Decides what comes next for a pod of a living kubelet. */
  #lead(pod: RealObject): void {
    const { uid, annotations = {}, deletionTimestamp } = pod.metadata;
    const wish = (name: string): string | undefined => annotations[`reference.example/${name}`];
    const phase = pod['status']?.phase as string;
    if (deletionTimestamp !== undefined) {
      this.#plan(uid, 'stop', durationMs(wish('stop-after')), () => this.#remove(uid));
    } else if (phase === 'Pending') {
      if (wish('never-ready') !== 'true')
        this.#plan(uid, 'start', durationMs(wish('ready-after')), () => this.#start(uid));
    } else if (phase === 'Running' && this.#ends(pod)) {
      this.#plan(uid, 'end', durationMs(wish('run-for')), () => this.#end(uid, wish('exit') === 'error'));
    } else this.#plan(uid, '', 0, () => {});
  }

  #ends({ metadata }: RealObject): boolean {
    const exit = metadata.annotations?.['reference.example/exit'];
    const ofJob = metadata.ownerReferences?.some((owner) => owner['kind'] === 'Job') === true;
    return exit !== 'never' && (exit !== undefined || ofJob);
  }

  /** One thing at a time is due for a pod; the same thing keeps its time. */
  #plan(uid: string, what: string, afterMs: number, act: () => void): void {
    const due = this.#due.get(uid);
    if (due?.what === what) return;
    clearTimeout(due?.timer);
    if (what === '') this.#due.delete(uid);
    else this.#due.set(uid, { what, timer: setTimeout(act, afterMs) });
  }

  #start(uid: string): void {
    const pod = this.#pods.get(uid);
    if (pod === undefined) return;
    const at = time();
    const ip = `10.250.${this.#ips >> 8}.${this.#ips++ & 255}`;
    const conditions = ['Initialized', 'Ready', 'ContainersReady'].map((type) => ({
      type,
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: at,
    }));
    const containerStatuses = pod['spec'].containers.map(({ name, image }: { name: string; image: string }) => ({
      name,
      image,
      imageID: '',
      ready: true,
      restartCount: 0,
      state: { running: { startedAt: at } },
    }));
    const place = { hostIP: '192.0.2.10', hostIPs: [{ ip: '192.0.2.10' }], podIP: ip, podIPs: [{ ip }] };
    void this.#patchStatus(pod, { phase: 'Running', conditions, containerStatuses, startTime: at, ...place });
  }

  #end(uid: string, failed: boolean): void {
    const pod = this.#pods.get(uid);
    if (pod === undefined) return;
    const at = time();
    const conditions = ['Ready', 'ContainersReady'].map((type) => ({
      type,
      status: 'False',
      reason: failed ? 'PodFailed' : 'PodCompleted',
      lastProbeTime: null,
      lastTransitionTime: at,
    }));
    const [exitCode, reason] = failed ? [1, 'Error'] : [0, 'Completed'];
    const containerStatuses = pod['spec'].containers.map(({ name, image }: { name: string; image: string }) => ({
      name,
      image,
      imageID: '',
      ready: false,
      restartCount: 0,
      started: false,
      state: { terminated: { exitCode, reason, startedAt: at, finishedAt: at }, running: null },
    }));
    void this.#patchStatus(pod, { phase: failed ? 'Failed' : 'Succeeded', conditions, containerStatuses });
  }

  #remove(uid: string): void {
    const pod = this.#pods.get(uid);
    if (pod === undefined) return;
    const { namespace = '', name } = pod.metadata;
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0, preconditions: { uid } };
    void this.#send('DELETE', pathOf('Pod', namespace, name), body);
  }

  #patchStatus(pod: RealObject, status: object): Promise<unknown> {
    const { namespace = '', name, uid } = pod.metadata;
    return this.#send('PATCH', pathOf('Pod', namespace, name, 'status'), { metadata: { uid }, status });
  }

  /** Tries again while the API server is away. */
  async #send(method: string, path: string, body: unknown): Promise<{ status: number }> {
    const contentType = method === 'PATCH' ? MERGE : 'application/json';
    while (!this.#closed) {
      const answer = await this.#connection.request(method, path, body, contentType).catch(() => null);
      if (answer !== null && answer.status < 500) return answer;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    return { status: 0 };
  }
}

function time(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}

function durationMs(text = '0s'): number {
  const [, amount = '0', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? [];
  return Number(amount) * { ms: 1, s: 1000, m: 60_000 }[unit as 'ms' | 's' | 'm'];
}
