/**
 * What the user does during a run, at the plan's instants.
 */
import { assertNever } from '../base/assert.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { PropagationPolicy } from '../types/wire.ts';
import type { Cascade, Operation } from './plan.ts';
import { targetNodes } from './targets.ts';
import { containerOf } from './workloads.ts';
import type { World } from './world.ts';

const POLICIES: Readonly<Record<Cascade, PropagationPolicy>> = {
  background: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
};

/** Schedules the operations; times count from `originUs`. */
export function scheduleOperations(
  cluster: Cluster,
  world: World,
  operations: readonly Operation[],
  originUs: number,
): void {
  operations.forEach((operation, index) => {
    cluster.sim.at(originUs + operation.atUs, `operation ${index} ${operation.kind}`, () =>
      perform(cluster, world, operation, index),
    );
  });
}

function perform(cluster: Cluster, world: World, operation: Operation, index: number): void {
  const { user } = cluster;
  switch (operation.kind) {
    case 'scale':
      user.scale(operation.workload, operation.replicas);
      return;
    case 'set-image':
      user.setImage(operation.workload, operation.image, containerOf(world, operation.workload));
      return;
    case 'delete':
      user.delete(operation.workload, POLICIES[operation.cascade ?? 'background']);
      return;
    case 'apply':
      user.apply(operation.objects);
      return;
    case 'store-member-add':
      cluster.storeAdmin.add();
      return;
    case 'store-member-promote':
      cluster.storeAdmin.promote(operation.instance);
      return;
    case 'store-member-remove':
      cluster.storeAdmin.remove(operation.instance);
      return;
    case 'store-restore':
      cluster.storeAdmin.restore(operation.instance, operation.bumpRevision);
      return;
    case 'store-rolling-restart':
      cluster.storeAdmin.rollingRestart();
      return;
    case 'store-defragment':
      cluster.storeAdmin.defragment(operation.instance);
      return;
    case 'store-alarm-disarm':
      cluster.storeAdmin.disarm();
      return;
    case 'cordon':
    case 'uncordon':
      for (const name of nodeNames(cluster, world, operation.target, index))
        user.cordon(name, operation.kind === 'cordon');
      return;
    case 'drain':
      drainInTurn(cluster, nodeNames(cluster, world, operation.target, index), operation.timeoutUs, operation.uncordon);
      return;
    default:
      assertNever(operation, 'operation');
  }
}

function nodeNames(cluster: Cluster, world: World, target: Parameters<typeof targetNodes>[2], index: number): string[] {
  return targetNodes(cluster, world, target, `operation-${index}`).map(
    (node) => cluster.description.nodes[node]?.name ?? '',
  );
}

/** A node that is cordoned from the start stays so. */
function drainInTurn(cluster: Cluster, names: readonly string[], timeoutUs: number, uncordon: boolean): void {
  const [first, ...rest] = names;
  if (first === undefined) return;
  const isOff = cluster.description.nodes.some(({ name, unschedulable }) => name === first && unschedulable);
  cluster.user.drain(first, timeoutUs, uncordon && !isOff, () => drainInTurn(cluster, rest, timeoutUs, uncordon));
}
