import { stat } from 'node:fs/promises';
import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import { traitsOf } from '../../../src/protocol/architectures/index.js';
import { type ModelHead, readsTokens, rewardTask } from '../../../src/protocol/heads.js';
import type { LoraConfig, ModelManifest } from '../../../src/protocol/model-manifest.js';
import { isPoolerTensor, poolerModule } from '../../../src/protocol/trained-layers.js';
import { type ArtifactRecord, mediaTypes } from '../../../src/storage/artifact-rows.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { elementCount, type Tensor, writeSafetensors } from '../../../src/storage/safetensors.js';
import { moduleOfLoraTensor } from '../../adapters/lora-parameters.js';
import { withExactTargets } from '../../adapters/name-targets.js';
import { describePooler } from '../../architectures/encoder.js';
import { isEncoder } from '../../architectures/encoder-run.js';
import { headOf, headShapes, headTensors } from '../../heads/index.js';
import { artifactPath, readArtifact } from '../../models/artifacts.js';
import type { ProducedModel } from '../../thread-protocol.js';
import { classifierPoolingOf, readProblemType } from '../config.js';
import { fromDataUnit, mapTensor } from '../data-unit.js';
import { float32Bytes, refuseTooLarge } from '../import-weights.js';
import { importedHead, requireRewards } from '../imported-head.js';
import { isInTransformers } from '../in-transformers.js';
import { mediaTypeOf } from '../kept-files.js';
import { importedTask, labelsOf } from '../labels.js';
import { checkedManifestBytes } from '../manifest-bytes.js';
import { type ArtifactTools, writeArtifacts } from '../write-artifacts.js';
import { invalidAdapter, unsupported } from './peft-config.js';
import { type MatchedAdapter, matchAdapter } from './read-adapter.js';
import { type PeftFolder, withPeftFolder } from './read-peft.js';

export interface AdapterImportTools extends ArtifactTools {
  /** Bytes of memory that an adapter may take. */
  readonly memoryBytes: number;
}

/** What whoever imports an adapter says of it. */
export interface AskedAdapter {
  /** Whether the one number of its head is a reward. */
  readonly isRewardModel?: boolean;
}

/** Shapes of tensors, by Attune's names. */
type Shapes = ReadonlyMap<string, readonly number[]>;

/**
 * Takes in an adapter in PEFT's format (`adapter_config.json`, `adapter_model.safetensors`) as a model: the base
 * model's weights with the adapter beside them. Its head's kind and labels are those that Attune wrote into the file,
 * else those of the base model's own configuration, where their number fits, else transformers' `LABEL_0` ….
 *
 * All shapes are checked before the first weight is read, and all weights before the first artifact is written. An
 * import that fails leaves no artifact behind.
 * Errors: ProblemError UNSUPPORTED_MODEL, INVALID_MODEL (see `withPeftFolder`, `matchAdapter`), MISSING_ARTIFACT,
 * OUT_OF_MEMORY; StorageError.
 */
export async function importPeftAdapter(
  folder: string,
  base: ModelManifest,
  tools: AdapterImportTools,
  asked: AskedAdapter = {},
): Promise<ProducedModel> {
  const { store } = tools;
  return await withPeftFolder(folder, async (peft) => {
    const planned = await planAdapter(peft, base, tools, asked);
    const { adapter, allHeads, layers, ...settings } = planned;
    const maps = fromDataUnit(planned.heads);
    const tensors = new Map(
      [...(await adapter.read())].map(([name, { shape, data }]): [string, Tensor] => [
        name,
        { shape, data: mapTensor(data, shape, maps.get(name)) },
      ]),
    );
    return await writeArtifacts(tools, [], async (write) => {
      const weights = await write(store.write(writeSafetensors(tensors)), mediaTypes.safetensors);
      const manifest: ModelManifest = {
        ...base,
        layers,
        parameterCount: settings.parameterCount,
        heads: allHeads,
        pooling: settings.pooling,
        maxLength: settings.maxLength,
        adapter: { config: settings.config, weights: { digest: weights.digest, sizeBytes: weights.sizeBytes } },
      };
      const written = await write(checkedManifestBytes(manifest), mediaTypes.json);
      return { digest: written.digest, manifest, artifacts: [written, weights, ...(await artifactsOf(base, store))] };
    });
  });
}

/** What a base model and an adapter are together, before a weight is read. */
export interface PlannedAdapter {
  readonly adapter: MatchedAdapter;
  readonly config: LoraConfig;
  /** Those that the adapter's file holds, and those of the model that comes of it. */
  readonly heads: ModelHead[];
  readonly allHeads: ModelHead[];
  readonly layers: ModelManifest['layers'];
  readonly parameterCount: number;
  readonly pooling: ModelManifest['pooling'];
  readonly maxLength: number | null;
}

/** Checks an adapter against its base model, by the headers of its files. Errors: those of `importPeftAdapter`. */
export async function planAdapter(
  peft: PeftFolder,
  base: ModelManifest,
  { store, memoryBytes }: Pick<AdapterImportTools, 'store' | 'memoryBytes'>,
  { isRewardModel = false }: AskedAdapter,
): Promise<PlannedAdapter> {
  const { config } = base;
  if (!isInTransformers(config)) {
    throw unsupported(
      'transformers does not have the family of its base model',
      'Choose the model that the adapter was trained on.',
    );
  }
  if (base.adapter !== null) {
    throw unsupported(
      'its base model has an adapter already',
      'Choose the model under that adapter, or export it merged and import that.',
    );
  }
  const { notes } = peft;
  const task = notes?.heads[0]?.task ?? (isRewardModel ? rewardTask : importedTask);
  const adapter = matchAdapter(peft, { layers: base.layers, config }, task);
  const { shapes } = adapter;
  const heads = await headsOf(adapter, peft, base, store, { task, isRewardModel });
  if (isRewardModel) requireRewards(heads);
  const layers = layersWith(shapes, { layers: base.layers, config });
  checkShapes(shapes, heads, layers, config);
  const hasHeads = heads.length > 0;
  const readsPooled = heads.some((head) => !readsTokens(head));
  const hasPooler = layers.some(({ tensors }) => tensors.some(({ name }) => name === `${poolerModule}.weight`));
  const allHeads = hasHeads ? heads : base.heads;
  const { defaultPooling, poolsAll = false } = traitsOf(config);
  const ownPooling = readsPooled
    ? (notes?.pooling ?? classifierPoolingOf(await configOf(base, store), config) ?? defaultPooling)
    : null;
  if ((ownPooling === 'firstToken' || (poolsAll && hasHeads)) && !hasPooler) {
    throw invalidAdapter(
      'its head reads a pooler that neither the adapter’s file nor the base model has: the adapter was trained beside a pooler of random weights, which were not kept',
    );
  }
  refuseTooLarge(float32Bytes([...shapes.values()].map((shape) => ({ shape }))), memoryBytes);
  return {
    adapter,
    config: withExactTargets(adapter.config, base, layers),
    heads,
    allHeads,
    layers,
    parameterCount: countParameters(shapes, allHeads, layers, config),
    pooling: hasHeads ? ownPooling : base.pooling,
    maxLength: notes?.maxLength ?? base.maxLength,
  };
}

/** The heads that the file holds, with their labels. */
async function headsOf(
  { shapes }: MatchedAdapter,
  { notes, config: { task_type } }: PeftFolder,
  base: ModelManifest,
  store: ArtifactStore,
  { task, isRewardModel }: { readonly task: string; readonly isRewardModel: boolean },
): Promise<ModelHead[]> {
  if (notes !== null) return notes.heads;
  const { weight } = headTensors(task);
  const shape = shapes.get(weight);
  if (shape === undefined) return [];
  const [outputs = 0, inputs] = shape;
  const expected = base.config.hiddenSize;
  if (shape.length !== 2 || outputs === 0 || inputs !== expected) {
    throw invalidAdapter(`${weight} is [${shape}] where [classes,${expected}] is needed`);
  }
  const config = await configOf(base, store);
  const labels = labelsOf(config);
  // A head of another size is not the one that the base model's configuration tells of.
  const problemType = labels?.length === outputs ? readProblemType(config) : null;
  return [
    importedHead({
      tensor: weight,
      outputs,
      readsTokens: task_type === 'TOKEN_CLS',
      problemType,
      labels,
      notes: [],
      isRewardModel,
    }),
  ];
}

/** The base model's own configuration; empty where it has none. */
async function configOf({ files }: ModelManifest, store: ArtifactStore): Promise<Readonly<Record<string, unknown>>> {
  const file = files.find(({ name }) => name === 'config.json');
  if (file === undefined) return {};
  const json = await readArtifact(store, file.digest, 'the base model’s config.json');
  const value: unknown = JSON.parse(json.toString('utf8'));
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** The base model's layers, and a pooler where only the adapter's file has one. */
function layersWith(
  shapes: Shapes,
  { layers, config }: { readonly layers: ModelManifest['layers']; readonly config: TransformerConfig },
): ModelManifest['layers'] {
  const name = `${poolerModule}.weight`;
  const known = layers.some((layer) => layer.tensors.some((tensor) => tensor.name === name));
  return known || !shapes.has(name) || !isEncoder(config) ? layers : [...layers, describePooler(config)];
}

/** Checks that heads and pooler are complete and fit the model. */
function checkShapes(
  shapes: Shapes,
  heads: readonly ModelHead[],
  layers: ModelManifest['layers'],
  config: TransformerConfig,
): void {
  const kept = [...shapes.keys()].filter((name) => moduleOfLoraTensor(name) === null);
  const expected = new Map(
    heads.flatMap((head) => headShapes(headOf(head), config)).map(({ name, shape }) => [name, shape]),
  );
  if (kept.some((name) => isPoolerTensor({ name }))) {
    const described = layers.flatMap((layer) => layer.tensors).filter(isPoolerTensor);
    for (const { name, shape } of described) expected.set(name, shape);
  }
  for (const [name, shape] of expected) {
    const found = shapes.get(name);
    if (found === undefined) throw invalidAdapter(`${name} is missing`);
    if (found.join() !== shape.join()) throw invalidAdapter(`${name} is [${found}] where [${shape}] is needed`);
  }
  const extra = kept.find((name) => !expected.has(name));
  if (extra !== undefined) throw invalidAdapter(`its file has ${extra}, which belongs to none of its heads`);
}

/** Counts the parameters of base model, heads and adapter together. */
function countParameters(
  shapes: Shapes,
  heads: readonly ModelHead[],
  layers: ModelManifest['layers'],
  config: TransformerConfig,
): number {
  const inHeads = heads.flatMap((head) => headShapes(headOf(head), config));
  const inAdapter = [...shapes].filter(([name]) => moduleOfLoraTensor(name) !== null).map(([, shape]) => ({ shape }));
  const beside = [...inHeads, ...inAdapter].reduce((count, { shape }) => count + elementCount(shape), 0);
  return layers.reduce((count, { parameterCount }) => count + parameterCount, beside);
}

/** Records of all artifacts of the base model that the new model refers to. */
async function artifactsOf(base: ModelManifest, store: ArtifactStore): Promise<ArtifactRecord[]> {
  const tokenizer = await stat(await artifactPath(store, base.tokenizer.digest, 'the base model’s tokenizer'));
  return [
    { digest: base.weights.digest, sizeBytes: base.weights.sizeBytes, mediaType: mediaTypes.safetensors },
    { digest: base.tokenizer.digest, sizeBytes: tokenizer.size, mediaType: mediaTypes.json },
    ...base.files.map(({ name, digest, sizeBytes }) => ({
      digest,
      sizeBytes,
      mediaType: mediaTypeOf(name),
    })),
  ];
}
