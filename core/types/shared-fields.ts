/**
 * Names of the large parts of objects that many objects and versions share by identity: what is derived from them
 * (hash, size) is kept by identity. Parts that each version has for itself (metadata, status) must not be here:
 * keeping them costs more than computing them again.
 */
export const SHARED_FIELDS: ReadonlySet<string> = new Set([
  'affinity',
  'allocatable',
  'capacity',
  'containers',
  'data',
  'images',
  'initContainers',
  'nodeInfo',
  'template',
  'tolerations',
  'topologySpreadConstraints',
  'volumeClaimTemplates',
  'volumes',
]);
