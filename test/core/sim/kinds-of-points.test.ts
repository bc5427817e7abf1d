import { describe, expect, test } from 'vitest';
import { Observation } from '../../../core/sim/observation.ts';
import { definePoint } from '../../../core/sim/registry.ts';

const KIND_POINT = definePoint('test.kind', 'subjects have kinds', {
  kindOf: (subject) => (subject as { kind: string }).kind,
});
const PARTS_POINT = definePoint('test.parts', 'subjects have kinds and parts', {
  kindOf: (subject) => (subject as { kind: string }).kind,
  partsOf: (subject) => (subject as { parts: number }).parts,
});
const PLAIN_POINT = definePoint('test.plain', 'subjects have none');

describe('listeners of some kinds', () => {
  const listening = (): { readonly observation: Observation; readonly heard: string[] } => {
    const heard: string[] = [];
    const observation = new Observation([]);
    observation.listen(KIND_POINT, () => heard.push('pods'), ['Pod']);
    observation.listen(KIND_POINT, () => heard.push('all'));
    observation.listen(KIND_POINT, () => heard.push('two'), ['Node', 'Pod']);
    return { observation, heard };
  };

  test('hear theirs alone, in the order in which they began to listen', () => {
    const { observation, heard } = listening();
    for (const kind of ['Pod', 'Lease', 'Node', 'Pod']) observation.observe(KIND_POINT, 0, { kind });
    expect(heard).toEqual(['pods', 'all', 'two', 'all', 'all', 'two', 'pods', 'all', 'two']);
  });

  test('who comes later hears kinds that were seen before', () => {
    const { observation, heard } = listening();
    observation.observe(KIND_POINT, 0, { kind: 'Lease' });
    observation.listen(KIND_POINT, () => heard.push('late'), ['Lease']);
    observation.observe(KIND_POINT, 0, { kind: 'Lease' });
    expect(heard).toEqual(['all', 'all', 'late']);
  });

  test('are told the number of the kind, the same at every point', () => {
    const observation = new Observation([]);
    const numbers: number[] = [];
    for (const point of [KIND_POINT, PARTS_POINT, PLAIN_POINT])
      observation.listen(point, (_pid, _subject, kind) => numbers.push(kind));
    const { kinds } = observation;
    const pods = kinds.of('Pod');
    for (const kind of ['Node', 'Pod']) observation.observe(KIND_POINT, 0, { kind });
    for (const kind of ['Pod', 'Node']) observation.observe(PARTS_POINT, 0, { kind, parts: 1 });
    observation.observe(PLAIN_POINT, 0, { kind: 'Pod' });
    expect(numbers).toEqual([kinds.of('Node'), pods, pods, kinds.of('Node'), -1]);
    expect(['Pod', 'Node'].map((kind) => kinds.nameOf(kinds.of(kind)))).toEqual(['Pod', 'Node']);
  });

  test('a point whose subjects have no kinds is not listened to by kind', () => {
    expect(() => new Observation([]).listen(PLAIN_POINT, () => {}, ['Pod'])).toThrow('no kinds');
  });

  test('listeners of some parts hear what changes one of them; the others hear all', () => {
    const observation = new Observation([]);
    const heard: string[] = [];
    observation.listen(PARTS_POINT, () => heard.push('first'), undefined, 1);
    observation.listen(PARTS_POINT, () => heard.push('first or third of pods'), ['Pod'], 5);
    observation.listen(PARTS_POINT, () => heard.push('all'));
    const heardOf = (kind: string, parts: number): string[] => {
      heard.length = 0;
      observation.observe(PARTS_POINT, 0, { kind, parts });
      return [...heard];
    };
    expect(heardOf('Pod', 4)).toEqual(['first or third of pods', 'all']);
    expect(heardOf('Pod', 3)).toEqual(['first', 'first or third of pods', 'all']);
    expect(heardOf('Pod', 2)).toEqual(['all']);
    expect(heardOf('Node', 5)).toEqual(['first', 'all']);
    expect(heardOf('Node', 0)).toEqual(['all']);
    observation.listen(PARTS_POINT, () => heard.push('late'), ['Node'], 2);
    expect(heardOf('Node', 2)).toEqual(['all', 'late']);
    expect(() => observation.listen(KIND_POINT, () => {}, ['Pod'], 1)).toThrow('no parts');
  });
});
