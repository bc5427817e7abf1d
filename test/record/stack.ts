/**
 * A real control plane on this machine: etcd, kube-apiserver, kube-controller-manager, kube-scheduler as child processes on loopback.
 *
 * Settings are those of the shared recordings (their README, versions and settings). Ends only what it has started.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Connection } from './connection.ts';

/** Stacks beside each other have ports of their own. */
const SHIFT = Number(process.env['PORT_SHIFT'] ?? 0);
const ETCD_PORT = 27790 + SHIFT;
const PEER_PORT = 27800 + SHIFT;
const API_PORT = 27443 + SHIFT;
const TOKENS = { admin: 'recorder', 'system:kube-controller-manager': 'manager', 'system:kube-scheduler': 'scheduler' };

export type Component = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler';

/** Components of which there may be several, one of them leading. */
export const LED = ['kube-controller-manager', 'kube-scheduler'] as const;
/** Ports of the first instances; those of the others follow. */
const PORTS: Readonly<Record<string, number>> = {
  'kube-controller-manager': 27260 + SHIFT,
  'kube-scheduler': 27280 + SHIFT,
};
const FIRST = 'instance-1';

/** A process that has ended. */
export interface Ended {
  readonly component: Component;
  readonly instance: string;
  readonly code: number | null;
  readonly signal: string | null;
}

export class Stack {
  readonly #bin: string;
  readonly #dir: string;
  readonly #instances: number;
  readonly #running = new Map<string, ChildProcess>();
  /** Told of every process that ends, whoever ended it. */
  onEnd: (ended: Ended) => void = () => {};

  /** `bin` holds the four programs, `dir` gets data, keys and logs; with several `instances` of each led component one is elected. */
  constructor(bin: string, dir: string, instances = 1) {
    this.#bin = bin;
    this.#dir = dir;
    this.#instances = instances;
    mkdirSync(dir, { recursive: true });
    this.#makeKeys();
  }

  connect(): Connection {
    return new Connection(API_PORT, TOKENS.admin);
  }

  async start(): Promise<void> {
    this.launch('etcd');
    this.launch('kube-apiserver');
    await this.ready();
    for (let number = 1; number <= this.#instances; number++) {
      for (const component of LED) this.launch(component, `instance-${number}`);
      // The first one leads: the others find its lease.
      await settled(this.connect());
      if (this.#instances > 1) await new Promise((resolve) => setTimeout(resolve, 3000));
    }
  }

  /** Starts a component, or one more instance of it. */
  launch(component: Component, instance = FIRST): void {
    const log = openSync(this.logOf(component, instance), 'a');
    const flags = this.#flags(component, instance);
    const child = spawn(path.join(this.#bin, component), flags, { stdio: ['ignore', log, log] });
    child.once('exit', (code, signal) => this.onEnd({ component, instance, code, signal }));
    this.#running.set(`${component}/${instance}`, child);
  }

  signal(component: Component, signal: NodeJS.Signals, instance = FIRST): void {
    this.#running.get(`${component}/${instance}`)?.kill(signal);
  }

  /** File of an instance's log. */
  logOf(component: Component, instance = FIRST): string {
    return path.join(this.#dir, `${component}-${instance}.log`);
  }

  /** Waits until the API server serves. */
  async ready(): Promise<void> {
    const connection = this.connect();
    for (let attempt = 0; attempt < 300; attempt++) {
      const status = await connection.request('GET', '/readyz').then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 200) return connection.close();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('kube-apiserver does not get ready, see its log');
  }

  async stop(): Promise<void> {
    for (const component of [...this.#running.keys()].reverse()) {
      const child = this.#running.get(component) as ChildProcess;
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
    this.#running.clear();
  }

  #makeKeys(): void {
    const run = (...args: string[]): void => {
      execFileSync('openssl', args, { cwd: this.#dir, stdio: 'ignore' });
    };
    run('genrsa', '-out', 'sa.key', '2048');
    run('rsa', '-in', 'sa.key', '-pubout', '-out', 'sa.pub');
    run(...'req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=ca -days 30'.split(' '));
    const rows = Object.entries(TOKENS).map(([user, token]) =>
      user === 'admin' ? `${token},${user},${user},"system:masters"` : `${token},${user},${user}`,
    );
    writeFileSync(path.join(this.#dir, 'tokens.csv'), `${rows.join('\n')}\n`);
    for (const [user, token] of Object.entries(TOKENS))
      writeFileSync(this.#file(`${token}.conf`), JSON.stringify(kubeconfig(user, token)));
  }

  #file(name: string): string {
    return path.join(this.#dir, name);
  }

  #flags(component: Component, instance: string): string[] {
    const elect = `--leader-elect=${this.#instances > 1}`;
    const port = (PORTS[component] ?? 0) + Number(instance.slice('instance-'.length));
    const quick = ['--kube-api-qps=5000', '--kube-api-burst=5000', elect, '--profiling=false', `--secure-port=${port}`];
    switch (component) {
      case 'etcd':
        return [
          `--data-dir=${this.#file('etcd')}`,
          `--listen-client-urls=http://127.0.0.1:${ETCD_PORT}`,
          `--advertise-client-urls=http://127.0.0.1:${ETCD_PORT}`,
          `--listen-peer-urls=http://127.0.0.1:${PEER_PORT}`,
          `--initial-advertise-peer-urls=http://127.0.0.1:${PEER_PORT}`,
          `--initial-cluster=default=http://127.0.0.1:${PEER_PORT}`,
          '--unsafe-no-fsync',
          '--log-level=warn',
        ];
      case 'kube-apiserver':
        return [
          `--etcd-servers=http://127.0.0.1:${ETCD_PORT}`,
          '--bind-address=127.0.0.1',
          '--advertise-address=127.0.0.1',
          '--endpoint-reconciler-type=none',
          `--secure-port=${API_PORT}`,
          `--cert-dir=${this.#file('certificates')}`,
          `--token-auth-file=${this.#file('tokens.csv')}`,
          '--authorization-mode=Node,RBAC',
          '--enable-admission-plugins=NodeRestriction',
          '--service-cluster-ip-range=10.96.0.0/16',
          '--service-account-issuer=https://kubernetes.default.svc',
          `--service-account-key-file=${this.#file('sa.pub')}`,
          `--service-account-signing-key-file=${this.#file('sa.key')}`,
          '--profiling=false',
        ];
      case 'kube-controller-manager':
        return [
          `--kubeconfig=${this.#file('manager.conf')}`,
          `--authentication-kubeconfig=${this.#file('manager.conf')}`,
          `--authorization-kubeconfig=${this.#file('manager.conf')}`,
          '--bind-address=127.0.0.1',
          `--cert-dir=${this.#file('certificates')}`,
          '--node-monitor-grace-period=20s',
          '--allocate-node-cidrs=true',
          '--cluster-cidr=10.244.0.0/14',
          '--use-service-account-credentials=true',
          `--root-ca-file=${this.#file('ca.crt')}`,
          `--service-account-private-key-file=${this.#file('sa.key')}`,
          ...quick,
        ];
      default:
        return [
          `--kubeconfig=${this.#file('scheduler.conf')}`,
          `--authentication-kubeconfig=${this.#file('scheduler.conf')}`,
          `--authorization-kubeconfig=${this.#file('scheduler.conf')}`,
          '--bind-address=127.0.0.1',
          `--cert-dir=${this.#file('certificates')}`,
          ...quick,
        ];
    }
  }
}

function kubeconfig(user: string, token: string): object {
  const server = `https://127.0.0.1:${API_PORT}`;
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user } }],
    'current-context': 'c',
  };
}

/** Waits until the controllers have made what they make in an empty cluster. */
async function settled(connection: Connection): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const { status } = await connection.request('GET', '/api/v1/namespaces/default/serviceaccounts/default');
    if (status === 200) return connection.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('kube-controller-manager makes no service account, see its log');
}
