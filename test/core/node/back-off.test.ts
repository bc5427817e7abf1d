/**
 * What a kubelet says and does while something of a pod fails again and again.
 *
 * Source of the sequences: Kubernetes 1.34.1, kuberuntime_manager.go (doBackOff), image_manager.go (pullImage), reason_cache.go, pod_workers.go
 * (completeWork: a sync that failed is repeated after 10 to 15 s; back-offs end only at a sync).
 */
import { expect, test } from 'vitest';
import { backOffText } from '../../../core/node/back-off.ts';
import type { ContainerStatus, Pod } from '../../../core/types/pod.ts';
import { NodeLab, podOf, type Said } from '../../support/node-lab.ts';

interface SaidOfFirst extends Said {
  readonly status: ContainerStatus;
}

const firstOf = ({ status }: Pod): ContainerStatus => status?.containerStatuses?.[0] as ContainerStatus;

function words(pod: Pod): string {
  const { state, restartCount } = firstOf(pod);
  return `${restartCount} ${state?.waiting?.reason ?? state?.terminated?.reason ?? 'running'}`;
}

/** Each change of what the pod's first container is said to do within `seconds`. */
function follow(lab: NodeLab, name: string, seconds: number): SaidOfFirst[] {
  return lab.follow(name, seconds, words).map((said) => ({ ...said, status: firstOf(said.pod) }));
}

test('a container that crashes is told as ended, then as waiting from the next sync on, and started by the first sync after its back-off', () => {
  const lab = new NodeLab({ seed: 31 });
  lab.run(5);
  lab.bind('n0', podOf('web', {}, { 'seatrial.dev/crash-after': '3s' }));
  const said = follow(lab, 'web', 150).filter(({ text }) => !text.includes('Creating'));
  const texts = said.map(({ text }) => text);
  // The first restart comes at once: nothing ever waits for `0s`.
  expect(texts.slice(0, 3)).toEqual(['0 running', '0 Error', '1 running']);
  for (const n of [1, 2, 3]) {
    const at = texts.indexOf(`${n} Error`);
    expect(texts.slice(at, at + 3)).toEqual([`${n} Error`, `${n} CrashLoopBackOff`, `${n + 1} running`]);
    const [ended, waits, again] = said.slice(at, at + 3) as [SaidOfFirst, SaidOfFirst, SaidOfFirst];
    const backOffS = 10 * 2 ** (n - 1);
    expect(waits.atS - ended.atS).toBeGreaterThanOrEqual(9.8);
    expect(waits.atS - ended.atS).toBeLessThanOrEqual(15.3);
    expect(again.atS - ended.atS).toBeGreaterThanOrEqual(backOffS);
    expect(again.atS - ended.atS).toBeLessThanOrEqual(backOffS + 15.5);
    expect(waits.status.state?.waiting?.message).toMatch(
      new RegExp(`^back-off ${backOffS}s restarting failed container=app pod=web_default\\(`),
    );
    const end = ended.status.state?.terminated;
    expect([waits.status.lastState?.terminated, again.status.lastState?.terminated]).toEqual([end, end]);
    expect(end?.startedAt?.localeCompare(end.finishedAt ?? '')).toBe(-1);
    const ids = [ended, waits, again].map(({ status }) => [
      status.state?.terminated?.containerID?.slice(-4),
      status.lastState?.terminated?.containerID?.slice(-4),
    ]);
    expect(ids).toEqual([
      [`-0-${n}`, `-0-${n - 1}`],
      [undefined, `-0-${n}`],
      [undefined, `-0-${n}`],
    ]);
  }
});

test('a back-off is written as Go writes durations', () => {
  expect([10, 40, 80, 160, 300].map((s) => backOffText(s * 1_000_000))).toEqual([
    '10s',
    '40s',
    '1m20s',
    '2m40s',
    '5m0s',
  ]);
});

test('a kubelet that begins anew remembers no back-off', () => {
  const lab = new NodeLab({ seed: 32 });
  lab.run(5);
  lab.bind('n0', podOf('web', {}, { 'seatrial.dev/crash-after': '1s' }));
  lab.run(110);
  const pid = lab.fleet.pids[0] as number;
  const before = lab.pod('web')?.status?.containerStatuses?.[0];
  expect(before?.state?.waiting?.message).toMatch(/^back-off (40|1m20)s /);
  const leftS = lab.fleet.largestBackOffUs() / 1_000_000;
  expect([leftS > 15, leftS <= 80 + 15]).toEqual([true, true]);
  lab.sim.crash(pid);
  lab.run(1);
  lab.sim.restart(pid);
  lab.run(2);
  expect(lab.fleet.largestBackOffUs()).toBeLessThanOrEqual(25_000_000);
  const texts = follow(lab, 'web', 20).map(({ status }) => status.state?.waiting?.message?.slice(0, 12) ?? '');
  expect(texts.filter((text) => text !== '').at(-1)).toBe('back-off 10s');
});

test('an image that cannot be pulled is told as failed and as waited for in turn', () => {
  const lab = new NodeLab({ seed: 33 });
  lab.run(5);
  lab.bind('n0', podOf('web', {}, { 'seatrial.dev/image-pull': 'never' }));
  const said = follow(lab, 'web', 120).filter(({ text }) => !text.includes('Creating'));
  expect(said.slice(0, 4).map(({ text }) => text)).toEqual([
    '0 ErrImagePull',
    '0 ImagePullBackOff',
    '0 ErrImagePull',
    '0 ImagePullBackOff',
  ]);
  const failure = 'failed to pull and unpack image "app:v1": not found';
  expect(said[0]?.status.state?.waiting?.message).toBe(failure);
  expect(said[1]?.status.state?.waiting?.message).toBe(`Back-off pulling image "app:v1": ErrImagePull: ${failure}`);
  const [failed, waits, failedAgain] = said.map(({ atS }) => atS) as [number, number, number];
  expect([waits - failed >= 9.8, waits - failed <= 15.3]).toEqual([true, true]);
  expect([failedAgain - waits >= 11, failedAgain - waits <= 18]).toEqual([true, true]);
});

test('a container killed for want of memory and one lost with its machine say so', () => {
  const lab = new NodeLab({ seed: 34 });
  lab.run(5);
  const two = { containers: ['app', 'other'].map((name) => ({ name, image: 'a' })) };
  lab.bind('n0', podOf('web', two));
  lab.run(5);
  const ends = () =>
    lab
      .pod('web')
      ?.status?.containerStatuses?.map(({ restartCount, lastState }) => [
        restartCount,
        lastState?.terminated?.exitCode,
        lastState?.terminated?.reason,
      ]);
  lab.fleet.killContainers(0, () => true);
  lab.run(5);
  expect(ends()).toEqual([
    [1, 137, 'OOMKilled'],
    [0, undefined, undefined],
  ]);
  lab.fleet.powerOff(0);
  lab.run(20);
  lab.fleet.powerOn(0);
  lab.run(10);
  // containerd, pkg/cri/server/helpers.go: unknownExitCode, unknownExitReason.
  expect(ends()).toEqual([
    [2, 255, 'Unknown'],
    [1, 255, 'Unknown'],
  ]);
  lab.fleet.killContainers(0, () => true);
  lab.run(5);
  expect(ends()?.map(([count]) => count)).toEqual([3, 1]);
});
