/**
 * What a pod will do on its node, decided from its spec and annotations: how long it takes to be ready, runs, and stops.
 *
 * Kept by identity of the container list and the annotations, which all pods of a template share.
 */
import { parseGoDuration } from '../types/go-duration.ts';
import type { StringMap } from '../types/object.ts';
import type { Container, Pod, PodSpec } from '../types/pod.ts';
import { isSidecar } from '../types/pod-requests.ts';
import type { NodeImages } from './images.ts';
import { type ObjectSource, objectSources } from './object-sources.ts';
import { ANNOTATION_PREFIX, type PodDefaults } from './options.ts';
import { failingProbe, probedReadyUs, successUs } from './probe-times.ts';
import { isKilled, stopTimeUs } from './stop-time.ts';

export const NEVER = -1;

export interface PodScript {
  /** Image ids of init and main containers, in order. */
  readonly images: readonly number[];
  /** By index into `images`: the registry is asked at each start, whether the node has the image or not. */
  readonly alwaysPulls: readonly boolean[];
  /** Index into `images` of the first that cannot be pulled, −1 for none. */
  readonly brokenAt: number;
  /** Pull time said by annotation, µs; −1 = default. */
  readonly pullUs: number;
  /** By init container: from its start until the next container may be started, µs. */
  readonly initUs: readonly number[];
  readonly sources: readonly ObjectSource[];
  /** From start to Ready, µs; NEVER = not ready ever. */
  readonly readyUs: number;
  /** As the recorded kubelets count it: from binding to Running, µs; NEVER = stays Pending. */
  readonly boundToReadyUs: number;
  /** From start to the end of all main containers, µs; NEVER = they go on. */
  readonly runUs: number;
  readonly exitCode: number;
  /** true: only the first container ends at `runUs` (a crash), not all. */
  readonly crashes: boolean;
  /** The probe for whose failures the kubelet has stopped the first container at `runUs`, '' for none. */
  readonly failingProbe: '' | 'startup' | 'liveness';
  /** From SIGTERM to the end, µs. */
  readonly stopUs: number;
  /** Longest preStop sleep, µs. */
  readonly preStopUs: number;
  /** How many sidecars are stopped after the other containers, and how long each takes from SIGTERM to its end, µs. */
  readonly sidecars: number;
  readonly sidecarStopUs: number;
}

/** The grace period of a pod being deleted, µs. */
export function graceUs({ metadata, spec }: Pod): number {
  const seconds = metadata.deletionGracePeriodSeconds ?? null;
  return seconds === null ? ownGraceUs(spec) : seconds * 1_000_000;
}

/** The grace period that a pod has where nobody asks for another, µs. */
export function ownGraceUs({ terminationGracePeriodSeconds }: PodSpec): number {
  return (terminationGracePeriodSeconds ?? 30) * 1_000_000;
}

/** Makes scripts; one for a fleet. */
export class PodScripts {
  readonly #images: NodeImages;
  readonly #defaults: PodDefaults;
  readonly #prefixes: readonly string[];
  readonly #recorded: boolean;
  readonly #known = new WeakMap<readonly Container[], { annotations: StringMap | undefined; script: PodScript }>();

  constructor(images: NodeImages, defaults: PodDefaults, prefix: string, recorded: boolean) {
    this.#images = images;
    this.#defaults = defaults;
    this.#prefixes = prefix === '' ? [ANNOTATION_PREFIX] : [ANNOTATION_PREFIX, prefix];
    this.#recorded = recorded;
  }

  of(pod: Pod): PodScript {
    const { annotations } = pod.metadata;
    const known = this.#known.get(pod.spec.containers);
    if (known !== undefined && known.annotations === annotations) return known.script;
    const script = this.#make(pod);
    this.#known.set(pod.spec.containers, { annotations, script });
    return script;
  }

  #make(pod: Pod): PodScript {
    const { spec, metadata } = pod;
    const { annotations } = metadata;
    const init = spec.initContainers ?? [];
    const all = [...init, ...spec.containers];
    const images = all.map((container) => this.#images.intern(container.image ?? ''));
    const pull = this.#text(annotations, 'image-pull');
    const neverPulls = pull === 'never';
    const isJob = metadata.ownerReferences?.some((owner) => owner.kind === 'Job' && owner.controller === true) === true;
    const exit = this.#text(annotations, 'exit');
    const crashUs = this.#duration(annotations, 'crash-after', NEVER);
    const neverReady = this.#text(annotations, 'never-ready') === 'true';
    const readyAfterUs = this.#duration(annotations, 'ready-after', NEVER);
    const stopUs = this.#duration(annotations, 'stop-after', this.#recorded ? 0 : this.#defaults.stopUs);
    const preStopUs = this.#recorded ? 0 : longestPreStopUs(spec);
    const run = {
      runUs: crashUs >= 0 ? crashUs : this.#runUs(annotations, isJob, exit),
      exitCode: crashUs >= 0 || exit === 'error' ? 1 : 0,
      crashes: crashUs >= 0,
      failingProbe: '' as const,
    };
    const answersUs = readyAfterUs >= 0 ? readyAfterUs : this.#defaults.readinessUs;
    const killed = this.#recorded
      ? null
      : killedRun(spec, neverReady ? Number.POSITIVE_INFINITY : answersUs, stopUs, preStopUs);
    const end = killed !== null && (run.runUs === NEVER || killed.runUs < run.runUs) ? killed : run;
    return {
      images,
      alwaysPulls: all.map((container) => container.imagePullPolicy === 'Always'),
      brokenAt: neverPulls ? 0 : images.findIndex((id) => this.#images.isBroken(id)),
      pullUs: pull === undefined || neverPulls ? NEVER : (parseGoDuration(pull) ?? NEVER),
      initUs: init.map((container) => this.#initUs(container)),
      sources: this.#recorded ? [] : objectSources(spec),
      readyUs: neverReady ? NEVER : readyAfterUs >= 0 ? readyAfterUs : probedReadyUs(spec, this.#defaults.readinessUs),
      boundToReadyUs: neverReady ? NEVER : Math.max(0, readyAfterUs),
      runUs: end.runUs,
      exitCode: end.exitCode,
      crashes: end.crashes,
      failingProbe: end.failingProbe,
      stopUs,
      preStopUs,
      sidecars: init.filter(isSidecar).length,
      sidecarStopUs: this.#defaults.stopUs,
    };
  }

  /** A sidecar is waited for until its startup probe has succeeded, another init container until it has ended. */
  #initUs(container: Container): number {
    if (!isSidecar(container)) return this.#defaults.initRunUs;
    const { startupProbe } = container;
    return startupProbe === undefined ? 0 : successUs(startupProbe, 0, this.#defaults.readinessUs);
  }

  #runUs(annotations: StringMap | undefined, isJob: boolean, exit: string | undefined): number {
    if (exit === 'never') return NEVER;
    const runUs = this.#duration(annotations, 'run-for', NEVER);
    if (runUs >= 0) return runUs;
    if (isJob) return this.#recorded ? 0 : this.#defaults.jobRunUs;
    return exit === undefined ? NEVER : 0;
  }

  #text(annotations: StringMap | undefined, name: string): string | undefined {
    if (annotations === undefined) return undefined;
    for (const prefix of this.#prefixes) {
      const text = annotations[prefix + name];
      if (text !== undefined) return text;
    }
    return undefined;
  }

  #duration(annotations: StringMap | undefined, name: string, otherwise: number): number {
    const text = this.#text(annotations, name);
    return text === undefined ? otherwise : (parseGoDuration(text) ?? otherwise);
  }
}

/** The run of a first container that its kubelet kills for a probe; null where it does not. */
function killedRun(
  spec: PodSpec,
  answersUs: number,
  stopUs: number,
  preStopUs: number,
): Pick<PodScript, 'runUs' | 'exitCode' | 'crashes' | 'failingProbe'> | null {
  const failing = failingProbe(spec.containers[0] as Container, answersUs);
  if (failing === null) return null;
  const { kind, failsUs, graceUs = ownGraceUs(spec) } = failing;
  const stop = { stopUs, preStopUs, sidecars: 0, sidecarStopUs: 0 };
  const runUs = failsUs + stopTimeUs(stop, preStopUs, graceUs);
  return { runUs, exitCode: isKilled(stop, graceUs) ? 137 : 0, crashes: true, failingProbe: kind };
}

function longestPreStopUs(spec: PodSpec): number {
  let longest = 0;
  for (const { lifecycle } of spec.containers) {
    const preStop = lifecycle?.preStop;
    const command = preStop?.exec?.command?.join(' ') ?? '';
    const slept = /(?:^|\s|;)sleep (\d+)/.exec(command)?.[1];
    longest = Math.max(longest, preStop?.sleep?.seconds ?? 0, slept === undefined ? 0 : Number(slept));
  }
  return longest * 1_000_000;
}
