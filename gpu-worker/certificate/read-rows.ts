import { readsTokens } from '../../src/protocol/heads.js';
import type { ExportJob } from '../../src/protocol/job.js';
import { predictedTokensOf } from '../../src/protocol/predicts-tokens.js';
import { usualMasking } from '../../src/protocol/usual-tokens.js';
import { wordsBetweenSpaces } from '../../src/protocol/words-between-spaces.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { readDocuments } from '../data/documents.js';
import { maskRows, measuredEpoch } from '../data/mask-rows.js';
import { readMaskableDocuments } from '../data/masked-documents.js';
import { oneSequenceARow } from '../data/pack-sequences.js';
import { readsTokenTypes } from '../data/token-types.js';
import { tokenizeTexts } from '../data/tokenize.js';
import type { LoadedModel } from '../models/load-model.js';
import { textEndsOf } from '../models/text-ends.js';
import { ProblemError } from '../problem-error.js';
import { broughtAlong } from './brought-along.js';
import type { OutputKind } from './certified-model.js';
import { mostTokens, noteOf, type RowsFrom, type RowsToCheck, rowsOfTokens } from './checked-rows.js';
import { drawnRows } from './drawn-tokens.js';
import { readExperimentRows } from './read-experiment-rows.js';

type Model = Pick<LoadedModel, 'manifest' | 'tokenizer'>;

const from: RowsFrom = { texts: 'broughtAlong', datasetDigest: null, split: null };

/**
 * The rows that an export of a model is checked on: of the experiment that made it, else texts that Attune brings
 * along, else tokens of the model's vocabulary.
 *
 * @param onProgress may throw in order to stop
 */
export async function readRows(
  kind: OutputKind,
  { madeBy, readsPairs = false }: Pick<ExportJob, 'madeBy' | 'readsPairs'>,
  model: Model,
  store: ArtifactStore,
  onProgress: () => void,
): Promise<RowsToCheck> {
  const found = madeBy == null ? null : await readExperimentRows(madeBy, model, store, onProgress);
  const fits = (kind === 'tokens') === (found?.picked != null);
  if (found !== null && fits) return found;
  const known = broughtAlong.filter((text) => hasTokens(model, text));
  if (known.length > 0) {
    try {
      return kind === 'tokens' ? await readTokens(model, known, store) : readTexts(model, known, readsPairs, kind);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
    }
  }
  return drawnRows(model.manifest, kind === 'tokens');
}

function readTexts(model: Model, known: readonly string[], readsPairs: boolean, kind: OutputKind): RowsToCheck {
  const { manifest, tokenizer } = model;
  const readsTypes = readsTokenTypes(model, readsPairs, 'format');
  const wantsWords = kind === 'heads' && manifest.heads.some(readsTokens);
  const tokens = tokenizeTexts(
    tokenizer,
    {
      texts: known,
      pairs: readsPairs ? known.map((_, place) => known[(place + 1) % known.length]!) : null,
      words: wantsWords && !readsPairs ? known.map(wordsBetweenSpaces) : null,
      readsTypes,
    },
    {
      maxLength: Math.min(manifest.maxLength ?? manifest.contextLength, mostTokens),
      truncationSide: manifest.truncationSide,
    },
    () => undefined,
  );
  return { note: noteOf(from, placesOf(known), tokens), tokens, targets: null, picked: null };
}

/** Causal models get whole texts with what begins and ends them, masked ones texts with some tokens masked. */
async function readTokens(model: Model, known: readonly string[], store: ArtifactStore): Promise<RowsToCheck> {
  const { manifest, tokenizer } = model;
  const { vocabularySize } = manifest.config;
  const length = Math.min(manifest.contextLength, mostTokens);
  const places = placesOf(known);
  if (predictedTokensOf(manifest) === 'masked') {
    const read = readMaskableDocuments(tokenizer, known, length, () => undefined);
    const rows = maskRows(read.texts, usualMasking, { seed: 0, epoch: measuredEpoch });
    return rowsOfTokens(
      rows,
      read.places.map((place) => places[place]!),
      from,
      vocabularySize,
    );
  }
  const ends = await textEndsOf(store, manifest, tokenizer);
  const read = readDocuments(tokenizer, known, ends, length, () => undefined);
  return rowsOfTokens(
    oneSequenceARow(read.sequences),
    read.places.map((place) => places[place]!),
    from,
    vocabularySize,
  );
}

function hasTokens({ tokenizer, manifest }: Model, text: string): boolean {
  try {
    return (
      tokenizer.encodeIds(text, null, { maxLength: manifest.contextLength, truncationSide: 'right' }).ids.length > 0
    );
  } catch {
    return false;
  }
}

function placesOf(texts: readonly string[]): number[] {
  return texts.map((text) => broughtAlong.indexOf(text));
}
