/**
 * Names of ports that no container has: a probe that cannot succeed, a Service whose port leads nowhere. The simulation asks no port, so nothing else shows it.
 *
 * Source: Kubernetes 1.34, pkg/probe/util.go ResolveContainerPort (the probed container's own ports) and pkg/api/v1/pod/util.go FindPort (name and protocol,
 * in any container and any init container that restarts always).
 */
import type { KubeObject } from '../core/types/object.ts';
import { fieldText } from './manifest-checks.ts';
import type { FieldPath } from './manifest-fields.ts';
import { listAt, type Pods, podsOf, selected, serviceSelector, valueAt } from './manifest-pods.ts';
import { appliedNamespace, type ManifestObject } from './manifests.ts';
import type { ProblemExtras, ProblemList } from './problem.ts';
import { nearestName } from './suggest.ts';

const CODE = 'MAN-023';

/** What asks a port of its own container, and what comes of a name that the container does not have. */
const ASKING: readonly (readonly [below: FieldPath, effect: string])[] = [
  [['startupProbe'], 'it always fails, and the container is killed again and again'],
  [['livenessProbe'], 'it always fails, and the container is killed again and again'],
  [['readinessProbe'], 'it always fails, and the pod is never ready'],
  [['lifecycle', 'postStart'], 'it fails, and the container is killed again and again'],
  [['lifecycle', 'preStop'], 'it fails, and nobody is asked before the container stops'],
];

/** A container's port by its name. */
interface NamedPort {
  readonly name: string;
  readonly protocol: string;
}

/** Warns of named ports of probes, hooks and Services in `manifests` that the pods, of `objects`, do not have. */
export function warnUnknownPorts(
  manifests: readonly ManifestObject[],
  objects: readonly KubeObject[],
  problems: ProblemList,
): void {
  const pods = objects.flatMap(podsOf);
  for (const manifest of manifests) {
    for (const each of podsOf(manifest.object)) warnProbes(manifest, each, problems);
    if (manifest.object.kind === 'Service') warnTargetPorts(manifest, pods, problems);
  }
}

function warnProbes({ object, placeOf }: ManifestObject, { spec, specPath }: Pods, problems: ProblemList): void {
  for (const list of ['initContainers', 'containers']) {
    listAt(spec, [list]).forEach((container, index) => {
      const names = portsOf(container).map(({ name }) => name);
      for (const [asking, effect] of ASKING) {
        for (const way of ['httpGet', 'tcpSocket']) {
          const below = [...asking, way, 'port'];
          const port = valueAt(container, below);
          if (typeof port !== 'string' || names.includes(port)) continue;
          const path = [...specPath, list, index, ...below];
          const what = `${object.kind} ${object.metadata.name}: ${fieldText(path)}`;
          const message = `${what}: the container has no port "${port}": ${effect}`;
          problems.warning(placeOf(path), CODE, message, nearestOf(port, names));
        }
      }
    });
  }
}

function warnTargetPorts({ object, placeOf }: ManifestObject, pods: readonly Pods[], problems: ProblemList): void {
  const selector = serviceSelector(object);
  if (selector === null) return;
  const near = pods.filter(({ namespace }) => namespace === appliedNamespace(object.metadata));
  const behind = selected(selector, near);
  const ports = behind.flatMap(({ spec }) => [
    ...listAt(spec, ['containers']).flatMap(portsOf),
    ...listAt(spec, ['initContainers']).flatMap((each) =>
      valueAt(each, ['restartPolicy']) === 'Always' ? portsOf(each) : [],
    ),
  ]);
  listAt(object, ['spec', 'ports']).forEach((servicePort, index) => {
    const target = valueAt(servicePort, ['targetPort']);
    const protocol = protocolOf(servicePort);
    if (behind.length === 0 || typeof target !== 'string') return;
    if (ports.some((port) => port.name === target && port.protocol === protocol)) return;
    const names = ports.filter((port) => port.protocol === protocol).map(({ name }) => name);
    const path = ['spec', 'ports', index, 'targetPort'];
    const message = `${object.kind} ${object.metadata.name}: ${fieldText(path)}: no pod behind it has a ${protocol} port "${target}": nothing answers at this port`;
    problems.warning(placeOf(path), CODE, message, nearestOf(target, names));
  });
}

/** The nearest of the names that there are; where none is near, all. */
function nearestOf(port: string, names: readonly string[]): ProblemExtras {
  const nearest = nearestName(port, names);
  if (nearest !== undefined) return { nearest };
  const known = [...new Set(names)].join(', ');
  return { hint: known === '' ? 'no port has a name there' : `names of ports there: ${known}` };
}

function portsOf(container: unknown): NamedPort[] {
  return listAt(container, ['ports']).flatMap((port) => {
    const name = valueAt(port, ['name']);
    return typeof name === 'string' ? [{ name, protocol: protocolOf(port) }] : [];
  });
}

function protocolOf(port: unknown): string {
  const protocol = valueAt(port, ['protocol']);
  return typeof protocol === 'string' ? protocol : 'TCP';
}
