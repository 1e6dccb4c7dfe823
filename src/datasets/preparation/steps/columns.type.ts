import { Field, InputType, ObjectType } from 'type-graphql';
import type { DropColumns } from '../../../protocol/preparation/steps/columns.js';

@InputType('DropColumnsInput', { description: 'Leaves columns out.' })
@ObjectType('DropColumns', { description: 'Columns are left out.', simpleResolvers: true })
export class DropColumnsType implements Omit<DropColumns, 'kind'> {
  @Field(() => [String], { description: 'The columns. At least one must stay.' })
  columns!: string[];
}
