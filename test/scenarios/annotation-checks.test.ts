import { describe, expect, it } from 'vitest';
import { checkAnnotations } from '../../scenarios/annotation-checks.ts';
import { formatProblem, ProblemList } from '../../scenarios/problem.ts';

function problemsOf(annotations: Record<string, string>): string[] {
  const problems = new ProblemList();
  const template = { metadata: { annotations }, spec: { containers: [{ name: 'app' }, { name: 'my.log' }] } };
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { template } };
  checkAnnotations(object, (path) => ({ file: path.join('/') }), problems);
  return problems.problems.map((problem) => formatProblem(problem));
}

describe('annotations of pods', () => {
  it('that the kubelet understands, and those of others, are fine', () => {
    expect(
      problemsOf({
        'seatrial.dev/ready-after': '1m30s',
        'seatrial.dev/image-pull': 'never',
        'seatrial.dev/exit': 'error',
        'seatrial.dev/exit.app': 'ok',
        'seatrial.dev/crash-after.my.log': '3s',
        'seatrial.dev.example/x': 'y',
        'prometheus.io/scrape': 'true',
      }),
    ).toEqual([]);
  });

  it.each([
    ['redy-after', '30s', 'unknown annotation "seatrial.dev/redy-after" (did you mean "seatrial.dev/ready-after"?)'],
    ['ready-after', '30', 'seatrial.dev/ready-after: "30", expected a duration such as 30s'],
    ['image-pull', 'nevr', 'seatrial.dev/image-pull: "nevr", expected a duration such as 30s or never'],
    ['crash-after.ap', '3s', 'unknown container "ap" (did you mean "app"?)'],
    ['run-for.app', '3', 'seatrial.dev/run-for.app: "3", expected a duration such as 30s'],
    ['stop-after.app', '3s', 'unknown annotation "seatrial.dev/stop-after.app"'],
    ['exit', '1', 'seatrial.dev/exit: "1", expected ok or error or never'],
    [
      'min-ready',
      '3',
      'seatrial.dev/min-ready means nothing here: it belongs to the metadata of a workload: Deployment, ',
    ],
    ['constructor', '', 'unknown annotation "seatrial.dev/constructor"'],
  ])('%s: %s is an error with its place', (name, value, message) => {
    const [line] = problemsOf({ [`seatrial.dev/${name}`]: value });
    expect(line).toContain(`spec/template/metadata/annotations/seatrial.dev/${name} error MAN-013: ${message}`);
  });

  const atTop = (kind: string, annotation: string, value: string, spec: object): string[] => {
    const problems = new ProblemList();
    const metadata = { name: 'a', annotations: { [`seatrial.dev/${annotation}`]: value } };
    checkAnnotations({ apiVersion: 'v1', kind, metadata, spec }, (path) => ({ file: path.join('/') }), problems);
    return problems.problems.map(({ message }) => message.replace(/^seatrial\.dev\//, ''));
  };

  it('stand where somebody reads them', () => {
    const template = { spec: { containers: [] } };
    expect(atTop('Deployment', 'min-ready', '3', { template })).toEqual([]);
    expect(atTop('Deployment', 'min-ready', '50%', { template })).toEqual([
      'min-ready: "50%", expected a count such as 2',
    ]);
    expect(atTop('Job', 'min-ready', '3', { template })).toEqual([
      'min-ready means nothing here: it belongs to the metadata of a workload: Deployment, ReplicaSet, StatefulSet, DaemonSet',
    ]);
    expect(atTop('Service', 'min-ready', '3', {})).toHaveLength(1);
    expect(atTop('StatefulSet', 'ready-after', '3s', { template })).toEqual([
      'ready-after means nothing here: it belongs to the pods, spec.template.metadata',
    ]);
    expect(atTop('CronJob', 'run-for', '3s', { jobTemplate: { spec: { template } } })).toEqual([
      'run-for means nothing here: it belongs to the pods, spec.jobTemplate.spec.template.metadata',
    ]);
    expect(atTop('Pod', 'ready-after', '3s', { containers: [] })).toEqual([]);
    // An operator may hand it on to the pods that it makes.
    expect(atTop('Website', 'ready-after', '3s', { title: 'x' })).toEqual([]);
  });
});
