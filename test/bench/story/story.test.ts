/** A case told as a story: sentences, diagram and picture say what the run did, and never break the formats they are written in. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { mermaidText } from '../../../bench/story/mermaid.ts';
import { narrative } from '../../../bench/story/narrative.ts';
import { sequencePicture } from '../../../bench/story/sequence-picture.ts';
import { type Story, storyOf } from '../../../bench/story/story.ts';
import { storyComment, storyMarkdown } from '../../../bench/story/story-text.ts';
import { storyFiles } from '../../../bench/story/write-story.ts';
import type { ScenarioPlan } from '../../../core/chaos/plan.ts';
import { loadScenario, loadScenarioText } from '../../../scenarios/load.ts';
import { ProblemList } from '../../../scenarios/problem.ts';
import { PROJECT_ROOT } from '../../support/cli.ts';
import { smallPlan } from '../../support/small-plan.ts';

const S = 1_000_000;
const plan: ScenarioPlan = {
  ...smallPlan({
    operations: [{ kind: 'scale', atUs: 15 * S, workload: 'Deployment/demo/web', replicas: 6 }],
    faults: [
      {
        id: 'cut',
        kind: 'partition',
        target: { component: 'controller-manager', instance: 'leader' },
        peer: { component: 'apiserver', instance: 'all' },
        direction: 'both',
        trigger: { kind: 'at', atUs: 10 * S },
        forUs: 45 * S,
      },
    ],
  }),
  about: 'Two <leaders> & "quotes"; #1 | a table\nline',
  bugs: ['leader-keeps-leading'],
  expect: { fail: 'LE2' },
  interleaving: 5,
};

describe('the story of two leaders', () => {
  let story: Story;
  beforeAll(() => {
    story = storyOf(plan, 1);
  });

  test('says what was there, what was done, and which predicate broke', () => {
    const text = narrative(story)
      .flatMap(({ title, lines }) => [title, ...lines])
      .join('\n');
    expect(text).toContain(
      'A cluster of 3 nodes in 3 zones, 1 store member, 1 API server, 2 schedulers and 2 controller managers; seed 1.',
    );
    expect(text).toContain('Deployment demo/web (4 replicas)');
    expect(text).toContain('Planted: leader-keeps-leading.');
    expect(text).toContain('order of interleaving 5');
    expect(text).toContain('At +15.000 s the user scales Deployment/demo/web to 6.');
    expect(text).toMatch(
      /At \+10\.000 s controller-manager-\d was cut off from every apiserver, for 45\.0 s \(fault cut: \d+ messages stopped\)\./,
    );
    expect(text).toMatch(/What went wrong\nAt \+\d+\.\d+ s predicate LE2 did not hold: controller-manager-/);
    expect(text).toContain('It says that no two running instances of a component lead at one time.');
  });

  test('shows the messages of the causal chain, by time, between lanes that exist', () => {
    const times = story.scenes.map(({ timeUs }) => timeUs);
    expect(times).toEqual([...times].sort((left, right) => left - right));
    for (const scene of story.scenes) {
      if (scene.kind === 'message') expect(story.lanes).toEqual(expect.arrayContaining([scene.from, scene.to]));
    }
    expect(story.scenes.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['message', 'fault', 'violation', 'repeat']),
    );
    // The one that was cut off sends nothing that counts, and is shown all the same.
    expect(story.lanes.filter((lane) => lane.startsWith('controller-manager-'))).toHaveLength(2);
  });

  test('is the same story twice, and the picture is well-formed and small', () => {
    const svg = sequencePicture(story);
    expect(sequencePicture(storyOf(plan, 1))).toBe(svg);
    expect(svg.length).toBeLessThan(50_000);
    const opened = [...svg.matchAll(/<([a-z]+)\b[^>]*?(\/?)>/g)]
      .filter(([, , closed]) => closed === '')
      .map(([, name]) => name);
    const closed = [...svg.matchAll(/<\/([a-z]+)>/g)].map(([, name]) => name);
    expect(opened.sort()).toEqual(closed.sort());
  });

  test('Mermaid has one statement a line', () => {
    const [head, ...lines] = mermaidText(story).trimEnd().split('\n');
    expect(head).toBe('sequenceDiagram');
    for (const line of lines)
      expect(line).toMatch(/^ {2}(participant p\d+ as [\w-]+|Note over p\d(,p\d)?: [^;#]+|p\d->>p\d: [^;#]+)$/);
  });

  test('the scenario file loads to the same plan, with its story as a comment', () => {
    const shrinking = { runs: 12, complete: true, unneeded: [] };
    const { yaml, markdown } = storyFiles(plan, 1, {
      folder: '.',
      stem: 'two',
      replay: 'seatrial replay two.yaml --seed 1',
      shrinking,
    });
    const problems = new ProblemList();
    expect(loadScenarioText('two.yaml', yaml, problems)?.plan).toEqual(plan);
    expect(yaml).toMatch(/^# What was there:\n# {3}A cluster/);
    expect(yaml).toContain('Each of them is needed');
    expect(markdown).toContain('seatrial replay two.yaml --seed 1');
    expect(markdown).toContain('![sequence diagram](two.svg)');
    expect(markdown).toMatch(/\| \+10\.000 s \| fault cut begins/);
  });
});

test('a run that passes has a story too', () => {
  const story = storyOf(smallPlan(), 2);
  const page = storyMarkdown(story, { notes: [], replay: '', picture: 'x.svg' });
  expect(page).toContain('## What came of it');
  expect(page).toContain('converged at');
  expect(storyComment(story, [])).toContain('# What was done:\n#   Nothing.');
});

test('the picture in the README is that of the incident of today', () => {
  const stem = path.join(PROJECT_ROOT, 'scenarios', 'incidents', 'i08-stale-list-after-restart');
  const incident = loadScenario(`${stem}.yaml`, new ProblemList())?.plan as ScenarioPlan;
  expect(sequencePicture(storyOf(incident, 1))).toBe(readFileSync(`${stem}.svg`, 'utf8'));
});
