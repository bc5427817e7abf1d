import type { Dice, Json } from './dice.ts';

const CPUS = ['0', '100m', '250m', '500m', '1', '1500m'];
const SIZES = ['0', '128Mi', '256Mi', '512Mi', '1Gi'];

/** A node, the pods that its kubelet has, and one more, which may be critical. */
export function drawAdmission(dice: Dice): Json {
  const allocatable = {
    cpu: dice.of('1', '2', '3'),
    memory: dice.of('1Gi', '2Gi'),
    pods: dice.of('3', '6', '20'),
    'ephemeral-storage': '1Gi',
    'example.com/gpu': dice.of('1', '2'),
  };
  const node = {
    metadata: { name: 'n0', labels: { disk: 'ssd', 'kubernetes.io/os': 'linux' } },
    spec: dice.chance(0.1) ? { taints: [{ key: 'full', effect: 'NoExecute' }] } : {},
    status: { allocatable, capacity: allocatable },
  };
  const pods = dice.list(dice.int(0, 7), (index) => drawPod(dice, `p${index}`, dice.of(0, 0, 5, 2_000_000_000)));
  return { node, pods, pod: drawPod(dice, 'one', dice.of(0, 10, 2_000_000_000, 2_000_001_000, 2_000_001_000)) };
}

function drawPod(dice: Dice, name: string, priority: number): Json {
  const placed = dice.chance(0.05) ? { nodeSelector: { disk: dice.of('ssd', 'hdd') } } : {};
  const containers = dice.list(dice.of(1, 1, 1, 2), (index) => drawContainer(dice, `c${index}`));
  const initContainers = dice.list(dice.of(0, 0, 0, 1), (index) => ({
    ...drawContainer(dice, `i${index}`),
    ...dice.maybe(0.5, () => ({ restartPolicy: 'Always' })),
  }));
  const tolerations = dice.chance(0.7) ? [{ operator: 'Exists' }] : [];
  return { metadata: { name, uid: name }, spec: { priority, containers, initContainers, tolerations, ...placed } };
}

/** Left out: several extended resources, which the real code goes through in no order, and overheads, which it adds to what is asked for only. */
function drawContainer(dice: Dice, name: string): Json {
  const kind = dice.of('none', 'none', 'requests', 'requests', 'both');
  const ports = dice.chance(0.05) ? { ports: [{ containerPort: 80, hostPort: dice.of(80, 81) }] } : {};
  if (kind === 'none') return { name, resources: {}, ...ports };
  const requests: Json = { cpu: dice.of(...CPUS), memory: dice.of(...SIZES) };
  if (kind === 'both') return { name, resources: { requests, limits: requests }, ...ports };
  if (dice.chance(0.2)) requests['ephemeral-storage'] = dice.of('128Mi', '512Mi');
  if (dice.chance(0.2)) requests['example.com/gpu'] = dice.of('1', '2');
  return { name, resources: { requests }, ...ports };
}
