/** Terms of the profile's default constraints (Kubernetes 1.34.1, podtopologyspread common.go filterTopologySpreadConstraints, buildDefaultConstraints). */
import { expect, test } from 'vitest';
import { Sfc32 } from '../../../../core/base/random.ts';
import { SchedulingCore } from '../../../../core/scheduler/choice/scheduling-core.ts';
import { DEFAULT_PROFILE } from '../../../../core/scheduler/configuration/profile.ts';
import type { KubeObject } from '../../../../core/types/object.ts';
import { makePod } from '../objects.ts';

test('a default constraint says itself which nodes count', () => {
  const core = new SchedulingCore([DEFAULT_PROFILE], new Sfc32(1, 2, 3));
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'default' } };
  core.putObject({ ...service, spec: { selector: { app: 'p' } } } as KubeObject);
  const pod = makePod('p', {});
  const base = { maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule' } as const;
  const constraints = [base, { ...base, nodeAffinityPolicy: 'Ignore', nodeTaintsPolicy: 'Honor' } as const];
  const terms = core.snapshot.defaultSpread.termsOf(pod, core.classOf(pod).group, constraints, 'DoNotSchedule');
  expect(terms.map(({ honorAffinity, honorTaints }) => [honorAffinity, honorTaints])).toEqual([
    [true, false],
    [false, true],
  ]);
});
