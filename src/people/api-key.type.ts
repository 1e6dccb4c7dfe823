import { Field, ObjectType } from 'type-graphql';
import type { Scope } from '../access/rights.js';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { resultUnion } from '../graphql/problem.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { ApiKeyRow } from './api-key.reads.js';
import { ScopeEnum } from './viewer.type.js';

@ObjectType('ApiKey', {
  description: 'A secret that lets programs act as a user, within scopes. What is kept of it is a digest.',
  implements: Node,
  simpleResolvers: true,
})
export class ApiKeyType extends Node {
  userUuid!: string;
  makerUuid!: string;
  /** Of the only project that it opens. Not `projectUuid`: a key is its user's, not the project's. */
  onlyProjectUuid!: string | null;

  @Field(() => String, { description: 'What it is for, in words.' })
  name!: string;

  @Field(() => String, { description: 'How it begins, to tell keys apart by.' })
  hint!: string;

  @Field(() => [ScopeEnum], { description: 'What it can be used for, as far as its user may.' })
  scopes!: Scope[];

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'From when on it opens nothing; null: it does not expire.' })
  expiresAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was revoked; null: it was not.' })
  revokedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was last used, to within a minute; null: never.' })
  lastUsedAt!: Date | null;
}

export const apiKeys = connectionOf('ApiKey', 'API keys', ApiKeyType);

export function toApiKeyType({ id, userId, projectId, createdBy, ...row }: ApiKeyRow): ApiKeyType {
  return Object.assign(new ApiKeyType(), row, {
    id: globalId('ApiKey', id),
    userUuid: userId,
    makerUuid: createdBy,
    onlyProjectUuid: projectId,
  });
}

@ObjectType('CreatedApiKey', { description: 'A new API key, with its secret.', simpleResolvers: true })
export class CreatedApiKeyType {
  @Field(() => ApiKeyType, { description: 'The key.' })
  apiKey!: ApiKeyType;

  @Field(() => String, {
    nullable: true,
    description:
      'The key itself, to be sent as `Authorization: Bearer <secret>`. Shown this once: null when this call repeats an earlier one.',
  })
  secret!: string | null;
}

export const createApiKeyResult = resultUnion(
  'CreateApiKeyResult',
  'The new key with its secret; or why there is none.',
  CreatedApiKeyType,
);
export const revokeApiKeyResult = resultUnion('RevokeApiKeyResult', 'The key, revoked; or why not.', ApiKeyType);
