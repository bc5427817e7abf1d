/**
 * createAny and updateAny: objects of any kind, one after the other. An update also writes the status, as the original does.
 *
 * Source: Kubernetes 1.37, scheduler_perf operations.go and update.go.
 */
import type { KubeObject } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';
import type { WriteAny } from '../config/operation.ts';
import { failureOf, type Load, type Steps, WorkloadFailure } from './load.ts';

const US_PER_SECOND = 1_000_000;
const SUBRESOURCES: readonly string[] = ['status', 'resize'];

/** Writes all objects of an operation. @throws WorkloadFailure */
export function* writeAny(
  load: Load,
  { opcode, namespace, count, template, perSecond, subresources }: WriteAny,
): Steps {
  const unknown = subresources.find((name) => !SUBRESOURCES.includes(name));
  if (unknown !== undefined) throw new WorkloadFailure(`updateAny: the subresource ${unknown} is not simulated`);
  for (let index = 0; index < count; index++) {
    const object = template.at(index);
    const { namespaced } = load.typeOf(object);
    if (namespaced !== (namespace !== '')) {
      const scope = namespaced
        ? 'needs a namespace, the operation has none'
        : 'has no namespace, the operation has one';
      throw new WorkloadFailure(`${opcode}: ${object.kind} ${scope}`);
    }
    if (perSecond > 0) yield* load.ctx.sleep(US_PER_SECOND / perSecond);
    if (opcode === 'createAny') yield* load.create(load.typeOf(object), namespace, object);
    else yield* updateOne(load, namespace, object, subresources);
  }
}

function* updateOne(load: Load, namespace: string, object: KubeObject, subresources: readonly string[]): Steps {
  const type = load.typeOf(object);
  const inNamespace = namespace === '' ? object : { ...object, metadata: { ...object.metadata, namespace } };
  const what = `update ${type.kind} ${object.metadata.name}`;
  try {
    if (subresources.includes('resize')) yield* load.client.resize(inNamespace as Pod);
    else if (subresources.length === 0) yield* load.client.update(type, inNamespace);
    if (type.hasStatus) yield* load.client.updateStatus(type, inNamespace);
  } catch (error) {
    throw failureOf(error, what);
  }
}
