/**
 * The history of templates that StatefulSets and DaemonSets keep as ControllerRevisions.
 *
 * A revision's data is the template as a patch that replaces it, sharing the template's parts. Equal templates are one revision, whose
 * number rises when it becomes the newest again. Source: Kubernetes 1.34 pkg/controller/history/controller_history.go.
 */
import { defineMark } from '../sim/registry.ts';
import type { Wait } from '../sim/task.ts';
import type { ControllerRevision } from '../types/controller-revision.ts';
import type { Selector } from '../types/label-selector.ts';
import type { KubeObject, LabelSelector, StringMap } from '../types/object.ts';
import { labelsOf, namespaceOf, uidOf } from '../types/object.ts';
import { controllerReference } from '../types/owner-references.ts';
import type { PodTemplateSpec } from '../types/pod.ts';
import { CONTROLLERREVISIONS, type ResourceType } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import { Adoption } from './adoption.ts';
import type { ControllerManager } from './controller-manager.ts';
import type { ControllerScope } from './controller-scope.ts';
import { OwnerIndex } from './owner-index.ts';
import { isSameTemplate } from './template-equality.ts';

const MARK_REVISION_COLLISION = defineMark(
  'revision-hash-collision',
  'a ControllerRevision name was taken by another template',
);

/** An owner with a template and a selector. */
export interface Templated extends KubeObject {
  readonly spec: { readonly template: PodTemplateSpec; readonly selector: LabelSelector };
}

/** How an owner names and labels its revisions. */
export interface RevisionStyle {
  /** Hash of the owner's template with a collision count. */
  readonly hashOf: (template: PodTemplateSpec, collisionCount: number) => string;
  readonly hashLabel: string;
  readonly annotations: (owner: Templated) => StringMap | undefined;
}

function makeIndex(manager: ControllerManager): OwnerIndex<ControllerRevision> {
  return new OwnerIndex(manager.informer<ControllerRevision>(CONTROLLERREVISIONS));
}

const templates = new WeakMap<object, PodTemplateSpec>();

/** The template a revision holds; the same object for one revision each time. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const { data } = revision;
  const { template } = (data as { readonly spec: { readonly template: PodTemplateSpec } }).spec;
  let plain = templates.get(template);
  if (plain === undefined) {
    plain = { metadata: template.metadata, spec: template.spec };
    templates.set(template, plain);
  }
  return plain;
}

/** Whether a revision holds this template. */
function holdsTemplate(revision: ControllerRevision, template: PodTemplateSpec): boolean {
  return isSameTemplate(templateOf(revision), template);
}

export class ControllerRevisions {
  readonly #scope: ControllerScope;
  readonly #index: OwnerIndex<ControllerRevision>;
  readonly #ownerType: ResourceType;
  readonly #style: RevisionStyle;

  constructor(scope: ControllerScope, ownerType: ResourceType, style: RevisionStyle) {
    this.#scope = scope;
    this.#ownerType = ownerType;
    this.#style = style;
    scope.informer(CONTROLLERREVISIONS);
    this.#index = scope.manager.shared(makeIndex);
  }

  /** The revisions that `selector` matches, the owner's and those without a controller; lowest number first. */
  list(owner: KubeObject, selector: Selector): ControllerRevision[] {
    const revisions = this.#matching(this.#index.owned(uidOf(owner)), selector);
    const orphans = this.#index.orphans(namespaceOf(owner));
    if (orphans.size > 0) revisions.push(...this.#matching(orphans, selector));
    return revisions.sort(compareRevisions);
  }

  /** Takes revisions without a controller that `selector` matches. @throws StatusError where the owner is being deleted */
  *adoptOrphans(owner: Templated, selector: Selector): Generator<Wait, void, unknown> {
    const ids = this.#index.orphans(namespaceOf(owner));
    if (ids.size === 0) return;
    const adoption = new Adoption(this.#scope.client, this.#ownerType, owner, CONTROLLERREVISIONS);
    for (const orphan of this.#matching(ids, selector)) yield* adoption.adopt(orphan);
  }

  #matching(ids: ReadonlySet<number>, selector: Selector): ControllerRevision[] {
    const matching: ControllerRevision[] = [];
    for (const id of ids) {
      const revision = this.#index.informer.get(id) as ControllerRevision;
      if (selector.matches(labelsOf(revision))) matching.push(revision);
    }
    return matching;
  }

  /**
   * The revision of the owner's present template: the newest as it is, an older equal one with a new number, or a new one.
   * `collisionCount` of the answer is higher than the one given when a name was taken.
   */
  *current(
    owner: Templated,
    revisions: readonly ControllerRevision[],
    collisionCount: number,
  ): Generator<Wait, { readonly revision: ControllerRevision; readonly collisionCount: number }, unknown> {
    const { template } = owner.spec;
    const next = (revisions.at(-1)?.revision ?? 0) + 1;
    const equal = revisions.findLast((revision) => holdsTemplate(revision, template));
    if (equal !== undefined) {
      if (equal === revisions.at(-1) || equal.revision >= next) return { revision: equal, collisionCount };
      return { revision: yield* this.#renumber(equal, next), collisionCount };
    }
    return yield* this.#create(owner, next, collisionCount);
  }

  /** Deletes the first `count` of these revisions; none where that is not positive. */
  *deleteFirst(revisions: readonly ControllerRevision[], count: number): Generator<Wait, void, unknown> {
    for (const revision of revisions.slice(0, Math.max(0, count))) {
      yield* this.#scope.client.delete(CONTROLLERREVISIONS, namespaceOf(revision), revision.metadata.name);
    }
  }

  *#renumber(revision: ControllerRevision, number: number): Generator<Wait, ControllerRevision, unknown> {
    return yield* this.#scope.client.update<ControllerRevision>(CONTROLLERREVISIONS, { ...revision, revision: number });
  }

  *#create(
    owner: Templated,
    number: number,
    known: number,
  ): Generator<Wait, { readonly revision: ControllerRevision; readonly collisionCount: number }, unknown> {
    const { client, ctx } = this.#scope;
    for (let collisionCount = known; ; collisionCount++) {
      const wanted = this.#revisionOf(owner, number, collisionCount);
      try {
        const revision = yield* client.create<ControllerRevision>(CONTROLLERREVISIONS, wanted);
        return { revision, collisionCount };
      } catch (error) {
        if (!(error instanceof StatusError) || !error.isAlreadyExists) throw error;
      }
      const { namespace = '', name } = wanted.metadata;
      const existing = yield* client.get<ControllerRevision>(CONTROLLERREVISIONS, namespace, name);
      if (holdsTemplate(existing, owner.spec.template)) return { revision: existing, collisionCount };
      ctx.mark(MARK_REVISION_COLLISION);
    }
  }

  #revisionOf(owner: Templated, number: number, collisionCount: number): ControllerRevision {
    const { template } = owner.spec;
    const hash = this.#style.hashOf(template, collisionCount);
    return {
      apiVersion: CONTROLLERREVISIONS.apiVersion,
      kind: CONTROLLERREVISIONS.kind,
      metadata: {
        name: `${owner.metadata.name}-${hash}`,
        namespace: owner.metadata.namespace,
        labels: { ...template.metadata?.labels, [this.#style.hashLabel]: hash },
        annotations: this.#style.annotations(owner),
        ownerReferences: [controllerReference(owner)],
      },
      data: { spec: { template: { $patch: 'replace', metadata: template.metadata, spec: template.spec } } },
      revision: number,
    };
  }
}

/** By number, then age, then name. */
function compareRevisions(a: ControllerRevision, b: ControllerRevision): number {
  if (a.revision !== b.revision) return a.revision - b.revision;
  const timeA = a.metadata.creationTimestamp ?? '';
  const timeB = b.metadata.creationTimestamp ?? '';
  if (timeA !== timeB) return timeA < timeB ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
