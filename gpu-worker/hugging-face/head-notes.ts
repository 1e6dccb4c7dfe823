import { z } from 'zod';
import {
  ModelHead,
  MultiLabelHead,
  RegressionHead,
  RewardHead,
  TokenClassificationHead,
  writtenHead,
} from '../../src/protocol/heads.js';
import { Pooling } from '../../src/protocol/pooling.js';

/**
 * The file of heads that no class of transformers has: of several heads, or of one that reads another vector than the
 * first token's.
 */
export const headsFile = 'heads.safetensors';

/** The key of Attune's notes in the metadata of a safetensors file, and in `config.json`. */
const notesKey = 'attune';

/**
 * What the formats of transformers and PEFT have no field for: of what kind the heads are, the names of labels, what
 * heads read, and the length that texts were cut to. It is kept in the metadata of the safetensors file that holds the
 * heads, which other programs skip.
 */
export const HeadNotes = z.object({
  heads: z.array(ModelHead.refine(isWhole)),
  pooling: Pooling.nullable(),
  maxLength: z.number().int().positive().nullable(),
});
export type HeadNotes = z.infer<typeof HeadNotes>;

/**
 * A note on the one head of a class of transformers. It is kept in `config.json`, where it stays when transformers
 * saves the model again, and does not repeat what `problem_type` and `id2label` say. Means and scales of a regression
 * are in the exported weights too, which give numbers in the unit of the data.
 */
const ConfigNote = z.discriminatedUnion('kind', [
  MultiLabelHead.omit({ labels: true }),
  RegressionHead.omit({ outputs: true }),
  TokenClassificationHead.omit({ labels: true }),
  RewardHead,
]);
export type ConfigNote = z.infer<typeof ConfigNote>;

/** The metadata of a safetensors file. PEFT writes `format: pt` there too, and transformers asks for it. */
export function writeNotes(notes: HeadNotes | null): ReadonlyMap<string, string> {
  const format: [string, string] = ['format', 'pt'];
  if (notes === null) return new Map([format]);
  return new Map([format, [notesKey, JSON.stringify({ ...notes, heads: notes.heads.map(writtenHead) })]]);
}

/** Attune's notes in metadata. Null where there are none, or where another program wrote something of its own. */
export function readNotes(metadata: ReadonlyMap<string, string>): HeadNotes | null {
  const text = metadata.get(notesKey);
  if (text === undefined) return null;
  try {
    return HeadNotes.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Keys of `config.json` for a head; none for single-label classification, which transformers' own keys describe. */
export function configNote(head: ModelHead): Readonly<Record<string, ConfigNote>> {
  switch (head.kind) {
    case 'classification':
      return {};
    case 'multiLabel': {
      const { labels: _, ...note } = head;
      return { [notesKey]: note };
    }
    case 'regression': {
      const { outputs: _, ...note } = head;
      return { [notesKey]: note };
    }
    case 'tokenClassification': {
      const { labels: _, ...note } = head;
      return { [notesKey]: note };
    }
    case 'reward':
      return { [notesKey]: head };
    default:
      return head satisfies never;
  }
}

/** Attune's note in a `config.json`. Null where there is none of this form. */
export function readConfigNote(config: Readonly<Record<string, unknown>>): ConfigNote | null {
  return ConfigNote.refine(isWhole).safeParse(config[notesKey]).data ?? null;
}

/** Whether there is a threshold for each label, or a mean and a scale above 0 for each output. */
function isWhole(head: ModelHead | ConfigNote): boolean {
  switch (head.kind) {
    case 'multiLabel':
      return !('labels' in head) || head.labels.length === head.thresholds.length;
    case 'regression': {
      const { means, scales } = head;
      const isOfOutputs = !('outputs' in head) || head.outputs.length === means.length;
      return isOfOutputs && means.length === scales.length && scales.every((scale) => scale > 0);
    }
    case 'classification':
    case 'tokenClassification':
    case 'reward':
      return true;
    default:
      return head satisfies never;
  }
}
