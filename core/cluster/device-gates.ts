/**
 * The feature gates of devices by themselves, for command lines: vocabulary.ts has them too, and loads half of the core.
 */
export { DEVICE_GATES, type DeviceGate } from '../types/device-gates.ts';
