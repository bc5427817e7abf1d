/**
 * Takes away what a scenario left, so that the next one begins in an empty cluster.
 */
import type { Connection, RealObject } from './connection.ts';
import { KIND_PATHS, pathOf } from './kinds.ts';

const ROUNDS = 60;
const ROUND_MS = 500;
const MERGE = 'application/merge-patch+json';
/** Kinds whose objects hold a namespace or a node back. */
const HELD = ['Job', 'CronJob', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Pod', 'ConfigMap'];
const CLUSTER_WIDE = ['Node', 'PersistentVolume', 'PriorityClass'];

/** Deletes the namespaces and every node, volume and class; takes finalizers off what stays. @throws when something is left after a minute. */
export async function clean(connection: Connection, namespaces: readonly string[]): Promise<void> {
  for (const name of namespaces) await connection.request('DELETE', pathOf('Namespace', '', name));
  for (let round = 0; round < ROUNDS; round++) {
    let left = 0;
    for (const kind of [...HELD, 'PersistentVolumeClaim']) left += await cleanKind(connection, kind, namespaces);
    for (const kind of CLUSTER_WIDE) left += await cleanKind(connection, kind, ['']);
    for (const { metadata } of await list(connection, 'Namespace')) if (namespaces.includes(metadata.name)) left++;
    if (left === 0) {
      await connection.request('DELETE', pathOf('Event', 'default'));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
  }
  throw new Error(`the cluster does not get empty: ${await leftIn(connection, namespaces)}`);
}

async function list(connection: Connection, kind: string): Promise<RealObject[]> {
  const { body } = await connection.request('GET', KIND_PATHS[kind] as string);
  return (body['items'] ?? []) as RealObject[];
}

async function cleanKind(connection: Connection, kind: string, namespaces: readonly string[]): Promise<number> {
  const objects = (await list(connection, kind)).filter(
    ({ metadata }) => namespaces.includes(metadata.namespace ?? '') && !metadata.name.startsWith('system-'),
  );
  for (const { metadata } of objects) {
    const at = pathOf(kind, metadata.namespace ?? '', metadata.name);
    if (metadata.finalizers !== undefined && metadata.deletionTimestamp !== undefined)
      await connection.request('PATCH', at, { metadata: { finalizers: null } }, MERGE);
    await connection.request('DELETE', at, { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 });
  }
  return objects.length;
}

async function leftIn(connection: Connection, namespaces: readonly string[]): Promise<string> {
  const found: string[] = [];
  for (const kind of Object.keys(KIND_PATHS)) {
    for (const { metadata } of await list(connection, kind)) {
      if (namespaces.includes(metadata.namespace ?? metadata.name)) found.push(`${kind} ${metadata.name}`);
    }
  }
  return found.join(', ');
}
