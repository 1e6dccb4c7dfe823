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
  description: 'A secret that lets programs act as a user, within scopes. The server keeps only its digest.',
  implements: Node,
  simpleResolvers: true,
})
export class ApiKeyType extends Node {
  userUuid!: string;
  makerUuid!: string;
  /**
   * The only project that the key opens. Not named `projectUuid`, because a key belongs to its user and not to the
   * project.
   */
  onlyProjectUuid!: string | null;

  @Field(() => String, { description: 'What the key is for.' })
  name!: string;

  @Field(() => String, { description: 'The first characters of the key, to tell keys apart.' })
  hint!: string;

  @Field(() => [ScopeEnum], { description: 'What the key may be used for, as far as its user has the right.' })
  scopes!: Scope[];

  @Field(() => DateTime, { description: 'When the key was created.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When the key expires; null: it does not expire.' })
  expiresAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When the key was revoked; null: it is not revoked.' })
  revokedAt!: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the key was last used, to within a minute; null: never.',
  })
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
      'The key itself, to be sent as `Authorization: Bearer <secret>`. Only this answer shows it; null when this call repeats an earlier one.',
  })
  secret!: string | null;
}

export const createApiKeyResult = resultUnion(
  'CreateApiKeyResult',
  'The new key with its secret; or why none was created.',
  CreatedApiKeyType,
);
export const revokeApiKeyResult = resultUnion(
  'RevokeApiKeyResult',
  'The revoked key; or why it was not revoked.',
  ApiKeyType,
);
