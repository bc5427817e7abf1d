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
import { failingProbe, hasProbe, probedReadyUs, successUs } from './probe-times.ts';
import { isKilled, stopTimeUs } from './stop-time.ts';

export const NEVER = -1;

/** What a main container does in each of its runs. */
export interface ContainerScript {
  /** From its start until its probes have succeeded, µs; NEVER = never. */
  readonly readyUs: number;
  /** From its start to its end, µs; NEVER = it goes on. */
  readonly runUs: number;
  readonly exitCode: number;
  /** Whether it ends by a crash. */
  readonly crashes: boolean;
  /** The probe for whose failures the kubelet has stopped it at `runUs`, '' for none. */
  readonly failingProbe: '' | 'startup' | 'liveness';
}

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
  /** The same of the sidecars alone. */
  readonly sidecarReadyUs: number;
  /** From start to the first end of a main container, µs; NEVER = they go on. */
  readonly runUs: number;
  /** Whether all of them end then, and how. */
  readonly endsTogether: boolean;
  readonly exitCode: number;
  /** By main container. */
  readonly containers: readonly ContainerScript[];
  /** From SIGTERM to the end, µs. */
  readonly stopUs: number;
  /** Longest preStop sleep, µs. */
  readonly preStopUs: number;
  /** The preStop sleep of each sidecar, and how long each takes from SIGTERM to its end, µs. They are stopped after the other containers. */
  readonly sidecarHooksUs: readonly number[];
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
    const neverReady = this.#text(annotations, 'never-ready') === 'true';
    const readyAfterUs = this.#duration(annotations, 'ready-after', NEVER);
    const stopUs = this.#duration(annotations, 'stop-after', this.#recorded ? 0 : this.#defaults.stopUs);
    const preStopUs = this.#recorded ? 0 : longestPreStopUs(spec.containers);
    const saidReadyUs = neverReady ? NEVER : readyAfterUs >= 0 ? readyAfterUs : undefined;
    const isProbed = all.some(hasProbe);
    const answersUs = neverReady ? Number.POSITIVE_INFINITY : (saidReadyUs ?? this.#defaults.readinessUs);
    const containers = spec.containers.map((container, index) => {
      const run = this.#run(annotations, container.name, index === 0, isJob);
      const killed = this.#recorded ? null : killedRun(spec, container, answersUs, stopUs);
      const end = killed !== null && (run.runUs === NEVER || killed.runUs < run.runUs) ? killed : run;
      const isSaid = saidReadyUs !== undefined && (!isProbed || hasProbe(container));
      return { readyUs: isSaid ? saidReadyUs : probedReadyUs([container], [], this.#defaults.readinessUs), ...end };
    });
    const [first] = containers as [ContainerScript];
    const sidecars = init.filter(isSidecar);
    const sidecarReadyUs = probedReadyUs([], sidecars, this.#defaults.readinessUs);
    const isAlike = ({ runUs, exitCode }: ContainerScript) => runUs === first.runUs && exitCode === first.exitCode;
    return {
      images,
      alwaysPulls: all.map((container) => container.imagePullPolicy === 'Always'),
      brokenAt: neverPulls ? 0 : images.findIndex((id) => this.#images.isBroken(id)),
      pullUs: pull === undefined || neverPulls ? NEVER : (parseGoDuration(pull) ?? NEVER),
      initUs: init.map((container) => this.#initUs(container)),
      sources: this.#recorded ? [] : objectSources(spec),
      readyUs: saidReadyUs ?? probedReadyUs(spec.containers, sidecars, this.#defaults.readinessUs),
      sidecarReadyUs: saidReadyUs === undefined ? sidecarReadyUs : 0,
      boundToReadyUs: neverReady ? NEVER : Math.max(0, readyAfterUs),
      runUs: containers.reduce(
        (least, { runUs }) => (least < 0 || (runUs >= 0 && runUs < least) ? runUs : least),
        NEVER,
      ),
      endsTogether: containers.every((one) => one.failingProbe === '' && isAlike(one)),
      exitCode: first.exitCode,
      containers,
      stopUs,
      preStopUs,
      sidecarHooksUs: sidecars.map((sidecar) => longestPreStopUs([sidecar])),
      sidecarStopUs: this.#defaults.stopUs,
    };
  }

  /** A sidecar is waited for until its startup probe has succeeded, another init container until it has ended. */
  #initUs(container: Container): number {
    if (!isSidecar(container)) return this.#defaults.initRunUs;
    const { startupProbe } = container;
    return startupProbe === undefined ? 0 : successUs(startupProbe, 0, this.#defaults.readinessUs);
  }

  /** What is said of the container by its name counts before what is said of all, and a crash, which is said of the first, before its ordinary end. */
  #run(
    annotations: StringMap | undefined,
    name: string,
    isFirst: boolean,
    isJob: boolean,
  ): Omit<ContainerScript, 'readyUs'> {
    const allCrashUs = isFirst ? this.#duration(annotations, 'crash-after', NEVER) : NEVER;
    const crashUs = this.#duration(annotations, `crash-after.${name}`, allCrashUs);
    const exit = this.#text(annotations, `exit.${name}`) ?? this.#text(annotations, 'exit');
    return {
      runUs: crashUs >= 0 ? crashUs : this.#runUs(annotations, name, isJob, exit),
      exitCode: crashUs >= 0 || exit === 'error' ? 1 : 0,
      crashes: crashUs >= 0,
      failingProbe: '',
    };
  }

  #runUs(annotations: StringMap | undefined, name: string, isJob: boolean, exit: string | undefined): number {
    if (exit === 'never') return NEVER;
    const runUs = this.#duration(annotations, `run-for.${name}`, this.#duration(annotations, 'run-for', NEVER));
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

/** The run of a container that its kubelet kills for a probe; null where it does not. */
function killedRun(
  spec: PodSpec,
  container: Container,
  answersUs: number,
  stopUs: number,
): Omit<ContainerScript, 'readyUs'> | null {
  const failing = failingProbe(container, answersUs);
  if (failing === null) return null;
  const { kind, failsUs, graceUs = ownGraceUs(spec) } = failing;
  const preStopUs = longestPreStopUs([container]);
  const stop = { stopUs, preStopUs, sidecarHooksUs: [], sidecarStopUs: 0 };
  const runUs = failsUs + stopTimeUs(stop, preStopUs, graceUs);
  return { runUs, exitCode: isKilled(stop, graceUs) ? 137 : 0, crashes: true, failingProbe: kind };
}

function longestPreStopUs(containers: readonly Container[]): number {
  let longest = 0;
  for (const { lifecycle } of containers) {
    const preStop = lifecycle?.preStop;
    const command = preStop?.exec?.command?.join(' ') ?? '';
    const slept = /(?:^|\s|;)sleep (\d+)/.exec(command)?.[1];
    longest = Math.max(longest, preStop?.sleep?.seconds ?? 0, slept === undefined ? 0 : Number(slept));
  }
  return longest * 1_000_000;
}
