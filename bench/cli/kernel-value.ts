/** How a kernel's figures are shown. */
import type { Kernel } from '../kernels/kernel.ts';

const UNIT_TEXT: Readonly<Record<Kernel['unit'], string>> = {
  '1/s': '/s',
  ns: ' ns',
  s: ' s',
  x: ' ×',
  kB: ' kB',
  MB: ' MB',
  '1': '',
};

/** `4.52 M/s`, `312 k/s`, `8.1 ns`. */
export function showValue(value: number, unit: Kernel['unit']): string {
  if (!Number.isFinite(value)) return '–';
  if (unit === '1/s' && value >= 1e6) return `${(value / 1e6).toFixed(2)} M/s`;
  if (unit === '1/s' && value >= 1e3) return `${(value / 1e3).toFixed(value >= 1e5 ? 0 : 1)} k/s`;
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)}${UNIT_TEXT[unit]}`;
}
