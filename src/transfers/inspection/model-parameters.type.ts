import { Field, ObjectType } from 'type-graphql';
import { BigIntScalar } from '../../graphql/scalars.js';
import type { ModelManifest } from '../../protocol/model-manifest.js';
import { isLanguageModelTensor, isPoolerTensor } from '../../protocol/trained-layers.js';

@ObjectType('ModelParameters', {
  description: 'How many numbers the tensors of a model have, by its parts.',
  simpleResolvers: true,
})
export class ModelParametersType {
  @Field(() => BigIntScalar, { description: 'All of them.' })
  total!: number;

  @Field(() => BigIntScalar, { description: 'Of the embeddings, `layers[0]`.' })
  embeddings!: number;

  @Field(() => BigIntScalar, { description: 'Of the layers between embeddings and what reads them, together.' })
  layers!: number;

  @Field(() => BigIntScalar, { description: 'Of the pooler, or of what pools; 0 without one.' })
  pooler!: number;

  @Field(() => BigIntScalar, {
    description: 'Of what predicts tokens, beside the table of embeddings that it may share; 0 without it.',
  })
  languageModel!: number;

  @Field(() => BigIntScalar, { description: 'Of heads that predict, and of an adapter.' })
  heads!: number;
}

/** The numbers of a model's tensors, by its parts, which add up to all. */
export function parametersOf({
  config,
  layers,
  parameterCount,
}: Pick<ModelManifest, 'config' | 'layers' | 'parameterCount'>): ModelParametersType {
  const sum = (which: (layer: ModelManifest['layers'][number]) => boolean) =>
    layers.filter(which).reduce((total, layer) => total + layer.parameterCount, 0);
  const isLanguageModel = ({ tensors }: ModelManifest['layers'][number]) => tensors.some(isLanguageModelTensor);
  const isPooler = ({ index, tensors }: ModelManifest['layers'][number]) =>
    index > config.layers &&
    (tensors.length === 0 || tensors.some(isPoolerTensor) || !tensors.some(isLanguageModelTensor));
  const parts = {
    embeddings: sum(({ index }) => index === 0),
    layers: sum(({ index }) => index > 0 && index <= config.layers),
    pooler: sum(isPooler),
    languageModel: sum(isLanguageModel),
  };
  const inLayers = parts.embeddings + parts.layers + parts.pooler + parts.languageModel;
  return Object.assign(new ModelParametersType(), parts, { total: parameterCount, heads: parameterCount - inLayers });
}
