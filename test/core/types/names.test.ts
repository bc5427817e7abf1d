import { describe, expect, it } from 'vitest';
import { NameTable } from '../../../core/types/names.ts';
import { NODES, PODS } from '../../../core/types/resource-type.ts';

describe('name table', () => {
  it('gives dense ids that stay', () => {
    const keys = new NameTable().keys(PODS);
    expect(keys.find('a', 'x')).toBe(-1);
    expect([keys.intern('a', 'x'), keys.intern('a', 'y'), keys.intern('b', 'x'), keys.intern('a', 'x')]).toEqual([
      0, 1, 2, 0,
    ]);
    expect(keys.find('b', 'x')).toBe(2);
    expect([keys.namespaceOf(2), keys.nameOf(2), keys.count]).toEqual(['b', 'x', 3]);
    expect(() => keys.nameOf(3)).toThrow();
  });

  it('keeps types apart and does not confuse namespace and name', () => {
    const table = new NameTable();
    expect(table.keys(PODS)).toBe(table.keys(PODS));
    table.keys(PODS).intern('a', 'b');
    expect(table.keys(NODES).find('', 'b')).toBe(-1);
    expect(table.keys(PODS).find('', 'b')).toBe(-1);
    expect(table.keys(PODS).find('b', 'a')).toBe(-1);
    expect(table.keys(PODS).find('__proto__', 'constructor')).toBe(-1);
  });
});
