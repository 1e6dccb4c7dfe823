import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Machine } from '../machine.js';
import type { BaseModel } from '../train/results.js';
import type { Scale } from './scale.js';
import { SideResult } from './side.js';

/** Trainings stand beside each other only where they share all of this. */
export interface Setting {
  readonly machine: Machine;
  readonly versions: { readonly engine: string; readonly python: PythonVersions | null };
  readonly threads: number;
  readonly model: BaseModel;
  readonly scale: Scale;
}

export type PythonVersions = Readonly<Record<'python' | 'torch' | 'transformers' | 'scikit-learn' | 'seqeval', string>>;

const Training = z.object({ seed: z.number(), attune: SideResult, pytorch: SideResult.nullable() });
/** One seed on both sides. */
export type Training = z.infer<typeof Training>;

/** By work, in the order of the seeds. */
export type Trainings = Readonly<Record<string, readonly Training[]>>;

/** The trainings that were kept of the same setting, else none. */
export function readKept(file: string, setting: Setting): Trainings {
  if (!existsSync(file)) return {};
  const found = JSON.parse(readFileSync(file, 'utf8'));
  if (JSON.stringify(found.setting) !== JSON.stringify(setting)) return {};
  return z.record(z.string(), z.array(Training)).parse(found.trainings);
}

export function writeKept(file: string, setting: Setting, trainings: Trainings): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ setting, trainings }, null, 1)}\n`);
}
