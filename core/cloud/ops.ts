/**
 * Messages between the cloud controller manager and the provider, 160 to 169.
 */

/** Request on a connection: `a` = request id, payload {@link InstanceQuery}. */
export const OP_CLOUD_DESCRIBE = 160;
/** Answer: `a` = request id, payload {@link InstanceAnswer}. */
export const OP_CLOUD_ANSWER = 161;
