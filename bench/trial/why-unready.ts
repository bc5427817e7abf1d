/**
 * Why a pod that has a node is not Ready, in the words of its status: what `kubectl describe pod` would show first.
 */
import { ANNOTATION_PREFIX, type ContainerStatus, findCondition, type Pod } from '../../core/cluster/vocabulary.ts';

/** One phrase: the container that waits, crashed or is not ready, else a readiness gate; with the annotations of ours that say how it behaves. */
export function whyUnready(pod: Pod): string {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  // Those that are in the way come first: an init container that is not done, then what has a reason of its own.
  const unready = [
    ...initContainerStatuses.filter(({ ready, state }) => !ready && state?.terminated?.exitCode !== 0),
    ...containerStatuses.filter(({ ready }) => !ready),
  ];
  const telling = unready.find(({ state }) => !GENERAL.includes(state?.waiting?.reason ?? '')) ?? unready[0];
  const gate = (pod.spec.readinessGates ?? []).find(
    ({ conditionType }) => findCondition(pod.status?.conditions, conditionType)?.status !== 'True',
  );
  const why =
    telling !== undefined
      ? containerWhy(telling)
      : gate !== undefined
        ? `no one sets the readiness gate ${gate.conditionType}`
        : '';
  const ours = Object.entries(pod.metadata.annotations ?? {}).filter(([key]) => key.startsWith(ANNOTATION_PREFIX));
  if (why === '' || ours.length === 0) return why;
  return `${why} (${ours.map(([key, value]) => `${key}: ${value}`).join(', ')})`;
}

/** What every container says that waits for another. */
const GENERAL: readonly string[] = ['ContainerCreating', 'PodInitializing'];
/** Taken in turn while the kubelet tries again. */
const IMAGE: readonly string[] = ['ErrImagePull', 'ImagePullBackOff'];

/** Without counts and times: those differ from run to run, and the reason is told once. */
function containerWhy({ name, image, state, lastState }: ContainerStatus): string {
  const { reason = 'no reason given', message } = state?.waiting ?? {};
  if (IMAGE.includes(reason)) return `container ${name} waits for its image ${image}, which cannot be pulled`;
  const ended = state?.terminated ?? lastState?.terminated;
  if (ended !== undefined) return `container ${name} ends again and again (exit code ${ended.exitCode})`;
  if (state?.waiting === undefined) return `container ${name} runs, but its readiness probe does not succeed`;
  return `container ${name} waits: ${message === undefined ? reason : `${reason}: ${message}`}`;
}
