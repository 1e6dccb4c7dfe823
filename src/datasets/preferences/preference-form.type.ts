import { Field, ObjectType, registerEnumType } from 'type-graphql';
import type { PreferenceForm } from '../../protocol/preference-form.js';

export const PreferenceFormKindEnum = {
  PAIRS: 'pairs',
  RATED: 'rated',
  THUMBS: 'thumbs',
} as const satisfies Readonly<Record<string, PreferenceForm['kind']>>;

registerEnumType(PreferenceFormKindEnum, {
  name: 'PreferenceFormKind',
  description: 'How rows hold judgements of answers, without the columns.',
  valuesConfig: {
    PAIRS: { description: 'Two answers, of which one is better.' },
    RATED: { description: 'An answer and its rating.' },
    THUMBS: { description: 'An answer, and whether it is good.' },
  },
});

@ObjectType('PreferenceForm', { description: 'How rows hold judgements of answers.', simpleResolvers: true })
export class PreferenceFormType {
  @Field(() => PreferenceFormKindEnum, { description: 'The form.' })
  kind!: PreferenceForm['kind'];

  @Field(() => String, {
    nullable: true,
    description: 'Column of the prompts; null: the prompt is a part of the answers.',
  })
  promptColumn!: string | null;

  @Field(() => String, { nullable: true, description: 'Column of the better answers; null: rows hold no pairs.' })
  chosenColumn!: string | null;

  @Field(() => String, { nullable: true, description: 'Column of the other answers; null: rows hold no pairs.' })
  rejectedColumn!: string | null;

  @Field(() => String, { nullable: true, description: 'Column of single answers; null: rows hold pairs.' })
  completionColumn!: string | null;

  @Field(() => String, { nullable: true, description: 'Column of how much better the chosen answers are; null: none.' })
  strengthColumn!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Column of how likely the chosen answers are the better ones; null: none.',
  })
  probabilityColumn!: string | null;

  @Field(() => String, { nullable: true, description: 'Column of ratings; null: rows hold none.' })
  ratingColumn!: string | null;

  @Field(() => String, { nullable: true, description: 'Column of thumbs; null: rows hold none.' })
  thumbColumn!: string | null;
}

const noColumns = {
  promptColumn: null,
  chosenColumn: null,
  rejectedColumn: null,
  completionColumn: null,
  strengthColumn: null,
  probabilityColumn: null,
  ratingColumn: null,
  thumbColumn: null,
};

export function toPreferenceFormType(form: PreferenceForm): PreferenceFormType {
  return Object.assign(new PreferenceFormType(), { ...noColumns, ...form });
}
