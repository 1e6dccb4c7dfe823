import { join } from 'node:path';
import { createRandom, uniform } from '../../gpu-worker/data/random.js';
import { type DefinitionRow, readDefinitions } from '../../src/demo/definitions.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { writeRows } from '../heads/write-rows.js';
import { errorRate, type Sizes } from './grid.js';

/** Dataset versions: definitions to learn first, judged pairs of them, and words to define. */
export interface Data {
  readonly definitions: string;
  readonly pairs: string;
  readonly prompts: string;
  /** For what is made on the way. */
  readonly folder: string;
}

/**
 * WordNet's definitions: to a word its own is better than that of another word of the same kind. A tenth of the pairs
 * to learn is the wrong way round. What is held out was in no text that `gloss-lm` learned.
 */
export async function writeData(store: ArtifactStore, folder: string, sizes: Sizes): Promise<Data> {
  const all = await readDefinitions();
  const of = (split: DefinitionRow['split']) =>
    all.filter((row) => row.split === split).map(({ prompt, completion }) => ({ prompt, completion }));
  const [train, validation, test] = [of('train'), of('validation'), of('test')];
  const { tuned, pairs, heldOut, prompts } = sizes;
  const learned = train.slice(tuned, tuned + pairs);
  const asked = train.slice(tuned + pairs, tuned + pairs + prompts).map(({ prompt }) => ({ prompt }));
  const texts = (...columns: string[]) => Object.fromEntries(columns.map((column) => [column, 'VARCHAR']));
  const write = (name: string, columns: Record<string, string>, rows: { train: object[]; validation: object[] }) =>
    writeRows(store, join(folder, `${name}.jsonl`), columns, { ...rows, test: [] } as Parameters<typeof writeRows>[3]);
  return {
    folder,
    definitions: await write('definitions', texts('prompt', 'completion'), {
      train: train.slice(0, tuned),
      validation: validation.slice(0, 32),
    }),
    pairs: await write('pairs', texts('prompt', 'chosen', 'rejected'), {
      train: pairsOf(learned, errorRate),
      validation: pairsOf(test.slice(0, heldOut), 0),
    }),
    prompts: await write('prompts', texts('prompt'), {
      train: asked,
      validation: validation.slice(0, Math.min(32, heldOut)).map(({ prompt }) => ({ prompt })),
    }),
  };
}

type Definition = Pick<DefinitionRow, 'prompt' | 'completion'>;

function pairsOf(rows: readonly Definition[], wrongShare: number) {
  const random = createRandom(5);
  const kindOf = ({ prompt }: Definition) => prompt.slice(prompt.lastIndexOf(','));
  return rows.flatMap((row, index) => {
    const others = [...rows.slice(index + 1), ...rows.slice(0, index)];
    const other = others.find((each) => kindOf(each) === kindOf(row) && each.completion !== row.completion);
    const isWrong = uniform(random) < wrongShare;
    if (other === undefined) return [];
    const [chosen, rejected] = isWrong ? [other, row] : [row, other];
    return [{ prompt: row.prompt, chosen: chosen.completion, rejected: rejected.completion }];
  });
}
