/**
 * Objects of a template: the pattern that is filled in gives what reading each index's text gives, and shares what it can.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { GoTemplate } from '../../../bench/scheduler-perf/go-template/template.ts';
import { GoFloat } from '../../../bench/scheduler-perf/go-template/tree.ts';
import { patternOf } from '../../../bench/scheduler-perf/objects/object-pattern.ts';
import { ObjectTemplate } from '../../../bench/scheduler-perf/objects/object-template.ts';
import { UserError } from '../../../scenarios/problem.ts';

const PARAMS = { zone: 'z', many: new GoFloat(3), on: true };

/** Pieces that a drawn template is put together from. */
const ACTIONS = [
  '{{.Index}}',
  '{{Mod .Index 3}}',
  '{{DivideInt .Index 4}}',
  '{{.Count}}',
  '{{.zone}}',
  '{{AddInt .Index .many}}',
  '{{if eq (Mod .Index 2) 0}}even{{else}}odd{{end}}',
  '{{if .on}}{{.Index}}{{end}}',
  '{{printf "%03d" .Index}}',
  '{{print .Index " #x"}}',
  '{{$i := .Index}}{{$i}}',
];
const action = fc.constantFrom(...ACTIONS);
const leaf = fc.tuple(fc.constantFrom('', 'a-', '0', '"', "'"), action).map(([before, text]) => {
  return before === '"' || before === "'" ? `${before}${text}${before}` : `${before}${text}`;
});
const source = fc
  .tuple(fc.array(leaf, { maxLength: 4 }), fc.constantFrom('', 'foo.com/bar-{{.Index}}', 'plain'))
  .map(([leaves, key]) => {
    const fields = leaves.map((text, index) => `  f${index}: ${text}`);
    const keyed = key === '' ? [] : [`  ${key}: 1`];
    return ['apiVersion: v1', 'kind: Pod', 'metadata: {generateName: p-}', 'spec:', '  fixed: [1, {a: b}]']
      .concat(fields, keyed)
      .join('\n');
  });

describe('objects of a template', () => {
  test('the pattern gives what the text of each index gives', () => {
    fc.assert(
      fc.property(source, fc.integer({ min: 0, max: 30 }), (text, index) => {
        const template = new GoTemplate('t.yaml', text);
        const objects = new ObjectTemplate(template, PARAMS, 40, 'Some/100Nodes');
        objects.at(0);
        expect(objects.at(index)).toEqual(parse(template.render({ ...PARAMS, Count: 40, Index: index })));
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  test('what does not depend on the index is one object', () => {
    const text = 'apiVersion: v1\nkind: Pod\nmetadata: {name: "p-{{.Index}}"}\nspec: {containers: [{name: c}]}\n';
    const template = new GoTemplate('t.yaml', text);
    expect(patternOf(template.nodes, {})).not.toBeNull();
    const objects = new ObjectTemplate(template, {}, 3, 'Some/100Nodes');
    objects.at(0);
    expect(objects.at(1).metadata.name).toBe('p-1');
    expect(objects.at(1).spec).toBe(objects.at(2).spec);
  });

  test('a structure that depends on the index has no pattern and is read each time', () => {
    const text = 'apiVersion: v1\nkind: Pod\n{{if Mod .Index 2}}spec: {odd: true}{{else}}spec: {even: true}{{end}}\n';
    const template = new GoTemplate('t.yaml', text);
    expect(patternOf(template.nodes, {})).toBeNull();
    const objects = new ObjectTemplate(template, {}, 3, 'Some/100Nodes');
    expect([0, 1, 2].map((index) => objects.at(index).spec)).toEqual([{ even: true }, { odd: true }, { even: true }]);
  });

  test('fields may have an upper-case initial, as Go takes them; data may too and stays', () => {
    const text = `kind: Pod
apiVersion: v1
metadata: {labels: {App: x}}
spec: {topologySpreadConstraints: [{MaxSkew: 1, NodeTaintsPolicy: "Honor{{.Index}}"}]}`;
    const objects = new ObjectTemplate(new GoTemplate('t.yaml', text), {}, 2, 'Some/100Nodes');
    const spec = (index: number) => ({
      topologySpreadConstraints: [{ maxSkew: 1, nodeTaintsPolicy: `Honor${index}` }],
    });
    expect([objects.at(0).spec, objects.at(1).spec]).toEqual([spec(0), spec(1)]);
    expect(objects.at(1).metadata.labels).toEqual({ App: 'x' });
  });

  test.each([
    ['kind: Pod\n', 'SPF-023', 'no apiVersion'],
    ['- a\n', 'SPF-023', 'an object is expected'],
    ['a: [\n', 'SPF-003', 'broken YAML'],
    ['apiVersion: v1\nkind: Pod\n---\nkind: Pod\n', 'SPF-023', 'this is a second'],
    ['apiVersion: v1\nkind: P\nx: {{.gone}}\n', 'SPF-022', 'Some/100Nodes: there is no value to print (index 0)'],
  ])('%s is the error of the user', (text, code, message) => {
    const objects = new ObjectTemplate(new GoTemplate('t.yaml', text), {}, 1, 'Some/100Nodes');
    let problem: UserError['problems'][number] | undefined;
    try {
      objects.at(0);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      [problem] = error.problems;
    }
    expect(problem).toMatchObject({ code, file: 't.yaml' });
    expect(problem?.message).toContain(message);
    expect(problem?.line).toBeGreaterThan(0);
  });
});
