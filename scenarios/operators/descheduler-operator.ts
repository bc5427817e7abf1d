/**
 * A descheduler with one strategy: of pods of one owner on one node it deletes all but the first, every minute, and leaves it to the scheduler where they go next
 * (scenarios/incidents/c5-descheduler-against-scheduler.yaml). It never asks whether another node has room.
 */
import type { KubeObject, ObjectKind, Operator } from 'seatrial/controller';

const POLICY: ObjectKind = { apiVersion: 'example.com/v1', kind: 'DeschedulerPolicy' };
const POD: ObjectKind = { apiVersion: 'v1', kind: 'Pod' };
const INTERVAL_SECONDS = 60;

interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string };
}

const operator: Operator = {
  name: 'descheduler',
  reconciles: POLICY,
  reads: [POD],
  *reconcile(api, namespace, name) {
    if (api.get(POLICY, namespace, name) === undefined) return;
    api.requeueAfter(INTERVAL_SECONDS);
    const seen = new Set<string>();
    for (const { metadata, spec } of api.list<Pod>(POD, namespace)) {
      const owner = metadata.ownerReferences?.[0]?.uid;
      if (owner === undefined || spec.nodeName === undefined || metadata.deletionTimestamp !== undefined) continue;
      const place = `${owner} ${spec.nodeName}`;
      if (seen.has(place)) yield* api.delete(POD, namespace, metadata.name, metadata.uid);
      seen.add(place);
    }
  },
};

export default operator;
