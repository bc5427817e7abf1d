/** Examples of the lists of names are what a file may say, in full. */
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { catalogue } from '../../../bench/cli/catalogues.ts';
import { OPERATION_KINDS } from '../../../scenarios/kinds.ts';
import { knownFieldsOf } from '../../../scenarios/known-fields.ts';
import { scenarioSchema } from '../../../scenarios/schema.ts';
import { TEST_CLUSTER, TEST_HEAD } from '../../support/scenario-text.ts';

test('operations: each kind has an example that the schema takes, with every field of the kind', async () => {
  const { rows } = await catalogue('operations');
  expect(rows.map(([kind]) => kind)).toEqual(OPERATION_KINDS);
  for (const [kind, , example] of rows) {
    const text = `${TEST_HEAD}${TEST_CLUSTER}operations:\n  - ${example}\n`;
    const [operation] = scenarioSchema.parse(parse(text)).operations ?? [];
    expect(operation?.kind).toBe(kind);
    expect(Object.keys(operation ?? {}).sort()).toEqual(knownFieldsOf(['operations', 0], { kind }).sort());
  }
});

test('excuses: each with the line that allows it', async () => {
  const { rows } = await catalogue('excuses');
  expect(rows).toContainEqual(['zero-budget', expect.any(String), 'checks: {excuses: [zero-budget]}']);
});
