import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar } from '../graphql/scalars.js';
import { WorkerType } from '../workers/worker.type.js';

@ObjectType('ServerLimits', {
  description: 'The limits of this server. It refuses requests that exceed them.',
  simpleResolvers: true,
})
export class ServerLimitsType {
  @Field(() => Int, {
    description: 'Highest complexity of an operation: about one for each field, times `first` within a page.',
  })
  maxComplexity!: number;

  @Field(() => Int, { description: 'Deepest nesting of fields in an operation.' })
  maxDepth!: number;

  @Field(() => Int, { description: 'Most aliases in an operation.' })
  maxAliases!: number;

  @Field(() => Int, { description: 'Deepest nesting of fields under `__schema` and `__type`.' })
  maxIntrospectionDepth!: number;

  @Field(() => Int, { description: 'Most directives in an operation.' })
  maxDirectives!: number;

  @Field(() => Int, { description: 'Most fields in an operation that repeat another field in the same braces.' })
  maxRepeatedFields!: number;

  @Field(() => Int, { description: 'Most tokens in a document.' })
  maxTokens!: number;

  @Field(() => Int, { description: "Most values in an operation's variables, however deep they lie." })
  maxInputValues!: number;

  @Field(() => Int, { description: "Deepest nesting of an operation's variables." })
  maxInputDepth!: number;

  @Field(() => Int, { description: 'Most operations in one HTTP request; 1: a list of operations is refused.' })
  maxBatchSize!: number;

  @Field(() => Int, { description: 'Most nodes in a page.' })
  maxPageSize!: number;

  @Field(() => BigIntScalar, {
    description: 'Largest request body, bytes. Uploads have their own limit.',
  })
  maxRequestBytes!: number;

  @Field(() => BigIntScalar, { description: 'Largest WebSocket message, bytes.' })
  maxSocketMessageBytes!: number;

  @Field(() => Int, { description: 'Most operations at a time on one WebSocket.' })
  maxOperationsPerSocket!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'Points that a credential may spend in a minute; null: no limit. An operation costs one point for each 100 of complexity begun, and nine more for each mutation.',
  })
  rateLimit!: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Longest time of a query, milliseconds; null: no limit. Mutations run to their end, however long that takes.',
  })
  queryTimeoutMs!: number | null;

  @Field(() => Boolean, { description: 'Whether the server runs only documents that it knows.' })
  persistedDocumentsOnly!: boolean;

  @Field(() => BigIntScalar, { description: 'Largest upload, bytes.' })
  maxUploadBytes!: number;

  @Field(() => Int, { description: 'Most different labels of a classification head.' })
  maxLabels!: number;

  @Field(() => Int, { description: 'Most texts in one predict call.' })
  maxPredictTexts!: number;

  @Field(() => Int, { description: 'Longest text in a predict call, UTF-16 code units.' })
  maxPredictTextLength!: number;
}

const ServerFeatureEnum = { SIGN_IN: 'SIGN_IN', PERSISTED_DOCUMENTS: 'PERSISTED_DOCUMENTS' } as const;
export type ServerFeature = keyof typeof ServerFeatureEnum;

registerEnumType(ServerFeatureEnum, {
  name: 'ServerFeature',
  description: 'Features that a server has only when its operator set them up. New ones may be added.',
  valuesConfig: {
    SIGN_IN: { description: 'People can sign in, at /auth/sign-in.' },
    PERSISTED_DOCUMENTS: {
      description: 'Operations can be sent by the `documentId` of a document that the server knows.',
    },
  },
});

@ObjectType('ServerInfo', { description: 'What this server is and can do.', simpleResolvers: true })
export class ServerInfoType {
  @Field(() => String, { description: "Attune's version." })
  version!: string;

  @Field(() => [WorkerType], { description: 'Workers that are online now, with the engine each has chosen and why.' })
  workers!: WorkerType[];

  @Field(() => [ServerFeatureEnum], { description: 'The features that the operator set up.' })
  features!: readonly ServerFeature[];

  @Field(() => ServerLimitsType, { description: 'The limits of this server.' })
  limits!: ServerLimitsType;
}
