/**
 * When the probes of a pod have succeeded, and when its kubelet loses patience, by the instant from which the application answers.
 *
 * Source: Kubernetes 1.34.1, kubelet/prober/worker.go (doProbe): first probe after initialDelaySeconds, then every periodSeconds, successThreshold
 * times; a startup probe comes first; failureThreshold failures one after the other, and the container is killed.
 */
import type { Container, Probe } from '../types/pod.ts';

const SECOND_US = 1_000_000;

/** Whether its readiness hangs on a probe. */
export function hasProbe({ readinessProbe, startupProbe }: Container): boolean {
  return readinessProbe !== undefined || startupProbe !== undefined;
}

/** µs from start until every one of these containers and sidecars that has probes is ready; 0 without probes. */
export function probedReadyUs(
  containers: readonly Container[],
  sidecars: readonly Container[],
  firstSuccessUs: number,
): number {
  let latest = 0;
  for (const container of [...containers, ...sidecars]) {
    const { startupProbe, readinessProbe } = container;
    // The startup probes of sidecars have succeeded before the other containers start.
    const waits = startupProbe !== undefined && !sidecars.includes(container);
    const startedUs = waits ? successUs(startupProbe, 0, firstSuccessUs) : 0;
    const readyUs = readinessProbe === undefined ? startedUs : successUs(readinessProbe, startedUs, firstSuccessUs);
    latest = Math.max(latest, readyUs);
  }
  return latest;
}

/** When the probe has succeeded often enough, if the application answers from `firstSuccessUs` after start on. */
export function successUs(probe: Probe, fromUs: number, firstSuccessUs: number): number {
  const { initialDelaySeconds = 0, periodSeconds = 10, successThreshold = 1 } = probe;
  const first = Math.max(fromUs, initialDelaySeconds * SECOND_US, firstSuccessUs);
  return first + (successThreshold - 1) * periodSeconds * SECOND_US;
}

/** The probe whose failures have a container killed. */
export interface FailingProbe {
  readonly kind: 'startup' | 'liveness';
  /** From the container's start to the failure that is one too many, µs. */
  readonly failsUs: number;
  /** The grace of the kill, µs; undefined: the pod's. */
  readonly graceUs: number | undefined;
}

/**
 * The probe by which the container is killed if the application answers from `answersUs` after start on, µs, infinite for never; null for none.
 * A liveness probe is known to fail where it asks what the readiness probe asks, and is not asked before a startup probe has succeeded.
 */
export function failingProbe(
  { startupProbe, livenessProbe, readinessProbe }: Container,
  answersUs: number,
): FailingProbe | null {
  const probe = startupProbe ?? livenessProbe;
  if (probe === undefined) return null;
  const isStartup = probe === startupProbe;
  if (!isStartup && (readinessProbe === undefined || asked(probe) !== asked(readinessProbe))) return null;
  const failsUs = failureUs(probe);
  if (answersUs <= failsUs) return null;
  const seconds = probe.terminationGracePeriodSeconds;
  const graceUs = seconds === undefined ? undefined : seconds * SECOND_US;
  return { kind: isStartup ? 'startup' : 'liveness', failsUs, graceUs };
}

/** The last of failureThreshold probes, of which the first comes with the first period after the start that is past the delay. */
function failureUs({ initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 }: Probe): number {
  const first = Math.max(1, Math.ceil(initialDelaySeconds / periodSeconds));
  return (first + failureThreshold - 1) * periodSeconds * SECOND_US;
}

function asked({ httpGet, tcpSocket, exec, grpc }: Probe): string {
  return JSON.stringify([
    [httpGet?.path ?? '/', httpGet?.port, httpGet?.host],
    [tcpSocket?.port, tcpSocket?.host],
    exec?.command,
    [grpc?.port, grpc?.service],
  ]);
}
