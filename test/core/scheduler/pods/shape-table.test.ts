/** Classes of pods: what is found by shared parts is what is found by content. */
import { expect, test } from 'vitest';
import { ResourceNames } from '../../../../core/scheduler/nodes/resource-names.ts';
import { ShapeTable } from '../../../../core/scheduler/pods/shape-table.ts';
import type { Pod, PodSpec } from '../../../../core/types/pod.ts';

const NO_TERMS = { carried: [], carriedAffinity: [], carriedPreferred: [] };

function specOf(cpu: string): PodSpec {
  return { containers: [{ name: 'a', image: 'a', resources: { requests: { cpu } } }] } as unknown as PodSpec;
}

/** Pods of three workloads in two namespaces in turns: each with labels of its own and its template's parts, every other bound. */
function podsInTurns(count: number): Pod[] {
  const workloads = [
    { namespace: 'x', app: 'web', spec: specOf('100m') },
    { namespace: 'y', app: 'web', spec: specOf('100m') },
    { namespace: 'y', app: 'db', spec: specOf('2') },
  ];
  return Array.from({ length: count }, (_, i) => {
    const { namespace, app, spec } = workloads[i % 3] as (typeof workloads)[number];
    const labels = { app, turn: String(i) };
    const bound = i % 2 === 0 ? spec : { ...spec, nodeName: `n${i}` };
    return { apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${i}`, namespace, labels }, spec: bound };
  });
}

const newTable = () =>
  new ShapeTable(
    new ResourceNames(),
    () => NO_TERMS as never,
    () => {},
  );

test.each([
  ['nobody asks for labels', []],
  ['app is asked for', ['app']],
  ['both labels are asked for', ['app', 'turn']],
])('pods in turns are of the class that their content gives: %s', (_what, keys) => {
  const [shared, anew] = [newTable(), newTable()];
  const pods = podsInTurns(30);
  const ids = (table: ShapeTable, copies: (pod: Pod) => Pod) => pods.map((pod) => table.intern(copies(pod)).id);
  const copy = (pod: Pod) => JSON.parse(JSON.stringify(pod)) as Pod;
  expect(ids(shared, (pod) => pod)).toEqual(ids(anew, copy));
  // What is asked for from now on tells pods apart that were one class.
  for (const table of [shared, anew]) table.ask({ matchLabels: Object.fromEntries(keys.map((key) => [key, ''])) });
  const after = ids(shared, (pod) => pod);
  expect(after).toEqual(ids(anew, copy));
  expect(new Set(after).size).toBe(keys.length === 2 ? pods.length : 3);
});
