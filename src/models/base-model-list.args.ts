import { ArgsType, Field } from 'type-graphql';
import type { Listing } from '../database/child-pages.js';
import { PageArgs } from '../graphql/connection.js';
import { BaseModelFilter, baseModelConditions } from './base-model-filter.input.js';
import { BaseModelOrder, baseModelOrder } from './base-model-order.input.js';

@ArgsType()
export class BaseModelListArgs extends PageArgs {
  @Field(() => BaseModelFilter, { nullable: true, description: 'Only models that match this filter. Default: all.' })
  filter?: BaseModelFilter | null;

  @Field(() => BaseModelOrder, { nullable: true, description: 'The order of the list. Default: newest first.' })
  orderBy?: BaseModelOrder | null;
}

/** Which `base_models m` to list, and their order. Throws a GraphQL error BAD_USER_INPUT. */
export function baseModelListing({ filter, orderBy }: BaseModelListArgs): Listing {
  return { where: baseModelConditions(filter ?? {}), order: baseModelOrder(orderBy ?? { direction: 'DESC' }) };
}
