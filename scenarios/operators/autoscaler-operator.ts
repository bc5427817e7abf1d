/**
 * A controller that keeps a Deployment of its own name at a least number of replicas: as much of an autoscaler as it takes to have two writers of one field
 * (scenarios/incidents/i25-two-writers-of-replicas.yaml). It looks again every 15 s, as the HorizontalPodAutoscaler does.
 */
import type { KubeObject, ObjectKind, Operator } from 'seatrial/controller';

const AUTOSCALER: ObjectKind = { apiVersion: 'example.com/v1', kind: 'Autoscaler' };
const DEPLOYMENT: ObjectKind = { apiVersion: 'apps/v1', kind: 'Deployment' };
const SYNC_SECONDS = 15;

interface Autoscaler extends KubeObject {
  readonly spec: { readonly minReplicas: number };
}

interface Scalable extends KubeObject {
  readonly spec: { readonly replicas?: number };
}

const operator: Operator = {
  name: 'autoscaler',
  reconciles: AUTOSCALER,
  reads: [DEPLOYMENT],
  *reconcile(api, namespace, name) {
    const autoscaler = api.get<Autoscaler>(AUTOSCALER, namespace, name);
    if (autoscaler === undefined) return;
    api.requeueAfter(SYNC_SECONDS);
    const { minReplicas } = autoscaler.spec;
    const deployment = api.get<Scalable>(DEPLOYMENT, namespace, name);
    if (deployment === undefined || (deployment.spec.replicas ?? 1) >= minReplicas) return;
    yield* api.patch(DEPLOYMENT, namespace, name, { spec: { replicas: minReplicas } });
  },
};

export default operator;
