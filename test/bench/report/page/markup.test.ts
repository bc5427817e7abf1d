import { expect, test } from 'vitest';
import { html, jsonForScript, Markup } from '../../../../bench/report/page/markup.ts';

test('text is escaped, markup is not, nothing and false leave nothing', () => {
  const hostile = `<img src=x onerror="alert('1')">&`;
  expect(html`<p title="${hostile}">${[hostile, new Markup('<b>1</b>'), 2]}${null}${false}${undefined}</p>`.text).toBe(
    '<p title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;">&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;<b>1</b>2</p>',
  );
});

test('JSON in a script cannot end it and reads back the same', () => {
  const value = { name: '</script><script>alert(1)</script>', comment: '<!-- --', line: '\u2028\u2029' };
  const text = jsonForScript(value);
  expect(text).not.toMatch(/[<\u2028\u2029]/);
  expect(JSON.parse(text)).toEqual(value);
});
