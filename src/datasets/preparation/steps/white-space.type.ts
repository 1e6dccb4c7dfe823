import { Field, InputType, ObjectType } from 'type-graphql';
import type { CollapseWhiteSpace } from '../../../protocol/preparation/steps/white-space.js';
import { textColumns } from './field-texts.js';

@InputType('CollapseWhiteSpaceInput', { description: 'Makes each run of white space one space.' })
@ObjectType('CollapseWhiteSpace', {
  description: 'Each run of white space becomes one space.',
  simpleResolvers: true,
})
export class CollapseWhiteSpaceType implements Omit<CollapseWhiteSpace, 'kind'> {
  @Field(() => [String], textColumns)
  columns!: string[] | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether line breaks stay: at most one empty line between two lines.',
  })
  keepLineBreaks!: boolean;

  @Field(() => Boolean, { defaultValue: true, description: 'Whether white space at the ends of a text goes.' })
  trim!: boolean;
}
