import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { root } from './root.js';

export interface Machine {
  readonly processor: string;
  readonly processors: number;
  /** Of those that matter for matrix products. */
  readonly instructionSets: readonly string[];
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  readonly onnxruntime: string;
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    processors: cpus().length,
    instructionSets: instructionSets(),
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    onnxruntime: versionOf('onnxruntime-node'),
  };
}

function versionOf(dependency: string): string {
  return JSON.parse(readFileSync(join(root, 'node_modules', dependency, 'package.json'), 'utf8')).version;
}

function instructionSets(): string[] {
  const flags = /flags\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? [];
  return ['avx2', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'amx_tile'].filter((name) => flags.includes(name));
}
