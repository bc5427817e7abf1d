/**
 * What drawn scenarios share: draws, changes, wishes for the fake kubelets, pods to change.
 */
import { Sfc32, seedOf } from '../../../core/base/random.ts';
import type { Manifest, Play, Scenario } from '../play.ts';

export type Draw = (below: number) => number;

/** One change; it may be refused, as in life. */
export type Change = (s: Play, draw: Draw) => Promise<unknown>;

/** Objects and what may be changed about them. */
export interface Subject {
  readonly manifests: readonly Manifest[];
  readonly changes: readonly Change[];
}

export const pick = <T>(draw: Draw, values: readonly T[]): T => values[draw(values.length)] as T;

export const chance = (draw: Draw, percent: number): boolean => draw(100) < percent;

/** `fields` with this chance, else none. */
export const maybe = <T extends object>(draw: Draw, percent: number, fields: () => T): T | Record<string, never> =>
  chance(draw, percent) ? fields() : {};

/** A number or a share of replicas. */
export const share = (draw: Draw): string | number => pick(draw, ['0%', '10%', '25%', '40%', '50%', '100%', 1, 2, 3]);

export const propagation = (draw: Draw): object => ({
  propagationPolicy: pick(draw, ['Foreground', 'Background', 'Orphan']),
});

/** How long the pods of a workload take. */
export function wishes(draw: Draw): Record<string, string> {
  return {
    ...maybe(draw, 50, () => ({ readyAfter: pick(draw, ['200ms', '600ms', '1500ms']) })),
    ...maybe(draw, 40, () => ({ stopAfter: pick(draw, ['300ms', '900ms', '2s']) })),
    ...maybe(draw, 6, () => ({ neverReady: 'true' })),
  };
}

/** What a pod template may ask beside its container. */
export function podWish(draw: Draw, app: string): Manifest {
  const spread = (whenUnsatisfiable: string): object => ({
    maxSkew: 1,
    topologyKey: pick(draw, ['topology.kubernetes.io/zone', 'kubernetes.io/hostname']),
    whenUnsatisfiable,
    labelSelector: { matchLabels: { app } },
  });
  return {
    ...maybe(draw, 60, () => ({ cpu: pick(draw, ['100m', '500m', '900m', '1500m']) })),
    ...maybe(draw, 10, () => ({ priorityClassName: 'high' })),
    ...maybe(draw, 15, () => ({
      topologySpreadConstraints: [spread(pick(draw, ['DoNotSchedule', 'ScheduleAnyway']))],
    })),
    ...maybe(draw, 10, () => ({ nodeSelector: { 'topology.kubernetes.io/zone': 'a' } })),
    ...maybe(draw, 25, () => ({ tolerations: [pick(draw, TOLERATIONS)] })),
    ...maybe(draw, 10, () => ({ terminationGracePeriodSeconds: pick(draw, [0, 1, 5]) })),
  };
}

const TOLERATIONS: readonly object[] = [
  { operator: 'Exists' },
  { key: 'k', operator: 'Exists' },
  { key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 2 },
  { key: 'k', operator: 'Equal', value: 'v', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 2 },
];

/** The name of a live pod with these labels. */
export const livePod = (s: Play, draw: Draw, labels: Readonly<Record<string, string>> = {}): string => {
  const names = s.podNames(labels, ({ metadata }) => metadata.deletionTimestamp === undefined);
  return names[draw(Math.max(1, names.length))] ?? 'none';
};

/** Puts a finalizer on the object, which holds it back when it is deleted, or takes all away. */
export const held =
  (kind: string, name: string, isHeld: boolean): Change =>
  (s) =>
    s.merge(kind, name, { metadata: { finalizers: isHeld ? ['example.com/hold'] : null } });

/** A change of the object's spec. */
export const spec =
  (kind: string, name: string, fields: (draw: Draw) => object): Change =>
  (s, draw) =>
    s.merge(kind, name, { spec: fields(draw) });

/** Deletes the object, then makes it anew. */
export const remade =
  (kind: string, manifest: (draw: Draw) => Manifest): Change =>
  async (s, draw) => {
    const anew = manifest(draw);
    await s.delete(kind, anew.metadata.name, propagation(draw));
    await (chance(draw, 50) ? s.sleep(300) : s.quiet(1500));
    await s.create(anew);
  };

/** One scenario of a kind for each seed from 1 to `count`. */
export function seeded(
  kind: string,
  count: number,
  play: (s: Play, draw: Draw, seed: number) => Promise<void>,
): readonly Scenario[] {
  return Array.from({ length: count }, (_, index) => {
    const seed = index + 1;
    return {
      name: `${kind}-${String(seed).padStart(3, '0')}`,
      about: `drawn from seed ${seed}`,
      play(s) {
        const random = Sfc32.named(seedOf(seed), 'recorder', kind);
        return play(s, (below) => random.below(below), seed);
      },
    };
  });
}
