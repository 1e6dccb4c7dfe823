import { z } from 'zod';

import { ModelHead, writtenHead } from '../../../src/protocol/heads.js';
import { Pooling } from '../../../src/protocol/pooling.js';

/** Heads of an adapter that has no place for them in PEFT's format: a classifier of transformers has one, over its first token. */
export const headsFile = 'heads.safetensors';

const metadataKey = 'attune';

/**
 * What PEFT's files have no field for, kept in the metadata of the safetensors file that holds the heads, which others skip: the names of labels,
 * what heads read, and the length texts were cut to.
 */
export const AdapterNotes = z.object({
  heads: z.array(ModelHead),
  pooling: Pooling.nullable(),
  maxLength: z.number().int().positive().nullable(),
});
export type AdapterNotes = z.infer<typeof AdapterNotes>;

/** `format: pt` is what PEFT itself writes there, and transformers asks for. */
export function writeNotes(notes: AdapterNotes | null): ReadonlyMap<string, string> {
  const format: [string, string] = ['format', 'pt'];
  return new Map(
    notes === null
      ? [format]
      : [format, [metadataKey, JSON.stringify({ ...notes, heads: notes.heads.map(writtenHead) })]],
  );
}

/** Null where there are none, or where they are not of this form: then they are somebody else's. */
export function readNotes(metadata: ReadonlyMap<string, string>): AdapterNotes | null {
  const text = metadata.get(metadataKey);
  if (text === undefined) return null;
  try {
    return AdapterNotes.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
