import { createHash } from 'node:crypto';
import { mediaTypes } from '../../../src/storage/artifact-rows.js';
import { readSafetensors, writeSafetensors } from '../../../src/storage/safetensors.js';
import type { TokenRows } from '../../data/token-sequences.js';
import type { EngineChoice } from '../../engine/types.js';
import { firstTargets } from '../../forward/score-tokens.js';
import type { JobContext } from '../../thread-port.js';
import type { KeptLogProbabilities } from '../../thread-protocol.js';
import type { TrainingTools } from '../training-tools.js';
import { type PreferenceTexts, scoredRows } from './preference-texts.js';
import type { ScoredTexts } from './reference-scores.js';

/** The tensor of a file: [N], one for each target. */
const tensorName = 'logProbabilities';

/** Raised when other bytes are kept of the same content. */
const layout = 1;

/** By which model texts are scored, and in which form it is held. */
export interface ReferenceModel {
  readonly referenceDigest: string;
  /** Of the texts. */
  readonly datasetDigest: string;
  /** How its matrices are held: `float32`, or fewer bits where the trained model is its own reference. */
  readonly precision: string;
}

interface ReferenceScores {
  /** As the texts. */
  readonly scores: readonly ScoredTexts[];
  /** Texts that the reference has read now, and those whose log-probabilities had been kept. */
  readonly counts: { readonly computed: number; readonly kept: number };
}

type Keeping = Pick<JobContext, 'keptLogProbabilities' | 'keep' | 'log'>;

/**
 * Log-probabilities of texts by a reference: those that are kept are read, and the others are computed and kept. They
 * are kept by what determines them, the tokens themselves: another split, template or greatest length that makes the
 * same tokens finds them too, and one that makes others does not. A file that is missing or damaged is made again.
 *
 * @param score computes those of some rows; not called where all are kept
 * @param anyThreads whether those will do that an engine of another number of threads computed, whose last digits may
 * differ: a training is to end with the same bytes each time, and an evaluation need not
 */
export async function scoresByReference(
  { engine, store }: { readonly engine: { readonly choice: EngineChoice }; readonly store: TrainingTools['store'] },
  context: Keeping,
  reference: ReferenceModel,
  all: readonly PreferenceTexts[],
  score: (rows: readonly TokenRows[]) => Promise<readonly Float32Array[]>,
  { anyThreads }: { readonly anyThreads: boolean } = { anyThreads: false },
): Promise<ReferenceScores> {
  const parts = scoredRows(all);
  const { threads } = engine.choice;
  const contents = parts.map((rows) => contentOf(rows, reference, engine.choice));
  const found: (Float32Array | null)[] = [];
  for (const [index, content] of contents.entries()) {
    const candidates = context.keptLogProbabilities.filter((kept) => kept.content === content);
    const same = candidates.filter((kept) => kept.threads === threads);
    const others = anyThreads ? candidates.filter((kept) => kept.threads !== threads) : [];
    found.push(await firstWhole(store, context, [...same, ...others], parts[index]!));
  }
  const missing = parts.filter((_, index) => found[index] === null);
  const computed = missing.length === 0 ? [] : await score(missing);
  for (const [index, rows] of missing.entries()) {
    const place = parts.indexOf(rows);
    found[place] = computed[index]!;
    await keep(store, context, { ...reference, content: contents[place]!, threads }, computed[index]!);
  }
  let next = 0;
  const scores = all.map(({ mismatched }) => ({
    texts: found[next++]!,
    mismatched: mismatched === null ? null : found[next++]!,
  }));
  const textsOf = (rows: readonly TokenRows[]) => rows.reduce((sum, { lengths }) => sum + lengths.length, 0);
  return { scores, counts: { computed: textsOf(missing), kept: textsOf(parts) - textsOf(missing) } };
}

/** A sentence for the log. */
export function describeReference({ computed, kept }: ReferenceScores['counts']): string {
  const texts = (count: number) => `${count.toLocaleString('en')} text${count === 1 ? '' : 's'}`;
  const read = `the kept ones of ${texts(kept)} were read`;
  const done = `those of ${texts(computed)} were computed`;
  return `Log-probabilities by the reference: ${kept === 0 ? done : computed === 0 ? read : `${read}, ${done}`}`;
}

/** Names what was scored, and by what. */
function contentOf(
  { ids, offsets, isTarget }: TokenRows,
  { referenceDigest, precision }: ReferenceModel,
  { version, target }: EngineChoice,
): string {
  const hash = createHash('sha256');
  hash.update(
    JSON.stringify({ layout, referenceDigest, precision, version, target, sizes: [ids.length, offsets.length] }),
  );
  for (const part of [ids, offsets, isTarget]) {
    hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  return hash.digest('hex');
}

async function firstWhole(
  store: TrainingTools['store'],
  context: Pick<Keeping, 'log'>,
  candidates: readonly KeptLogProbabilities[],
  rows: TokenRows,
): Promise<Float32Array | null> {
  const count = firstTargets(rows).at(-1)!;
  for (const { digest } of candidates) {
    try {
      const { tensors, metadata } = readSafetensors(await store.read(digest));
      const data = tensors.get(tensorName)?.data;
      if (data?.length === count && candidates[0]!.content === metadata.get('content')) return data;
      context.log('warn', `Kept log-probabilities ${digest} are of something else`);
    } catch (error) {
      context.log('warn', `Kept log-probabilities ${digest} can not be read: ${String(error)}`);
    }
  }
  return null;
}

/** Never throws: what is not kept is computed again. */
async function keep(
  store: TrainingTools['store'],
  context: Keeping,
  {
    content,
    threads,
    referenceDigest,
    datasetDigest,
  }: Pick<KeptLogProbabilities, 'content' | 'threads'> & Omit<ReferenceModel, 'precision'>,
  data: Float32Array,
): Promise<void> {
  const bytes = writeSafetensors(
    new Map([[tensorName, { shape: [data.length], data }]]),
    new Map(Object.entries({ content })),
  );
  try {
    const artifact = { ...(await store.write(bytes)), mediaType: mediaTypes.safetensors };
    context.keep({ content, threads, referenceDigest, datasetDigest, artifact });
  } catch (error) {
    context.log('warn', `Log-probabilities are not kept: ${String(error)}`);
  }
}
