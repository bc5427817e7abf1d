import { describe, expect, test } from 'vitest';
import { Observation } from '../../../core/sim/observation.ts';
import { definePoint } from '../../../core/sim/registry.ts';

const KIND_POINT = definePoint('test.kind', 'subjects have kinds', (subject) => (subject as { kind: string }).kind);
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

  test('a point whose subjects have no kinds is not listened to by kind', () => {
    expect(() => new Observation([]).listen(PLAIN_POINT, () => {}, ['Pod'])).toThrow('no kinds');
  });
});
