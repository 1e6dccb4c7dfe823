import { ArgsType, Field } from 'type-graphql';
import type { Listing } from '../database/child-pages.js';
import { PageArgs } from '../graphql/connection.js';
import { EvaluationFilter, evaluationConditions } from './evaluation-filter.input.js';
import { EvaluationOrder, evaluationOrder } from './evaluation-order.input.js';

@ArgsType()
export class EvaluationListArgs extends PageArgs {
  @Field(() => EvaluationFilter, { nullable: true, description: 'Only those that this is true of. Default: all.' })
  filter?: EvaluationFilter | null;

  @Field(() => EvaluationOrder, { nullable: true, description: 'How to sort them. Default: newest first.' })
  orderBy?: EvaluationOrder | null;
}

/** Of `evaluations v`. Throws a GraphQL error BAD_USER_INPUT. */
export function evaluationListing({ filter, orderBy }: EvaluationListArgs): Listing {
  return { where: evaluationConditions(filter ?? {}), order: evaluationOrder(orderBy ?? { direction: 'DESC' }) };
}
