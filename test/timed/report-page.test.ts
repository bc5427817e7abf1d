/**
 * The report in a real browser, headless Chromium: no error, no request, fast, and everything reachable by keyboard.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runSeatrial } from '../support/cli.ts';
import { findProgram } from '../support/needs.ts';
import { campaignOf, cardOf, replayOf } from '../support/report-samples.ts';

const executablePath = findProgram(['chromium', 'chromium-browser'], 'SEATRIAL_CHROMIUM');
const BYTES_MAX = 3_000_000;

let folder = '';
let browser: Browser | undefined;
/** What a page did that it must not do. */
let faults: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
  if (executablePath !== undefined) browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(file: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
  const page = await (browser as Browser).newPage({ viewport: { width: 1200, height: 900 }, ...options });
  faults = [];
  page.on('console', (message) => faults.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== pathToFileURL(file).href) faults.push(`request: ${request.url()}`);
  });
  await page.goto(pathToFileURL(file).href);
  return page;
}

function write(name: string, content: unknown): string {
  const file = path.join(folder, name);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

describe.skipIf(executablePath === undefined)('a run of 1,000 nodes', () => {
  let file = '';
  beforeAll(() => {
    const results = path.join(folder, 'results');
    const { code, err } = runSeatrial(['run', 'scenarios/thousand-nodes.yaml', '-q', '--results', results]);
    expect(err).toBe('');
    expect(code).toBe(0);
    const [name = ''] = readdirSync(results);
    const made = runSeatrial(['report', path.join(results, name)]);
    expect(made.code).toBe(0);
    file = path.join(results, name, 'report.html');
  });

  test('is drawn within a second without error or request, and the file is small', async () => {
    expect(statSync(file).size).toBeLessThan(BYTES_MAX);
    const page = await open(file);
    const drawnMs = await page.evaluate('performance.now()');
    expect(await page.locator('#replay canvas').count()).toBeGreaterThan(2);
    expect(drawnMs).toBeLessThan(1000);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('the slider, the picture of nodes and the instants work by keyboard', async () => {
    const page = await open(file);
    const slider = page.getByRole('slider', { name: 'Virtual time' });
    const clock = page.locator('#replay output');
    await slider.focus();
    await page.keyboard.press('Home');
    expect(await slider.inputValue()).toBe('0');
    await page.keyboard.press('ArrowRight');
    expect(await slider.inputValue()).toBe('1');
    await page.keyboard.press('PageUp');
    expect(await slider.inputValue()).toBe('11');
    await page.keyboard.press('PageDown');
    expect(await slider.inputValue()).toBe('1');
    await page.keyboard.press('End');
    expect(await clock.textContent()).toBe('12m30s of 12m30s');
    expect(await slider.getAttribute('aria-valuetext')).toBe('12m30s of 12m30s');

    const canvas = page.getByRole('application');
    await canvas.focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('.detail').textContent()).toMatch(/^node-0, zone a: Ready to the API, \d pods?$/);
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('.detail').textContent()).toMatch(/^node-3, zone a/);

    await page.getByRole('button', { name: '+30.000 s' }).press('Enter');
    expect(await clock.textContent()).toMatch(/^3\d s of/);
    expect(await page.locator('#replay dl').textContent()).toContain('faults activerack');
    expect(faults).toEqual([]);
    await page.close();
  });

  test('themes, zoom and print', async () => {
    const page = await open(file, { colorScheme: 'dark' });
    const ground = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const dark = await ground();
    const theme = page.getByRole('button', { name: /^Theme/ });
    await theme.press('Enter');
    expect(await ground()).toBe(dark);
    await theme.press('Enter');
    expect(await theme.textContent()).toBe('Theme: light');
    expect(await ground()).toBe('rgb(255, 255, 255)');
    await page.getByRole('button', { name: 'Zoom in' }).press('Enter');
    await page.getByRole('button', { name: 'Show all' }).press('Enter');
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('nothing is wider than a narrow page', async () => {
    const page = await open(file, { viewport: { width: 360, height: 740 } });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(faults).toEqual([]);
    await page.close();
  });
});

describe.skipIf(executablePath === undefined)('made of files', () => {
  test('hostile names run nothing, and several replays can be chosen', async () => {
    const hostile = `</script><script>document.title='taken'</script><img src="http://127.0.0.1:9/x" onerror="document.title='taken'">`;
    const target = path.join(folder, 'hostile');
    const results = [write('card.json', cardOf(hostile)), write('result.json', campaignOf(2, hostile))];
    write('replay.json', { schema: 'seatrial/replays/v1', replays: [replayOf(hostile, 5), replayOf('second', 3)] });
    expect(runSeatrial(['report', ...results, '-o', `${target}.html`]).code).toBe(0);
    const page = await open(`${target}.html`);
    await page.locator('#replay-run').selectOption({ index: 1 });
    expect(await page.locator('.replay-tables:visible h3').textContent()).toBe('second, seed 1: pass');
    expect(await page.title()).toContain('Sea trial of shop');
    expect(faults).toEqual([]);
    await page.close();
  });

  test('100 scenarios with a hundred replays: two seconds, three megabytes, no error', async () => {
    const result = write('result.json', campaignOf(100));
    write('replay.json', {
      schema: 'seatrial/replays/v1',
      replays: Array.from({ length: 100 }, (_, index) => replayOf(`scenario-${index}`, 100)),
    });
    const target = path.join(folder, 'hundred.html');
    const made = runSeatrial(['report', result, '-o', target]);
    expect(made.code).toBe(0);
    expect(made.elapsedMs).toBeLessThan(2000);
    expect(readFileSync(target).length).toBeLessThan(BYTES_MAX);
    const page = await open(target);
    expect(faults).toEqual([]);
    await page.close();
  });
});

test('a file that is no report is not replaced; nothing is written when a result is broken', () => {
  const own = path.join(folder, 'mine.html');
  writeFileSync(own, 'my notes');
  const result = write('result.json', campaignOf(1));
  rmSync(path.join(folder, 'replay.json'), { force: true });
  const refused = runSeatrial(['report', result, '-o', own]);
  expect(refused.code).toBe(2);
  expect(refused.err).toContain('the file is there and is no report');
  expect(readFileSync(own, 'utf8')).toBe('my notes');
  expect(runSeatrial(['report', result, '-o', own, '--force']).code).toBe(0);
  expect(runSeatrial(['report', result, '-o', own]).code).toBe(0);

  writeFileSync(path.join(folder, 'cut.json'), '{"schema": "seatrial/campaign/v1"');
  const cut = runSeatrial(['report', path.join(folder, 'cut.json'), '-o', path.join(folder, 'never.html')]);
  expect(cut.code).toBe(2);
  expect(cut.err).toContain('cut.json:1:34 error CLI-004: the file is cut off');
  expect(readdirSync(folder)).not.toContain('never.html');
});
