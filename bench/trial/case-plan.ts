/**
 * From a case of the battery to the plan that the chaos engine runs.
 *
 * Always: before the fault, all plans of one seed are the same, so that the baseline says where pods are when the fault begins.
 */
import { eventsBudget } from '../../core/chaos/events-budget.ts';
import type { FaultPlan, Operation, Phases, ScenarioPlan } from '../../core/chaos/plan.ts';
import type { ClusterDescription } from '../../core/cluster/description.ts';
import { resolveCluster } from '../../core/cluster/description.ts';
import type { TrialCase, TrialName, TrialSetup } from './battery.ts';
import { awayUs, boundOf, brokenForUs, drainTimeoutUs, OUTAGE_US, STORE_OUTAGE_US } from './bounds.ts';

const S = 1_000_000;
/** How long everything must stay as wanted before a run ends. */
const STABLE_US = 60 * S;
/** Liveness predicates only: a trial judges the manifests, not the system under them. */
const PREDICATES = ['RS1', 'X1', 'E2', 'X2'];
/** Longest that the manifests may take to be Ready without any fault. */
const BASELINE_MAX_US = 900 * S;
const NEXT_TAG = ':seatrial-next';
/** Added to each sync of a slow store disk: as bad as cloud disks get when their burst credit is used up. */
const SLOW_SYNC_US = 100_000;
const BROKEN_TAG = ':seatrial-broken';

/** The run without a fault: is everything Ready, and where. */
export function baselinePlan(setup: TrialSetup): ScenarioPlan {
  const phases: Phases = { warmUpUs: 10 * S, safetyUs: 0, heal: 'all', boundUs: BASELINE_MAX_US, stableUs: 20 * S };
  return planWith(setup, 'baseline', phases, [], []);
}

/** The plan of a case whose fault begins at `atUs` (µs since the manifests were applied). */
export function casePlan(setup: TrialSetup, trialCase: TrialCase, atUs: number): ScenarioPlan {
  const { trial, subject } = trialCase;
  const boundUs = boundOf(setup, trialCase);
  const phases = (safetyUs: number, liveUs = boundUs, stableUs = STABLE_US): Phases => ({
    warmUpUs: atUs,
    safetyUs,
    heal: 'all',
    boundUs: liveUs,
    stableUs,
  });
  const name = subject === '' ? trial : `${trial} ${subject}`;
  switch (trial) {
    case 'node-crash':
    case 'zone-loss': {
      const target = trial === 'node-crash' ? { node: subject } : { zone: subject };
      const fault: FaultPlan = { id: trial, kind: 'node-crash', target, trigger: { kind: 'at', atUs }, forUs: null };
      return planWith(setup, name, phases(awayUs(setup, trialCase)), [fault], []);
    }
    case 'drain':
      return drainPlan(setup, name, atUs, phases);
    case 'rolling-update': {
      const image = withTag(imageOf(setup, subject), NEXT_TAG);
      return planWith(setup, name, phases(5 * S), [], [{ kind: 'set-image', atUs, workload: subject, image }]);
    }
    case 'broken-image':
      return brokenImagePlan(setup, name, subject, atUs, phases);
    case 'api-outage':
      return planWith(setup, name, phases(OUTAGE_US + 5 * S), [outage('apiserver', 'all', atUs, OUTAGE_US)], []);
    case 'scheduler-crash':
      return planWith(setup, name, phases(OUTAGE_US + 5 * S), [outage('scheduler', 'leader', atUs, OUTAGE_US)], []);
    case 'controller-manager-crash':
      return planWith(
        setup,
        name,
        phases(OUTAGE_US + 5 * S),
        [outage('controller-manager', 'leader', atUs, OUTAGE_US)],
        [],
      );
    case 'store-crash':
      return planWith(setup, name, phases(STORE_OUTAGE_US + 5 * S), [outage('etcd', 'all', atUs, STORE_OUTAGE_US)], []);
    case 'store-leader-loss':
    case 'store-minority-loss':
    case 'store-majority-loss':
    case 'store-disk-faults':
      return groupPlan(setup, trial, atUs, phases(OUTAGE_US + 5 * S));
  }
}

/** Members of the store where a trial is about losing some of them: as many as the cluster has, at least three. */
const GROUP_MIN = 3;

/** The trials of a store with several members. */
function groupPlan(setup: TrialSetup, trial: TrialName, atUs: number, phases: Phases): ScenarioPlan {
  const { controlPlane } = resolveCluster(setup.cluster);
  const storeMembers = Math.max(GROUP_MIN, controlPlane.storeMembers);
  const cluster = { ...setup.cluster, controlPlane: { ...controlPlane, storeMembers } };
  return planWith({ ...setup, cluster }, trial, phases, groupFaults(trial, storeMembers, atUs), []);
}

function groupFaults(trial: TrialName, storeMembers: number, atUs: number): FaultPlan[] {
  const trigger = { kind: 'at', atUs } as const;
  const base = { trigger, forUs: OUTAGE_US };
  if (trial === 'store-leader-loss') return [outage('etcd', 'leader', atUs, OUTAGE_US)];
  if (trial === 'store-disk-faults') {
    const leader = { component: 'etcd', instance: 'leader' } as const;
    const other = { component: 'etcd', instance: storeMembers - 1 } as const;
    return [
      { id: 'slow-disk', kind: 'slow-disk', target: leader, extraSyncUs: SLOW_SYNC_US, ...base },
      { id: 'failing-disk', kind: 'disk-failure', target: other, reason: 'io-error', ...base },
    ];
  }
  const minority = (storeMembers - 1) >> 1;
  const lost = trial === 'store-minority-loss' ? minority : minority + 1;
  return Array.from({ length: lost }, (_, index) => ({
    id: `etcd-${index}-crash`,
    kind: 'process-crash',
    target: { component: 'etcd', instance: index },
    ...base,
  }));
}

type MakePhases = (safetyUs: number, liveUs?: number, stableUs?: number) => Phases;

function drainPlan(setup: TrialSetup, name: string, atUs: number, phases: MakePhases): ScenarioPlan {
  const timeoutUs = drainTimeoutUs(setup);
  const operation: Operation = { kind: 'drain', atUs, target: { anyNode: true }, timeoutUs, uncordon: true };
  const allUs = resolveCluster(setup.cluster).nodes.length * (timeoutUs + 10 * S);
  // Longer than one node's time: a drain that waits must not pass for the end of them all.
  return planWith(
    setup,
    name,
    phases(5 * S, allUs + boundOf(setup, { trial: 'api-outage', subject: '', seed: 0 }), timeoutUs + 30 * S),
    [],
    [operation],
  );
}

function brokenImagePlan(
  setup: TrialSetup,
  name: string,
  workload: string,
  atUs: number,
  phases: MakePhases,
): ScenarioPlan {
  const image = imageOf(setup, workload);
  const backUs = atUs + brokenForUs(setup);
  const operations: Operation[] = [
    { kind: 'set-image', atUs, workload, image: withTag(image, BROKEN_TAG) },
    { kind: 'set-image', atUs: backUs, workload, image },
  ];
  return planWith(setup, name, phases(backUs - atUs + 5 * S), [], operations);
}

function outage(component: string, instance: 'all' | 'leader', atUs: number, forUs: number): FaultPlan {
  return {
    id: `${component}-crash`,
    kind: 'process-crash',
    target: { component, instance },
    trigger: { kind: 'at', atUs },
    forUs,
  };
}

function planWith(
  setup: TrialSetup,
  name: string,
  phases: Phases,
  faults: readonly FaultPlan[],
  operations: readonly Operation[],
): ScenarioPlan {
  const cluster = withBrokenTag(setup.cluster);
  const workload = setup.objects;
  return {
    name,
    about: `trial ${name}`,
    source: 'own',
    cluster,
    workload,
    operations,
    faults,
    phases,
    predicates: PREDICATES,
    excuses: [],
    bugs: [],
    expect: 'pass',
    eventsMax: eventsBudget({ cluster, workload, phases }),
  };
}

function withBrokenTag(cluster: ClusterDescription): ClusterDescription {
  const { settings = {} } = cluster;
  return {
    ...cluster,
    settings: {
      serviceAccounts: 'named',
      ...settings,
      unpullableImages: [...(settings.unpullableImages ?? []), BROKEN_TAG],
    },
  };
}

function imageOf(setup: TrialSetup, workload: string): string {
  return setup.workloads.find(({ id }) => id === workload)?.image ?? '';
}

/** The image with another tag: `registry:5000/shop/web:1.2` → `registry:5000/shop/web<tag>`; a digest goes. */
export function withTag(image: string, tag: string): string {
  const bare = image.split('@')[0] ?? '';
  const colon = bare.lastIndexOf(':');
  return `${colon > bare.lastIndexOf('/') ? bare.slice(0, colon) : bare}${tag}`;
}
