/**
 * Swizzle-clogging: the links of several nodes and components to the API servers stop one by one over some seconds, and are let go in another order.
 *
 * What is queued behind one link meets what others have done in the meantime. Source: FoundationDB's simulation testing, where it finds the
 * deepest bugs (chaos manual §1.2).
 */
import type { FaultPlan, Target } from '../plan.ts';
import { ALL_API_SERVERS, type Surroundings } from './draw-target.ts';
import type { Draws } from './draws.ts';

const S = 1_000_000;
const MS = 1_000;
const LINKS_MIN = 2;
const LINKS_MAX = 4;

/** Kinds of faults that stop a link. */
export const SWIZZLED_KINDS = ['partition', 'held-link'] as const;

/** Faults of `kind` on different links, whose beginnings and ends overlap. */
export function swizzle(
  kind: (typeof SWIZZLED_KINDS)[number],
  { nodes, untilUs }: Surroundings,
  draws: Draws,
): FaultPlan[] {
  const leaders = ['scheduler', 'controller-manager'].map((component): Target => ({ component, instance: 'leader' }));
  const left: Target[] = [...nodes.map((node): Target => ({ node })), ...leaders];
  const count = Math.min(left.length, draws.range(LINKS_MIN, LINKS_MAX));
  const seconds = Math.floor(untilUs / S);
  let beginUs = draws.range(2, Math.max(3, seconds - 30)) * S;
  return Array.from({ length: count }, (_, index) => {
    const [target] = left.splice(draws.range(0, left.length - 1), 1) as [Target];
    const trigger = { kind: 'at', atUs: beginUs } as const;
    beginUs += draws.range(200, 3_000) * MS;
    const base = { id: `f${index + 1}`, target, peer: ALL_API_SERVERS, trigger, forUs: draws.range(5, 25) * S };
    return kind === 'partition' ? { ...base, kind, direction: 'both' } : { ...base, kind };
  });
}
