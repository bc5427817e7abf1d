/**
 * A scheduling policy of one's own: packs GPUs, but leaves each node as large a part of its cpu as of its GPUs, so that no
 * GPU is stranded behind a full cpu.
 *
 * seatrial compare --policy kube-default,fgd,scenarios/examples/policy.mjs
 *
 * The scheduler's filters have passed every node that `score` sees. The number must depend on the pod and the node alone.
 *
 * @type {import('seatrial/policy').PolicyModule}
 */
export default {
  name: 'leave-cpu-for-gpus',
  score(pod, node) {
    const cpuLeft = (node.freeCpuMilli - pod.cpuMilli) / node.allocatableCpuMilli;
    const devices = node.freeGpuMilli;
    if (devices.length === 0) return 100 * (1 - cpuLeft);
    const free = devices.reduce((sum, milli) => sum + milli, 0) - pod.gpuCount * pod.gpuMilli;
    const gpuLeft = free / (1000 * devices.length);
    const cpuForGpus = Math.min(1, cpuLeft / Math.max(gpuLeft, 0.001));
    return 70 * cpuForGpus + 30 * (1 - gpuLeft);
  },
};
