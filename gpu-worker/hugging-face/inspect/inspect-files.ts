import { traitsOf } from '../../../src/protocol/architectures/index.js';
import {
  type InspectedModel,
  type InspectJob,
  type ModelInspection,
  mostIgnoredNames,
} from '../../../src/protocol/model-inspection.js';
import { storableText } from '../../../src/protocol/storable-text.js';
import { elementCount } from '../../../src/storage/safetensors.js';
import { layersOf } from '../../architectures/transformer.js';
import type { WeightFiles } from '../checkpoint-files.js';
import { type ModelConfig, parseObject, readConfig } from '../config.js';
import { inspectedModel } from '../describe-model.js';
import { familyOf, supportedFamilies } from '../families/index.js';
import { givesTypesIn } from '../given-types.js';
import { float32Bytes, refuseTooLarge } from '../import-weights.js';
import { licenceIn, readKeptFiles, truncationSideIn } from '../kept-files.js';
import { findLlama2c } from '../llama2c/open-checkpoint.js';
import { type MatchedTensors, matchTensors } from '../match-tensors.js';
import { type ModelFiles, readModelFile } from '../model-files.js';
import { statedPooling, transformerIn } from '../modules-json.js';
import { invalidModel } from '../problems.js';
import { requireLicence } from '../require-licence.js';
import {
  checkTokenizer,
  readTokenizerFile,
  refusePaddedEnds,
  refuseTypesBeyond,
  type TokenizerFile,
} from '../tokenizer-file.js';
import { findWeightFiles } from '../weight-file-names.js';
import { tensorsByConfiguration } from './by-configuration.js';
import { chatTemplateIn } from './chat-template.js';
import { openHeaders, sizeOf } from './files-of-weights.js';
import type { InspectTools } from './inspect-tools.js';
import { type ProblemsOf, problemsOf } from './problems-of.js';

const configFile = 'config.json';
const maxConfigBytes = 4 * 2 ** 20;

type Asked = Pick<InspectJob, 'licence' | 'licencePolicy' | 'adapterBaseDigest' | 'isRewardModel'>;

/**
 * Inspects a whole model in Hugging Face's layout, or a checkpoint of llama2.c: in the order of an import, and with its
 * own functions, up to where an import begins to read weights. Unlike an import it goes on after a problem.
 */
export async function inspectFiles(outer: ModelFiles, asked: Asked, tools: InspectTools): Promise<ModelInspection> {
  const problems = problemsOf(outer.isRemote);
  const { attempt } = problems;
  if (asked.adapterBaseDigest !== null) {
    await attempt(() => {
      throw invalidModel(
        'there is no adapter_config.json: this is not an adapter',
        'Import it without naming a base model, if it is a whole model.',
      );
    });
  }
  const files = (await attempt(() => transformerIn(outer))) ?? outer;
  const found = await findModel(files, asked.isRewardModel === true, problems);
  const { model, json, tokenizer } = found;
  if (model !== null) {
    await attempt(() => {
      const least = float32Bytes(tensorsOf(layersOf(model.config, { pooler: false, languageModel: false })));
      refuseTooLarge(least, tools.memoryBytes);
      tools.requireRoom(least);
    });
  }
  const kept = (await attempt(() => readKeptFiles(files, outer))) ?? [];
  const licence = (await attempt(() => licenceIn(kept))) ?? null;
  await attempt(() => requireLicence({ requested: asked.licence, found: licence }, asked.licencePolicy));
  const stated = (await attempt(() => statedPooling(outer))) ?? model?.classifierPooling ?? null;
  const givesTokenTypes = model === null ? undefined : await attempt(() => givesTypesIn(kept, model.config));
  if (model !== null && tokenizer !== null) {
    const { config } = model;
    await attempt(() =>
      refuseTypesBeyond({ config, givesTokenTypes: givesTokenTypes ?? undefined }, tokenizer.typeIds),
    );
  }

  const weights = found.open === null ? null : await attempt(found.open);
  try {
    const matched = model === null || weights === null ? null : await attempt(() => matchTensors(weights, model));
    if (model !== null && matched !== null) {
      if (tokenizer !== null) await attempt(() => refusePaddedEnds(model, matched.heads, tokenizer.endingToken));
      await attempt(() => {
        refuseTooLarge(float32Bytes(matched.tensors), tools.memoryBytes);
        tools.requireRoom(float32Bytes(matched.tensors));
      });
    }
    const pooling =
      model !== null && stated !== null && traitsOf(model.config).poolings.includes(stated) ? stated : null;
    const truncationSide = (await attempt(() => truncationSideIn(kept))) ?? 'right';
    const reading = { truncationSide, pooling, givesTokenTypes: givesTokenTypes ?? undefined };
    const described = await describe(found, matched, weights, reading, problems);
    return {
      source: outer.source,
      modelType: textOf(json.model_type),
      className: Array.isArray(json.architectures) ? textOf(json.architectures[0]) : null,
      model: described,
      countedIn: matched === null ? 'CONFIGURATION' : 'HEADERS',
      tokenizer: tokenizer === null ? null : { kind: tokenizer.kind, vocabularySize: tokenizer.vocabularySize },
      chatTemplate: await chatTemplateIn(kept, problems),
      weights: found.weightNames === null ? null : await sizeOf(files, found.weightNames),
      precisions: precisionsOf(matched, weights, described, json),
      ignoredTensors: (matched?.ignored ?? []).slice(0, mostIgnoredNames).map(storableText),
      ignoredTensorCount: matched?.ignored.length ?? 0,
      licence,
      adapter: null,
      problems: [...problems.found],
    };
  } finally {
    await weights?.close();
  }
}

interface FoundFiles {
  readonly model: ModelConfig | null;
  /** `config.json`; empty where there is none. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly tokenizer: TokenizerFile | null;
  readonly weightNames: readonly string[] | null;
  /** Null where there are no weights that are read. */
  readonly open: (() => Promise<WeightFiles>) | null;
}

async function findModel(files: ModelFiles, isRewardModel: boolean, { attempt }: ProblemsOf): Promise<FoundFiles> {
  const llama2c = await attempt(() => findLlama2c(files));
  if (llama2c !== null) {
    const { model, open } = llama2c;
    const tokenizer = await attempt(() => checkTokenizer(llama2c.tokenizer, model.config.vocabularySize));
    return { model: { ...model, isRewardModel }, json: {}, tokenizer, weightNames: [llama2c.fileName], open };
  }
  if (!files.names.has(configFile)) {
    await attempt(() => {
      throw invalidModel(`there is no ${configFile}`, supportedFamilies);
    });
  }
  const names = await attempt(() => findWeightFiles(files));
  const text = files.names.has(configFile)
    ? await attempt(async () => (await readModelFile(files, configFile, maxConfigBytes)).toString('utf8'))
    : null;
  const model = text === null ? null : await attempt(() => readConfig(text));
  const json = text === null ? null : await attempt(() => parseObject(text));
  const { vocabularySize, architecture } = model?.config ?? { vocabularySize: Number.POSITIVE_INFINITY };
  const withoutRow = architecture === undefined ? [] : familyOf(architecture).tokensWithoutRow;
  const tokenizer = await attempt(() => readTokenizerFile(files, vocabularySize, withoutRow));
  return {
    model: model === null ? null : { ...model, isRewardModel },
    json: json ?? {},
    tokenizer,
    weightNames: names?.names ?? null,
    open: names === null ? null : () => openHeaders(files, names),
  };
}

/** The model by the headers of its weights, or by its configuration where they can't be read or don't fit. */
async function describe(
  { model, json }: FoundFiles,
  matched: MatchedTensors | null,
  weights: WeightFiles | null,
  reading: Parameters<typeof inspectedModel>[3],
  { attempt }: ProblemsOf,
): Promise<InspectedModel | null> {
  if (model === null) return null;
  if (matched !== null) return inspectedModel(model, matched, weights?.notes ?? null, reading);
  const byConfiguration = await attempt(() => tensorsByConfiguration(model, json));
  return byConfiguration === null ? null : inspectedModel(model, byConfiguration, null, reading);
}

function precisionsOf(
  matched: MatchedTensors | null,
  weights: WeightFiles | null,
  described: InspectedModel | null,
  json: Readonly<Record<string, unknown>>,
): ModelInspection['precisions'] {
  if (matched === null || weights === null) {
    const stated = textOf(json.dtype ?? json.torch_dtype);
    return stated === null ? [] : [{ type: nameOfType(stated), parameterCount: described?.parameterCount ?? null }];
  }
  const counts = new Map<string, number>();
  for (const { source, shape } of matched.tensors) {
    const { dtype } = weights.tensors.get(source)!;
    counts.set(dtype, (counts.get(dtype) ?? 0) + elementCount(shape));
  }
  return [...counts].map(([type, parameterCount]) => ({ type, parameterCount }));
}

/** A type of PyTorch by its name in safetensors. */
function nameOfType(dtype: string): string {
  const known: Readonly<Record<string, string>> = { float32: 'F32', float16: 'F16', bfloat16: 'BF16', float64: 'F64' };
  return known[dtype.replace(/^torch\./, '')] ?? dtype;
}

function tensorsOf(layers: readonly { readonly tensors: readonly { readonly shape: readonly number[] }[] }[]) {
  return layers.flatMap(({ tensors }) => tensors);
}

const mostText = 200;

/** A short text of a file; null for anything else. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? storableText(value.slice(0, mostText)) : null;
}
