/**
 * What the manifests say about a workload and no component simulates: such a mark is *unknown*, never *survived*.
 *
 * `worse`: the real thing could only add trouble (a volume that does not follow its pod), so a bad mark stands. `either`: it could also remove trouble
 * (an autoscaler adds replicas), so no mark stands.
 */
import type { Heeded } from '../../core/cluster/claimed.ts';
import {
  gatedDeviceFields,
  type KubeObject,
  type PodSpec,
  selectorNotUnderstood,
  type Volume,
} from '../../core/cluster/vocabulary.ts';
import { appliedNamespace } from '../../scenarios/manifests.ts';
import { isGiven } from './assumed-claims.ts';
import type { WorkloadContext } from './suspicions.ts';
import { claimTemplateNames, selects } from './templates.ts';
import type { Uncertainty } from './workload.ts';

/** Volume sources that the simulation knows, or that need nothing from outside the node. Of claims it knows all but the data. */
const KNOWN_VOLUMES = [
  'configMap',
  'secret',
  'projected',
  'downwardAPI',
  'emptyDir',
  'image',
  'persistentVolumeClaim',
  'ephemeral',
];

/** All uncertainties of a workload, each once. */
export function uncertaintiesOf(context: WorkloadContext): Uncertainty[] {
  const found = [...ofTemplate(context)];
  for (const object of context.objects) {
    const uncertainty = ofObject(object, context);
    if (uncertainty !== null) found.push(uncertainty);
  }
  return found.filter(({ what }, index) => found.findIndex((other) => other.what === what) === index);
}

function ofTemplate({ object, template, objects, namespace, heeded }: WorkloadContext): Uncertainty[] {
  const { spec } = template;
  const found: Uncertainty[] = [];
  const claims = claimTemplateNames(object);
  for (const volume of spec.volumes ?? []) {
    if (claims.includes(volume.name)) continue;
    const source = volumeData(volume, object.kind) ?? unknownClaim(volume, objects, namespace);
    if (source !== null) {
      const { kind, name } = source;
      found.push({ what: `volume data (${kind} ${name})`, kind, effect: 'worse', scope: 'moves' });
    }
  }
  for (const { conditionType } of spec.readinessGates ?? []) {
    found.push({ what: `readiness gate ${conditionType}`, kind: 'readinessGates', effect: 'either', scope: 'all' });
  }
  if ((spec.schedulerName ?? 'default-scheduler') !== 'default-scheduler') {
    found.push({ what: `scheduler ${spec.schedulerName}`, kind: 'schedulerName', effect: 'either', scope: 'all' });
  }
  if ((spec.schedulingGates ?? []).length > 0) {
    found.push({ what: 'scheduling gates', kind: 'schedulingGates', effect: 'either', scope: 'all' });
  }
  const group = spec.schedulingGroup?.podGroupName ?? '';
  if (group !== '' && !heeded.podGroups) {
    const what = `PodGroup ${group} (no profile enables GangScheduling)`;
    found.push({ what, kind: 'PodGroup', effect: 'either', scope: 'all' });
  }
  if (spec.runtimeClassName !== undefined) {
    found.push({
      what: `RuntimeClass ${spec.runtimeClassName}`,
      kind: 'RuntimeClass',
      effect: 'worse',
      scope: 'moves',
    });
  }
  const devices = objects.some(({ kind }) => kind === 'ResourceSlice');
  if ((spec.resourceClaims ?? []).length > 0 && !devices) {
    const what = 'devices (no ResourceSlice among the manifests)';
    found.push({ what, kind: 'ResourceSlice', effect: 'either', scope: 'all' });
  }
  return [
    ...found,
    ...((spec.resourceClaims ?? []).length > 0 ? unreadSelectors(objects) : []),
    ...gatedDevices(spec, objects, namespace, heeded.deviceGates),
  ];
}

/** What devices of a pod hang on that feature gates keep from having an effect; nothing of a pod that asks for none. */
function gatedDevices(
  { resourceClaims = [], initContainers = [], containers }: PodSpec,
  objects: readonly KubeObject[],
  namespace: string,
  gates: Heeded['deviceGates'],
): readonly Uncertainty[] {
  const requested = new Set(
    [...initContainers, ...containers].flatMap(({ resources }) =>
      Object.keys({ ...resources?.limits, ...resources?.requests }),
    ),
  );
  const named = resourceClaims.flatMap(({ resourceClaimName, resourceClaimTemplateName }) => [
    `ResourceClaim ${resourceClaimName}`,
    `ResourceClaimTemplate ${resourceClaimTemplateName}`,
  ]);
  return objects.flatMap((object) => {
    const { kind, metadata, spec } = object;
    const standsFor = (spec as { readonly extendedResourceName?: unknown } | null | undefined)?.extendedResourceName;
    const concerned =
      kind === 'DeviceClass'
        ? requested.has(String(standsFor))
        : kind.startsWith('ResourceClaim')
          ? named.includes(`${kind} ${metadata.name}`) && appliedNamespace(metadata) === namespace
          : resourceClaims.length > 0 && kind !== 'PodGroup';
    const fields = concerned ? gatedDeviceFields(object, gates) : [];
    return fields.map(({ gate }): Uncertainty => {
      return { what: `devices (${kind} ${metadata.name}: feature gate ${gate})`, kind, effect: 'either', scope: 'all' };
    });
  });
}

/** Selectors of devices that an API server may take and the simulation cannot read: with them any device may fit, or none. */
function unreadSelectors(objects: readonly KubeObject[]): Uncertainty[] {
  return objects
    .filter(({ kind }) => SELECTING.includes(kind))
    .flatMap(({ kind, metadata, spec }) =>
      selectorsIn(spec)
        .map(selectorNotUnderstood)
        .filter((problem) => problem !== null)
        .map((problem) => {
          return {
            what: `device selector (${kind} ${metadata.name}: ${problem})`,
            kind,
            effect: 'either',
            scope: 'all',
          };
        }),
    );
}

const SELECTING = ['DeviceClass', 'ResourceClaim', 'ResourceClaimTemplate'];

/** Every CEL expression of a claim or class, wherever it stands. */
function selectorsIn(value: unknown): readonly string[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === 'expression' && typeof member === 'string' ? [member] : selectorsIn(member),
  );
}

interface VolumeSource {
  readonly kind: string;
  readonly name: string;
}

function volumeData(volume: Volume, kind: string): VolumeSource | null {
  const source = Object.keys(volume).find((key) => key !== 'name');
  if (source === undefined || KNOWN_VOLUMES.includes(source)) return null;
  if (source !== 'hostPath') return { kind: source, name: volume.name };
  return kind === 'DaemonSet' ? null : { kind: source, name: volume.hostPath?.path ?? '' };
}

/** A claim that is not among the manifests may be anything. */
function unknownClaim(
  { persistentVolumeClaim }: Volume,
  objects: readonly KubeObject[],
  namespace: string,
): VolumeSource | null {
  const name = persistentVolumeClaim?.claimName ?? '';
  return name === '' || isGiven(objects, namespace, name) ? null : { kind: 'PersistentVolumeClaim', name };
}

interface Referring {
  readonly minReplicas?: number | null;
  readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string };
  readonly targetRef?: { readonly kind?: string; readonly name?: string };
  readonly podSelector?: Parameters<typeof selects>[0];
}

function ofObject(object: KubeObject, context: WorkloadContext): Uncertainty | null {
  const { kind, metadata } = object;
  if (/^(Mutating|Validating)(WebhookConfiguration|AdmissionPolicy)$/.test(kind)) return ofAdmission(object);
  if (appliedNamespace(metadata) !== context.namespace) return null;
  const name = metadata.name;
  const spec = (object.spec ?? {}) as Referring;
  const target = spec.scaleTargetRef ?? (kind === 'VerticalPodAutoscaler' ? spec.targetRef : undefined);
  if (target !== undefined && target !== null) {
    if (target.name !== context.object.metadata.name || (target.kind ?? 'Deployment') !== context.object.kind)
      return null;
    // Judged with its minReplicas, see autoscalers.ts.
    if (kind === 'HorizontalPodAutoscaler' && (spec.minReplicas ?? 1) >= 1) return null;
    return { what: `${kind} ${name}`, kind, effect: 'either', scope: 'all' };
  }
  if (kind === 'NetworkPolicy') {
    const selected = isEmpty(spec.podSelector) || selects(spec.podSelector, context.template);
    // A pod that stays where it is meets the policy that it has met from the start.
    return selected ? { what: `NetworkPolicy ${name}`, kind, effect: 'worse', scope: 'moves' } : null;
  }
  if (kind === 'ResourceQuota') return { what: `ResourceQuota ${name}`, kind, effect: 'worse', scope: 'moves' };
  if (kind === 'LimitRange') return { what: `LimitRange ${name}`, kind, effect: 'either', scope: 'moves' };
  return null;
}

/** Webhooks and admission policies that look at pods. */
function ofAdmission(object: KubeObject): Uncertainty | null {
  const text = JSON.stringify({ ...object, metadata: undefined });
  if (!/"resources":\[[^\]]*"(pods|\*|\*\/\*)"/.test(text)) return null;
  const effect = object.kind.startsWith('Mutating') ? 'either' : 'worse';
  return { what: `${object.kind} ${object.metadata.name}`, kind: object.kind, effect, scope: 'moves' };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}
