import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { ProblemType, resultUnion, toProblemType } from '../../graphql/problem.type.js';
import { BigIntScalar } from '../../graphql/scalars.js';
import { ArchitectureEnum, LayerInfoType } from '../../models/base-model.type.js';
import { ModelHeadType, toModelHeadType } from '../../models/model-head.type.js';
import { PoolingEnum, TruncationSideEnum } from '../../models/model-settings.type.js';
import { LicenceVerdictType, toLicenceVerdictType } from '../../projects/licences/licence-policy.type.js';
import type { LicenceVerdict } from '../../protocol/licences/judge-licence.js';
import type { InspectedModel, ModelInspection } from '../../protocol/model-inspection.js';
import type { Pooling } from '../../protocol/pooling.js';
import type { Problem } from '../../protocol/run-event.js';
import { ModelParametersType, parametersOf } from './model-parameters.type.js';
import { supportOf } from './model-support.js';
import { ModelSupportType, toModelSupportType } from './model-support.type.js';

const CountedInEnum = { HEADERS: 'HEADERS', CONFIGURATION: 'CONFIGURATION' } as const satisfies Record<
  ModelInspection['countedIn'],
  string
>;

registerEnumType(CountedInEnum, {
  name: 'CountedIn',
  description: 'Where the tensors of a model were counted.',
  valuesConfig: {
    HEADERS: { description: 'In the headers of the files of its weights: exactly what an import would take.' },
    CONFIGURATION: { description: 'By its configuration, as its weights are not there or can not be read.' },
  },
});

@ObjectType('InspectedTokenizer', { description: 'How a model cuts text into tokens.', simpleResolvers: true })
class InspectedTokenizerType {
  @Field(() => String, { description: 'Its algorithm, e.g. WordPiece.' })
  kind!: string;

  @Field(() => Int, { description: 'How many different tokens there are: one more than the largest id.' })
  vocabularySize!: number;
}

@ObjectType('WeightPrecision', { description: 'What numbers of the weights are stored as.', simpleResolvers: true })
class WeightPrecisionType {
  @Field(() => String, { description: "The type, by safetensors' name: F32, F16, BF16 …" })
  type!: string;

  @Field(() => BigIntScalar, { nullable: true, description: 'How many numbers are; null where they are not counted.' })
  parameterCount!: number | null;
}

@ObjectType('InspectedAdapter', { description: "A low-rank adapter in PEFT's format.", simpleResolvers: true })
class InspectedAdapterType {
  @Field(() => Int, { description: 'Rank of its matrices.' })
  rank!: number;

  @Field(() => Number, { description: 'Numerator of the scale.' })
  alpha!: number;

  @Field(() => [String], { description: 'The adapted projections; the first 1,000.' })
  targetModules!: string[];

  @Field(() => String, { nullable: true, description: 'What the adapter says that it was trained on.' })
  baseModelName!: string | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Numbers of its own tensors; null where no base model was named, or it does not fit it.',
  })
  parameterCount!: number | null;
}

@ObjectType('BaseModelInspection', {
  description:
    'What a model is, found in its configuration, its tokenizer, its documents and the headers of its weights, without the weights themselves. Fields about the model are null where its family or an option of it is not supported.',
  simpleResolvers: true,
})
export class BaseModelInspectionType {
  /** For resolvers; not part of the graph. */
  inspected!: InspectedModel | null;

  @Field(() => String, { description: 'Where it comes from, as `BaseModel.source` would say it: with the commit.' })
  source!: string;

  @Field(() => Boolean, {
    description: 'Whether an import would take it as things are now: there are no `problems`.',
  })
  wouldImport!: boolean;

  @Field(() => [ProblemType], {
    description: 'All that an import would fail by. The first is the one that it would answer.',
  })
  problems!: ProblemType[];

  @Field(() => String, { nullable: true, description: '`model_type` of its configuration, supported or not.' })
  modelType!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The class of transformers that its configuration names, e.g. BertForSequenceClassification.',
  })
  className!: string | null;

  @Field(() => ArchitectureEnum, { nullable: true, description: 'Its family.' })
  architecture!: string | null;

  @Field(() => ModelParametersType, { nullable: true, description: 'Numbers of its tensors, by parts.' })
  parameters!: ModelParametersType | null;

  @Field(() => CountedInEnum, { description: 'Where `parameters` and `layers` were counted.' })
  countedIn!: ModelInspection['countedIn'];

  @Field(() => [LayerInfoType], { description: 'From the input to the output; empty where it is not supported.' })
  layers!: LayerInfoType[];

  @Field(() => Int, { nullable: true, description: 'Layers between embeddings and what reads them.' })
  layerCount!: number | null;

  @Field(() => Int, { nullable: true, description: "Width of its layers: numbers in a token's state." })
  hiddenSize!: number | null;

  @Field(() => Int, { nullable: true, description: 'Most tokens that it can read of one text.' })
  contextLength!: number | null;

  @Field(() => Int, { nullable: true, description: 'Rows of its table of embeddings.' })
  vocabularySize!: number | null;

  @Field(() => InspectedTokenizerType, { nullable: true, description: 'Its tokenizer; null where none can be read.' })
  tokenizer!: InspectedTokenizerType | null;

  @Field(() => [ModelHeadType], { description: 'The heads that predict; empty for a bare model.' })
  allHeads!: ModelHeadType[];

  @Field(() => PoolingEnum, {
    nullable: true,
    description: 'What its heads read; of a bare encoder, how its files say that it pools.',
  })
  pooling!: Pooling | null;

  @Field(() => TruncationSideEnum, { nullable: true, description: 'Where texts that are too long are cut.' })
  truncationSide!: 'left' | 'right' | null;

  @Field(() => [WeightPrecisionType], {
    description:
      'What its numbers are stored as; from its configuration where the headers of its weights can not be read. Imported, all are F32.',
  })
  precisions!: WeightPrecisionType[];

  @Field(() => Int, { description: 'Files of its weights; 0 where there are none that are read.' })
  weightFileCount!: number;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Their size in bytes: what an import downloads, or reads.',
  })
  weightsSizeBytes!: number | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Bytes that its weights take in the artifact store once imported: 4 for each number.',
  })
  importedSizeBytes!: number | null;

  @Field(() => [String], {
    description: 'Tensors in the files that are no part of the model, and would be left out; the first 100.',
  })
  ignoredTensors!: string[];

  @Field(() => BigIntScalar, { description: 'How many there are.' })
  ignoredTensorCount!: number;

  @Field(() => String, {
    description: 'The licence that it would have: what the input names, else what its files name, else `unknown`.',
  })
  licence!: string;

  @Field(() => String, { nullable: true, description: 'The licence that its files name.' })
  foundLicence!: string | null;

  @Field(() => LicenceVerdictType, { description: "What the project's licence policy says of it." })
  licenceVerdict!: LicenceVerdictType;

  @Field(() => String, {
    nullable: true,
    description: 'How it is talked to: a template in Jinja; null without one.',
  })
  chatTemplate!: string | null;

  @Field(() => ModelSupportType, { nullable: true, description: 'What could be done with it.' })
  supports!: ModelSupportType | null;

  @Field(() => InspectedAdapterType, { nullable: true, description: 'Of an adapter; null for a whole model.' })
  adapter!: InspectedAdapterType | null;
}

export const inspectBaseModelResult = resultUnion(
  'InspectBaseModelResult',
  'What the model is; or why it could not be looked into.',
  BaseModelInspectionType,
);

const bytesPerNumber = 4;

/** @param problems of the inspection, with paths into the input */
export function toInspectionType(
  { model, weights, tokenizer, licence: found, adapter, ...rest }: Omit<ModelInspection, 'problems'>,
  problems: readonly Problem[],
  { licence, verdict }: { readonly licence: string; readonly verdict: LicenceVerdict },
): BaseModelInspectionType {
  return Object.assign(new BaseModelInspectionType(), rest, {
    inspected: model,
    wouldImport: problems.length === 0,
    problems: problems.map(toProblemType),
    architecture: model?.config.architecture ?? null,
    parameters: model === null ? null : parametersOf(model),
    layers: model?.layers ?? [],
    layerCount: model?.config.layers ?? null,
    hiddenSize: model?.config.hiddenSize ?? null,
    contextLength: model?.contextLength ?? null,
    vocabularySize: model?.config.vocabularySize ?? null,
    tokenizer: tokenizer === null ? null : Object.assign(new InspectedTokenizerType(), tokenizer),
    allHeads: model?.heads.map(toModelHeadType) ?? [],
    pooling: model?.pooling ?? null,
    truncationSide: model?.truncationSide ?? null,
    weightFileCount: weights?.fileCount ?? 0,
    weightsSizeBytes: weights?.sizeBytes ?? null,
    importedSizeBytes: model === null ? null : bytesPerNumber * model.parameterCount,
    licence,
    foundLicence: found,
    licenceVerdict: toLicenceVerdictType(verdict),
    supports: model === null ? null : toModelSupportType(supportOf(model, adapter !== null)),
    adapter: adapter === null ? null : Object.assign(new InspectedAdapterType(), adapter),
  });
}
