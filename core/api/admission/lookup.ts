/**
 * What a create needs to know about other objects before it goes on: its namespace, a pod's service account.
 *
 * The cache answers at no cost; what is missing there is looked up in the store, since a cache may lag behind a write
 * that the client has seen. Source: Kubernetes 1.34, plug-ins NamespaceLifecycle and ServiceAccount.
 */
import type { Namespace } from '../../types/namespace.ts';
import type { PodSpec } from '../../types/pod.ts';
import { NAMESPACES, PODS, type ResourceType, SERVICEACCOUNTS } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import type { ApiCore } from '../core.ts';
import { BUG_CREATES_IN_ENDING, MARK_LIVE_LOOKUP } from '../declarations.ts';
import type { Operation } from '../operation.ts';
import { STEP_LOOKUP } from '../steps.ts';
import type { StoredObject } from '../storage/stored-object.ts';
import { createAdmitted } from '../verbs/create.ts';

/** Stages of admission, kept in the operation's `tries`. */
const NAMESPACE = 0;
const ACCOUNT = 1;
const DONE = 2;

/** Checks what the object to be created refers to, then creates it. */
export function admitReferences(core: ApiCore, op: Operation): void {
  const { type, namespace } = op.request;
  op.tries = NAMESPACE;
  if (!type.namespaced) {
    op.tries = DONE;
  } else {
    const found = core.cacheOf(NAMESPACES).find('', namespace);
    if (found === undefined) {
      lookUp(core, op, NAMESPACES, '', namespace);
      return;
    }
    if (!core.ctx.bug(BUG_CREATES_IN_ENDING)) checkNamespace(op, found);
    op.tries = ACCOUNT;
  }
  goOn(core, op);
}

function checkNamespace(op: Operation, found: StoredObject): void {
  const namespace = found.object as Namespace;
  const terminating = namespace.metadata.deletionTimestamp !== undefined || namespace.status?.phase === 'Terminating';
  if (!terminating) return;
  const { type, namespace: name, object } = op.request;
  throw StatusError.namespaceTerminating(type, object?.metadata?.name ?? '', name);
}

function goOn(core: ApiCore, op: Operation): void {
  if (op.tries === ACCOUNT && op.request.type === PODS) {
    const account = accountOf(op);
    const { serviceAccountMustExist: which } = core.admission;
    const mustExist = which === 'all' || (which === 'named' && account !== 'default');
    if (mustExist && core.cacheOf(SERVICEACCOUNTS).find(op.request.namespace, account) === undefined) {
      lookUp(core, op, SERVICEACCOUNTS, op.request.namespace, account);
      return;
    }
  }
  op.tries = 0;
  createAdmitted(core, op);
}

function accountOf(op: Operation): string {
  const spec = op.request.object?.spec as PodSpec | undefined;
  const name = spec?.serviceAccountName ?? '';
  return name === '' ? 'default' : name;
}

function lookUp(core: ApiCore, op: Operation, type: ResourceType, namespace: string, name: string): void {
  core.ctx.mark(MARK_LIVE_LOOKUP);
  const cache = core.cacheOf(type);
  const id = cache.keys.find(namespace, name);
  if (id < 0) {
    core.guarded(op, missing);
    return;
  }
  op.step = STEP_LOOKUP;
  core.store.read(op, core.cluster.storeKeys.keyOf(cache.type, id));
}

function missing(_core: ApiCore, op: Operation): void {
  const { type, namespace, object } = op.request;
  if (op.tries === NAMESPACE) throw StatusError.notFound(NAMESPACES, namespace);
  const account = accountOf(op);
  const why = `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`;
  throw StatusError.forbidden(type, object?.metadata?.name ?? '', why);
}

/** The store has answered a look-up. */
export function looked(core: ApiCore, op: Operation, found: StoredObject | null): void {
  if (found === null) {
    core.guarded(op, missing);
    return;
  }
  core.guarded(op, () => {
    if (op.tries === NAMESPACE) {
      checkNamespace(op, found);
      op.tries = ACCOUNT;
    } else op.tries = DONE;
    goOn(core, op);
  });
}
