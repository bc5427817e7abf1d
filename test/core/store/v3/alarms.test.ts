import { expect, test } from 'vitest';
import { Alarms } from '../../../../core/store/v3/alarms.ts';
import {
  ALARM_ACTIVATE,
  ALARM_CORRUPT,
  ALARM_DEACTIVATE,
  ALARM_GET,
  ALARM_NONE,
  ALARM_NOSPACE,
} from '../../../../core/store/v3/messages.ts';

test('alarms are raised once a member, listed by kind, and lifted', () => {
  const alarms = new Alarms();
  const apply = (action: number, alarm: number, memberId = 1n) => alarms.apply({ action, alarm, memberId });
  const full = { memberId: 1n, alarm: ALARM_NOSPACE };
  const corrupt = { memberId: 2n, alarm: ALARM_CORRUPT };
  expect(apply(ALARM_ACTIVATE, ALARM_NONE)).toEqual([]);
  for (const _ of [1, 2]) expect(apply(ALARM_ACTIVATE, ALARM_NOSPACE)).toEqual([full]);
  expect(apply(ALARM_ACTIVATE, ALARM_CORRUPT, 2n)).toEqual([corrupt]);
  expect(apply(ALARM_GET, ALARM_NONE)).toEqual([full, corrupt]);
  expect(apply(ALARM_GET, ALARM_CORRUPT)).toEqual([corrupt]);
  expect(apply(ALARM_DEACTIVATE, ALARM_NOSPACE, 2n)).toEqual([]);
  expect(apply(ALARM_DEACTIVATE, ALARM_NOSPACE)).toEqual([full]);
  expect(apply(ALARM_GET, ALARM_NONE)).toEqual([corrupt]);
});
