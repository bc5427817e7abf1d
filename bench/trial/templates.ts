/**
 * The pod template inside an object, wherever its kind keeps it.
 *
 * Input is what users wrote: a template that has no list of containers is none.
 */
import {
  compileSelector,
  type KubeObject,
  type LabelSelector,
  type PodSpec,
  type PodTemplateSpec,
} from '../../core/cluster/vocabulary.ts';

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
  return template as PodTemplateSpec;
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
