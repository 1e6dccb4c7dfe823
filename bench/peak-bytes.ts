import { readFileSync } from 'node:fs';

/** The most memory that this process has held so far: `VmHWM` of Linux. */
export function peakBytes(): number {
  const [, kibibytes] = /VmHWM:\s*(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return 1024 * Number(kibibytes);
}
