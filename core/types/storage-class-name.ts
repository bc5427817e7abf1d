/** Which storage class a claim or a volume is of. Source: Kubernetes 1.34, component-helpers storage/volume. */
import type { KubeObject } from './object.ts';

/** The annotation that named the class before the field existed; it still wins. */
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** The storage class's name, `''` for none. */
export function storageClassNameOf(object: KubeObject): string {
  const spec = object.spec as { readonly storageClassName?: string | undefined } | undefined;
  return object.metadata.annotations?.[CLASS_ANNOTATION] ?? spec?.storageClassName ?? '';
}
