/** The fields of a pod's volumes, as data; see `shapes.ts`. Source: Kubernetes 1.34 API types. */
import { fieldsOfAnyType, list, object, type Shape } from './shape-parts.ts';
import * as limits from './value-limits.ts';

/** core/v1 ObjectFieldSelector. */
export const FIELD_REF: Shape = object({ apiVersion: 'string', fieldPath: 'string' });
/** core/v1 ResourceFieldSelector. */
export const RESOURCE_REF: Shape = object({ containerName: 'string', resource: 'string', divisor: 'any' });

const ITEMS: Shape = list(object({ key: 'string', path: 'string', mode: 'int' }));
const DOWNWARD_FILES: Shape = list(
  object({ path: 'string', mode: 'int', fieldRef: FIELD_REF, resourceFieldRef: RESOURCE_REF }),
);
const NAMED: Shape = object({ name: 'string', optional: 'bool', items: ITEMS });
const PROJECTION: Shape = object({
  configMap: NAMED,
  secret: NAMED,
  downwardAPI: object({ items: DOWNWARD_FILES }),
  serviceAccountToken: object({ path: 'string', audience: 'string', expirationSeconds: 'long' }),
  ...fieldsOfAnyType('clusterTrustBundle podCertificate'),
});

/** core/v1 Volume; `claimTemplate` is what an ephemeral one is made of. */
export function volumeShape(claimTemplate: Shape): Shape {
  return object({
    name: 'string',
    configMap: object({ name: 'string', optional: 'bool', defaultMode: 'int', items: ITEMS }),
    secret: object({ secretName: 'string', optional: 'bool', defaultMode: 'int', items: ITEMS }),
    projected: object({ sources: list(PROJECTION), defaultMode: 'int' }),
    downwardAPI: object({ items: DOWNWARD_FILES, defaultMode: 'int' }),
    emptyDir: 'object',
    hostPath: object({ path: 'string', type: limits.oneOf(limits.HOST_PATH_TYPES) }),
    persistentVolumeClaim: object({ claimName: 'string', readOnly: 'bool' }),
    ephemeral: object({ volumeClaimTemplate: claimTemplate }),
    nfs: object({ server: 'string', path: 'string', readOnly: 'bool' }),
    csi: object({ driver: 'string', ...fieldsOfAnyType('readOnly fsType volumeAttributes nodePublishSecretRef') }),
    ...fieldsOfAnyType(
      'iscsi image gcePersistentDisk awsElasticBlockStore gitRepo glusterfs rbd flexVolume cinder cephfs flocker fc',
    ),
    ...fieldsOfAnyType(
      'azureFile azureDisk vsphereVolume quobyte photonPersistentDisk portworxVolume scaleIO storageos',
    ),
  });
}
