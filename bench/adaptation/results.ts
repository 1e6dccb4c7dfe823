import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

/** Perplexities of the adaptation, of masked tokens, at one step. */
const Point = z.object({ step: z.number(), abstracts: z.number(), control: z.number() });

export const Adaptation = z.object({
  kind: z.literal('adaptation'),
  texts: z.number(),
  heldOut: z.number(),
  controlTexts: z.number(),
  tokens: z.number(),
  learningRate: z.number(),
  epochs: z.number(),
  /** Digest of the adapted model: the base of the classifiers. */
  model: z.string(),
  points: z.array(Point),
  seconds: z.number(),
});
export type Adaptation = z.infer<typeof Adaptation>;

/** One classifier: what is trained, on how many labels, from which base. */
export const Classifier = z.object({
  kind: z.literal('classifier'),
  /** `head`: over frozen layers; `full`: all layers. */
  trains: z.enum(['head', 'full']),
  perLabel: z.number(),
  seed: z.number(),
  isAdapted: z.boolean(),
  /** Digest of the base model. */
  base: z.string(),
  /** After the last epoch, on the held-out abstracts. */
  accuracy: z.number(),
  seconds: z.number(),
});
export type Classifier = z.infer<typeof Classifier>;

const Result = z.discriminatedUnion('kind', [Adaptation, Classifier]);
export type Result = z.infer<typeof Result>;

export function readKept(file: string): Result[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => Result.parse(JSON.parse(line)));
}

/** Keeps one more at once: a run that is broken off goes on where it was. */
export function keep(file: string, result: Result): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(result)}\n`);
}
