import type { Dice } from './dice.ts';
import { drawAdmission } from './draw-admission.ts';
import { drawBudget, drawStaleDisruption } from './draw-budget.ts';
import { drawConfiguration } from './draw-configuration.ts';
import { drawDaemonSet } from './draw-daemonset.ts';
import { drawDeployment } from './draw-deployment.ts';
import { drawHint } from './draw-hints.ts';
import { drawJob } from './draw-job.ts';
import { drawPodActions } from './draw-pod-actions.ts';
import { drawReplicaSetCase } from './draw-replicaset.ts';
import { drawStatefulSet } from './draw-statefulset.ts';
import { drawQuantities, drawSelector } from './draw-values.ts';

/** What is drawn for each subject. */
export const DRAWN_SUBJECTS: Readonly<Record<string, (dice: Dice) => object>> = {
  admission: drawAdmission,
  configuration: drawConfiguration,
  daemonset: drawDaemonSet,
  deployment: drawDeployment,
  hints: drawHint,
  job: drawJob,
  pdb: drawBudget,
  'pod-actions': drawPodActions,
  quantity: drawQuantities,
  replicaset: drawReplicaSetCase,
  selector: drawSelector,
  'stale-disruption': drawStaleDisruption,
  statefulset: drawStatefulSet,
};
