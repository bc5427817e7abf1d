/**
 * What a user's operation does, as the rest of a sentence that begins with "the user".
 */
import type { Cascade, Operation, Target } from '../../core/chaos/plan.ts';

const CASCADES: Readonly<Record<Cascade, string>> = {
  background: '',
  foreground: ' after what it owns',
  orphan: ' and leaves what it owns',
};

/** `scales Deployment/demo/web to 3`. */
export function operationDeed(operation: Operation): string {
  switch (operation.kind) {
    case 'scale':
      return `scales ${operation.workload} to ${operation.replicas}`;
    case 'set-image':
      return `sets the image of ${operation.workload} to ${operation.image}`;
    case 'delete':
      return `deletes ${operation.workload}${CASCADES[operation.cascade ?? 'background']}`;
    case 'apply':
      return `applies ${operation.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).join(', ')}`;
    case 'store-member-add':
      return 'adds a store member as a learner';
    case 'store-member-promote':
      return `promotes etcd-${operation.instance}`;
    case 'store-member-remove':
      return `removes etcd-${operation.instance} from the group`;
    case 'store-restore':
      return `restores the store from what etcd-${operation.instance} has`;
    case 'store-rolling-restart':
      return 'restarts the store members in turn';
    case 'store-defragment':
      return `defragments ${operation.instance === undefined ? 'the store members in turn' : `etcd-${operation.instance}`}`;
    case 'store-alarm-disarm':
      return 'takes back the alarms of the store';
    default:
      return `${operation.kind}s ${targetText(operation.target)}`;
  }
}

/** A target in words, before it is known what it comes to. */
export function targetText(target: Target): string {
  const { component, instance = 0, mode } = target;
  if (mode !== undefined && mode !== 'all') return `some of: ${targetText(withoutMode(target))}`;
  if (component !== undefined) {
    if (mode === 'all') return `every ${component}`;
    if (instance === 'all') return `every ${component}`;
    return instance === 'leader' ? `the leading ${component}` : `${component}-${instance}`;
  }
  if (target.node !== undefined) return target.node;
  if (target.zone !== undefined) return `zone ${target.zone}`;
  if (target.nodeSelector !== undefined)
    return `nodes with ${Object.entries(target.nodeSelector)
      .map(([key, value]) => `${key}=${value}`)
      .join(', ')}`;
  if (target.topologyKey !== undefined) return `groups of equal ${target.topologyKey}`;
  return target.hosting === undefined ? 'nodes' : `nodes that host ${target.hosting}`;
}

function withoutMode({ mode: _mode, value: _value, ...rest }: Target): Target {
  return rest.component === undefined ? rest : { ...rest, instance: 'all' };
}
