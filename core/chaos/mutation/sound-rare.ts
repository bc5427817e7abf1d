/**
 * Sound plans of what few workloads have: failures by index, devices, Services that turn into others, claims that change hands, objects held twice.
 */
import type { KubeObject } from '../../types/object.ts';
import { DEVICES, withDevice } from './claim-bugs.ts';
import {
  ALL_API_SERVERS,
  annotated,
  at,
  daemonSet,
  deployment,
  job,
  labels,
  pod,
  S,
  type Situation,
  scale,
  service,
  setImage,
  WEB,
  withSpec,
} from './situation.ts';
import {
  apply,
  crash,
  DATABASE,
  database,
  failing,
  held,
  image,
  marked,
  named,
  refusedPods,
  remove,
  resize,
  restarted,
  staleCopy,
  volumeClaim,
} from './sound-steps.ts';

const indexed = (completions: number, more = {}): KubeObject =>
  job(completions, { completionMode: 'Indexed', parallelism: 2, ...more });
const serving = (more: object): KubeObject => withSpec(service, more);
/** Claims go with their set, and with `whenScaled` Delete with what is scaled away. */
const claiming = (replicas: number, whenScaled: 'Delete' | 'Retain'): KubeObject =>
  database(replicas, {
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled },
    volumeClaimTemplates: [volumeClaim],
  });
const fronting = { labels: { tier: 'front' } };
const twice = ['example.com/hold', 'example.com/look'];

export const RARE_SITUATIONS: Readonly<Record<string, Situation>> = {
  /** Jobs that count failures by index, go on though some fail, succeed early, or get fewer indexes on their way. */
  'jobs-by-index': {
    workload: [
      annotated(indexed(3, { backoffLimitPerIndex: 1 }), failing),
      named(annotated(indexed(4, { backoffLimitPerIndex: 0, maxFailedIndexes: 1 }), failing), 'given-up'),
      named(
        annotated(indexed(4, { successPolicy: { rules: [{ succeededCount: 2 }] } }), { 'seatrial.dev/run-for': '6s' }),
        'early',
      ),
      named(annotated(indexed(6, { parallelism: 6 }), { 'seatrial.dev/run-for': '40s' }), 'fewer'),
      named(
        annotated(
          job(3, {
            podFailurePolicy: {
              rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
            },
          }),
          { 'seatrial.dev/run-for': '50s' },
        ),
        'spared',
      ),
    ],
    operations: [
      apply(20, named(indexed(3, { parallelism: 3 }), 'fewer')),
      { kind: 'drain', atUs: 25 * S, target: { node: 'node-1' }, timeoutUs: 60 * S, uncordon: true },
    ],
    safetyS: 120,
  },
  /** Three pods want one of two devices each; one waits until another goes. */
  'devices-for-some': {
    nodes: 1,
    workload: [...DEVICES, withDevice(deployment(3))],
    operations: [scale(20, 1), scale(30, 2), setImage(40), remove(60, WEB), apply(70, withDevice(deployment(2)))],
    safetyS: 90,
  },
  /** A Service changes its type, ports and what it publishes; another one comes late, another is made anew. */
  'services-that-turn': {
    workload: [service, deployment(3, { readyAfterSeconds: 8 })],
    operations: [
      apply(15, serving({ type: 'NodePort' })),
      apply(20, serving({ ports: [{ name: 'a', port: 80, targetPort: 8080 }] })),
      scale(22, 5),
      apply(25, serving({ publishNotReadyAddresses: true, type: 'ClusterIP' })),
      apply(30, { ...serving({}), metadata: { ...service.metadata, labels: labels('other') } }),
      remove(40, 'Service/demo/web'),
      apply(45, serving({ clusterIP: 'None' })),
      setImage(48),
    ],
    safetyS: 80,
  },
  /** Two hold each of some objects and let go one after the other, while these still change. */
  'objects-held-twice': {
    workload: [
      held(deployment(3), twice),
      held(named(database(2), 'kept'), twice),
      held(pod('alone'), twice),
      held(daemonSet('agent'), twice),
    ],
    operations: [
      remove(20, WEB, 'foreground'),
      remove(20, 'StatefulSet/demo/kept'),
      remove(20, 'Pod/demo/alone'),
      remove(20, 'DaemonSet/demo/agent'),
      ...[30, 50].flatMap((atS, step) => {
        const left = twice.slice(step + 1);
        return [
          apply(atS, held(deployment(3), left), held(named(database(2), 'kept'), left)),
          apply(atS + 5, held(pod('alone'), left), held(daemonSet('agent'), left)),
        ];
      }),
    ],
    safetyS: 90,
  },
  /** Rollouts by an annotation alone (kubectl rollout restart) or by a label alone. */
  'templates-by-their-metadata': {
    workload: [deployment(2), daemonSet('agent'), ...['kept', 'front'].map((name) => named(database(2), name))],
    operations: [
      apply(20, marked(deployment(2), restarted), marked(named(database(2), 'kept'), restarted)),
      apply(25, marked(named(database(2), 'front'), fronting), marked(daemonSet('agent'), fronting)),
      apply(45, marked(deployment(2), fronting), marked(daemonSet('agent'), restarted)),
    ],
    safetyS: 80,
  },
  /** Claims go with what is scaled away, and some of it comes back before they have gone; then the set is made anew. */
  'claims-that-go': {
    workload: [claiming(3, 'Delete')],
    operations: [
      resize(20, DATABASE, 1),
      resize(22, DATABASE, 3),
      resize(50, DATABASE, 2),
      remove(65, DATABASE),
      apply(67, claiming(2, 'Retain')),
    ],
    safetyS: 100,
  },
  /** A pod is being made anew when its set is scaled: nobody looks at its claim any more. */
  'claims-left-behind': {
    workload: [claiming(3, 'Delete')],
    operations: [image(20, DATABASE), resize(25, DATABASE, 1)],
    faults: [refusedPods('no-pods', 'create', 19, 11)],
  },
  /** Creations and deletions of pods are refused for a while; agents are made anew while nobody watches. */
  'refused-and-unwatched': {
    workload: [database(3), daemonSet('agent'), deployment(2), job(2)],
    operations: [
      resize(18, DATABASE, 5),
      scale(18, 4),
      resize(40, DATABASE, 2),
      remove(50, 'DaemonSet/demo/agent'),
      apply(50.2, daemonSet('agent')),
    ],
    faults: [
      refusedPods('no-pods', 'create', 2, 20),
      refusedPods('no-deletions', 'delete', 38, 8),
      {
        kind: 'expired-watches',
        id: 'unwatched',
        target: ALL_API_SERVERS,
        resource: 'daemonsets',
        trigger: at(49),
        forUs: 5 * S,
      },
    ],
    safetyS: 90,
  },
  /** What was left behind is taken over by the next of its name; a controller hears late who owns what. */
  'left-and-taken-over': {
    workload: [
      daemonSet('agent'),
      named(annotated(job(3), { 'seatrial.dev/run-for': '60s' }), 'counted'),
      named(database(2), 'kept'),
      deployment(3),
    ],
    operations: [
      remove(20, 'DaemonSet/demo/agent', 'orphan'),
      remove(20, 'StatefulSet/demo/kept', 'orphan'),
      remove(20, 'Job/demo/counted', 'orphan'),
      remove(21, WEB, 'orphan'),
      apply(26, daemonSet('agent'), named(database(3), 'kept'), deployment(2)),
      image(40, 'DaemonSet/demo/agent'),
      setImage(45),
    ],
    faults: [staleCopy('pods', 1_500_000, 18, 20), crash('node-2', 60, 30)],
    safetyS: 120,
  },
};
