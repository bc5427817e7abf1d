import type { Dice } from './dice.ts';
import { drawDaemonSet } from './draw-daemonset.ts';
import { drawDeployment } from './draw-deployment.ts';
import { drawReplicaSetCase } from './draw-replicaset.ts';
import { drawStatefulSet } from './draw-statefulset.ts';

/** What is drawn for each subject. */
export const DRAWN_SUBJECTS: Readonly<Record<string, (dice: Dice) => object>> = {
  daemonset: drawDaemonSet,
  deployment: drawDeployment,
  replicaset: drawReplicaSetCase,
  statefulset: drawStatefulSet,
};
