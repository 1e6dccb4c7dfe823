import { z } from 'zod';
import {
  ModelHead,
  MultiLabelHead,
  RegressionHead,
  TokenClassificationHead,
  writtenHead,
} from '../../src/protocol/heads.js';
import { Pooling } from '../../src/protocol/pooling.js';

/** Heads that no class of transformers has: several of one model, or over another vector than the first token's. */
export const headsFile = 'heads.safetensors';

/** Of the metadata of a safetensors file, and of `config.json`. */
const notesKey = 'attune';

/**
 * What the formats of transformers and PEFT have no field for, kept in the metadata of the safetensors file that holds
 * the heads, which others skip: what kind of heads they are, the names of labels, what heads read, and the length texts
 * were cut to.
 */
export const HeadNotes = z.object({
  heads: z.array(ModelHead.refine(isWhole)),
  pooling: Pooling.nullable(),
  maxLength: z.number().int().positive().nullable(),
});
export type HeadNotes = z.infer<typeof HeadNotes>;

/**
 * The same of the one head of a class of transformers in `config.json`, where it stays when transformers saves the
 * model again: what follows from `problem_type` and `id2label` is not repeated. Means and scales are part of the
 * exported weights, which give numbers in the unit of the data.
 */
const ConfigNote = z.discriminatedUnion('kind', [
  MultiLabelHead.omit({ labels: true }),
  RegressionHead.omit({ outputs: true }),
  TokenClassificationHead.omit({ labels: true }),
]);
export type ConfigNote = z.infer<typeof ConfigNote>;

/** `format: pt` is what PEFT itself writes there, and transformers asks for. */
export function writeNotes(notes: HeadNotes | null): ReadonlyMap<string, string> {
  const format: [string, string] = ['format', 'pt'];
  if (notes === null) return new Map([format]);
  return new Map([format, [notesKey, JSON.stringify({ ...notes, heads: notes.heads.map(writtenHead) })]]);
}

/** Null where there are none, or where they are not of this form: then they are somebody else's. */
export function readNotes(metadata: ReadonlyMap<string, string>): HeadNotes | null {
  const text = metadata.get(notesKey);
  if (text === undefined) return null;
  try {
    return HeadNotes.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Keys of `config.json` for a head; none for single-label classification, of which transformers' own keys say all. */
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
    default:
      return head satisfies never;
  }
}

/** Null where there is none of this form. */
export function readConfigNote(config: Readonly<Record<string, unknown>>): ConfigNote | null {
  return ConfigNote.refine(isWhole).safeParse(config[notesKey]).data ?? null;
}

/** A threshold for each label; a mean and a scale above 0 for each output. */
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
      return true;
    default:
      return head satisfies never;
  }
}
