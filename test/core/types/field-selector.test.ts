import { describe, expect, it } from 'vitest';
import { compileFieldSelector } from '../../../core/types/field-selector.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { CONFIGMAPS, EVENTS, NODES, PODS } from '../../../core/types/resource-type.ts';

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'demo' },
  spec: { containers: [], nodeName: 'n1' },
  status: { phase: 'Running' },
};

const matches = (text: string): boolean => compileFieldSelector(PODS, text).matches(pod);

describe('field selector', () => {
  it.each([
    ['', true],
    ['metadata.name=p', true],
    ['metadata.name=p,metadata.namespace==demo', true],
    ['spec.nodeName=n1,status.phase!=Succeeded,status.phase!=Failed', true],
    ['spec.host=n1', true],
    ['spec.nodeName=', false],
    ['spec.nodeName!=n1', false],
    ['spec.hostNetwork=false', true],
    ['metadata.name=a\\,b', false],
  ])('%s is %s', (text, expected) => {
    expect(matches(text)).toBe(expected);
  });

  it('tells indexes what must hold', () => {
    const selector = compileFieldSelector(PODS, 'spec.nodeName=n1,status.phase!=Failed');
    expect(selector.requiredValue('spec.nodeName')).toBe('n1');
    expect(selector.requiredValue('status.phase')).toBeUndefined();
    expect(selector.isEmpty).toBe(false);
    expect(compileFieldSelector(PODS, ',').isEmpty).toBe(true);
    expect(selector.toString()).toBe('spec.nodeName=n1,status.phase!=Failed');
  });

  it('answers unknown fields and broken texts with 400', () => {
    expect(() => compileFieldSelector(PODS, 'spec.foo=1')).toThrow(
      expect.objectContaining({ code: 400, message: 'field label not supported: spec.foo' }),
    );
    expect(() => compileFieldSelector(PODS, 'spec.foo=1,spec.bar=1')).toThrow(/spec.foo/);
    expect(() => compileFieldSelector(CONFIGMAPS, 'data=1')).toThrow(
      expect.objectContaining({
        message: '"data" is not a known field selector: only "metadata.name", "metadata.namespace"',
      }),
    );
    for (const text of ['metadata.name', 'metadata.name=a=b', 'metadata.name=a\\b', 'constructor=1', '=x']) {
      expect(() => compileFieldSelector(PODS, text), text).toThrow(expect.objectContaining({ code: 400 }));
    }
    expect(() => compileFieldSelector(NODES, 'metadata.namespace=x')).toThrow();
    expect(() => compileFieldSelector(EVENTS, 'involvedObject.uid=u')).not.toThrow();
  });
});
