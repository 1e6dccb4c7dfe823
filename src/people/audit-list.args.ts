import { ArgsType, Field } from 'type-graphql';
import { PageArgs } from '../graphql/connection.js';
import { AuditFilter } from './audit-filter.input.js';

@ArgsType()
export class AuditListArgs extends PageArgs {
  @Field(() => AuditFilter, { nullable: true, description: 'Only entries that match this filter. Default: all.' })
  filter?: AuditFilter | null;
}
