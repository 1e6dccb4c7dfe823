import { Field, Float, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Seed, Sha256Scalar } from '../../../graphql/scalars.js';
import type { AddFromTemplates, AugmentText, BalanceLabels } from '../../../protocol/preparation/steps/augmentation.js';

enum AugmentationKind {
  SYNONYMS = 'synonyms',
  RANDOM_INSERTION = 'randomInsertion',
  RANDOM_SWAP = 'randomSwap',
  RANDOM_DELETION = 'randomDeletion',
  CHARACTER_NOISE = 'characterNoise',
  CASING = 'casing',
  PUNCTUATION = 'punctuation',
  MASKED_MODEL = 'maskedModel',
}
registerEnumType(AugmentationKind, {
  name: 'AugmentationKind',
  description: 'How a text is changed. The first four are those of EDA (Wei & Zou 2019).',
  valuesConfig: {
    SYNONYMS: { description: 'Words become synonyms of WordNet. English.' },
    RANDOM_INSERTION: { description: 'Synonyms of words are put in at drawn places. English.' },
    RANDOM_SWAP: { description: 'Two words change places.' },
    RANDOM_DELETION: { description: 'Each word is left out with the probability `share`, but at least one is.' },
    CHARACTER_NOISE: { description: 'Words get one typing error each.' },
    CASING: { description: 'Words are written in small letters or capitals.' },
    PUNCTUATION: { description: 'Marks are left out, repeated or exchanged, or a comma is put in.' },
    MASKED_MODEL: { description: 'Words become what a masked language model expects in their places.' },
  },
});

enum TypoEnum {
  NEIGHBOUR = 'neighbour',
  INSERT = 'insert',
  DELETE = 'delete',
  TRANSPOSE = 'transpose',
}
registerEnumType(TypoEnum, {
  name: 'Typo',
  description: 'A typing error.',
  valuesConfig: {
    NEIGHBOUR: { description: 'A key beside the right one.' },
    INSERT: { description: 'A key too many: the same again, or one beside it.' },
    DELETE: { description: 'A letter too few.' },
    TRANSPOSE: { description: 'Two letters in the wrong order.' },
  },
});

enum KeyboardEnum {
  QWERTY = 'qwerty',
  QWERTZ = 'qwertz',
  AZERTY = 'azerty',
}
registerEnumType(KeyboardEnum, {
  name: 'Keyboard',
  description: 'Which keys are beside one another.',
  valuesConfig: {
    QWERTY: { description: 'As in English.' },
    QWERTZ: { description: 'As in German.' },
    AZERTY: { description: 'As in French.' },
  },
});

enum CasingEnum {
  LOWER = 'lower',
  UPPER = 'upper',
  TITLE = 'title',
  SHOUT = 'shout',
}
registerEnumType(CasingEnum, {
  name: 'Casing',
  description: 'How words are written.',
  valuesConfig: {
    LOWER: { description: 'All small.' },
    UPPER: { description: 'ALL CAPITALS.' },
    TITLE: { description: 'Each Word With A Capital.' },
    SHOUT: { description: 'A share of the WORDS in capitals.' },
  },
});

enum PunctuationFaultEnum {
  REMOVE_ALL = 'removeAll',
  REMOVE_LAST = 'removeLast',
  REPEAT = 'repeat',
  EXCHANGE = 'exchange',
  INSERT_COMMA = 'insertComma',
}
registerEnumType(PunctuationFaultEnum, {
  name: 'PunctuationFault',
  description: 'What happens to marks of punctuation. Those inside of words stay.',
  valuesConfig: {
    REMOVE_ALL: { description: 'All are left out.' },
    REMOVE_LAST: { description: 'Those at the end are left out.' },
    REPEAT: { description: 'A share of them is written twice or three times.' },
    EXCHANGE: { description: 'A share of them becomes another: `.` for `!`, `;` for `,`.' },
    INSERT_COMMA: { description: 'A comma appears between words.' },
  },
});

const all = { typos: Object.values(TypoEnum), casings: Object.values(CasingEnum) };

@InputType('AugmentationMethodInput', {
  description: 'One way to change a text. Settings that its kind does not have are ignored.',
})
@ObjectType('AugmentationMethod', {
  description: 'One way to change a text. Settings that its kind does not have are null.',
  simpleResolvers: true,
})
class AugmentationMethodType {
  @Field(() => AugmentationKind, { description: 'What happens to the text.' })
  kind!: AugmentationKind;

  @Field(() => Float, {
    nullable: true,
    description:
      'Share of the words that change, at least one word does. Null: what EDA takes, 0.05 below 5,000 rows, else 0.1.',
  })
  share?: number | null;

  @Field(() => Float, {
    nullable: true,
    defaultValue: 0.25,
    description:
      'Of SYNONYMS and RANDOM_INSERTION: what share of the occurrences of a word a meaning has to have, and of its synonym. 0: any meaning will do, as in EDA.',
  })
  leastShareOfMeaning?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'Of SYNONYMS: whether a word may become several words.',
  })
  phrases?: boolean | null;

  @Field(() => [TypoEnum], {
    nullable: true,
    defaultValue: all.typos,
    description: 'Of CHARACTER_NOISE: which errors there are.',
  })
  typos?: TypoEnum[] | null;

  @Field(() => KeyboardEnum, {
    nullable: true,
    defaultValue: KeyboardEnum.QWERTY,
    description: 'Of CHARACTER_NOISE: the keyboard.',
  })
  keyboard?: KeyboardEnum | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description: 'Of CHARACTER_NOISE: whether the first and the last letter of a word stay.',
  })
  keepsEnds?: boolean | null;

  @Field(() => [CasingEnum], {
    nullable: true,
    defaultValue: all.casings,
    description: 'Of CASING: which of them are drawn.',
  })
  casings?: CasingEnum[] | null;

  @Field(() => [PunctuationFaultEnum], {
    nullable: true,
    defaultValue: Object.values(PunctuationFaultEnum),
    description: 'Of PUNCTUATION: which faults are drawn.',
  })
  faults?: PunctuationFaultEnum[] | null;

  @Field(() => Sha256Scalar, {
    nullable: true,
    description: 'Of MASKED_MODEL: the `digest` of an encoder that predicts masked tokens.',
  })
  modelDigest?: string | null;

  @Field(() => Int, {
    nullable: true,
    defaultValue: 10,
    description: 'Of MASKED_MODEL: how many of the model’s first guesses a word is drawn from.',
  })
  topK?: number | null;

  @Field(() => Float, {
    nullable: true,
    defaultValue: 1,
    description: 'Of MASKED_MODEL: below 1, likely guesses are drawn more often; above 1, rare ones.',
  })
  temperature?: number | null;
}

enum CopyAmountKind {
  OF_EACH_ROW = 'ofEachRow',
  OF_SHARE = 'ofShare',
}
registerEnumType(CopyAmountKind, {
  name: 'CopyAmountKind',
  description: 'How copies are counted.',
  valuesConfig: {
    OF_EACH_ROW: { description: '`copies` of each row.' },
    OF_SHARE: { description: 'One of each row of a drawn `share` of the rows.' },
  },
});

@InputType('CopyAmountInput', { description: 'How many copies are made.' })
@ObjectType('CopyAmount', { description: 'How many copies are made.', simpleResolvers: true })
class CopyAmountType {
  @Field(() => CopyAmountKind, { description: 'How they are counted.' })
  kind!: CopyAmountKind;

  @Field(() => Int, { nullable: true, description: 'Of OF_EACH_ROW: 1 to 64.' })
  copies?: number | null;

  @Field(() => Float, { nullable: true, description: 'Of OF_SHARE: above 0, up to 1.' })
  share?: number | null;
}

const splitField = {
  defaultValue: 'train',
  description: 'The split whose rows are copied, and that copies are in. Rows must have splits before this step.',
} as const;
const seedField = { defaultValue: 0, description: 'The same seed makes the same rows.' } as const;

@InputType('AugmentTextInput', { description: 'Adds copies of rows with a changed text.' })
@ObjectType('AugmentText', { description: 'Copies of rows with a changed text are added.', simpleResolvers: true })
export class AugmentTextType implements Omit<AugmentText, 'kind' | 'methods' | 'amount'> {
  @Field(() => String, {
    description:
      'The column of texts, or of lists of words, which only SYNONYMS without phrases, CHARACTER_NOISE and CASING leave in their places.',
  })
  column!: string;

  @Field(() => [AugmentationMethodType], { description: 'They take turns over the copies of a row.' })
  methods!: AugmentationMethodType[];

  @Field(() => CopyAmountType, {
    nullable: true,
    description: 'Null: of each row as many as EDA makes, 16 below 2,000 rows, 8 below 5,000, else 4.',
  })
  amount!: CopyAmountType | null;

  @Field(() => String, splitField)
  split!: string;

  @Field(() => Seed, seedField)
  seed!: number;
}

@InputType('AddFromTemplatesInput', { description: 'Adds copies of rows whose text is a filled template.' })
@ObjectType('AddFromTemplates', {
  description: 'Copies of rows whose text is a filled template are added.',
  simpleResolvers: true,
})
export class AddFromTemplatesType implements Omit<AddFromTemplates, 'kind'> {
  @Field(() => String, { description: 'The column that the text is put into.' })
  column!: string;

  @Field(() => [String], {
    description:
      'Texts with columns in braces: `Please {text:small}`, where `:small` makes the first letter small. Braces that are meant as such are written twice.',
  })
  templates!: string[];

  @Field(() => Int, { nullable: true, description: 'So many templates are drawn for each row. Null: all.' })
  perRow!: number | null;

  @Field(() => String, splitField)
  split!: string;

  @Field(() => Seed, seedField)
  seed!: number;
}

enum BalanceTargetKind {
  LARGEST = 'largest',
  SMALLEST = 'smallest',
  MEAN = 'mean',
  COUNT = 'count',
  RATIO = 'ratio',
}
registerEnumType(BalanceTargetKind, {
  name: 'BalanceTargetKind',
  description: 'How many rows each label is to have.',
  valuesConfig: {
    LARGEST: { description: 'As many as the most frequent label: rows of the others are copied.' },
    SMALLEST: { description: 'As many as the rarest label: rows of the others are dropped.' },
    MEAN: { description: 'The mean of the counts.' },
    COUNT: { description: '`count`.' },
    RATIO: { description: 'The most frequent label has at most `ratio` times as many as the rarest.' },
  },
});

enum BalanceDirection {
  OVER = 'over',
  UNDER = 'under',
  BOTH = 'both',
}
registerEnumType(BalanceDirection, {
  name: 'BalanceDirection',
  description: 'Whether rows are copied or dropped.',
  valuesConfig: {
    OVER: { description: 'Rows of rare labels are copied.' },
    UNDER: { description: 'Rows of frequent labels are dropped.' },
    BOTH: { description: 'Either. Not of RATIO.' },
  },
});

@InputType('BalanceTargetInput', { description: 'How many rows each label is to have.' })
@ObjectType('BalanceTarget', { description: 'How many rows each label is to have.', simpleResolvers: true })
class BalanceTargetType {
  @Field(() => BalanceTargetKind, { description: 'What the number comes from.' })
  kind!: BalanceTargetKind;

  @Field(() => BalanceDirection, {
    nullable: true,
    defaultValue: BalanceDirection.OVER,
    description: 'Of MEAN, COUNT and RATIO.',
  })
  by?: BalanceDirection | null;

  @Field(() => Int, { nullable: true, description: 'Of COUNT.' })
  count?: number | null;

  @Field(() => Float, { nullable: true, description: 'Of RATIO: at least 1.' })
  ratio?: number | null;
}

@InputType('ChangedCopiesInput', { description: 'How copies get another text.' })
@ObjectType('ChangedCopies', { description: 'How copies get another text.', simpleResolvers: true })
class ChangedCopiesType {
  @Field(() => String, { description: 'The column of the text.' })
  column!: string;

  @Field(() => [AugmentationMethodType], { description: 'They take turns over the copies of a row.' })
  methods!: AugmentationMethodType[];
}

@InputType('BalanceLabelsInput', { description: 'Copies and drops rows, so that labels are about equally frequent.' })
@ObjectType('BalanceLabels', {
  description: 'Rows are copied and dropped, so that labels are about equally frequent.',
  simpleResolvers: true,
})
export class BalanceLabelsType implements Omit<BalanceLabels, 'kind' | 'target' | 'change'> {
  @Field(() => String, {
    description:
      'The column of labels: one a row, or a list of them. Of lists, no label ends below its target, but one that occurs beside rare labels may end above it.',
  })
  column!: string;

  @Field(() => BalanceTargetType, { description: 'How many rows each label is to have.' })
  target!: BalanceTargetType;

  @Field(() => ChangedCopiesType, {
    nullable: true,
    description: 'Gives copies another text where one can be made. Null: a copy is the row once more.',
  })
  change!: ChangedCopiesType | null;

  @Field(() => String, { ...splitField, description: 'The split that is balanced. Rows must have splits before.' })
  split!: string;

  @Field(() => Seed, seedField)
  seed!: number;
}
