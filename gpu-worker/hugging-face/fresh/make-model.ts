import {
  type ArchitectureConfig,
  type Fresh,
  freshOf,
  longestText,
  type TransformerConfig,
  traitsOf,
} from '../../../src/protocol/architectures/index.js';
import type { ImportJob } from '../../../src/protocol/job.js';
import type { LayerDescription } from '../../../src/protocol/model-manifest.js';
import type { ConfigurationSource } from '../../../src/protocol/model-source.js';
import { type ArtifactRecord, mediaTypes } from '../../../src/storage/artifact-rows.js';
import type { StoredArtifact } from '../../../src/storage/artifact-store.js';
import { elementCount } from '../../../src/storage/safetensors.js';
import { type StreamedTensor, safetensorsStream } from '../../../src/storage/safetensors-stream.js';
import { withSpecialTokens } from '../../../src/tokenizer/index.js';
import { layersOf } from '../../architectures/transformer.js';
import { ProblemError } from '../../problem-error.js';
import type { ImportedModel } from '../../thread-protocol.js';
import { describeModel } from '../describe-model.js';
import { givesTypesIn } from '../given-types.js';
import type { ImportTools } from '../import-model.js';
import { float32Bytes, refuseTooLarge, sourceError } from '../import-weights.js';
import { type KeptFile, mediaTypeOf, truncationSideIn } from '../kept-files.js';
import { checkedManifestBytes } from '../manifest-bytes.js';
import type { SourceTools } from '../open-source.js';
import { asProblem, formatBytes, unsupported } from '../problems.js';
import { requireLicence } from '../require-licence.js';
import { refuseTypesBeyond } from '../tokenizer-file.js';
import { type TransferMeter, withProgress } from '../transfer-progress.js';
import { writeArtifacts } from '../write-artifacts.js';
import { describedFiles } from './described-files.js';
import { type FoundTokenizer, findTokenizer } from './found-tokenizer.js';
import { initialTensors } from './initial-tensors.js';
import { type TextTokens, textTokensOf } from './text-tokens.js';

export interface MakeTools extends ImportTools {
  /** Bytes that the store's disk has left. */
  readonly freeDiskBytes: () => Promise<number>;
}

/** Elements of the largest tensor that indexes of 32 bits reach. */
const mostElements = 2 ** 31 - 1;

/**
 * Makes a model of a configuration and a seed, with random weights, into the store. A few hundred kilobytes are in
 * memory at any time, whatever its size. Equal jobs give equal models on any machine. A failure leaves nothing in the
 * store.
 *
 * @throws ProblemError as an import, of the tokenizer's files; NOT_FOUND, REQUIRED (of a token), INVALID_VALUE (of the
 *   vocabulary), TOO_LARGE (of a tensor); OUT_OF_MEMORY, DISK_FULL, QUOTA_EXCEEDED; MISSING_ARTIFACT
 */
export async function makeModel(
  { source, ...job }: Pick<ImportJob, 'licence' | 'licencePolicy'> & { readonly source: ConfigurationSource },
  tools: MakeTools,
): Promise<ImportedModel> {
  return withProgress(tools.onProgress, async (meter) => {
    const { architecture, seed, deviation } = source;
    const plan = await planFresh({ source, ...job }, tools, meter);
    const { config, fresh, layers, found, tokens, licence, files, givesTokenTypes } = plan;
    const described = layers.flatMap(({ tensors }) => tensors);
    await refuseBeyond(described, tools);
    meter.expect(float32Bytes(described));
    const stored = await writeWeights(initialTensors(described, config, fresh, { seed, deviation }), tools, meter);
    const written = await writeArtifacts(tools, [stored.digest], async (write) => {
      const tokenizer = await write(tokenizerWith(found, tokens), mediaTypes.json);
      const kept: ArtifactRecord[] = [];
      for (const { name, bytes } of files) kept.push(await write(bytes, mediaTypeOf(name)));
      const manifest = describeModel({ config }, { tensors: described, layers, heads: [] }, null, {
        licence,
        weights: stored,
        tokenizer: { ...found.file, digest: tokenizer.digest },
        truncationSide: truncationSideIn(files),
        pooling: null,
        givesTokenTypes,
        files: files.map(({ name }, index) => ({ name, artifact: kept[index]! })),
      });
      const manifestArtifact = await write(checkedManifestBytes(manifest), mediaTypes.json);
      const weights = { ...stored, mediaType: mediaTypes.safetensors };
      return {
        digest: manifestArtifact.digest,
        manifest,
        artifacts: [manifestArtifact, weights, tokenizer, ...kept],
      };
    });
    return { ...written, source: `configuration:${architecture},seed=${seed}`, ignoredTensors: [] };
  });
}

/** What a model of a configuration will be: all but its values. */
export interface FreshPlan {
  readonly config: TransformerConfig;
  readonly fresh: Fresh<ArchitectureConfig>;
  readonly layers: readonly LayerDescription[];
  readonly found: FoundTokenizer;
  readonly tokens: TextTokens;
  readonly licence: string;
  readonly files: readonly KeptFile[];
  readonly givesTokenTypes: boolean | undefined;
}

/** Finds the tokenizer of a configuration, and plans the model that it makes. Errors: those of `makeModel`. */
export async function planFresh(
  { source, ...job }: Pick<ImportJob, 'licence' | 'licencePolicy'> & { readonly source: ConfigurationSource },
  tools: SourceTools & Pick<MakeTools, 'store'>,
  meter: TransferMeter,
): Promise<FreshPlan> {
  const { architecture, sizes, deviation } = source;
  const fresh = freshOf({ architecture });
  if (fresh === null) throw unsupported(`no model of the family ${architecture} is made of a configuration`);
  const found = await findTokenizer(source.tokenizer, tools, meter);
  const licence = requireLicence({ requested: job.licence, found: found.licence }, job.licencePolicy);
  const { isCausal } = traitsOf({ architecture });
  const tokens = textTokensOf(found, source.tokens, { isCausal, padToken: fresh.countsByPadToken });
  const vocabularySize = vocabularyOf(source, found.file.vocabularySize);
  const config = fresh.configOf(sizes, { vocabularySize, padTokenId: tokens.pad }) as TransformerConfig;
  const layers = layersOf(config, { pooler: false, languageModel: isCausal && !sizes.tiesEmbeddings });
  const files = describedFiles(config, found, tokens, longestText(config), deviation);
  const givesTokenTypes = givesTypesIn(files, config);
  refuseTypesBeyond({ config, givesTokenTypes }, found.file.typeIds);
  return { config, fresh, layers, found, tokens, licence, files, givesTokenTypes };
}

function vocabularyOf({ vocabularySize }: ConfigurationSource, needed: number): number {
  if (vocabularySize === null) return needed;
  if (vocabularySize >= needed) return vocabularySize;
  throw new ProblemError({
    path: ['source', 'vocabularySize'],
    code: 'INVALID_VALUE',
    message: `the tokenizer has ids up to ${needed - 1}, and vocabularySize is ${vocabularySize}`,
    hint: 'Leave it out, or give at least as many as the tokenizer needs.',
  });
}

/** Refuses what memory, disk, the project's quota or an index of 32 bits cannot hold, with both figures. */
export async function refuseBeyond(
  tensors: readonly { readonly name: string; readonly shape: readonly number[] }[],
  { memoryBytes, freeDiskBytes, requireRoom }: Pick<MakeTools, 'memoryBytes' | 'freeDiskBytes' | 'requireRoom'>,
): Promise<void> {
  const large = tensors.find(({ shape }) => elementCount(shape) > mostElements);
  if (large !== undefined) {
    const message = `the tensor ${large.name} [${large.shape}] would have more than 2^31 − 1 numbers`;
    throw new ProblemError({ path: ['source'], code: 'TOO_LARGE', message, hint: 'Take smaller sizes.' });
  }
  const bytes = float32Bytes(tensors);
  refuseTooLarge(bytes, memoryBytes);
  requireRoom(bytes);
  const free = await freeDiskBytes();
  if (bytes <= free) return;
  throw new ProblemError({
    path: ['source'],
    code: 'DISK_FULL',
    message: `the model takes ${formatBytes(bytes)}, and the disk has ${formatBytes(free)} left`,
    hint: 'Take smaller sizes, or make room where ATTUNE_HOME lies.',
  });
}

async function writeWeights(
  tensors: readonly StreamedTensor[],
  { store }: Pick<MakeTools, 'store'>,
  meter: TransferMeter,
): Promise<StoredArtifact> {
  const metered = tensors.map(
    (tensor): StreamedTensor => ({
      ...tensor,
      async *values() {
        for await (const piece of tensor.values()) {
          meter.advance('model.safetensors', piece.byteLength);
          yield piece;
        }
      },
    }),
  );
  try {
    return await store.writeStream(safetensorsStream(metered));
  } catch (error) {
    throw asProblem(sourceError(error), 'model.safetensors');
  }
}

/**
 * The tokenizer's file, in which the tokens around texts are special: its own bytes where they are already. A piece of
 * a vocabulary that merely has the name is text, while transformers takes it for the token that
 * `tokenizer_config.json` names.
 */
function tokenizerWith({ file, tokenizer }: FoundTokenizer, { begin, end, pad }: TextTokens): Buffer {
  const json = JSON.parse(file.bytes.toString('utf8')) as object;
  const ids = [begin, end, pad].filter((id) => id !== null);
  const special = withSpecialTokens(
    json,
    ids.map((id) => ({ id, content: tokenizer.token(id) })),
  );
  return special === json ? file.bytes : Buffer.from(JSON.stringify(special));
}
