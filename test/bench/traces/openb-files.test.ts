import { expect, test } from 'vitest';
import { readNodeList, readPodList } from '../../../bench/traces/openb-files.ts';
import { formatProblems, ProblemList } from '../../../scenarios/problem.ts';

const NODES = 'sn,cpu_milli,memory_mib,gpu,model\n';
const PODS = 'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,creation_time,deletion_time\n';

test('reads nodes and pods, whatever the order of the columns', () => {
  const problems = new ProblemList();
  expect(readNodeList('n.csv', '\uFEFFmodel,gpu,sn,cpu_milli,memory_mib\nG2,8,a,96000,393216\n\n', problems)).toEqual([
    { name: 'a', cpuMilli: 96_000, memoryMib: 393_216, gpus: 8, model: 'G2' },
  ]);
  expect(readPodList('p.csv', `${PODS}x,4000,1024,1,500,A|B,10,20\ny,1,2,0,0,A,,\n`, problems)).toEqual([
    {
      name: 'x',
      cpuMilli: 4000,
      memoryMib: 1024,
      gpus: 1,
      gpuMilli: 500,
      gpuSpec: 'A|B',
      creationS: 10,
      deletionS: 20,
    },
    { name: 'y', cpuMilli: 1, memoryMib: 2, gpus: 0, gpuMilli: 0, gpuSpec: '', creationS: null, deletionS: null },
  ]);
  expect(problems.problems).toEqual([]);
});

test('every bad value of a file is named with line, column and value, all at once', () => {
  const problems = new ProblemList();
  readPodList('p.csv', `${PODS}a,4x,1,0,0,,,\na,1,1,2,500,,,\n,1,1,1,0,,9,8\nb,1\nc,-1,1e3,300,1001,,x,\n`, problems);
  expect(formatProblems(problems.problems).split('\n')).toEqual([
    'p.csv:2:3 error TRC-003: cpu_milli "4x": expected a whole number from 0 to 10000000',
    'p.csv:3:1 error TRC-003: name "a": expected a name of its own, this one is in line 2',
    'p.csv:3:9 error TRC-003: gpu_milli "500": expected 1000, since num_gpu is more than 1',
    'p.csv:4:1 error TRC-003: name "": expected a name',
    'p.csv:4:8 error TRC-003: gpu_milli "0": expected 1 to 1000, since num_gpu is not 0',
    'p.csv:4:13 error TRC-003: deletion_time "8": expected at least creation_time (9)',
    'p.csv:5:1 error TRC-002: 2 fields, expected 8',
    'p.csv:6:3 error TRC-003: cpu_milli "-1": expected a whole number from 0 to 10000000',
    'p.csv:6:6 error TRC-003: memory_mib "1e3": expected a whole number from 0 to 104857600',
    'p.csv:6:10 error TRC-003: num_gpu "300": expected a whole number from 0 to 256',
    'p.csv:6:14 error TRC-003: gpu_milli "1001": expected a whole number from 0 to 1000',
    'p.csv:6:20 error TRC-003: creation_time "x": expected a whole number from 0 to 10000000000',
  ]);
});

test.each([
  ['nothing at all', '', 'n.csv:1:1 error TRC-002: no column sn, cpu_milli, memory_mib, gpu, model: the file is empty'],
  [
    'another file',
    'a,b\n1,2\n',
    'n.csv:1:1 error TRC-002: no column sn, cpu_milli, memory_mib, gpu, model: found a, b',
  ],
  ['a header alone', NODES, 'n.csv:1 error TRC-001: no node, expected at least one row below the header'],
  ['an open quote', `${NODES}"a,1,1,1,\n`, 'n.csv'],
  ['bytes', '\u0000\u0001\u0002', 'n.csv:1:1 error TRC-002'],
])('%s is refused', (_about, text, message) => {
  const problems = new ProblemList();
  readNodeList('n.csv', text, problems);
  expect(formatProblems(problems.problems)).toContain(message);
  expect(problems.errorCount).toBe(1);
});
