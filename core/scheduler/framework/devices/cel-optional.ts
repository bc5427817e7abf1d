/** Values that may be absent, as CEL's optional syntax makes them. Source: cel-go, cel/library.go OptionalTypes (in Kubernetes since 1.29). */
import { CelError, noOverload } from '../../../types/cel-syntax.ts';
import type { CelValue } from './cel-evaluate.ts';

/** A value, or none. */
export class CelOptional {
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    this.value = value;
  }

  /** `.value()`. @throws CelError for none */
  get present(): CelValue {
    if (this.value === undefined) throw new CelError('optional.none() dereference');
    return this.value;
  }
}

/** Functions whose argument counts only if there is no value: an error in it does not, either. */
export const ALTERNATIVES: ReadonlySet<string> = new Set(['.or', '.orValue']);

/** What an optional, or what stands in for it, comes to. @throws CelError */
export function alternativeOf(name: string, of: CelValue, otherwise: () => CelValue): CelValue {
  if (!(of instanceof CelOptional)) throw noOverload(name);
  if (of.value !== undefined) return name === '.or' ? of : of.value;
  const other = otherwise();
  if (name === '.or' && !(other instanceof CelOptional)) throw noOverload(name);
  return other;
}
