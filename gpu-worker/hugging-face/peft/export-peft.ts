import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import { traitsOf } from '../../../src/protocol/architectures/index.js';
import type { ExportedFile } from '../../../src/protocol/job.js';
import { adaptableModules } from '../../../src/protocol/lora-targets.js';
import type { LoraConfig, ModelManifest } from '../../../src/protocol/model-manifest.js';
import { isPoolerTensor, poolerModule } from '../../../src/protocol/trained-layers.js';
import { type ArtifactRecord, mediaTypes } from '../../../src/storage/artifact-rows.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { readSafetensors, type Tensor, writeSafetensors } from '../../../src/storage/safetensors.js';
import { moduleOfLoraTensor } from '../../adapters/lora-parameters.js';
import { nameTargets } from '../../adapters/name-targets.js';
import { isDecoder } from '../../architectures/encoder-run.js';
import { headOf, headShapes } from '../../heads/index.js';
import { readArtifact } from '../../models/artifacts.js';
import { openWeights } from '../../models/model-weights.js';
import { ProblemError } from '../../problem-error.js';
import { mapTensor, toDataUnit } from '../data-unit.js';
import { formOf } from '../export/layout.js';
import { padTokenFor } from '../export/pad-token.js';
import { familyOf } from '../families/index.js';
import { type HeadNotes, headsFile, writeNotes } from '../head-notes.js';
import { isInTransformers } from '../in-transformers.js';
import { type ArtifactTools, writeArtifacts } from '../write-artifacts.js';
import { describeAdapter } from './describe-adapter.js';
import { keptTokenizer } from './kept-tokenizer.js';
import { type AdapterForm, modulesToSave, taskTypeOf, toPeftName } from './peft-names.js';

/** Files of an adapter in PEFT's format, and what they are. */
export interface ExportedAdapter {
  readonly files: readonly ExportedFile[];
  readonly artifacts: readonly ArtifactRecord[];
}

/** The tensors of each file. `heads` is empty where PEFT's own file has room for the one head. */
interface AdapterFiles {
  readonly form: AdapterForm;
  readonly adapter: ReadonlyMap<string, Tensor>;
  readonly heads: ReadonlyMap<string, Tensor>;
}

/**
 * Writes a model's adapter as PEFT 0.21 stores one: `adapter_config.json` and `adapter_model.safetensors`, with a
 * README that says how to load it.
 *
 * With one head over the first token it is an adapter for the family's `…ForSequenceClassification`, the head (and the
 * pooler, where the base model may lack it) among its `modules_to_save`; with one over every token for its
 * `…ForTokenClassification`. Other heads have no place in transformers' classifiers: then it is an adapter for the bare
 * model, and `heads.safetensors` has the rest. PEFT keeps every pooler but a BERT's in full beside the head,
 * so an adapter of the pooler is merged.
 *
 * With the adapter of a decoder that predicts the next token goes its tokenizer: the chat template that it was trained
 * with may not be the base model's.
 *
 * A failed export leaves nothing in the store. Errors: ProblemError UNSUPPORTED_EXPORT (no adapter, or a family that
 * transformers does not have), MISSING_ARTIFACT, INVALID_MODEL.
 *
 * @param baseModelName what PEFT will load the base model by, a Hub id or a folder; null: whoever loads it says so
 */
export async function exportPeftAdapter(
  manifest: ModelManifest,
  tools: ArtifactTools,
  baseModelName: string | null,
  readsPairs = false,
): Promise<ExportedAdapter> {
  const { store } = tools;
  const { adapter, config } = manifest;
  if (adapter === null)
    throw unsupportedExport('the model has no adapter', 'Export it as a whole: format HUGGING_FACE or ONNX.');
  if (!isInTransformers(config)) {
    throw unsupportedExport(
      'PEFT does not know Universal Sentence Encoder Lite',
      'Export the model as ONNX, which merges the adapter.',
    );
  }
  const stored = readSafetensors(await readArtifact(store, adapter.weights.digest, 'the adapter’s weights')).tensors;
  const base = { layers: manifest.layers, config };
  const whole = await readWhole(manifest, store);
  const files = fileTensors(manifest, config, stored, whole);
  const padToken = isDecoder(config) ? await padTokenFor({ manifest, store }, config, files.form) : null;
  const notes: HeadNotes = { heads: manifest.heads, pooling: manifest.pooling, maxLength: manifest.maxLength };
  const peftConfig = configOf(base, adapter.config, files, stored, baseModelName);
  const written: [string, string, readonly Uint8Array[]][] = [
    ['adapter_config.json', mediaTypes.json, [Buffer.from(`${JSON.stringify(peftConfig, null, 2)}\n`)]],
    [
      'adapter_model.safetensors',
      mediaTypes.safetensors,
      writeSafetensors(files.adapter, writeNotes(files.heads.size === 0 ? notes : null)),
    ],
    [
      'README.md',
      'text/markdown',
      [Buffer.from(describeAdapter(manifest, config, files.form, baseModelName, padToken, readsPairs))],
    ],
  ];
  if (files.heads.size > 0) {
    written.push([headsFile, mediaTypes.safetensors, writeSafetensors(files.heads, writeNotes(notes))]);
  }
  const kept = files.form === 'languageModel' ? await keptTokenizer(manifest, store) : [];
  return await writeArtifacts(tools, [], async (write) => {
    const exported: ExportedFile[] = kept.map(({ name, digest, sizeBytes }) => ({ name, digest, sizeBytes }));
    const artifacts: ArtifactRecord[] = kept.map(({ name: _, ...artifact }) => artifact);
    for (const [name, mediaType, parts] of written) {
      const artifact = await write(store.write(parts), mediaType);
      exported.push({ name, digest: artifact.digest, sizeBytes: artifact.sizeBytes });
      artifacts.push(artifact);
    }
    return { files: exported, artifacts };
  });
}

/**
 * Reads pooler and heads in full, from the adapter's file or the base model's. An adapter of the pooler is merged, and
 * regression heads give numbers in the unit of the data.
 */
async function readWhole(manifest: ModelManifest, store: ArtifactStore): Promise<Map<string, Tensor>> {
  const weights = await openWeights(store, manifest);
  try {
    const shapes = [
      ...manifest.layers.flatMap(({ tensors }) => tensors).filter(isPoolerTensor),
      ...manifest.heads.flatMap((head) => headShapes(headOf(head), manifest.config)),
    ];
    const maps = toDataUnit(manifest.heads);
    const whole = new Map<string, Tensor>();
    for (const { name, shape } of shapes) {
      whole.set(name, { shape, data: mapTensor(await weights.read(name), shape, maps.get(name)) });
    }
    return whole;
  } finally {
    await weights.close();
  }
}

/** PEFT has no place for what predicts masked tokens: then it is an adapter for the bare model. */
function adapterFormOf(manifest: ModelManifest): AdapterForm {
  const form = formOf(manifest);
  return form === 'languageModel' && !traitsOf(manifest.config).isCausal ? 'bare' : form;
}

function fileTensors(
  manifest: ModelManifest,
  { architecture: family }: TransformerConfig,
  stored: ReadonlyMap<string, Tensor>,
  whole: ReadonlyMap<string, Tensor>,
): AdapterFiles {
  const form = adapterFormOf(manifest);
  const isPooler = (name: string) => isPoolerTensor({ name });
  const matrices = [...stored].filter(([name]) => moduleOfLoraTensor(name) !== null);
  const ofEncoder = matrices.filter(([name]) => !isPooler(name));
  const named = (tensors: readonly [string, Tensor][]) =>
    new Map(tensors.map(([name, tensor]) => [toPeftName(family, form, name), tensor]));
  switch (form) {
    case 'bare':
    case 'languageModel':
      return { form, adapter: named(ofEncoder), heads: manifest.heads.length === 0 ? new Map() : whole };
    case 'tokenClassifier': {
      const { poolsAll = false } = traitsOf(manifest.config);
      const head = [...whole].filter(([name]) => poolsAll || !isPooler(name));
      return { form, adapter: named([...ofEncoder, ...head]), heads: new Map() };
    }
    case 'textClassifier': {
      // A pooler that belongs to the bare model stays there, and may be adapted, unless it was trained in full.
      const staysThere = familyOf(family).bareModelPooler === 'ofClassifier' && !stored.has(`${poolerModule}.weight`);
      const all = [...matrices, ...whole].filter(
        ([name]) => !isPooler(name) || staysThere === (moduleOfLoraTensor(name) !== null),
      );
      return { form, adapter: named(all), heads: new Map() };
    }
    default:
      return form satisfies never;
  }
}

/** The content of `adapter_config.json`: PEFT's options, those left out at PEFT's defaults. */
function configOf(
  base: Pick<ModelManifest, 'layers'> & { readonly config: TransformerConfig },
  { rank, alpha, rankStabilized, dropout, targetModules }: LoraConfig,
  { form, adapter }: AdapterFiles,
  stored: ReadonlyMap<string, Tensor>,
  baseModelName: string | null,
): Record<string, unknown> {
  const family = base.config.architecture;
  const isWritten = (module: string) => adapter.has(toPeftName(family, form, `${module}.lora_A.weight`));
  const names = adaptableModules(base).map(({ name }) => name);
  const wanted = new Set(names.filter(isWritten));
  const given = targetModules.some((target) => target === 'all-linear' || target.startsWith('regex:'))
    ? []
    : targetModules;
  const targets = nameTargets(names, wanted, given);
  const [only = ''] = targets;
  return {
    peft_type: 'LORA',
    task_type: taskTypeOf(form),
    base_model_name_or_path: baseModelName,
    inference_mode: true,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: dropout,
    use_rslora: rankStabilized,
    target_modules:
      targets.length === 1 && only.startsWith('regex:') ? `(?:.*\\.)?(?:${only.slice('regex:'.length)})` : targets,
    modules_to_save: modulesToSave(family, form, stored.has(`${poolerModule}.weight`)),
    bias: 'none',
    fan_in_fan_out: traitsOf(base.config).storesInputsFirst,
    init_lora_weights: true,
    rank_pattern: {},
    alpha_pattern: {},
  };
}

function unsupportedExport(why: string, hint: string): ProblemError {
  return new ProblemError({
    path: ['format'],
    code: 'UNSUPPORTED_EXPORT',
    message: `no PEFT adapter can be written: ${why}`,
    hint,
  });
}
