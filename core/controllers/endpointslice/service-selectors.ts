/**
 * Which services select a pod. Services by namespace with their compiled selectors; the answer for a set of labels is kept by the
 * identity of the labels object, which versions of a pod share, until a service of the namespace changes.
 */
import { type Selector, selectorOfLabels } from '../../types/label-selector.ts';
import type { StringMap } from '../../types/object.ts';
import type { Service } from '../../types/service.ts';

interface Cached {
  readonly namespace: NamespaceServices;
  readonly version: number;
  readonly ids: readonly number[];
}

interface NamespaceServices {
  readonly selectors: Map<number, Selector>;
  version: number;
}

const NONE: readonly number[] = [];
const NO_LABELS: StringMap = Object.freeze({});

/** Whether the controller keeps slices for a service: it has a selector and is no alias. */
export function isSelecting(service: Service): boolean {
  return service.spec.type !== 'ExternalName' && Object.keys(service.spec.selector ?? {}).length > 0;
}

export class ServiceSelectors {
  readonly #namespaces = new Map<string, NamespaceServices>();
  readonly #cache = new WeakMap<StringMap, Cached>();

  /** A service is new or changed. */
  set(id: number, service: Service): void {
    const services = this.#of(service.metadata.namespace ?? '');
    services.version++;
    if (isSelecting(service)) services.selectors.set(id, selectorOfLabels(service.spec.selector));
    else services.selectors.delete(id);
  }

  /** A service is gone. */
  delete(id: number, namespace: string): void {
    const services = this.#of(namespace);
    services.version++;
    services.selectors.delete(id);
  }

  /** The selector of a service. */
  selectorOf(id: number, namespace: string): Selector | undefined {
    return this.#namespaces.get(namespace)?.selectors.get(id);
  }

  /** Ids of the services of `namespace` that select pods with these labels. */
  select(namespace: string, labels: StringMap | undefined): readonly number[] {
    const services = this.#namespaces.get(namespace);
    if (services === undefined || services.selectors.size === 0) return NONE;
    const key = labels ?? NO_LABELS;
    const cached = this.#cache.get(key);
    if (cached !== undefined && cached.namespace === services && cached.version === services.version) return cached.ids;
    const ids: number[] = [];
    for (const [id, selector] of services.selectors) if (selector.matches(key)) ids.push(id);
    this.#cache.set(key, { namespace: services, version: services.version, ids });
    return ids;
  }

  #of(namespace: string): NamespaceServices {
    let services = this.#namespaces.get(namespace);
    if (services === undefined) {
      services = { selectors: new Map(), version: 0 };
      this.#namespaces.set(namespace, services);
    }
    return services;
  }
}
