import { Field, ID, InputType } from 'type-graphql';
import type { Scope } from '../access/rights.js';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { DateTime } from '../graphql/scalars.js';
import { ScopeEnum } from './viewer.type.js';

@InputType({ description: 'An API key to create.' })
export class CreateApiKeyInput {
  @Field(() => String, { description: 'What the key is for, 1 to 100 characters.' })
  name!: string;

  @Field(() => [ScopeEnum], {
    description: 'What the key may be used for, as far as its user has the right. READ is always included.',
  })
  scopes!: Scope[];

  @Field(() => String, {
    nullable: true,
    description: 'Slug of the only project that the key opens. Default: all projects of its user.',
  })
  projectSlug!: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'The user that the key acts as. Default: the viewer. An owner of a project can name another member: then `projectSlug` is required.',
  })
  userId!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When the key expires. Default: it does not expire.' })
  expiresAt!: Date | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey!: string | null;
}

@InputType({ description: 'An API key to revoke.' })
export class RevokeApiKeyInput {
  @Field(() => ID, { description: 'The key.' })
  apiKeyId!: string;
}
