import { ArgsType, Field } from 'type-graphql';
import type { Listing } from '../database/child-pages.js';
import { PageArgs } from '../graphql/connection.js';
import { DatasetFilter, datasetConditions } from './dataset-filter.input.js';
import { DatasetOrder, datasetOrder } from './dataset-order.input.js';

@ArgsType()
export class DatasetListArgs extends PageArgs {
  @Field(() => DatasetFilter, { nullable: true, description: 'Only datasets that match this filter. Default: all.' })
  filter?: DatasetFilter | null;

  @Field(() => DatasetOrder, { nullable: true, description: 'The order of the list. Default: newest first.' })
  orderBy?: DatasetOrder | null;
}

/** Throws a GraphQL error BAD_USER_INPUT. */
export function datasetListing({ filter, orderBy }: DatasetListArgs): Listing {
  return {
    where: datasetConditions(filter ?? {}),
    order: datasetOrder(orderBy ?? { field: 'CREATED', direction: 'DESC' }),
  };
}
