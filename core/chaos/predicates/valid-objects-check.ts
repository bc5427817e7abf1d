/**
 * A5: whatever is stored could be asked for: some rules of validation and admission, written a second time, plainly.
 *
 * Looked at where a spec is new. Sources: Kubernetes 1.34, pkg/apis/{core,apps,batch,policy}/validation and the Priority plug-in. Quotas do not exist here.
 */
import { PART_BIRTH, PART_SPEC } from '../../types/changed-parts.ts';
import { jsonEqual } from '../../types/json-value.ts';
import { compileSelector } from '../../types/label-selector.ts';
import type { KubeObject } from '../../types/object.ts';
import type { PodSpec, PodTemplateSpec } from '../../types/pod.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

const RESTART_POLICIES: ReadonlySet<string> = new Set(['Always', 'OnFailure', 'Never']);
const LABELLED_KINDS: ReadonlySet<string> = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']);
const COUNTS = ['replicas', 'parallelism', 'completions', 'backoffLimit', 'minReadySeconds', 'revisionHistoryLimit'];
/** Fields that never change, by kind. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['selector'],
  ReplicaSet: ['selector'],
  DaemonSet: ['selector'],
  StatefulSet: ['selector', 'serviceName', 'podManagementPolicy', 'volumeClaimTemplates'],
  Job: ['selector', 'completionMode'],
};
const PORT_MAX = 65_535;

/** What is read of any spec. */
interface AnySpec {
  readonly template?: PodTemplateSpec;
  readonly selector?: Parameters<typeof compileSelector>[0];
  readonly volumeClaimTemplates?: readonly KubeObject[];
  readonly ports?: readonly { readonly port: number }[];
  readonly minAvailable?: unknown;
  readonly maxUnavailable?: unknown;
}

export function validObjects(judge: Judge): Predicate {
  /** Container lists that were found right: all pods of a template share one. */
  const known = new WeakSet<object>();
  const predicate: Predicate = {
    id: 'A5',
    about: 'no object is stored that validation or admission forbids',
    evaluations: 0,
    commitKinds: [...LABELLED_KINDS, 'Pod', 'Job', 'Service', 'PodDisruptionBudget'],
    commitParts: PART_SPEC | PART_BIRTH,
    onCommit({ kind, object, previous }: Commit) {
      if (previous === null && object?.metadata.generateName === '')
        judge.violate(predicate, `${kind} ${keyOf(object)} is stored with a generateName that is empty`);
      const spec = object?.spec as AnySpec | undefined;
      if (object === null || spec === undefined || spec === previous?.spec) return;
      // A pod's spec hardly changes after its creation.
      const podSpec = kind === 'Pod' ? (spec as unknown as PodSpec) : null;
      if (podSpec !== null && (podSpec.containers === undefined || known.has(podSpec.containers))) return;
      predicate.evaluations++;
      const own = podSpec !== null ? podFault(podSpec) : specFault(kind, spec);
      const fault = own ?? changeFault(kind, spec, previous?.spec as AnySpec | undefined);
      if (fault !== null) judge.violate(predicate, `${kind} ${keyOf(object)} is stored although ${fault}`);
      else if (podSpec !== null) known.add(podSpec.containers);
    },
  };
  return predicate;
}

/** The first field that should have stayed and has not, or null. */
function changeFault(kind: string, spec: AnySpec, before: AnySpec | undefined): string | null {
  if (before === undefined) return null;
  const [was, is] = [before, spec] as unknown as readonly Readonly<Record<string, unknown>>[];
  const changed = FIXED[kind]?.find((field) => !jsonEqual(was?.[field], is?.[field]));
  return changed === undefined ? null : `spec.${changed} has changed, which never may`;
}

function specFault(kind: string, spec: AnySpec): string | null {
  for (const field of COUNTS) {
    const value = (spec as Readonly<Record<string, unknown>>)[field];
    if (typeof value === 'number' && value < 0) return `spec.${field} is ${value}`;
  }
  for (const { port } of kind === 'Service' ? (spec.ports ?? []) : [])
    if (!(port >= 1 && port <= PORT_MAX)) return `its port ${port} is none`;
  if (kind === 'PodDisruptionBudget' && spec.minAvailable !== undefined && spec.maxUnavailable !== undefined)
    return 'it sets both minAvailable and maxUnavailable';
  const { template, selector } = spec;
  if (template === undefined) return null;
  if (
    LABELLED_KINDS.has(kind) &&
    selector !== undefined &&
    !compileSelector(selector).matches(template.metadata?.labels)
  )
    return 'its selector does not match the labels of its template';
  return podFault(
    template.spec,
    spec.volumeClaimTemplates?.map(({ metadata }) => metadata.name),
  );
}

/** `claimed`: names of volumes that a StatefulSet adds for its claims. */
function podFault(
  { containers, volumes = [], restartPolicy = 'Always' }: PodSpec,
  claimed: readonly string[] = [],
): string | null {
  if (containers.length === 0) return 'it has no containers';
  if (!RESTART_POLICIES.has(restartPolicy)) return `${restartPolicy} is no restart policy`;
  const names = new Set<string>();
  const mountable = new Set([...claimed, ...volumes.map(({ name }) => name)]);
  for (const { name, volumeMounts = [] } of containers) {
    if (names.has(name)) return `two containers are called ${name}`;
    names.add(name);
    const unknown = volumeMounts.find((mount) => !mountable.has(mount.name));
    if (unknown !== undefined) return `container ${name} mounts ${unknown.name}, which is no volume of it`;
  }
  return null;
}
