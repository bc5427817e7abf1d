/**
 * Lets several faults answer at one declared point: the first one that has an opinion is heard.
 */
import type { Interceptor } from '../../sim/observation.ts';
import { findPoint } from '../../sim/registry.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { FaultEffect } from '../fault-effect.ts';

/** What all faults of a run share: the interceptors of each point, in the order in which they began. */
class Chains extends Map<string, Interceptor[]> {}

/**
 * A fault that answers at the point of that name while it lasts; each answer counts as `what`, where components ask again about the same thing
 * only those that `isCounted`.
 */
export function interception(
  point: string,
  what: string,
  answer: Interceptor,
  isCounted: (subject: unknown) => boolean = () => true,
): FaultEffect {
  let count = 0;
  const counted: Interceptor = (pid, subject) => {
    const given = answer(pid, subject);
    if (given !== undefined && isCounted(subject)) count++;
    return given;
  };
  return {
    begin: (cluster) => addInterceptor(cluster.sim, point, counted),
    end: (cluster) => removeInterceptor(cluster.sim, point, counted),
    done: () => ({ count, what }),
  };
}

function addInterceptor(sim: Simulation, point: string, interceptor: Interceptor): void {
  const chain = chainOf(sim, point);
  chain.push(interceptor);
  if (chain.length > 1) return;
  sim.observation.setInterceptor(idOf(point), (pid, subject) => {
    for (const each of chain) {
      const answer = each(pid, subject);
      if (answer !== undefined) return answer;
    }
    return undefined;
  });
}

function removeInterceptor(sim: Simulation, point: string, interceptor: Interceptor): void {
  const chain = chainOf(sim, point);
  const at = chain.indexOf(interceptor);
  if (at >= 0) chain.splice(at, 1);
  if (chain.length === 0) sim.observation.setInterceptor(idOf(point), null);
}

function chainOf(sim: Simulation, point: string): Interceptor[] {
  const chains = sim.observation.shared(Chains, () => new Chains());
  let chain = chains.get(point);
  if (chain === undefined) {
    chain = [];
    chains.set(point, chain);
  }
  return chain;
}

function idOf(point: string): number {
  const id = findPoint(point);
  if (id === undefined) throw new Error(`no observation point is named "${point}"`);
  return id;
}
