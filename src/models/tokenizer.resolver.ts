import { Arg, Field, FieldResolver, Int, ObjectType, Resolver, Root } from 'type-graphql';
import { checkRange } from '../graphql/check-range.js';
import { orRefuse, refuse } from '../graphql/refuse.js';
import { problem } from '../problems/problem.js';
import { TokenizerError } from '../tokenizer/index.js';
import { BaseModelType, TokenizerType } from './base-model.type.js';
import { checkReadsPairs } from './check-reads-pairs.js';
import { TruncationSideEnum } from './model-settings.type.js';
import { idOfToken, TokenizationType, toTokenizationType } from './tokenization.type.js';
import type { Tokenizers } from './tokenizers.js';

const maxTextLength = 100_000;
/** As in training: it leaves room for the special tokens around a pair. */
const minLength = 4;
const usualLength = 128;

@ObjectType('SpecialToken', { description: 'A token that stands for no text.', simpleResolvers: true })
export class SpecialTokenType {
  @Field(() => Int, { description: 'Its id in the vocabulary.' })
  tokenId!: number;

  @Field(() => Int, { description: 'Its id in the vocabulary.', deprecationReason: idOfToken })
  id!: number;

  @Field(() => String, { description: 'Its string, e.g. [CLS].' })
  token!: string;
}

/** Fields that need the tokenizer's file, which is read when they are asked for. */
@Resolver(() => TokenizerType)
export class TokenizerResolver {
  constructor(private readonly tokenizers: Tokenizers) {}

  @FieldResolver(() => [SpecialTokenType], { description: 'Its tokens that stand for no text.', complexity: 100 })
  async specialTokens(@Root() { digest }: TokenizerType): Promise<SpecialTokenType[]> {
    const { specialTokens } = await orRefuse(this.tokenizers.get(digest));
    return specialTokens.map(({ id, content }) => ({ tokenId: id, id, token: content }));
  }
}

@Resolver(() => BaseModelType)
export class TokenizationResolver {
  constructor(private readonly tokenizers: Tokenizers) {}

  @FieldResolver(() => TokenizationType, {
    description: 'How the model reads a text, or a pair: its tokens, and where each lies in the text.',
    complexity: ({ childComplexity }: { childComplexity: number }) => 300 + 10 * childComplexity,
  })
  async tokenize(
    @Root() model: BaseModelType,
    @Arg('text', () => String, { description: `The text, at most ${maxTextLength} characters.` }) text: string,
    @Arg('pair', () => String, { nullable: true, description: 'The second text of a pair. Default: none.' })
    pair: string | null,
    @Arg('maxLength', () => Int, {
      nullable: true,
      description: `Tokens to cut to, special tokens included, from ${minLength} to the context length. Default: as in the model's training, else ${usualLength}.`,
    })
    maxLength: number | null,
    @Arg('truncationSide', () => TruncationSideEnum, {
      nullable: true,
      description: 'Where to cut. Default: as the model does.',
    })
    truncationSide: 'left' | 'right' | null,
  ): Promise<TokenizationType> {
    checkRange('text', text.length, 0, maxTextLength);
    checkRange('pair', pair?.length ?? 0, 0, maxTextLength);
    if (pair != null) refuse(checkReadsPairs(model.config, ['pair']));
    if (maxLength != null) checkRange('maxLength', maxLength, minLength, model.contextLength);
    const tokenizer = await orRefuse(this.tokenizers.get(model.tokenizer.digest));
    try {
      const encoding = tokenizer.encode(text, pair ?? null, {
        maxLength: maxLength ?? Math.min(model.maxLength ?? usualLength, model.contextLength),
        truncationSide: truncationSide ?? model.truncationSide,
      });
      return toTokenizationType(encoding, tokenizer);
    } catch (error) {
      if (error instanceof TokenizerError) refuse([problem(['text'], 'INVALID_VALUE', error.message)]);
      throw error;
    }
  }
}
