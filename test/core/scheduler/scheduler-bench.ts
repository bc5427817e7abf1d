/** A scheduler process with a scripted API server that keeps what it binds, for tests of the scheduler's histories. */
import { Scheduler, type SchedulerOptions } from '../../../core/scheduler/scheduler.ts';
import type { Pid } from '../../../core/sim/process.ts';
import type { Node } from '../../../core/types/node.ts';
import type { Binding, Pod } from '../../../core/types/pod.ts';
import { NODES, PODS } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import type { ApiRequest } from '../../../core/types/wire.ts';
import { ClientBench } from '../../support/client-bench.ts';
import type { Scripted } from '../../support/scripted-api-server.ts';
import { makePod } from './objects.ts';

export const SECOND = 1_000_000;

/** The bench; `onBinding` may refuse or lose a binding. */
export class SchedulerBench extends ClientBench {
  readonly schedulers: Scheduler[] = [];
  /** Names of pods in the order in which they were bound. */
  readonly boundOrder: string[] = [];
  onBinding: (pod: string, attempt: number) => Scripted = () => undefined;
  readonly attempts = new Map<string, number>();
  #uids = 0;

  constructor(bugs: string[] = []) {
    super(1, { bugs });
    this.state.script = (request) => (request.subresource === 'binding' ? this.#bind(request) : undefined);
  }

  addScheduler(name = 'scheduler-0', options: Partial<SchedulerOptions> = {}): Pid {
    return this.sim.addProcess(name, name, (ctx) => {
      const client = { servers: this.servers, user: 'system:kube-scheduler', qps: 0, burst: 1, names: this.names };
      const scheduler = new Scheduler(ctx, { client, leaderElect: false, events: false, ...options });
      this.schedulers.push(scheduler);
      return scheduler;
    });
  }

  #bind(request: ApiRequest): Scripted {
    const { namespace, name } = request;
    const attempt = (this.attempts.get(name) ?? 0) + 1;
    this.attempts.set(name, attempt);
    const scripted = this.onBinding(name, attempt);
    if (scripted === 'drop' || scripted instanceof StatusError) return scripted;
    const pod = this.pod(name, namespace);
    if (pod === undefined) return StatusError.notFound(PODS, name);
    if (pod.spec.nodeName) return StatusError.conflict(PODS, name, `pod ${name} is already assigned to node`);
    this.boundOrder.push(name);
    const nodeName = (request.object as Binding).target.name;
    this.state.put(PODS, { ...pod, spec: { ...pod.spec, nodeName } } as Pod);
    return scripted;
  }

  putNode(node: Node): void {
    this.state.put(NODES, node);
  }

  /** Creates a pod; one of a name that is taken replaces that pod, as after a lost deletion. */
  putPod(pod: Pod): void {
    this.state.put(PODS, { ...pod, metadata: { ...pod.metadata, uid: `uid-${this.#uids++}` } } as Pod);
  }

  pod(name: string, namespace = 'default'): Pod | undefined {
    return this.state.of(PODS).get(this.names.keys(PODS).find(namespace, name)) as Pod | undefined;
  }

  nodeOf(name: string): string | undefined {
    return this.pod(name)?.spec.nodeName;
  }

  condition(name: string) {
    return this.pod(name)?.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  }
}

/** A pod that asks for this much CPU. */
export function podNamed(name: string, cpu: string, spec: Partial<Pod['spec']> = {}): Pod {
  return makePod(name, { cpu }, spec);
}
