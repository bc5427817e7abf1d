/**
 * createResourceDriver and allocResourceClaims: devices without a driver, and claims that have their devices before any pod comes.
 *
 * Source: Kubernetes 1.32 and 1.37, scheduler_perf dra.go. The original picks nodes at random; so does this, from the load's own stream.
 */

import picomatch from 'picomatch';
import { DeviceLot } from '../../../core/cluster/device-lot.ts';
import type { ResourceClaim } from '../../../core/types/device.ts';
import type { DeviceGate } from '../../../core/types/device-gates.ts';
import type { Node } from '../../../core/types/node.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { NODES, type ResourceType } from '../../../core/types/resource-type.ts';
import type { AllocResourceClaims, CreateResourceDriver } from '../config/operation.ts';
import { type Load, type Steps, WorkloadFailure } from './load.ts';

const RESOURCE = 'resource.k8s.io/v1';

/** Publishes a slice for each node that the pattern names. @throws WorkloadFailure */
export function* createResourceDriver(load: Load, { driverName, nodes, devicesPerNode }: CreateResourceDriver): Steps {
  const matches = picomatch(nodes);
  const type = load.types.register(RESOURCE, 'ResourceSlice');
  for (const { metadata } of yield* load.list<Node>(NODES)) {
    if (!matches(metadata.name)) continue;
    const devices = Array.from({ length: devicesPerNode }, (_, i) => deviceNamed(`instance-${i}`));
    const spec = {
      driver: driverName,
      nodeName: metadata.name,
      pool: { name: metadata.name, generation: 1, resourceSliceCount: 1 },
      devices,
    };
    const name = `${metadata.name}-${driverName}`;
    yield* load.create(type, '', { apiVersion: RESOURCE, kind: 'ResourceSlice', metadata: { name }, spec });
  }
}

function deviceNamed(name: string): object {
  const attributes = {
    model: { string: 'A100' },
    family: { string: 'GPU' },
    driverVersion: { version: '1.2.3' },
    dra_example_com_bool: { bool: true },
  };
  return { name, attributes, capacity: { memory: { value: '1Gi' } } };
}

/** Allocates every claim of the namespace that has no devices yet. @throws WorkloadFailure */
export function* allocResourceClaims(
  load: Load,
  { namespace }: AllocResourceClaims,
  gates: readonly DeviceGate[],
): Steps {
  const type = (kind: string): ResourceType => load.types.register(RESOURCE, kind);
  const claims = yield* load.list<ResourceClaim>(type('ResourceClaim'));
  const slices = yield* load.list<KubeObject>(type('ResourceSlice'));
  const classes = yield* load.list<KubeObject>(type('DeviceClass'));
  const lot = new DeviceLot(yield* load.list<Node>(NODES), [...claims, ...slices, ...classes], gates);
  const draws = load.ctx.random('alloc-resource-claims');
  for (const claim of claims) {
    if (claim.status?.allocation !== undefined) continue;
    if (namespace !== '' && claim.metadata.namespace !== namespace) continue;
    const allocated = lot.allocate(claim, lot.nodeCount === 0 ? 0 : draws.below(lot.nodeCount));
    if (typeof allocated === 'string') {
      throw new WorkloadFailure(
        `allocResourceClaims: ${claim.metadata.namespace}/${claim.metadata.name}: ${allocated}`,
      );
    }
    yield* load.updateStatus(type('ResourceClaim'), allocated);
  }
}
