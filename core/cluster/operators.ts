/** Controllers of users, for those above the cluster: what they look like, and how they become known. */
export {
  findOperator,
  type KubeObject,
  type ObjectKind,
  type Operator,
  type OperatorApi,
  type Request,
  registerOperator,
} from '../controllers/operator/operator.ts';
export { StatusError } from '../types/status-error.ts';
