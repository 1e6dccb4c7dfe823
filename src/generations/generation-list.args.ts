import { ArgsType, Field, ID, InputType } from 'type-graphql';
import { type Sql, sql } from '../database/sql.js';
import { PageArgs } from '../graphql/connection.js';
import { anyOf, rowIds, values } from '../graphql/filter-values.js';
import type { TransferStatus } from '../protocol/job.js';
import { GenerationStatusEnum } from './generation.type.js';

@InputType({ description: 'Which generations to list: those that match every field. A null field restricts nothing.' })
export class GenerationFilter {
  @Field(() => [GenerationStatusEnum], { nullable: true, description: `In one of these statuses. ${anyOf}` })
  status?: TransferStatus[] | null;

  @Field(() => [ID], { nullable: true, description: `Of one of these models. ${anyOf}` })
  modelId?: string[] | null;

  @Field(() => [ID], { nullable: true, description: `That one of these users asked for. ${anyOf}` })
  author?: string[] | null;
}

@ArgsType()
export class GenerationListArgs extends PageArgs {
  @Field(() => GenerationFilter, {
    nullable: true,
    description: 'Only generations that match this filter. Default: all.',
  })
  filter?: GenerationFilter | null;
}

/** Conditions on `generations g`. Throws a GraphQL error BAD_USER_INPUT. */
export function generationConditions({ status, modelId, author }: GenerationFilter): Sql[] {
  return [
    ...(status == null ? [] : [sql`g.status = ANY(${values('status', status)}::text[])`]),
    ...(modelId == null ? [] : [sql`g.base_model_id = ANY(${rowIds('modelId', 'BaseModel', modelId)}::uuid[])`]),
    ...(author == null ? [] : [sql`g.created_by = ANY(${rowIds('author', 'User', author)}::uuid[])`]),
  ];
}
