/** One container of a pod whose containers no longer go the same way: what its runtime did with it, and what its kubelet makes of that. */
export class ContainerRun {
  isRunning = false;
  /** Whether its probes have succeeded in this run. */
  isReady = false;
  /** True times, µs: start, when its probes will have succeeded, end of the run; −1 for never. */
  startedUs = -1;
  readyAtUs = -1;
  exitAtUs = -1;
  startedWallUs = -1;
  /** How the last run ended; wall times in µs, −1 where nobody has looked yet. */
  exitCode = 0;
  outOfMemory = false;
  endedWallUs = -1;
  endedRunWallUs = -1;
  restarts = 0;
  /** Crashes that count for the back-off. */
  tries = 0;
  /** By its node's clock, µs: when the kubelet looks at it again (−1: it has ended for good), and the end of its back-off (−1: it is being started). */
  dueUs = -1;
  backOffUntilUs = -1;
  /** Why it waits, '' for nothing told yet. */
  reason = '';
  message = '';

  /** It runs from now on, µs; `readyUs` and `runUs` count from its start, negative for never. */
  begin(nowUs: number, wallUs: number, readyUs: number, runUs: number): void {
    this.isRunning = true;
    this.isReady = readyUs === 0;
    this.startedUs = nowUs;
    this.startedWallUs = wallUs;
    this.readyAtUs = readyUs < 0 ? -1 : nowUs + readyUs;
    this.exitAtUs = runUs < 0 ? -1 : nowUs + runUs;
    this.dueUs = -1;
    this.reason = '';
    this.message = '';
  }

  /** It has ended; `wallUs` −1: nobody has looked yet. */
  end(exitCode: number, wallUs: number, outOfMemory = false): void {
    this.isRunning = false;
    this.isReady = false;
    this.exitCode = exitCode;
    this.outOfMemory = outOfMemory;
    this.endedRunWallUs = this.startedWallUs;
    this.endedWallUs = wallUs;
    this.dueUs = -1;
  }

  /** Whether it really runs at `nowUs`, µs. */
  runsAt(nowUs: number): boolean {
    return this.isRunning && (this.exitAtUs < 0 || nowUs < this.exitAtUs);
  }
}
