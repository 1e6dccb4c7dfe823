import { Field, Int, ObjectType } from 'type-graphql';
import type { Encoding, Tokenizer } from '../tokenizer/index.js';

/** Caches of clients identify objects by `id`: they would take all “the” of a text for one object. */
export const idOfToken = 'Use `tokenId`: this is no id of a node.';

@ObjectType('Token', { description: 'A token of a text, as a model reads it.', simpleResolvers: true })
export class TokenType {
  @Field(() => Int, { description: 'Its id in the vocabulary.' })
  tokenId!: number;

  @Field(() => Int, { description: 'Its id in the vocabulary.', deprecationReason: idOfToken })
  id!: number;

  @Field(() => String, { description: 'Its string in the vocabulary, e.g. ##ing.' })
  token!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'Where it begins in its text, in UTF-16 code units; null for a special token.',
  })
  start!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Where it ends in its text, in UTF-16 code units, exclusive; null for a special token.',
  })
  end!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Which text it is from: 0 the first, 1 the second; null for a special token.',
  })
  sequence!: 0 | 1 | null;
}

@ObjectType('Tokenization', { description: 'An example as a model reads it.', simpleResolvers: true })
export class TokenizationType {
  @Field(() => [TokenType], { description: 'The tokens, special tokens included, in order.' })
  tokens!: TokenType[];

  @Field(() => Boolean, { description: 'Whether something was cut off.' })
  truncated!: boolean;
}

export function toTokenizationType({ ids, offsets, sequence, truncated }: Encoding, tokenizer: Tokenizer) {
  const tokens = ids.map((id, i) => {
    const from = sequence[i] ?? null;
    const [start, end] = from === null ? [null, null] : offsets[i]!;
    return { tokenId: id, id, token: tokenizer.token(id), start, end, sequence: from };
  });
  return Object.assign(new TokenizationType(), { tokens, truncated });
}
