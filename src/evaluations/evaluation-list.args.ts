import { ArgsType, Field } from 'type-graphql';
import type { Listing } from '../database/child-pages.js';
import { PageArgs } from '../graphql/connection.js';
import { EvaluationFilter, evaluationConditions } from './evaluation-filter.input.js';
import { EvaluationOrder, evaluationOrder } from './evaluation-order.input.js';

@ArgsType()
export class EvaluationListArgs extends PageArgs {
  @Field(() => EvaluationFilter, {
    nullable: true,
    description: 'Only evaluations that match this filter. Default: all.',
  })
  filter?: EvaluationFilter | null;

  @Field(() => EvaluationOrder, { nullable: true, description: 'The order of the list. Default: newest first.' })
  orderBy?: EvaluationOrder | null;
}

/** Which `evaluations v` to list, and their order. Throws a GraphQL error BAD_USER_INPUT. */
export function evaluationListing({ filter, orderBy }: EvaluationListArgs): Listing {
  return { where: evaluationConditions(filter ?? {}), order: evaluationOrder(orderBy ?? { direction: 'DESC' }) };
}
