import { readChatSource } from '../../../src/conversations/index.js';
import type { InspectJob, ModelInspection } from '../../../src/protocol/model-inspection.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { storableText } from '../../../src/protocol/storable-text.js';
import { elementCount } from '../../../src/storage/safetensors.js';
import { readArtifact } from '../../models/artifacts.js';
import { loadManifest } from '../../models/load-model.js';
import { parseObject } from '../config.js';
import { type ModelFiles, readModelFile } from '../model-files.js';
import { adapterConfigFile, fetchAdapter, withoutBase } from '../peft/fetch-adapter.js';
import { type PlannedAdapter, planAdapter } from '../peft/import-peft.js';
import { type PeftConfig, parsePeftConfig } from '../peft/peft-config.js';
import { type PeftFolder, withPeftFolder } from '../peft/read-peft.js';
import { sizeOf } from './files-of-weights.js';
import type { InspectTools } from './inspect-tools.js';
import { type ProblemsOf, problemsOf } from './problems-of.js';

const weightsFiles = ['adapter_model.safetensors', 'heads.safetensors'];
const maxConfigBytes = 4 * 2 ** 20;
/** Targets that an inspection lists; some adapters name every module. */
const mostTargets = 1_000;

/**
 * Inspects an adapter in PEFT's format, against the base model that was named for it. Without one, what its
 * configuration says is all that there is to tell.
 */
export async function inspectAdapter(
  files: ModelFiles,
  { adapterBaseDigest, isRewardModel = false }: Pick<InspectJob, 'adapterBaseDigest' | 'isRewardModel'>,
  tools: InspectTools,
): Promise<ModelInspection> {
  const problems = problemsOf(files.isRemote);
  const { attempt } = problems;
  const text = await attempt(async () =>
    (await readModelFile(files, adapterConfigFile, maxConfigBytes)).toString('utf8'),
  );
  const json = text === null ? {} : ((await attempt(() => parseObject(text, adapterConfigFile))) ?? {});
  if (adapterBaseDigest === null) {
    await attempt(() => {
      throw withoutBase(files);
    });
  }
  await attempt(() => fetchAdapter(files));
  const config = text === null ? null : await attempt(() => parsePeftConfig(text));
  const base = adapterBaseDigest === null ? null : await loadManifest(tools.store, adapterBaseDigest);
  const planned = base === null ? null : await plan(files, base, { ...tools, isRewardModel }, problems);
  return {
    source: files.source,
    modelType: null,
    className: null,
    model: base === null || planned === null ? null : modelOf(base, planned),
    countedIn: 'HEADERS',
    tokenizer: base === null ? null : { kind: base.tokenizer.kind, vocabularySize: base.tokenizer.vocabularySize },
    chatTemplate: base === null ? null : await chatTemplateOf(base, tools, problems),
    weights: await sizeOf(
      files,
      weightsFiles.filter((name) => files.names.has(name)),
    ),
    precisions: planned?.precisions ?? [],
    ignoredTensors: [],
    ignoredTensorCount: 0,
    licence: base === null || base.licence === 'unknown' ? null : base.licence,
    adapter: config === null ? null : adapterOf(config, planned, json),
    problems: [...problems.found],
  };
}

type Planned = PlannedAdapter & { readonly precisions: ModelInspection['precisions'] };

function plan(
  files: ModelFiles,
  base: ModelManifest,
  { isRewardModel, ...tools }: InspectTools & { readonly isRewardModel: boolean },
  { attempt }: ProblemsOf,
): Promise<Planned | null> {
  return attempt(() =>
    withPeftFolder(files.folder, async (peft) => ({
      ...(await planAdapter(peft, base, tools, { isRewardModel })),
      precisions: precisionsOf(peft),
    })),
  );
}

function modelOf(base: ModelManifest, planned: Planned): NonNullable<ModelInspection['model']> {
  const { config, contextLength, givesTokenTypes, truncationSide } = base;
  const { layers, allHeads, parameterCount, pooling, maxLength } = planned;
  const types = givesTokenTypes === undefined ? {} : { givesTokenTypes };
  return {
    config,
    contextLength,
    ...types,
    truncationSide,
    layers,
    heads: allHeads,
    parameterCount,
    pooling,
    maxLength,
  };
}

function precisionsOf({ tensors, heads }: PeftFolder): ModelInspection['precisions'] {
  const counts = new Map<string, number>();
  for (const { dtype, shape } of [...tensors.values(), ...heads.values()]) {
    counts.set(dtype, (counts.get(dtype) ?? 0) + elementCount(shape));
  }
  return [...counts].map(([type, parameterCount]) => ({ type, parameterCount }));
}

function adapterOf(
  { r, lora_alpha, target_modules: targets }: PeftConfig,
  planned: Planned | null,
  { base_model_name_or_path: baseModelName }: Readonly<Record<string, unknown>>,
): ModelInspection['adapter'] {
  const stated = targets == null ? [] : typeof targets === 'string' ? [targets] : targets;
  return {
    rank: planned?.config.rank ?? r,
    alpha: planned?.config.alpha ?? lora_alpha,
    targetModules: (planned?.config.targetModules ?? stated).slice(0, mostTargets).map(storableText),
    baseModelName:
      typeof baseModelName === 'string' && baseModelName !== '' ? storableText(baseModelName.slice(0, 500)) : null,
    parameterCount:
      planned === null ? null : planned.precisions.reduce((sum, one) => sum + (one.parameterCount ?? 0), 0),
  };
}

async function chatTemplateOf(
  { files }: ModelManifest,
  { store }: InspectTools,
  { attempt }: ProblemsOf,
): Promise<string | null> {
  const source = await attempt(() =>
    readChatSource(async (name) => {
      const file = files.find((one) => one.name === name);
      return file === undefined ? null : (await readArtifact(store, file.digest, name)).toString('utf8');
    }),
  );
  return source?.template ?? null;
}
