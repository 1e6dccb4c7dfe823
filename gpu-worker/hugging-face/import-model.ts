import { traitsOf } from '../../src/protocol/architectures/index.js';
import type { ImportJob } from '../../src/protocol/job.js';
import type { FileSource } from '../../src/protocol/model-source.js';
import { type ArtifactRecord, mediaTypes } from '../../src/storage/artifact-rows.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { layersOf } from '../architectures/transformer.js';
import { loadManifest } from '../models/load-model.js';
import type { ProducedModel } from '../thread-protocol.js';
import { openWeights, type WeightFiles } from './checkpoint-files.js';
import { type ModelConfig, readConfig } from './config.js';
import { describeModel } from './describe-model.js';
import { familyOf, supportedFamilies } from './families/index.js';
import { givesTypesIn } from './given-types.js';
import { float32Bytes, importWeights, refuseTooLarge } from './import-weights.js';
import { licenceIn, mediaTypeOf, readKeptFiles, truncationSideIn } from './kept-files.js';
import { findLlama2c } from './llama2c/open-checkpoint.js';
import { checkedManifestBytes } from './manifest-bytes.js';
import { matchTensors } from './match-tensors.js';
import { type ModelFiles, readModelFile } from './model-files.js';
import { statedPooling, transformerIn } from './modules-json.js';
import { openSource, type SourceTools } from './open-source.js';
import { adapterConfigFile, fetchAdapter, withoutBase } from './peft/fetch-adapter.js';
import { importPeftAdapter } from './peft/import-peft.js';
import { asFileProblem, invalidModel } from './problems.js';
import { requireLicence } from './require-licence.js';
import {
  checkTokenizer,
  readTokenizerFile,
  refusePaddedEnds,
  refuseTypesBeyond,
  type TokenizerFile,
} from './tokenizer-file.js';
import { type OnProgress, type TransferMeter, withProgress } from './transfer-progress.js';
import { findWeightFiles } from './weight-file-names.js';
import { writeArtifacts } from './write-artifacts.js';

export interface ImportTools extends SourceTools {
  readonly store: ArtifactStore;
  /** Bytes of memory that a model may take. */
  readonly memoryBytes: number;
  /** Throws ProblemError QUOTA_EXCEEDED where the project's quota does not leave so many bytes. */
  readonly requireRoom: (bytes: number) => void;
  /**
   * Called at least once a second, also while no bytes move. An error that it throws ends the import, which then
   * rejects with that error.
   */
  readonly onProgress: OnProgress;
  /** Removes artifacts of an import that failed after it wrote them, unless something else refers to them. */
  readonly discard: (digests: readonly string[]) => Promise<void>;
}

export interface ImportedModel extends ProducedModel {
  /** Where the model comes from, for people: `hub:org/name@<commit>`, `folder:/models/x`. */
  readonly source: string;
  /** Tensors of the files that are no part of the model: heads of pre-training, buffers. */
  readonly ignoredTensors: readonly string[];
}

type AskedModel = Pick<ImportJob, 'licence' | 'licencePolicy' | 'adapterBaseDigest' | 'isRewardModel'>;

const configFile = 'config.json';
const maxConfigBytes = 4 * 2 ** 20;

/**
 * Takes a model in Hugging Face's layout into the store, from a folder of this machine or a repository of a hub. The
 * configuration is checked before weights are downloaded, and the headers of their files before a weight is read. A
 * failed import leaves nothing in the store.
 *
 * @throws ProblemError NOT_FOUND, ACCESS_DENIED, HUB_UNAVAILABLE, CHECKSUM_MISMATCH (of the source); UNSUPPORTED_MODEL,
 *   INVALID_MODEL, LICENCE_DENIED (of what the source holds); OUT_OF_MEMORY, DISK_FULL, QUOTA_EXCEEDED;
 *   MISSING_ARTIFACT (of an adapter's base model)
 */
export async function importModel(
  job: AskedModel & { readonly source: FileSource },
  tools: ImportTools,
): Promise<ImportedModel> {
  return withProgress(tools.onProgress, async (meter) => {
    let files: ModelFiles | null = null;
    let isImported = false;
    try {
      files = await openSource(job.source, tools, meter);
      const imported = files.names.has(adapterConfigFile)
        ? await importAdapter(files, job, tools)
        : await importWhole(files, job, tools, meter);
      isImported = true;
      return imported;
    } catch (error) {
      throw asFileProblem(error, 'a file of the model', job.source.kind === 'hub');
    } finally {
      await files?.release(isImported);
    }
  });
}

async function importAdapter(
  files: ModelFiles,
  { adapterBaseDigest, isRewardModel = false }: AskedModel,
  { store, discard, memoryBytes }: ImportTools,
): Promise<ImportedModel> {
  if (adapterBaseDigest === null) throw withoutBase(files);
  await fetchAdapter(files);
  const base = await loadManifest(store, adapterBaseDigest);
  const adapter = await importPeftAdapter(files.folder, base, { store, discard, memoryBytes }, { isRewardModel });
  return { ...adapter, source: files.source, ignoredTensors: [] };
}

async function importWhole(
  outer: ModelFiles,
  job: AskedModel,
  tools: ImportTools,
  meter: TransferMeter,
): Promise<ImportedModel> {
  if (job.adapterBaseDigest !== null) {
    throw invalidModel(
      `there is no ${adapterConfigFile}: this is not an adapter`,
      'Import it without naming a base model, if it is a whole model.',
    );
  }
  const files = await transformerIn(outer);
  const { tokenizer, open, ...found } = await openSourceModel(files);
  const model: ModelConfig = { ...found.model, isRewardModel: job.isRewardModel === true };
  const leastBytes = float32Bytes(
    layersOf(model.config, { pooler: false, languageModel: false }).flatMap(({ tensors }) => tensors),
  );
  refuseTooLarge(leastBytes, tools.memoryBytes);
  tools.requireRoom(leastBytes);
  const kept = await readKeptFiles(files, outer);
  const licence = requireLicence({ requested: job.licence, found: await licenceIn(kept) }, job.licencePolicy);
  const stated = (await statedPooling(outer)) ?? model.classifierPooling;
  const pooling = stated !== null && traitsOf(model.config).poolings.includes(stated) ? stated : null;
  const givesTokenTypes = givesTypesIn(kept, model.config);
  refuseTypesBeyond({ config: model.config, givesTokenTypes }, tokenizer.typeIds);

  const weights = await open();
  try {
    const matched = matchTensors(weights, model);
    refusePaddedEnds(model, matched.heads, tokenizer.endingToken);
    const bytes = float32Bytes(matched.tensors);
    refuseTooLarge(bytes, tools.memoryBytes);
    if (!files.isRemote) meter.expect(bytes);
    const onBytes = (moved: number) => meter.advance('model.safetensors', files.isRemote ? 0 : moved);
    const stored = await importWeights(tools.store, weights, matched.tensors, onBytes);
    const written = await writeArtifacts(tools, [stored.digest], async (write) => {
      const tokenizerArtifact = await write(tokenizer.bytes, mediaTypes.json);
      const keptArtifacts: ArtifactRecord[] = [];
      for (const file of kept) keptArtifacts.push(await write(file.bytes, mediaTypeOf(file.name)));
      const manifest = describeModel(model, matched, weights.notes, {
        licence,
        weights: stored,
        tokenizer: { ...tokenizer, digest: tokenizerArtifact.digest },
        truncationSide: truncationSideIn(kept),
        pooling,
        givesTokenTypes,
        files: kept.map(({ name }, index) => ({ name, artifact: keptArtifacts[index]! })),
      });
      const manifestArtifact = await write(checkedManifestBytes(manifest), mediaTypes.json);
      const artifacts = [
        manifestArtifact,
        { ...stored, mediaType: mediaTypes.safetensors },
        tokenizerArtifact,
        ...keptArtifacts,
      ];
      return { digest: manifestArtifact.digest, manifest, artifacts };
    });
    return { ...written, source: files.source, ignoredTensors: matched.ignored };
  } finally {
    await weights.close();
  }
}

/** A model that was found, its weights not open yet. */
interface FoundModel {
  readonly model: ModelConfig;
  readonly tokenizer: TokenizerFile;
  open(): Promise<WeightFiles>;
}

/** Finds a model in Hugging Face's layout, or a checkpoint of llama2.c. */
async function openSourceModel(files: ModelFiles): Promise<FoundModel> {
  const llama2c = await findLlama2c(files);
  if (llama2c !== null) {
    const { model, open } = llama2c;
    return { model, tokenizer: checkTokenizer(llama2c.tokenizer, model.config.vocabularySize), open };
  }
  if (!files.names.has(configFile)) throw invalidModel(`there is no ${configFile}`, supportedFamilies);
  const weightNames = await findWeightFiles(files);
  const model = readConfig((await readModelFile(files, configFile, maxConfigBytes)).toString('utf8'));
  const { vocabularySize, architecture } = model.config;
  const tokenizer = await readTokenizerFile(files, vocabularySize, familyOf(architecture).tokensWithoutRow);
  return {
    model,
    tokenizer,
    async open() {
      await files.fetch(weightNames.names);
      return openWeights(files, weightNames);
    },
  };
}
