/**
 * Delete: mark, then end, as many writes as the real server needs (a pod without grace takes two).
 */
import type { Namespace } from '../../types/namespace.ts';
import type { KubeObject } from '../../types/object.ts';
import { NAMESPACES, PODS, type ResourceType, SERVICEACCOUNTS, SERVICES } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import type { ApiCore } from '../core.ts';
import { BUG_DELETE_LEAVES_HELD, BUG_DELETE_RESTARTS_GRACE, BUG_IGNORES_FINALIZERS } from '../declarations.ts';
import type { Mutation, Operation } from '../operation.ts';
import { checkPreconditions, namespaceVerdict, type Verdict, verdictOf } from '../registry/deletion.ts';
import { mutate, mutateNamed } from '../storage/guaranteed-update.ts';
import type { TypeCache } from '../watch/type-cache.ts';
import { checkDeleteOptions } from './request-options.ts';

/** Kinds whose delete answers with the object instead of a Status. */
const ANSWERED_WITH_OBJECT: ReadonlySet<number> = new Set([PODS.id, SERVICES.id, SERVICEACCOUNTS.id]);

function verdict(core: ApiCore, op: Operation, existing: KubeObject): Verdict {
  const { type, options } = op.request;
  const wallUs = core.ctx.wallUs();
  if (type === NAMESPACES) return namespaceVerdict(type, existing as Namespace, options, wallUs);
  if ((existing.metadata.finalizers?.length ?? 0) > 0 && core.ctx.bug(BUG_DELETE_LEAVES_HELD))
    return { object: existing, ends: false };
  return verdictOf(type, existing, options, wallUs, core.ctx.bug(BUG_DELETE_RESTARTS_GRACE));
}

/** First write: the mark, or at once the end where nothing has to be marked. */
const MARK: Mutation = {
  next(core, op, existing) {
    checkPreconditions(op.request.type, existing, op.request.options.preconditions);
    const verdictOfRules = verdict(core, op, existing);
    const { object } = verdictOfRules;
    const ends =
      verdictOfRules.ends || (object.metadata.deletionGracePeriodSeconds === 0 && core.ctx.bug(BUG_IGNORES_FINALIZERS));
    op.memo = ends;
    return ends && object === existing ? null : object;
  },
  done(core, op, object, deleted) {
    if (deleted || op.memo !== true || op.request.options.dryRun === true) {
      answerDeleted(core, op, object, deleted);
      return;
    }
    // Marked without grace and without finalizers: it goes at once. Somebody else may be faster.
    op.memo = object;
    mutate(core, op, op.cache as TypeCache, op.localId, END);
  },
};

/** Second write: the end of what the first one marked. */
const END: Mutation = {
  next(core, op, existing) {
    const marked = op.memo as KubeObject;
    if (existing.metadata.uid !== marked.metadata.uid) return existing;
    const held = (existing.metadata.finalizers?.length ?? 0) > 0 && !core.ctx.bug(BUG_IGNORES_FINALIZERS);
    return held ? existing : null;
  },
  done(core, op) {
    answerDeleted(core, op, op.memo as KubeObject, true);
  },
  missing(core, op) {
    answerDeleted(core, op, op.memo as KubeObject, true);
  },
};

/** Answers with the object while it lives on and for some kinds; with a Status otherwise. */
function answerDeleted(core: ApiCore, op: Operation, object: KubeObject, deleted: boolean): void {
  const { type } = op.request;
  core.answer(op, 200, deleted && !ANSWERED_WITH_OBJECT.has(type.id) ? successOf(type, object) : object);
}

/** The Status that a completed delete answers with. */
function successOf(type: ResourceType, object: KubeObject): KubeObject {
  const { name, uid } = object.metadata;
  const group = type.group === '' ? undefined : type.group;
  const details = { name, group, kind: type.plural, uid };
  const status = { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Success', details };
  return status as unknown as KubeObject;
}

/** Starts a delete. Throws StatusError. */
export function remove(core: ApiCore, op: Operation): void {
  const { type, subresource, options } = op.request;
  if (subresource !== '') throw StatusError.methodNotSupported(type, 'delete');
  checkDeleteOptions(options);
  mutateNamed(core, op, core.cacheOf(type), MARK);
}
