/**
 * Facts about the machine and the build, for run.json: what host-time numbers depend on.
 */
import os from 'node:os';
import { packageVersion } from '../cli/package-info.ts';

/** The machine and the build. */
export interface HostFacts {
  readonly seatrial: string;
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly arch: string;
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryBytes: number;
}

/** Reads the facts of this machine. */
export function hostFacts(): HostFacts {
  return {
    seatrial: packageVersion(),
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${process.platform} ${os.release()}`,
    arch: process.arch,
    cpuModel: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
  };
}
