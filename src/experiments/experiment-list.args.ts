import { ArgsType, Field } from 'type-graphql';
import type { Listing } from '../database/child-pages.js';
import type { Sql } from '../database/sql.js';
import { PageArgs } from '../graphql/connection.js';
import { ExperimentFilter, experimentConditions, experimentSearch } from './experiment-filter.input.js';
import { ExperimentOrder, experimentOrder } from './experiment-order.input.js';

@ArgsType()
export class ExperimentListArgs extends PageArgs {
  @Field(() => ExperimentFilter, {
    nullable: true,
    description: 'Only experiments that match this filter. Default: all that are not archived.',
  })
  filter?: ExperimentFilter | null;

  @Field(() => ExperimentOrder, { nullable: true, description: 'The order of the list. Default: newest first.' })
  orderBy?: ExperimentOrder | null;
}

/** Throws a GraphQL error BAD_USER_INPUT. */
export function experimentListing({ filter, orderBy }: ExperimentListArgs): Listing {
  const search = experimentSearch(filter ?? {});
  return {
    where: experimentConditions(filter ?? {}),
    order: experimentOrder(orderBy ?? { direction: 'DESC' }),
    ...(search === null ? {} : { search }),
  };
}

/** The same list, of those alone that meet a further condition. */
export function withCondition({ where = [], search, ...listing }: Listing, condition: Sql): Listing {
  return {
    ...listing,
    where: [...where, condition],
    ...(search === undefined ? {} : { search: { ...search, where: [...search.where, condition] } }),
  };
}
