import type { DecoderConfig } from '../../../src/protocol/architectures/index.js';
import { rewardHeadOf } from '../../../src/protocol/heads.js';
import { createTokenizer, type Tokenizer } from '../../../src/tokenizer/index.js';
import { readArtifact } from '../../models/artifacts.js';
import { ProblemError } from '../../problem-error.js';
import { parseObject } from '../config.js';
import { originalConfig } from './config-json.js';
import type { ExportContext } from './export-context.js';
import type { ExportForm } from './layout.js';

/** What fills up texts that are shorter than others of their batch. */
export interface PadToken {
  readonly id: number;
  readonly content: string;
}

/**
 * The padding of an exported causal model with heads. transformers' classifiers look for the last token that is not
 * padding, and refuse batches of a model that names none: then the tokenizer's own padding token is taken, else the
 * token that ends texts, else the unknown one, else the one that begins texts. A token that the tokenizer puts at the
 * end of every text cannot be it, and the one that ends answers is not taken for a reward model that reads it, unless
 * there is no other. Null for a model without heads, which stays as it is.
 *
 * Errors: ProblemError UNSUPPORTED_EXPORT for a classifier of texts where no token is left; MISSING_ARTIFACT.
 */
export async function padTokenFor(
  context: Pick<ExportContext, 'manifest' | 'store'>,
  { padTokenId }: DecoderConfig,
  form: ExportForm,
): Promise<PadToken | null> {
  const { manifest, store } = context;
  if (manifest.heads.length === 0) return null;
  const tokenizer = createTokenizer(await readArtifact(store, manifest.tokenizer.digest, 'the model’s tokenizer'));
  const last = endingToken(tokenizer);
  const config = (await originalConfig(context)) ?? {};
  const ofTokenizer = await tokenizerConfig(context);
  const byContent = (content: unknown) => {
    const wanted = typeof content === 'object' && content !== null && 'content' in content ? content.content : content;
    return tokenizer.specialTokens.find((token) => token.content === wanted)?.id ?? null;
  };
  const [eos] = [config.eos_token_id].flat() as unknown[];
  const ending = [config.eos_token_id, byContent(ofTokenizer.eos_token)].flat();
  const reward = rewardHeadOf(manifest);
  const readsEnd = (id: unknown) => reward !== null && reward.looksPastPadding !== true && ending.includes(id);
  const candidates = [
    padTokenId,
    byContent(ofTokenizer.pad_token),
    eos,
    byContent(ofTokenizer.eos_token),
    byContent(ofTokenizer.unk_token),
    byContent('<unk>'),
    // At the beginning of a text it is in nobody's way.
    byContent(ofTokenizer.bos_token),
  ];
  for (const id of [...candidates.filter((id) => !readsEnd(id)), ...candidates]) {
    if (typeof id === 'number' && id !== last && tokenizer.token(id) !== '')
      return { id, content: tokenizer.token(id) };
  }
  if (form !== 'textClassifier') return null;
  throw new ProblemError({
    path: ['format'],
    code: 'UNSUPPORTED_EXPORT',
    message: 'a classifier of transformers needs a padding token, and the model’s tokenizer has none to spare',
    hint: 'Export it as ONNX, which reads the mask.',
  });
}

/** The token that a tokenizer puts at the end of every text; null: it puts none. */
export function endingToken(tokenizer: Tokenizer): number | null {
  const { ids, sequence } = tokenizer.encode('a', null, { maxLength: 64, truncationSide: 'right' });
  return sequence.at(-1) === null ? (ids.at(-1) ?? null) : null;
}

async function tokenizerConfig({
  manifest,
  store,
}: Pick<ExportContext, 'manifest' | 'store'>): Promise<Readonly<Record<string, unknown>>> {
  const name = 'tokenizer_config.json';
  const file = manifest.files.find((one) => one.name === name);
  return file === undefined ? {} : parseObject((await readArtifact(store, file.digest, name)).toString('utf8'), name);
}
