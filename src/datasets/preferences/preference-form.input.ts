import { Extensions, Field, InputType } from 'type-graphql';
import type { PreferenceForm } from '../../protocol/preference-form.js';

@InputType({ description: 'Two answers in a row, of which one is better.' })
export class PreferencePairsInput {
  @Field(() => String, {
    nullable: true,
    description:
      'Column of the prompts. Default: the column with the role PROMPT, if there is one. Null, or no such column: the prompt is what both answers begin with.',
  })
  promptColumn?: string | null;

  @Field(() => String, { description: 'Column of the better answers.' })
  chosenColumn!: string;

  @Field(() => String, { description: 'Column of the other answers.' })
  rejectedColumn!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Column of numbers from 0 on: how much better the chosen answer is. It may be empty in some rows.',
  })
  strengthColumn?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Column of numbers from 0 to 1: how likely the chosen answer is the better one. It may be empty in some rows.',
  })
  probabilityColumn?: string | null;
}

@InputType({ description: 'One answer in a row, and a number that is larger for better answers.' })
export class RatedAnswersInput {
  @Field(() => String, { description: 'Column of the prompts: answers to the same prompt are compared.' })
  promptColumn!: string;

  @Field(() => String, { description: 'Column of the answers.' })
  completionColumn!: string;

  @Field(() => String, { description: 'Column of the ratings.' })
  ratingColumn!: string;
}

@InputType({ description: 'One answer in a row, and whether it is good.' })
export class ThumbedAnswersInput {
  @Field(() => String, {
    nullable: true,
    description: 'Column of the prompts. Default: the column with the role PROMPT, if there is one; null: none.',
  })
  promptColumn?: string | null;

  @Field(() => String, { description: 'Column of the answers.' })
  completionColumn!: string;

  @Field(() => String, {
    description: 'Column of the thumbs: true or false, 1 or 0, yes or no, up or down, good or bad.',
  })
  thumbColumn!: string;
}

/** The field of each form. A form without a field does not compile. */
@Extensions({ oneOf: true })
@InputType({
  description:
    'How rows hold judgements of answers: exactly one of the fields. Columns of prompts and answers hold texts or lists of turns, `{ role, content }` or `{ from, value }`.',
})
export class PreferenceFormInput implements Partial<Readonly<Record<PreferenceForm['kind'], object | null>>> {
  @Field(() => PreferencePairsInput, { nullable: true, description: 'Two answers, of which one is better.' })
  pairs?: PreferencePairsInput | null;

  @Field(() => RatedAnswersInput, { nullable: true, description: 'An answer and its rating.' })
  rated?: RatedAnswersInput | null;

  @Field(() => ThumbedAnswersInput, { nullable: true, description: 'An answer, and whether it is good.' })
  thumbs?: ThumbedAnswersInput | null;
}

export function toPreferenceForm(input: PreferenceFormInput): PreferenceForm {
  const { pairs, rated, thumbs, ...others } = input;
  others satisfies Readonly<Record<string, never>>;
  if (pairs != null) {
    return {
      kind: 'pairs',
      promptColumn: pairs.promptColumn ?? null,
      chosenColumn: pairs.chosenColumn,
      rejectedColumn: pairs.rejectedColumn,
      strengthColumn: pairs.strengthColumn ?? null,
      probabilityColumn: pairs.probabilityColumn ?? null,
    };
  }
  if (rated != null) {
    const { promptColumn, completionColumn, ratingColumn } = rated;
    return { kind: 'rated', promptColumn, completionColumn, ratingColumn };
  }
  if (thumbs != null) {
    const { promptColumn, completionColumn, thumbColumn } = thumbs;
    return { kind: 'thumbs', promptColumn: promptColumn ?? null, completionColumn, thumbColumn };
  }
  throw new Error('The form has no field, which @oneOf should have refused.');
}

/** The input that a form comes from. */
export function preferenceInputOf(form: PreferenceForm): PreferenceFormInput {
  const { kind, ...columns } = form;
  return { [kind]: columns };
}
