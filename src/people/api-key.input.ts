import { Field, ID, InputType } from 'type-graphql';
import type { Scope } from '../access/rights.js';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { DateTime } from '../graphql/scalars.js';
import { ScopeEnum } from './viewer.type.js';

@InputType({ description: 'An API key to be.' })
export class CreateApiKeyInput {
  @Field(() => String, { description: 'What it is for, 1 to 100 characters.' })
  name!: string;

  @Field(() => [ScopeEnum], {
    description: 'What it can be used for, as far as its user may. READ is always part of it.',
  })
  scopes!: Scope[];

  @Field(() => String, {
    nullable: true,
    description: 'Slug of the only project that it opens. Default: all projects of its user.',
  })
  projectSlug!: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'The user it acts as. Default: the viewer. For another member, by an owner: then `projectSlug` is needed.',
  })
  userId!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'From when on it opens nothing. Default: it does not expire.' })
  expiresAt!: Date | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey!: string | null;
}

@InputType({ description: 'An API key to revoke.' })
export class RevokeApiKeyInput {
  @Field(() => ID, { description: 'The key.' })
  apiKeyId!: string;
}
