import { describe, expect, it } from 'vitest';
import { compileSelector, EVERYTHING, parseSelector } from '../../../core/types/label-selector.ts';
import { StatusError } from '../../../core/types/status-error.ts';

describe('label selector', () => {
  it('nothing matches nothing, empty matches everything', () => {
    expect(compileSelector(undefined).matches({ a: 'b' })).toBe(false);
    expect(compileSelector(null).isNothing).toBe(true);
    expect(compileSelector({}).matches(undefined)).toBe(true);
    expect(parseSelector(' ')).toBe(EVERYTHING);
  });

  it('needs every part of the object form', () => {
    const selector = compileSelector({
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['a', 'b'] },
        { key: 'env', operator: 'NotIn', values: ['dev'] },
        { key: 'x', operator: 'Exists' },
        { key: 'y', operator: 'DoesNotExist' },
      ],
    });
    const good = { app: 'web', tier: 'b', x: '' };
    expect(selector.matches(good)).toBe(true);
    expect(selector.matches({ ...good, env: 'prod' })).toBe(true);
    expect(selector.matches({ ...good, env: 'dev' })).toBe(false);
    expect(selector.matches({ ...good, y: '1' })).toBe(false);
    expect(selector.matches({ ...good, tier: 'c' })).toBe(false);
    expect(selector.matches({ app: 'web', tier: 'a' })).toBe(false);
    expect(selector.matches(undefined)).toBe(false);
    expect(selector.requiredValue('app')).toBe('web');
    expect(selector.requiredValue('tier')).toBeUndefined();
    expect(selector.toString()).toBe('app=web,env!=dev,tier in (a,b),x,!y');
  });

  it.each([
    ['a=b', { a: 'b' }, true],
    ['a==b', { a: 'c' }, false],
    ['a!=b', {}, true],
    ['a != b', { a: 'b' }, false],
    ['a in (b, c)', { a: 'c' }, true],
    ['a notin (b,c),d', { d: '' }, true],
    ['!a', { a: '' }, false],
    ['! a', {}, true],
    ['a', { a: '' }, true],
    ['a=', { a: '' }, true],
    ['a=,b', { a: '', b: '' }, true],
    ['a in ()', { a: '' }, true],
    ['in=notin', { in: 'notin' }, true],
    ['a>4', { a: '5' }, true],
    ['a<4', { a: '5' }, false],
    ['a>4', { a: 'x' }, false],
    ['example.com/a=b', { 'example.com/a': 'b' }, true],
    ['constructor', {}, false],
    ['__proto__!=x', {}, true],
  ])('%s on %j is %s', (text, labels, expected) => {
    if (text.startsWith('__')) expect(() => parseSelector(text)).toThrow();
    else expect(parseSelector(text).matches(labels)).toBe(expected);
  });

  it.each([
    '=b',
    'a=b=c',
    'a in b',
    'a in (b',
    'a,',
    ',a',
    'a b',
    'a>x',
    '!',
    'a!b',
    'a=b c',
    '(a)',
    'a/b/c=d',
    `${'a,'.repeat(5000)}a`,
  ])('refuses %j with 400', (text) => {
    let thrown: unknown;
    try {
      parseSelector(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(StatusError);
    expect((thrown as StatusError).code).toBe(400);
  });

  it('round-trips through its text and refuses senseless expressions', () => {
    const text = 'a=b,c!=d,e in (x,y),!f';
    expect(parseSelector(parseSelector(text).toString()).toString()).toBe(parseSelector(text).toString());
    expect(() => compileSelector({ matchExpressions: [{ key: 'a', operator: 'In' }] })).toThrow();
    expect(() => compileSelector({ matchExpressions: [{ key: 'a', operator: 'Near' as 'In' }] })).toThrow();
  });
});
