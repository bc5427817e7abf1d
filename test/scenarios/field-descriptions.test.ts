/**
 * Every field that an editor may offer has a sentence.
 */
import { expect, test } from 'vitest';
import { scenarioJsonSchema } from '../../scenarios/schema.ts';

interface Node {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
}

function undescribed(node: Node, path: string): string[] {
  const own = Object.entries(node.properties ?? {}).flatMap(([name, field]) => {
    const at = `${path}.${name}`;
    return [...(field.description === undefined ? [at] : []), ...undescribed(field, at)];
  });
  const below = [...(node.items === undefined ? [] : [node.items]), ...(node.anyOf ?? []), ...(node.oneOf ?? [])];
  return [...own, ...below.flatMap((each) => undescribed(each, path))];
}

test('no field without a description', () => {
  expect([...new Set(undescribed(scenarioJsonSchema() as Node, ''))]).toEqual([]);
});

test('a name that means several things has the sentence of its place', () => {
  const schema = scenarioJsonSchema() as Node;
  expect(schema.properties?.['metadata']?.properties?.['name']?.description).toContain('Name of the scenario');
  const fault = schema.properties?.['faults']?.items?.oneOf?.[0]?.properties;
  expect(fault?.['at']?.description).toBe(
    'When, since the cluster is up: 60s. A duration with a unit: 30s, 10m, 250ms',
  );
  expect(fault?.['target']?.properties?.['mode']?.description).toContain('drawn by the seed');
});
