import { headHasBias, traitsOf } from '../../src/protocol/architectures/index.js';
import { type ModelHead, readsTokens } from '../../src/protocol/heads.js';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import { isLanguageModelTensor, isPoolerTensor } from '../../src/protocol/trained-layers.js';
import { describePooler } from '../architectures/encoder.js';
import { isEncoder } from '../architectures/encoder-run.js';
import { describeTokenPredictor } from '../architectures/masked-tokens.js';
import { layersOf } from '../architectures/transformer.js';
import { headShapes, headTensors, headOf as shapedHead } from '../heads/index.js';
import type { WeightFiles } from './checkpoint-files.js';
import type { ModelConfig } from './config.js';
import { fromDataUnit, type RowMap } from './data-unit.js';
import { familyOf } from './families/index.js';
import type { ConfigNote } from './head-notes.js';
import { importedHead, requireRewards } from './imported-head.js';
import { invalidModel, listed, unsupported } from './problems.js';
import { classifiesTokens, roleOf } from './tensor-names.js';

export interface MatchedTensor {
  /** Attune's name of the tensor. */
  readonly name: string;
  /** Its name in the files. */
  readonly source: string;
  readonly shape: readonly number[];
  /** How its rows change on the way; undefined: they do not. */
  readonly map?: RowMap | undefined;
}

/** Which tensor of the files becomes which of Attune's. */
export interface MatchedTensors {
  readonly tensors: readonly MatchedTensor[];
  readonly layers: readonly LayerDescription[];
  readonly heads: readonly ModelHead[];
  /** Names in the files that are no part of the model. */
  readonly ignored: readonly string[];
}

const readableTypes = new Set(['F32', 'F16', 'BF16']);

/**
 * Finds a model's tensors in its files, from their headers alone. Errors: ProblemError INVALID_MODEL, which lists every
 * tensor that is missing, not known, or of another shape; UNSUPPORTED_MODEL for numbers of other types, and for a
 * reward model without a head of one number.
 */
export function matchTensors(files: WeightFiles, model: ModelConfig): MatchedTensors {
  const { notes } = files;
  const { config, writtenBy } = model;
  const findings: string[] = [];
  const ignored: string[] = [];
  const parameters = new Map<string, string>();
  const headParts = new Map<'weight' | 'bias', string>();
  for (const fileName of files.tensors.keys()) {
    const role = roleOf(fileName, config.architecture, writtenBy);
    if (role.kind === 'ignored') {
      ignored.push(fileName);
      continue;
    }
    const other = role.kind === 'head' ? headParts.get(role.part) : parameters.get(role.name);
    if (other !== undefined) findings.push(`${fileName} and ${other} are the same tensor: one of them is too many`);
    if (role.kind === 'head') headParts.set(role.part, fileName);
    else parameters.set(role.name, fileName);
  }
  if (!predictsMasked(files, parameters, model)) {
    for (const [name, fileName] of parameters) {
      if (!isLanguageModelTensor({ name })) continue;
      parameters.delete(name);
      ignored.push(fileName);
    }
  }

  const misshapen = misshapenHead(files, headParts, model);
  if (misshapen !== null) findings.push(misshapen);
  const head = misshapen === null ? headOf(files, headParts, model) : null;
  if (head === null) ignored.push(...headParts.values());
  const heads = head === null ? (notes?.heads ?? []) : [head];
  if (model.isRewardModel === true && misshapen === null) requireRewards(heads);
  // Notes tell what several heads read; the one head of a class of transformers reads the pooler, unless it reads
  // tokens in a family whose pooler reads first tokens alone.
  const { poolings, poolsAll = false } = traitsOf(config);
  const readsPooler = poolsAll
    ? heads.length > 0
    : poolings.includes('firstToken') &&
      heads.some((one) => !readsTokens(one)) &&
      (head !== null || notes?.pooling !== 'mean');
  const layers = layersOf(config, {
    pooler: readsPooler || [...parameters.keys()].some((name) => isPoolerTensor({ name })),
    languageModel: [...parameters.keys()].some((name) => isLanguageModelTensor({ name })),
  });
  const expected = new Map<string, readonly number[]>(
    [...layers.flatMap(({ tensors }) => tensors), ...heads.flatMap((one) => headShapes(shapedHead(one), config))].map(
      ({ name, shape }) => [name, shape],
    ),
  );
  const sources = new Map([...parameters].filter(([name]) => expected.has(name)));
  if (head !== null) {
    for (const [part, source] of headParts) {
      const name = headTensors(head.task)[part];
      if (expected.has(name)) sources.set(name, source);
      else findings.push(`not known: ${source}; heads of whole texts have no bias in this family`);
    }
  }

  for (const [name, shape] of expected) {
    const source = sources.get(name);
    if (source === undefined) findings.push(`missing: ${name} [${shape}]`);
    else if (files.tensors.get(source)!.shape.join() !== shape.join()) {
      findings.push(`${source} is [${files.tensors.get(source)!.shape}]; by config.json it should be [${shape}]`);
    }
  }
  const { leftOutWhereUnread } = familyOf(config.architecture);
  for (const [name, fileName] of parameters) {
    if (expected.has(name)) continue;
    if (leftOutWhereUnread?.test(name)) ignored.push(fileName);
    else findings.push(`not known: ${fileName} [${files.tensors.get(fileName)!.shape}]`);
  }
  if (findings.length > 0) {
    throw invalidModel(
      listed(`the weights do not fit ${config.architecture} as config.json describes it`, findings),
      'Missing tensors mostly mean that config.json is of another model, or that a file is incomplete.',
    );
  }
  refuseOtherTypes(files, sources);
  const maps = fromDataUnit(heads);
  const tensors = [...expected].map(([name, shape]) => ({
    name,
    source: sources.get(name)!,
    shape,
    map: maps.get(name),
  }));
  return { tensors, layers, heads, ignored: ignored.sort() };
}

/**
 * Whether the files have all that predicts masked tokens over the table of word embeddings. Some checkpoints have a
 * part of it, or one of another vocabulary, which is no part of the model. A decoder's matrix is whole by itself.
 */
function predictsMasked(
  files: WeightFiles,
  parameters: ReadonlyMap<string, string>,
  { config, tiesEmbeddings }: ModelConfig,
): boolean {
  if (!isEncoder(config)) return true;
  const tensors = [
    ...describeTokenPredictor(config, config.layers + 1).tensors,
    ...(traitsOf(config).poolsAll === true ? describePooler(config).tensors : []),
  ];
  const fits = ({ name, shape }: (typeof tensors)[number]) =>
    files.tensors.get(parameters.get(name) ?? '')?.shape.join() === shape.join();
  return tiesEmbeddings && tensors.every(fits);
}

/** What is wrong with the shape of the head's weight, if anything. Labels are made only where nothing is. */
function misshapenHead(
  files: WeightFiles,
  parts: ReadonlyMap<'weight' | 'bias', string>,
  { config: { hiddenSize } }: ModelConfig,
): string | null {
  const source = parts.get('weight');
  if (source === undefined) return null;
  const { shape } = files.tensors.get(source)!;
  const [classes = 0, inputs] = shape;
  if (shape.length === 2 && classes > 0 && inputs === hiddenSize) return null;
  return `${source} is [${shape}]; by config.json it should be [classes,${hiddenSize}]`;
}

/**
 * The head of transformers' class, if it has one. Its weight is of shape [K,H]. Errors: ProblemError UNSUPPORTED_MODEL,
 * see `importedHead`.
 */
function headOf(
  files: WeightFiles,
  parts: ReadonlyMap<'weight' | 'bias', string>,
  { config, labels, problemType, writtenBy, note, isRewardModel = false }: ModelConfig,
): ModelHead | null {
  const source = parts.get('weight');
  if (source === undefined) return null;
  const [outputs = 0] = files.tensors.get(source)!.shape;
  const [noted, ...others] = files.notes?.heads ?? [];
  const head = importedHead({
    tensor: source,
    outputs,
    readsTokens: classifiesTokens(writtenBy),
    problemType,
    labels,
    notes: [noted, note].filter((one) => one != null && others.length === 0) as (ModelHead | ConfigNote)[],
    isRewardModel,
  });
  // Without a bias there is nothing that a mean could have been added to.
  return head.kind === 'regression' && !headHasBias(config, head) ? { ...head, means: head.means.map(() => 0) } : head;
}

function refuseOtherTypes(files: WeightFiles, sources: ReadonlyMap<string, string>): void {
  const findings = [...sources.values()]
    .map((name) => ({ name, dtype: files.tensors.get(name)!.dtype }))
    .filter(({ dtype }) => !readableTypes.has(dtype))
    .map(({ name, dtype }) => `${name} holds ${dtype}`);
  if (findings.length === 0) return;
  throw unsupported(
    listed('weights must be float32, float16 or bfloat16', findings),
    'Save the model in float32, not quantized: model.to(torch.float32).save_pretrained(…).',
  );
}
