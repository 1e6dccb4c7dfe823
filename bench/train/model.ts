import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BaseModel } from './results.js';

/** Describes a model in Hugging Face's layout. */
export function describeModel(folder: string): BaseModel {
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  const file = readFileSync(join(folder, 'model.safetensors'));
  const header: Record<string, { readonly shape: readonly number[] }> = JSON.parse(
    file.subarray(8, 8 + Number(file.readBigUInt64LE(0))).toString('utf8'),
  );
  const numbers = Object.entries(header).reduce(
    (total, [name, { shape }]) => total + (name === '__metadata__' ? 0 : shape.reduce((a, b) => a * b, 1)),
    0,
  );
  return {
    name: titleOf(folder),
    layers: config.num_hidden_layers,
    hiddenSize: config.hidden_size,
    parameters: (numbers / 1e6).toFixed(1),
  };
}

/** The model card's heading, else the folder's name. */
function titleOf(folder: string): string {
  const card = join(folder, 'README.md');
  const heading = existsSync(card) ? /^# (.+)$/m.exec(readFileSync(card, 'utf8'))?.[1] : undefined;
  return heading?.trim() ?? basename(folder);
}
