/**
 * Which options of a list, a watch and a delete go together. Source: Kubernetes 1.34, apimachinery meta/internalversion/validation
 * ValidateListOptions and meta/v1/validation ValidateDeleteOptions.
 */
import { type Named, StatusError } from '../../types/status-error.ts';
import { FieldErrors } from '../../types/validation/field-errors.ts';
import type { RequestOptions } from '../../types/wire.ts';

function optionsOf(kind: string): Named {
  return { group: 'meta.k8s.io', kind, plural: '', qualifiedName: '' };
}

const MATCH = 'resourceVersionMatch';
const MATCHES = ['Exact', 'NotOlderThan', ''];
const WATCH_MATCHES = ['NotOlderThan'];
const POLICIES = ['Foreground', 'Background', 'Orphan'];

function refuse(kind: string, errors: FieldErrors): void {
  if (errors.causes.length > 0) throw StatusError.invalid(optionsOf(kind), '', errors.causes);
}

/** Whether the options of a list go together. Throws StatusError (422). */
export function checkListOptions(options: RequestOptions): void {
  const { resourceVersionMatch: match, resourceVersion = '' } = options;
  if (match === undefined && options.sendInitialEvents === undefined) return;
  const errors = new FieldErrors();
  if (match !== undefined) {
    if (resourceVersion === '') errors.forbidden(MATCH, `${MATCH} is forbidden unless resourceVersion is provided`);
    if ((options.continue ?? '') !== '') errors.forbidden(MATCH, `${MATCH} is forbidden when continue is provided`);
    if (!MATCHES.includes(match)) errors.notSupported(MATCH, match, MATCHES);
    if (match === 'Exact' && resourceVersion === '0') {
      errors.forbidden(MATCH, `${MATCH} "exact" is forbidden for resourceVersion "0"`);
    }
  }
  if (options.sendInitialEvents !== undefined) {
    errors.forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  }
  refuse('ListOptions', errors);
}

/** The same of a watch. Throws StatusError (422). */
export function checkWatchOptions(options: RequestOptions): void {
  const { resourceVersionMatch: match, sendInitialEvents } = options;
  if (match === undefined && sendInitialEvents === undefined) return;
  const errors = new FieldErrors();
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.forbidden(MATCH, `sendInitialEvents requires setting ${MATCH} to NotOlderThan`);
  }
  if (match !== undefined) {
    if (sendInitialEvents === undefined) {
      errors.forbidden(MATCH, `${MATCH} is forbidden for watch unless sendInitialEvents is provided`);
    }
    if (match !== 'NotOlderThan') errors.notSupported(MATCH, match, WATCH_MATCHES);
    if ((options.continue ?? '') !== '') errors.forbidden(MATCH, `${MATCH} is forbidden when continue is provided`);
  }
  refuse('ListOptions', errors);
}

/** Whether a delete knows its propagation policy. Throws StatusError (422). */
export function checkDeleteOptions({ propagationPolicy }: RequestOptions): void {
  if (propagationPolicy === undefined || POLICIES.includes(propagationPolicy)) return;
  const errors = new FieldErrors();
  errors.notSupported('propagationPolicy', propagationPolicy, [...POLICIES, 'nil']);
  refuse('DeleteOptions', errors);
}
