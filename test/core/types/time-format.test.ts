/** What is taken for a time, and what is said of the rest: the answers are those of Go's time.Parse. */
import { assert, boolean, constantFrom, integer, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { claimType } from '../../../core/types/claim-types.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { ResourceTypes } from '../../../core/types/resource-type.ts';
import { parseTime } from '../../../core/types/time.ts';
import { checkShape } from '../../../core/types/validation/shape.ts';
import { timeProblem, timeProblemByParts } from '../../../core/types/validation/time-format.ts';

const SECONDS = '"2006-01-02T15:04:05Z07:00"';
const MICROSECONDS = '"2006-01-02T15:04:05.000000Z07:00"';

test.each([
  ['x', `parsing time "x" as ${SECONDS}: cannot parse "x" as "2006"`],
  ['', `parsing time "" as ${SECONDS}: cannot parse "" as "2006"`],
  ['2025-01-01', `parsing time "2025-01-01" as ${SECONDS}: cannot parse "" as "T"`],
  ['2025-01-01T00:00:00', `parsing time "2025-01-01T00:00:00" as ${SECONDS}: cannot parse "" as "Z07:00"`],
  ['2025-01-01t00:00:00Z', `parsing time "2025-01-01t00:00:00Z" as ${SECONDS}: cannot parse "t00:00:00Z" as "T"`],
  [
    '12345-01-01T00:00:00Z',
    `parsing time "12345-01-01T00:00:00Z" as ${SECONDS}: cannot parse "5-01-01T00:00:00Z" as "-"`,
  ],
  ['2025-13-01T00:00:00Z', 'parsing time "2025-13-01T00:00:00Z": month out of range'],
  ['2025-00-01T00:00:00Z', 'parsing time "2025-00-01T00:00:00Z": month out of range'],
  ['2025-02-29T00:00:00Z', 'parsing time "2025-02-29T00:00:00Z": day out of range'],
  ['2100-02-29T00:00:00Z', 'parsing time "2100-02-29T00:00:00Z": day out of range'],
  ['2025-01-01T24:00:00Z', 'parsing time "2025-01-01T24:00:00Z": hour out of range'],
  ['2025-01-01T00:00:60Z', 'parsing time "2025-01-01T00:00:60Z": second out of range'],
  ['2025-01-01T00:00:00Zx', 'parsing time "2025-01-01T00:00:00Zx": extra text: "x"'],
])('no time: %s', (text, message) => {
  expect(timeProblem(text, false)).toBe(message);
});

test.each([
  ['2025-01-01T00:00:00Z', `parsing time "2025-01-01T00:00:00Z" as ${MICROSECONDS}: cannot parse "Z" as ".000000"`],
  [
    '2025-01-01T00:00:00.1234567Z',
    `parsing time "2025-01-01T00:00:00.1234567Z" as ${MICROSECONDS}: cannot parse "7Z" as "Z07:00"`,
  ],
])('no MicroTime: %s', (text, message) => {
  expect(timeProblem(text, true)).toBe(message);
});

test.each([
  ['2024-02-29T00:00:00Z', false],
  ['2000-02-29T00:00:00Z', false],
  ['2025-01-01T00:00:00.5Z', false],
  ['2025-01-01T00:00:00,1234567891Z', false],
  ['2025-01-01T00:00:00+24:60', false],
  ['2025-01-01T00:00:00.123456-02:30', true],
])('a time, which the components can read: %s', (text, isMicro) => {
  expect(timeProblem(text, isMicro)).toBeNull();
  expect(parseTime(text)).not.toBeNaN();
});

test('the one look says what the look part by part says', () => {
  const field = (max: number) => integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));
  const drawn = record({
    month: field(14),
    day: field(33),
    hour: field(25),
    minute: field(61),
    second: field(61),
    decimals: constantFrom('', '.5', '.123456', ',123456', '.1234567'),
    zone: constantFrom('Z', 'z', '+01:00', 'Z\n', ''),
    isMicro: boolean(),
  });
  assert(
    property(drawn, ({ month, day, hour, minute, second, decimals, zone, isMicro }) => {
      const text = `2025-${month}-${day}T${hour}:${minute}:${second}${decimals}${zone}`;
      expect(timeProblem(text, isMicro)).toBe(timeProblemByParts(text, isMicro));
    }),
    { numRuns: 3000 },
  );
});

const META = { name: 'x', namespace: 'demo' };
const object = (apiVersion: string, kind: string, rest: object): KubeObject => ({
  apiVersion,
  kind,
  metadata: META,
  ...rest,
});

test.each([
  object('coordination.k8s.io/v1', 'Lease', { spec: { renewTime: 'x' } }),
  object('coordination.k8s.io/v1', 'Lease', { spec: { acquireTime: 'x' } }),
  object('v1', 'Pod', { status: { startTime: 'x' } }),
  object('v1', 'Pod', { status: { conditions: [{ lastTransitionTime: 'x' }] } }),
  object('v1', 'Pod', { status: { containerStatuses: [{ state: { terminated: { finishedAt: 'x' } } }] } }),
  object('v1', 'Pod', { status: { containerStatuses: [{ lastState: { running: { startedAt: 'x' } } }] } }),
  object('v1', 'Node', { status: { conditions: [{ lastHeartbeatTime: 'x' }] } }),
  object('v1', 'Node', { spec: { taints: [{ timeAdded: 'x' }] } }),
  object('v1', 'Node', { metadata: { ...META, creationTimestamp: 'x' } }),
  object('apps/v1', 'Deployment', { status: { conditions: [{ lastUpdateTime: 'x' }] } }),
  object('batch/v1', 'Job', { status: { startTime: 'x' } }),
  object('batch/v1', 'Job', { status: { completionTime: 'x' } }),
  object('policy/v1', 'PodDisruptionBudget', { status: { disruptedPods: { 'web-0': 'x' } } }),
  object('resource.k8s.io/v1', 'ResourceClaim', { status: { allocation: { allocationTimestamp: 'x' } } }),
])('is refused where components read a time: %j', (given) => {
  const types = new ResourceTypes();
  const type = types.byKind(given.apiVersion, given.kind) ?? claimType(types, given.kind);
  const error = checkShape(type, given);
  expect(error?.code).toBe(400);
  expect(error?.message).toMatch(/^\w+ in version "v1" cannot be handled as a \w+: parsing time "x" as "2006-01-02T15/);
});
