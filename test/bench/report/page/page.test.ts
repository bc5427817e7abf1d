/**
 * The page as text: its policy names exactly what is in it, nothing in it comes from elsewhere, hostile names stay names.
 */
import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { reportPage } from '../../../../bench/report/page/page.ts';
import { plotLibrary, scriptFiles } from '../../../../bench/report/page/page-scripts.ts';
import type { ReportInput } from '../../../../bench/report/page/report-input.ts';
import { campaignOf, cardOf, replayOf } from '../../../support/report-samples.ts';

function input(overrides: Partial<ReportInput> = {}): ReportInput {
  const parts: ReportInput['parts'] = [
    { kind: 'trial', card: cardOf('Deployment/shop/web') },
    { kind: 'campaign', campaign: campaignOf(3), curves: [] },
  ];
  return { title: 'A title', parts, replays: [replayOf('run', 4)], run: null, ...overrides };
}

function hashesIn(page: string, tag: string): string[] {
  const found = page.matchAll(new RegExp(`<${tag}(?: type="module")?>([\\s\\S]*?)</${tag}>`, 'g'));
  return [...found].map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
}

describe('policy', () => {
  test('names the hash of every script and style, and allows nothing else', () => {
    const page = reportPage(input());
    const policy = (/http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '').replaceAll(
      '&#39;',
      "'",
    );
    const scripts = hashesIn(page, 'script');
    expect(scripts).toHaveLength(2);
    expect(policy).toBe(
      `default-src 'none'; script-src ${scripts.join(' ')}; style-src ${hashesIn(page, 'style').join('')}; base-uri 'none'; form-action 'none'`,
    );
  });

  test('no inline handler, no style attribute, no address outside the page', () => {
    const page = reportPage(input()).replace(/<script[\s\S]*?<\/script>/g, '');
    expect(page).not.toMatch(/\son\w+=|\sstyle=/);
    expect(page).not.toMatch(/(?:src|href)="(?!#)/);
    expect(page).not.toMatch(/url\(|@import/);
  });

  test('a page without a replay has no plot library', () => {
    expect(hashesIn(reportPage(input({ replays: [] })), 'script')).toHaveLength(1);
    expect(scriptFiles(false)).not.toContain('browser/main.js');
  });
});

test('names that are markup stay text everywhere', () => {
  const hostile = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"';
  const page = reportPage(
    input({
      title: hostile,
      parts: [
        { kind: 'trial', card: cardOf(hostile) },
        {
          kind: 'campaign',
          campaign: campaignOf(1, hostile),
          curves: [
            {
              name: `${hostile}.recovery-us`,
              count: 1,
              points: [
                [0, 1],
                [100, 1],
              ],
            },
          ],
        },
      ],
      replays: [replayOf(hostile, 2)],
    }),
  );
  expect(page).not.toContain('<img');
  expect(page).not.toContain('<script>alert');
  expect(page.match(/<script/g)).toHaveLength(3);
});

test('each finding has its line to copy', () => {
  const page = reportPage(input());
  expect(page).toContain('data-copy="seatrial trial shop --only node-crash --seed 1"');
  expect(page).toContain('data-copy="seatrial replay scenario-0.yaml --seed 2"');
});

test('replays beyond the size of a page are left out by name, the first ones stay', () => {
  const long = { ...replayOf('long', 1), pending: '0 '.repeat(700_000) };
  const page = reportPage(input({ replays: [replayOf('first', 1), long, { ...long, title: 'longer' }] }));
  expect(page).toContain('Replays left out to keep the file small: longer seed 1.');
  expect(page.length).toBeLessThan(3_000_000);
});

test('the plot library loads in a browser that names a language Intl refuses', () => {
  const [guard = ''] = plotLibrary().script.split('\n');
  const languageAfter = (language: string): string => {
    const navigator = { language };
    runInNewContext(guard, { Intl, navigator });
    return navigator.language;
  };
  expect(languageAfter('en-US@posix')).toBe('en-US');
  expect(languageAfter('de-DE')).toBe('de-DE');
});
