/** Subjects of the oracle that are one sync of a controller over objects in its caches. */
import type { Controller } from '../../../core/controllers/controller.ts';
import { DAEMONSET_CONTROLLER } from '../../../core/controllers/daemonset/controller.ts';
import { DEPLOYMENT_CONTROLLER } from '../../../core/controllers/deployment/controller.ts';
import { disruptionController } from '../../../core/controllers/disruption/disruption-controller.ts';
import { JOB_CONTROLLER } from '../../../core/controllers/job/controller.ts';
import { REPLICASET_CONTROLLER } from '../../../core/controllers/replicaset/controller.ts';
import { STATEFULSET_CONTROLLER } from '../../../core/controllers/statefulset/controller.ts';
import { PODS } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { type OneSyncOptions, oneSync, type Write } from './one-sync.ts';
import { byWrite, type OutcomeForm, outcomeForm } from './outcome-form.ts';
import type { Subject } from './subject.ts';

interface SyncInput {
  readonly key: string;
  readonly objects: readonly unknown[];
  /** So many pods are created before all others are refused. */
  readonly refuseAfter?: number;
}

/** The controllers that ask the machine's clock: their cases' times are multiples of 10 s. */
const REAL_CLOCK: OutcomeForm = { stepSeconds: 5 };
const HELD_CLOCK: OutcomeForm = { stepSeconds: 1 };

export const CONTROLLER_SUBJECTS: Readonly<Record<string, Subject>> = {
  deployment: syncSubject(DEPLOYMENT_CONTROLLER, { ...REAL_CLOCK, isOrdered: true }),
  replicaset: syncSubject(REPLICASET_CONTROLLER, REAL_CLOCK),
  statefulset: syncSubject(STATEFULSET_CONTROLLER, REAL_CLOCK),
  daemonset: syncSubject(DAEMONSET_CONTROLLER, REAL_CLOCK),
  job: syncSubject(JOB_CONTROLLER, HELD_CLOCK),
  pdb: syncSubject(disruptionController, { ...HELD_CLOCK, hasEvents: false }),
  'stale-disruption': syncSubject(disruptionController, HELD_CLOCK, { queue: 'stale-disruption' }),
};

function syncSubject(controller: Controller, form: OutcomeForm, options: OneSyncOptions = {}): Subject {
  return {
    answer(input) {
      const { key, objects, refuseAfter } = input as SyncInput;
      const refuse = refuseAfter === undefined ? undefined : refuseFrom(refuseAfter);
      const sync = oneSync(controller, key, objects, refuse === undefined ? options : { ...options, refuse });
      return byWrite(outcomeForm(sync, form));
    },
    expected: (recorded) => byWrite(recorded as Record<string, unknown>),
  };
}

function refuseFrom(count: number): (write: Write) => StatusError | undefined {
  let created = 0;
  return ({ verb, resource, name }) => {
    if (verb !== 'create' || resource !== PODS.plural || created++ < count) return undefined;
    return StatusError.forbidden(PODS, name, 'exceeded quota');
  };
}
