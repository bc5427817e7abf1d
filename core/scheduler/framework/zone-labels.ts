/** Labels that say where a volume or a node is. Source: Kubernetes 1.34, core/v1 well_known_labels.go and cloud-provider/volume. */

export const BETA_ZONE = 'failure-domain.beta.kubernetes.io/zone';
export const BETA_REGION = 'failure-domain.beta.kubernetes.io/region';
export const ZONE = 'topology.kubernetes.io/zone';
export const REGION = 'topology.kubernetes.io/region';
/** Between several zones in one label of a volume. */
export const ZONE_SEPARATOR = '__';
