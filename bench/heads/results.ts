import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Machine } from '../machine.js';
import type { BaseModel } from '../train/results.js';
import type { Scale, WorkScale } from './scale.js';
import { SideResult } from './side.js';

/** Trainings stand beside each other only where they share all of this. */
export interface Setting {
  readonly machine: Machine;
  readonly versions: { readonly engine: string; readonly python: PythonVersions | null };
  readonly threads: number;
  readonly model: BaseModel;
}

export type PythonVersions = Readonly<Record<'python' | 'torch' | 'transformers' | 'scikit-learn' | 'seqeval', string>>;

const Training = z.object({ seed: z.number(), attune: SideResult, pytorch: SideResult.nullable() });
/** One seed on both sides. */
export type Training = z.infer<typeof Training>;

/** By work. */
export type Trainings = Readonly<Record<string, readonly Training[]>>;

const Kept = z.record(z.string(), z.object({ scale: z.unknown(), trainings: z.array(Training) }));

/** The trainings that were kept of the same setting and scale, else none. */
export function readKept(file: string, setting: Setting, { works }: Scale): Trainings {
  if (!existsSync(file)) return {};
  const found = JSON.parse(readFileSync(file, 'utf8'));
  if (!isSame(found.setting, setting)) return {};
  const kept = Object.entries(Kept.parse(found.works)).filter(([name, { scale }]) =>
    isSame(scale, scaleOf(works, name)),
  );
  return Object.fromEntries(kept.map(([name, { trainings }]) => [name, trainings]));
}

export function writeKept(file: string, setting: Setting, { works }: Scale, trainings: Trainings): void {
  const kept = Object.entries(trainings).map(([name, of]) => [name, { scale: scaleOf(works, name), trainings: of }]);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ setting, works: Object.fromEntries(kept) }, null, 1)}\n`);
}

function scaleOf(works: Scale['works'], name: string): WorkScale | undefined {
  return Object.entries(works).find(([work]) => work === name)?.[1];
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
