/**
 * The pod template inside an object, wherever its kind keeps it.
 *
 * Input is what users wrote: a template that has no list of containers is none, nor is one whose fields have other types than a pod's, as those of a custom
 * kind may, which nobody has checked.
 */
import {
  compileSelector,
  type KubeObject,
  type LabelSelector,
  type PodSpec,
  type PodTemplateSpec,
  ResourceTypes,
} from '../../core/cluster/vocabulary.ts';
import { isShapedAsPod } from '../../scenarios/manifest-fields.ts';

const BUILT_IN = new ResourceTypes();

interface TemplateHolder {
  readonly template?: Partial<PodTemplateSpec>;
  readonly jobTemplate?: { readonly spec?: { readonly template?: Partial<PodTemplateSpec> } };
}

/** The template of a workload of any kind (a Pod is its own); null if the object holds none. */
export function templateOf(object: KubeObject): PodTemplateSpec | null {
  if (object.kind === 'Pod') {
    const spec = object.spec as PodSpec | undefined;
    return hasContainers(spec) ? { metadata: object.metadata, spec } : null;
  }
  if (object.kind === 'PodTemplate') return null;
  const holder = object.spec as TemplateHolder | null | undefined;
  if (holder === null || typeof holder !== 'object') return null;
  const template = holder.template ?? holder.jobTemplate?.spec?.template;
  if (template === undefined || template === null || typeof template !== 'object' || !hasContainers(template.spec))
    return null;
  const isChecked = BUILT_IN.byKind(object.apiVersion, object.kind) !== undefined;
  return isChecked || isShapedAsPod(template) ? (template as PodTemplateSpec) : null;
}

function hasContainers(spec: PodSpec | undefined): spec is PodSpec {
  return Array.isArray(spec?.containers) && spec.containers.length > 0;
}

/** true if the selector matches the labels of the template; a selector that is none matches nothing. */
export function selects(selector: LabelSelector | undefined, template: PodTemplateSpec): boolean {
  try {
    return compileSelector(selector).matches(template.metadata?.labels);
  } catch {
    return false;
  }
}

/** Names of a StatefulSet's claims: they replace volumes of these names in every pod (Kubernetes 1.34.1, stateful_set_utils.go updateStorage). */
export function claimTemplateNames({ spec }: KubeObject): readonly (string | undefined)[] {
  const own = (spec as { readonly volumeClaimTemplates?: unknown } | null | undefined)?.volumeClaimTemplates;
  // A custom kind may hold anything there.
  return (Array.isArray(own) ? own : []).map((each: KubeObject | null) => each?.metadata?.name);
}
