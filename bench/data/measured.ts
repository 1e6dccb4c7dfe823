import { readFileSync } from 'node:fs';
import type { SideResult } from './settings.js';

/** Does a work, and measures it with its process. */
export async function measured(work: () => Promise<Pick<SideResult, 'agreed' | 'figures'>>): Promise<SideResult> {
  const importedBytes = peakBytes();
  const before = process.cpuUsage();
  const began = performance.now();
  const facts = await work();
  const seconds = (performance.now() - began) / 1e3;
  const { user, system } = process.cpuUsage(before);
  return { seconds, processorSeconds: (user + system) / 1e6, peakBytes: peakBytes(), importedBytes, ...facts };
}

/** The largest resident memory that the process had. */
function peakBytes(): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
}
