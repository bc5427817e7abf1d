/**
 * The API's error: what a request is answered with when it fails.
 *
 * Not an `Error`: thousands are made in a run and none needs a stack. Messages are worded as the real server words them,
 * since controllers, users and recorded data match on them. Source: Kubernetes 1.34, apimachinery api/errors.
 */
import type { ResourceType } from './resource-type.ts';

/** One reason among several why an object is invalid (meta/v1 StatusCause). */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field?: string | undefined;
}

/** meta/v1 StatusDetails. `kind` holds the resource for most errors and the kind for Invalid, as in the real server. */
export interface StatusDetails {
  readonly name?: string | undefined;
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly uid?: string | undefined;
  readonly causes?: readonly StatusCause[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** Wire form of a failure (meta/v1 Status). */
export interface StatusObject {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, never>>;
  readonly status: 'Failure';
  readonly message: string;
  readonly reason?: string | undefined;
  readonly details?: StatusDetails | undefined;
  readonly code: number;
}

/** Fewer fields than a ResourceType, so that errors can also be made for what has none. */
export type Named = Pick<ResourceType, 'group' | 'kind' | 'plural' | 'qualifiedName'>;

function detailsOf(type: Named, name: string): StatusDetails {
  return { name, group: type.group === '' ? undefined : type.group, kind: type.plural };
}

/** The kind with its group, as in `Deployment.apps`. */
export function qualifiedKindOf({ group, kind }: Named): string {
  return group === '' ? kind : `${kind}.${group}`;
}

/** Several messages as one, each said once. Source: Kubernetes 1.34, apimachinery util/errors aggregate.Error. */
export function aggregateText(messages: readonly string[]): string {
  const parts = [...new Set(messages)];
  return parts.length === 1 ? (parts[0] as string) : `[${parts.join(', ')}]`;
}

/** A failed request. `outcomeUnknown`: no answer came, so a write may or may not have happened. */
export class StatusError {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details: StatusDetails | null;
  readonly outcomeUnknown: boolean;

  constructor(
    code: number,
    reason: string,
    message: string,
    details: StatusDetails | null = null,
    outcomeUnknown = false,
  ) {
    this.code = code;
    this.reason = reason;
    this.message = message;
    this.details = details;
    this.outcomeUnknown = outcomeUnknown;
  }

  toString(): string {
    return this.message;
  }

  /** The meta/v1 Status object that goes over the wire. */
  toStatus(): StatusObject {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason === '' ? undefined : this.reason,
      details: this.details ?? undefined,
      code: this.code,
    };
  }

  /** Seconds after which the server wants the request again, −1 when it did not say. */
  get retryAfterSeconds(): number {
    return this.details?.retryAfterSeconds ?? -1;
  }

  get isNotFound(): boolean {
    return this.code === 404;
  }

  get isAlreadyExists(): boolean {
    return this.reason === 'AlreadyExists';
  }

  get isConflict(): boolean {
    return this.reason === 'Conflict';
  }

  get isInvalid(): boolean {
    return this.reason === 'Invalid';
  }

  get isTooManyRequests(): boolean {
    return this.code === 429;
  }

  /** 410: the resource version or continue token is too old. */
  get isGone(): boolean {
    return this.code === 410;
  }

  /** The namespace is being deleted, so nothing can be created in it (a Forbidden with this cause). */
  get isNamespaceTerminating(): boolean {
    return this.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false;
  }

  /** 400: the request itself makes no sense. */
  static badRequest(message: string): StatusError {
    return new StatusError(400, 'BadRequest', message);
  }

  /** 401: the server does not know who asks, as with a certificate or token that has expired. */
  static unauthorized(): StatusError {
    return new StatusError(401, 'Unauthorized', 'Unauthorized');
  }

  /** 403 with the real server's sentence; `why` says what forbids it. */
  static forbidden(type: Named, name: string, why: string, causes?: readonly StatusCause[]): StatusError {
    const message =
      name === ''
        ? `${type.qualifiedName} is forbidden: ${why}`
        : `${type.qualifiedName} "${name}" is forbidden: ${why}`;
    return new StatusError(403, 'Forbidden', message, { ...detailsOf(type, name), causes });
  }

  /** 403 for a create in a namespace that is being deleted. */
  static namespaceTerminating(type: Named, name: string, namespace: string): StatusError {
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    return StatusError.forbidden(type, name, why, [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ]);
  }

  static notFound(type: Named, name: string): StatusError {
    return new StatusError(404, 'NotFound', `${type.qualifiedName} "${name}" not found`, detailsOf(type, name));
  }

  static methodNotSupported(type: Named, action: string): StatusError {
    const message = `${action} is not supported on resources of kind "${type.qualifiedName}"`;
    return new StatusError(405, 'MethodNotAllowed', message, detailsOf(type, ''));
  }

  static alreadyExists(type: Named, name: string): StatusError {
    return new StatusError(
      409,
      'AlreadyExists',
      `${type.qualifiedName} "${name}" already exists`,
      detailsOf(type, name),
    );
  }

  /** 409; `why` defaults to the sentence for an outdated resourceVersion. */
  static conflict(
    type: Named,
    name: string,
    why = 'the object has been modified; please apply your changes to the latest version and try again',
  ): StatusError {
    const message = `Operation cannot be fulfilled on ${type.qualifiedName} "${name}": ${why}`;
    return new StatusError(409, 'Conflict', message, detailsOf(type, name));
  }

  /** 410 Expired, for compacted revisions, old continue tokens and watches from before the window. */
  static gone(message: string): StatusError {
    return new StatusError(410, 'Expired', message);
  }

  /** 410 as the watch cache words it; both are revisions. */
  static tooOldResourceVersion(asked: number | string, oldest: number | string): StatusError {
    return StatusError.gone(`too old resource version: ${asked} (${oldest})`);
  }

  static requestEntityTooLarge(message: string): StatusError {
    return new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`);
  }

  static unsupportedMediaType(message: string): StatusError {
    return new StatusError(415, 'UnsupportedMediaType', message);
  }

  /** 422; `causes` in order of the fields' check. `type.kind` and group name the kind. */
  static invalid(type: Named, name: string, causes: readonly StatusCause[]): StatusError {
    const qualifiedKind = qualifiedKindOf(type);
    const all = causes.map((c) => (c.field === undefined || c.field === '' ? c.message : `${c.field}: ${c.message}`));
    const message =
      causes.length === 0
        ? `${qualifiedKind} "${name}" is invalid`
        : `${qualifiedKind} "${name}" is invalid: ${aggregateText(all)}`;
    return new StatusError(422, 'Invalid', message, {
      name,
      group: type.group === '' ? undefined : type.group,
      kind: type.kind,
      causes: causes.length === 0 ? undefined : causes,
    });
  }

  /** 429; `retryAfterSeconds` 0 leaves the header out. */
  static tooManyRequests(message: string, retryAfterSeconds: number, causes?: readonly StatusCause[]): StatusError {
    return new StatusError(429, 'TooManyRequests', message, {
      causes,
      retryAfterSeconds: retryAfterSeconds > 0 ? retryAfterSeconds : undefined,
    });
  }

  static internalError(message: string): StatusError {
    return new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, {
      causes: [{ reason: '', message }],
    });
  }

  static serviceUnavailable(message: string, retryAfterSeconds = 0): StatusError {
    return new StatusError(503, 'ServiceUnavailable', message, retryAfterSeconds > 0 ? { retryAfterSeconds } : null);
  }

  /** 504; with `outcomeUnknown` the client gave up waiting and a write may have happened. */
  static timeout(message: string, outcomeUnknown = false, retryAfterSeconds = 0): StatusError {
    const details = retryAfterSeconds > 0 ? { retryAfterSeconds } : null;
    return new StatusError(504, 'Timeout', `Timeout: ${message}`, details, outcomeUnknown);
  }

  /** 504 of a read newer than what there is; both are revisions. */
  static tooLargeResourceVersion(asked: number | string, current: number | string): StatusError {
    return new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    });
  }

  /** No answer at all: refused or reset connection. `outcomeUnknown` when the request had been sent. */
  static connectionLost(message: string, outcomeUnknown: boolean): StatusError {
    return new StatusError(503, 'ServiceUnavailable', message, null, outcomeUnknown);
  }
}
