/** Types of the fields of volumes and devices, as {@link Shape} says. Source: Kubernetes 1.34 API types. */
import { fieldsOf, fieldsOfAnyType, list, mapOf, object, type Shape, STRINGS } from './shape-parts.ts';
import * as limits from './value-limits.ts';

const MODES = list(limits.oneOf(limits.ACCESS_MODES));
const VOLUME_STATUS = object({
  phase: limits.known('Pending', 'Available', 'Bound', 'Released', 'Failed'),
  lastPhaseTransitionTime: 'time',
  ...fieldsOfAnyType('message reason'),
});

/** Parts that other kinds have as well; taint and tolerations with the effects that those of devices have. */
export interface SharedShapes {
  readonly taint: Shape;
  readonly tolerations: Shape;
  readonly selector: Shape;
  readonly nodeTerm: Shape;
  readonly conditions: Shape;
}

/** Shapes by kind. */
export function claimShapes(shared: SharedShapes): Readonly<Record<string, Shape>> {
  const { selector, nodeTerm, conditions, taint, tolerations } = shared;
  const nodeSelector = object({ nodeSelectorTerms: list(nodeTerm) });
  const selectors = list(object({ cel: object({ expression: 'string' }) }));
  const exact = {
    deviceClassName: 'string',
    selectors,
    allocationMode: 'string',
    count: 'long',
    tolerations,
    capacity: object({ requests: 'quantities' }),
  } as const;
  const config = list(object({ requests: STRINGS, opaque: object({ driver: 'string', parameters: 'any' }) }));
  const claimSpec = object({
    devices: object({
      requests: list(
        object({
          name: 'string',
          exactly: object({ ...exact, adminAccess: 'bool' }),
          firstAvailable: list(object({ ...exact, name: 'string' })),
        }),
      ),
      constraints: list(object({ requests: STRINGS, matchAttribute: 'string', distinctAttribute: 'string' })),
      config,
    }),
  });
  const result = object({
    ...{ request: 'string', driver: 'string', pool: 'string', device: 'string', adminAccess: 'bool' },
    bindingConditions: STRINGS,
    bindingFailureConditions: STRINGS,
  });
  const deviceStatus = object({
    ...{ driver: 'string', pool: 'string', device: 'string', shareID: 'string' },
    conditions,
    ...fieldsOfAnyType('data networkData'),
  });
  return {
    ...volumeShapes(selector, nodeSelector, conditions),
    ResourceClaim: object({
      spec: claimSpec,
      status: object({
        allocation: object({
          devices: object({ results: list(result), config: 'any' }),
          nodeSelector,
          allocationTimestamp: 'time',
        }),
        reservedFor: list(object({ apiGroup: 'string', resource: 'string', name: 'string', uid: 'string' })),
        devices: list(deviceStatus),
      }),
    }),
    ResourceClaimTemplate: object({
      spec: object({ metadata: object({ labels: 'map', annotations: 'map' }), spec: claimSpec }),
    }),
    DeviceClass: object({ spec: object({ selectors, config, extendedResourceName: 'string' }) }),
    ResourceSlice: object({ spec: sliceSpec(nodeSelector, taint) }),
    DeviceTaintRule: object({
      spec: object({
        deviceSelector: object({ ...fieldsOf('string', 'deviceClassName driver pool device'), selectors }),
        taint,
      }),
    }),
  };
}

function sliceSpec(nodeSelector: Shape, taint: Shape): Shape {
  const counters = mapOf(object({ value: 'any' }));
  const range = object(fieldsOfAnyType('min max step'));
  const requestPolicy = object({ default: 'any', validValues: list('any'), validRange: range });
  return object({
    driver: 'string',
    pool: object({ name: 'string', generation: 'long', resourceSliceCount: 'long' }),
    nodeName: 'string',
    nodeSelector,
    allNodes: 'bool',
    devices: list(
      object({
        name: 'string',
        attributes: mapOf(
          object({
            string: 'string',
            int: 'long',
            bool: 'bool',
            version: 'string',
            strings: STRINGS,
            ints: list('long'),
            bools: list('bool'),
            versions: STRINGS,
          }),
        ),
        capacity: mapOf(object({ value: 'any', requestPolicy })),
        taints: list(taint),
        consumesCounters: list(object({ counterSet: 'string', counters, compatibilityGroups: STRINGS })),
        bindingConditions: STRINGS,
        bindingFailureConditions: STRINGS,
        bindsToNode: 'bool',
        allowMultipleAllocations: 'bool',
        ...fieldsOfAnyType('nodeName nodeSelector allNodes'),
      }),
    ),
    perDeviceNodeSelection: 'bool',
    sharedCounters: list(object({ name: 'string', counters })),
  });
}

function volumeShapes(selector: Shape, nodeSelector: Shape, conditions: Shape): Readonly<Record<string, Shape>> {
  return {
    PersistentVolumeClaim: object({
      spec: object({
        accessModes: MODES,
        selector,
        resources: object({ requests: 'quantities', limits: 'quantities' }),
        volumeName: 'string',
        storageClassName: 'string',
        volumeMode: limits.oneOf(limits.VOLUME_MODES),
        ...fieldsOfAnyType('dataSource dataSourceRef volumeAttributesClassName'),
      }),
      status: object({
        phase: limits.known('Pending', 'Bound', 'Lost'),
        accessModes: STRINGS,
        capacity: 'quantities',
        conditions,
        ...fieldsOfAnyType('allocatedResources allocatedResourceStatuses'),
        ...fieldsOfAnyType('currentVolumeAttributesClassName modifyVolumeStatus'),
      }),
    }),
    PersistentVolume: object({
      spec: object({
        capacity: 'quantities',
        accessModes: MODES,
        claimRef: object({
          name: 'string',
          namespace: 'string',
          uid: 'string',
          ...fieldsOfAnyType('kind apiVersion resourceVersion fieldPath'),
        }),
        persistentVolumeReclaimPolicy: limits.oneOf(limits.RECLAIM_POLICIES),
        storageClassName: 'string',
        volumeMode: limits.oneOf(limits.VOLUME_MODES),
        nodeAffinity: object({ required: nodeSelector }),
        csi: 'object',
        ...fieldsOfAnyType(
          'mountOptions volumeAttributesClassName local hostPath nfs iscsi fc rbd cephfs cinder flocker',
        ),
        ...fieldsOfAnyType('gcePersistentDisk awsElasticBlockStore azureDisk azureFile flexVolume glusterfs quobyte'),
        ...fieldsOfAnyType('vsphereVolume photonPersistentDisk portworxVolume scaleIO storageos'),
      }),
      status: VOLUME_STATUS,
    }),
    StorageClass: object({
      provisioner: 'string',
      parameters: 'map',
      reclaimPolicy: limits.oneOf(limits.CLASS_RECLAIM_POLICIES),
      mountOptions: STRINGS,
      allowVolumeExpansion: 'bool',
      volumeBindingMode: limits.oneOf(limits.BINDING_MODES),
      allowedTopologies: list(object({ matchLabelExpressions: list(object({ key: 'string', values: STRINGS })) })),
    }),
    CSINode: object({
      spec: object({
        drivers: list(
          object({ name: 'string', nodeID: 'string', topologyKeys: 'any', allocatable: object({ count: 'int' }) }),
        ),
      }),
    }),
    CSIStorageCapacity: object({
      storageClassName: 'string',
      nodeTopology: selector,
      ...fieldsOfAnyType('capacity maximumVolumeSize'),
    }),
  };
}
