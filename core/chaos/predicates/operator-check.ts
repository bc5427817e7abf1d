/**
 * OP1: a user's reconciler throws nothing but answers of the API server. Each beginning of one is an evaluation: without any, the operators were there for nothing.
 */
import { type Judge, listen, type Predicate } from '../predicate.ts';

interface Failure {
  readonly operator: string;
  readonly key: string;
  readonly error: string;
}

export function operatorsThrowNothing(judge: Judge): Predicate {
  const predicate: Predicate = { id: 'OP1', about: 'no reconciler of a user throws', evaluations: 0 };
  listen(judge, 'operator.began', () => {
    predicate.evaluations++;
  });
  listen(judge, 'operator.failed', (_pid, subject) => {
    const { operator, key, error } = subject as Failure;
    judge.violate(predicate, `operator ${operator} threw on ${key}: ${error}`);
  });
  return predicate;
}
