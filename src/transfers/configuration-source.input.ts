import { Extensions, Field, Float, ID, InputType, Int } from 'type-graphql';
import { Seed } from '../graphql/scalars.js';
import { ArchitectureEnum } from '../models/base-model.type.js';
import type { Architecture } from '../protocol/architectures/index.js';
import { FolderSourceInput, HubSourceInput } from './file-source.input.js';

@Extensions({ oneOf: true })
@InputType({
  description:
    'Whose tokenizer a new model has: exactly one of the fields. A folder or repository is searched for a tokenizer.json, with or without a model beside it.',
})
export class TokenizerSourceInput {
  @Field(() => ID, { nullable: true, description: 'A base model of the project: its tokenizer is taken as it is.' })
  baseModelId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'A `tokenizer.json` that was uploaded, from `createUpload` with `format: JSON`. A chat template can be given later, to an instruction tuning. The upload is used up.',
  })
  uploadId?: string | null;

  @Field(() => FolderSourceInput, { nullable: true, description: "A folder on the worker's machine." })
  folder?: FolderSourceInput | null;

  @Field(() => HubSourceInput, { nullable: true, description: 'A repository of a model hub.' })
  hub?: HubSourceInput | null;
}

const token = (what: string, otherwise: string) => ({
  nullable: true,
  description: `The token that ${what}, as the tokenizer's vocabulary has it, e.g. </s>. Default: the one that the tokenizer's files name, else one with a usual name; ${otherwise}`,
});

@InputType({
  description:
    'A model that is made from nothing: sizes, and a seed for its weights, which are drawn as transformers draws them. Equal configurations, tokenizers and seeds give the same model, on any machine. It knows nothing until it is trained.',
})
export class ConfigurationSourceInput {
  @Field(() => ArchitectureEnum, { description: 'Its family.' })
  architecture!: Architecture;

  @Field(() => TokenizerSourceInput, { description: 'Whose tokenizer it has.' })
  tokenizer!: TokenizerSourceInput;

  @Field(() => Int, { description: "Width of its layers: numbers in a token's state." })
  hiddenSize!: number;

  @Field(() => Int, { description: 'Layers, from 1 to 1000.' })
  layers!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'Attention heads, a divisor of hiddenSize. Default: the fewest whose heads are at most 64 wide and of an even width.',
  })
  attentionHeads!: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Heads of keys and values, a divisor of attentionHeads, of decoders after the manner of Llama. Default: attentionHeads.',
  })
  keyValueHeads!: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Width of the feed-forward networks. Default: 4 × hiddenSize; where they have gates 8/3 × hiddenSize, rounded up to a multiple of 8.',
  })
  intermediateSize!: number | null;

  @Field(() => Int, { defaultValue: 512, description: 'Tokens of the longest text that it reads, from 4.' })
  contextLength!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'Rows of its table of embeddings, where that is to have more than the tokenizer needs, e.g. a multiple of 64. Default: as many as the tokenizer needs.',
  })
  vocabularySize!: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Of decoders: whether the logits of the next token are products with the table of embeddings. Default: true.',
  })
  tieEmbeddings!: boolean | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Base of the rotary positions, of decoders after the manner of Llama. Default: 10000.',
  })
  rotaryBase!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'How many tokens a token reads, itself included, of Mistral. Default: all before it.',
  })
  slidingWindow!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'What its norms add to the variance. Default: as is usual in the family, 1e-12 or 1e-5. DistilBERT has no choice.',
  })
  normEpsilon!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Dropout in training: of embeddings, attention and layers; of Llama and its like of attention alone. Default: as is usual in the family, 0.1 or 0.',
  })
  dropout!: number | null;

  @Field(() => Float, {
    defaultValue: 0.02,
    description:
      'Standard deviation of the values that matrices and embeddings begin with. Norms begin at one, biases at zero, and those matrices of GPT-2 that add to the residual stream with this divided by √(2 × layers).',
  })
  initializerRange!: number;

  @Field(() => Seed, { defaultValue: 0, description: 'Determines the weights.' })
  seed!: number;

  @Field(() => String, token('begins texts', 'a model may have none.'))
  beginToken!: string | null;

  @Field(() => String, token('ends texts', 'an encoder may have none, a decoder may not.'))
  endToken!: string | null;

  @Field(() => String, token('fills up short texts', 'a decoder may have none, an encoder takes its first token.'))
  padToken!: string | null;
}
