/** Recorded timelines of Deployments: the sizes that ReplicaSets were given and the Events, in order. */
import { describe, expect, test } from 'vitest';
import { ControllerHarness } from '../../support/controller-harness.ts';
import { lacksData } from '../../support/needs.ts';
import {
  recordedEvents,
  recordedSizes,
  recordedTexts,
  replay,
  simulatedSizes,
  simulatedTexts,
} from '../../support/timeline.ts';

const SCENARIOS = [
  'deployment-create',
  'deployment-rolling-default',
  'deployment-rolling-surge0',
  'deployment-recreate',
  'deployment-scale',
  'deployment-rollback',
  'deployment-history-limit',
  'deployment-paused',
  'deployment-proportional-scaling',
  'deployment-progress-deadline',
  'deployment-min-ready-seconds',
  'deployment-pod-killed',
];

describe.skipIf(lacksData('controlplane'))('recorded deployments', () => {
  for (const scenario of SCENARIOS) {
    test(scenario, () => {
      const harness = new ControllerHarness();
      replay(harness, scenario);
      const recorded = recordedEvents(scenario);
      expect(simulatedSizes(harness)).toEqual(recordedSizes(recorded));
      expect(simulatedTexts(harness, 'deployment-controller')).toEqual(
        recordedTexts(recorded, 'deployment-controller'),
      );
    });
  }
});
