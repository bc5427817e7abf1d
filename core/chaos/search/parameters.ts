/**
 * Numbers of a plan by the path that a scenario file has for them, to be turned up and down: `faults[0].for`, `faults[gone].lossPercent`,
 * `operations[1].replicas`, `workload[0].replicas`.
 */
import type { KubeObject } from '../../types/object.ts';
import type { FaultPlan, Operation, ScenarioPlan } from '../plan.ts';

/** What a number counts. */
export type ParameterUnit = 'duration' | 'percent' | 'count';

/** One number of a plan. Durations are µs. */
export interface Parameter {
  readonly unit: ParameterUnit;
  readonly value: number;
  /** The plan with another value. */
  readonly withValue: (value: number) => ScenarioPlan;
}

/** A number of a fault, an operation or an object, with how it is read and replaced; null where it has none. */
interface Field<T> {
  readonly unit: ParameterUnit;
  readonly read: (subject: T) => number | null | undefined;
  readonly write: (subject: T, value: number) => T;
}

function numberField<T>(name: string, unit: ParameterUnit): Field<T> {
  return {
    unit,
    read: (subject) => (subject as Record<string, unknown>)[name] as number | undefined,
    write: (subject, value) => ({ ...subject, [name]: value }),
  };
}

const FAULT_FIELDS: Readonly<Record<string, Field<FaultPlan>>> = {
  for: numberField('forUs', 'duration'),
  latency: numberField('latencyUs', 'duration'),
  jitter: numberField('jitterUs', 'duration'),
  extraSync: numberField('extraSyncUs', 'duration'),
  lossPercent: numberField('lossPercent', 'percent'),
  percent: numberField('percent', 'percent'),
  duplicatePercent: numberField('duplicatePercent', 'percent'),
  reorderPercent: numberField('reorderPercent', 'percent'),
  times: {
    unit: 'count',
    read: (fault) => (fault.kind === 'slow-process' ? fault.times : null),
    // Once as long is as ever.
    write: (fault, times) => ({ ...fault, times: Math.max(1, times) }) as FaultPlan,
  },
  perSecond: numberField('perSecond', 'count'),
  'target.value': {
    unit: 'count',
    read: ({ target }) => target.value,
    write: (fault, value) => ({ ...fault, target: { ...fault.target, value } }),
  },
  'repeat.times': {
    unit: 'count',
    read: ({ repeat }) => repeat?.times,
    write: (fault, times) => (fault.repeat === undefined ? fault : { ...fault, repeat: { ...fault.repeat, times } }),
  },
};

const OPERATION_FIELDS: Readonly<Record<string, Field<Operation>>> = { replicas: numberField('replicas', 'count') };

const OBJECT_FIELDS: Readonly<Record<string, Field<KubeObject>>> = {
  replicas: {
    unit: 'count',
    read: (object) => (object as { readonly spec?: { readonly replicas?: number } }).spec?.replicas,
    write: (object, replicas) =>
      ({ ...object, spec: { ...(object as { readonly spec?: object }).spec, replicas } }) as KubeObject,
  },
};

/** Every number of a plan that can be turned, by its path. */
export function parametersOf(plan: ScenarioPlan): ReadonlyMap<string, Parameter> {
  const found = new Map<string, Parameter>();
  collect(
    found,
    plan.faults,
    FAULT_FIELDS,
    ({ id }, index) => [`faults[${index}]`, `faults[${id}]`],
    (faults) => ({ ...plan, faults }),
  );
  collect(
    found,
    plan.operations,
    OPERATION_FIELDS,
    (_, index) => [`operations[${index}]`],
    (operations) => ({ ...plan, operations }),
  );
  collect(
    found,
    plan.workload,
    OBJECT_FIELDS,
    ({ metadata }, index) => [`workload[${index}]`, `workload[${metadata.name}]`],
    (workload) => ({ ...plan, workload }),
  );
  return found;
}

function collect<T>(
  found: Map<string, Parameter>,
  subjects: readonly T[],
  fields: Readonly<Record<string, Field<T>>>,
  namesOf: (subject: T, index: number) => readonly string[],
  planWith: (subjects: readonly T[]) => ScenarioPlan,
): void {
  subjects.forEach((subject, index) => {
    for (const [name, { unit, read, write }] of Object.entries(fields)) {
      const value = read(subject);
      if (typeof value !== 'number') continue;
      const withValue = (next: number): ScenarioPlan =>
        planWith(subjects.map((each, place) => (place === index ? write(each, next) : each)));
      for (const prefix of namesOf(subject, index)) found.set(`${prefix}.${name}`, { unit, value, withValue });
    }
  });
}
