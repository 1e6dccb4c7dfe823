import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Seed } from '../../../graphql/scalars.js';
import {
  type ComparedVersion,
  type DropDuplicates,
  type NearMatch,
  type ResolveLabelConflicts,
  usualNearMatch,
} from '../../../protocol/preparation/steps/duplicates.js';

const exact = { description: 'Equal values, to the last character.' };
const normalized = {
  description:
    'Texts that are equal when folded: compatible characters (NFKC), capital and small letters, invisible characters, white space and punctuation make no difference. Texts of punctuation alone keep it.',
};

const TextEqualityEnum: Readonly<Record<string, ResolveLabelConflicts['match']>> = {
  EXACT: 'exact',
  NORMALIZED: 'normalized',
};
registerEnumType(TextEqualityEnum, {
  name: 'TextEquality',
  description: 'Which texts are equal.',
  valuesConfig: { EXACT: exact, NORMALIZED: normalized },
});

const CopyMatchEnum: Readonly<Record<string, DropDuplicates['match']>> = { ...TextEqualityEnum, NEAR: 'near' };
registerEnumType(CopyMatchEnum, {
  name: 'CopyMatch',
  description: 'When rows are copies of one another.',
  valuesConfig: {
    EXACT: exact,
    NORMALIZED: normalized,
    NEAR: {
      description:
        'Folded texts that share most of their shingles, the runs of a few words. Pairs are found by MinHash with LSH, which misses some that are hardly similar enough. Rows that hang together by such pairs are copies of one another.',
    },
  },
});

const ShingleUnitEnum: Readonly<Record<string, NearMatch['shingleUnit']>> = {
  WORDS: 'words',
  CHARACTERS: 'characters',
};
registerEnumType(ShingleUnitEnum, {
  name: 'ShingleUnit',
  description: 'What the length of shingles is counted in.',
  valuesConfig: {
    WORDS: { description: 'Words. In scripts without spaces between words, such as Chinese, each character is one.' },
    CHARACTERS: { description: 'Characters, with the spaces between words.' },
  },
});

const CopyScopeEnum: Readonly<Record<string, DropDuplicates['scope']>> = {
  ROWS: 'rows',
  SPLITS: 'splits',
  VERSIONS: 'versions',
};
registerEnumType(CopyScopeEnum, {
  name: 'CopyScope',
  description: 'Where copies are looked for.',
  valuesConfig: {
    ROWS: { description: 'Among all rows: of rows that are copies of one another, one stays.' },
    SPLITS: {
      description:
        'Between splits: of rows in several splits that are copies of one another, those stay that are in the first split of `splitOrder` that has any, all of them. `["test", "train"]` takes from the training what is tested.',
    },
    VERSIONS: {
      description:
        'In other dataset versions: rows go that are copies of a row there, of an evaluation set for instance.',
    },
  },
});

const KeptCopyEnum: Readonly<Record<string, DropDuplicates['keep']>> = {
  FIRST: 'first',
  LAST: 'last',
  LONGEST: 'longest',
};
registerEnumType(KeptCopyEnum, {
  name: 'KeptCopy',
  description: 'Which of the rows that are copies of one another stays.',
  valuesConfig: {
    FIRST: { description: 'The first in the order of the rows.' },
    LAST: { description: 'The last in the order of the rows.' },
    LONGEST: { description: 'The one with the most characters; the first of those that are equally long.' },
  },
});

@InputType('NearMatchInput', { description: 'How similar near copies are, and how they are looked for.' })
@ObjectType('NearMatch', {
  description: 'How similar near copies are, and how they are looked for.',
  simpleResolvers: true,
})
export class NearMatchType implements NearMatch {
  @Field(() => Number, {
    defaultValue: usualNearMatch.threshold,
    description: 'The least Jaccard similarity of the sets of shingles, from 0.3 to 1.',
  })
  threshold!: number;

  @Field(() => ShingleUnitEnum, {
    defaultValue: usualNearMatch.shingleUnit,
    description: 'What the length of shingles is counted in.',
  })
  shingleUnit!: NearMatch['shingleUnit'];

  @Field(() => Int, {
    defaultValue: usualNearMatch.shingleSize,
    description: 'Words or characters of a shingle, from 1 to 64. A text with fewer is one shingle.',
  })
  shingleSize!: number;

  @Field(() => Int, {
    defaultValue: usualNearMatch.permutations,
    description: 'Hash functions of a signature, from 16 to 512. More of them miss fewer pairs, and take more time.',
  })
  permutations!: number;

  @Field(() => Seed, { defaultValue: usualNearMatch.seed, description: 'Determines the hash functions.' })
  seed!: number;

  @Field(() => Boolean, {
    defaultValue: usualNearMatch.verify,
    description: 'Whether the similarity of each pair that LSH finds is computed. Otherwise all that it finds count.',
  })
  verify!: boolean;
}

@InputType('ComparedVersionInput', { description: 'A dataset version whose rows are compared.' })
@ObjectType('ComparedVersion', { description: 'A dataset version whose rows are compared.', simpleResolvers: true })
export class ComparedVersionType implements ComparedVersion {
  @Field(() => ID, { description: 'The version, of any dataset of the project.' })
  datasetVersionId!: string;

  @Field(() => [String], {
    nullable: true,
    description: 'Its columns that are compared with those of the step, in their order. Null: those of the same names.',
  })
  columns!: string[] | null;

  @Field(() => [String], { nullable: true, description: 'The splits whose rows are compared. Null: all rows.' })
  splits!: string[] | null;
}

const comparedColumns = 'The columns that are compared; of several, all together.';

@InputType('DropDuplicatesInput', { description: 'Drops rows that are copies of others.' })
@ObjectType('DropDuplicates', { description: 'Rows that are copies of others are dropped.', simpleResolvers: true })
export class DropDuplicatesType implements Omit<DropDuplicates, 'kind'> {
  @Field(() => [String], { description: comparedColumns })
  columns!: string[];

  @Field(() => CopyMatchEnum, { defaultValue: 'exact', description: 'When rows are copies of one another.' })
  match!: DropDuplicates['match'];

  @Field(() => NearMatchType, { nullable: true, description: 'Of NEAR alone. Null: the usual settings.' })
  near!: NearMatchType | null;

  @Field(() => CopyScopeEnum, { defaultValue: 'rows', description: 'Where copies are looked for.' })
  scope!: DropDuplicates['scope'];

  @Field(() => KeptCopyEnum, { defaultValue: 'first', description: 'Of the scope ROWS: which of them stays.' })
  keep!: DropDuplicates['keep'];

  @Field(() => [String], {
    defaultValue: [],
    description:
      'Splits, the most important first. The scope SPLITS needs it; of the scope ROWS, the row that stays is of the first of them that has any, before `keep` decides. Splits that are not named come after them, by their names, and rows without a split last.',
  })
  splitOrder!: string[];

  @Field(() => [ComparedVersionType], { defaultValue: [], description: 'Of the scope VERSIONS: 1 to 16 versions.' })
  versions!: ComparedVersionType[];
}

const LabelConflictActionEnum: Readonly<Record<string, ResolveLabelConflicts['action']>> = {
  DROP: 'drop',
  MAJORITY: 'majority',
  MARK: 'mark',
};
registerEnumType(LabelConflictActionEnum, {
  name: 'LabelConflictAction',
  description: 'What happens to rows with equal texts and different labels.',
  valuesConfig: {
    DROP: { description: 'All of them are dropped.' },
    MAJORITY: { description: 'All get the label that most of them have.' },
    MARK: { description: 'All stay. A new column has their labels with their numbers, for people to look at.' },
  },
});

const LabelTieEnum: Readonly<Record<string, ResolveLabelConflicts['ties']>> = { DROP: 'drop', FIRST: 'first' };
registerEnumType(LabelTieEnum, {
  name: 'LabelTie',
  description: 'What happens where several labels are as frequent.',
  valuesConfig: {
    DROP: { description: 'All rows with the text are dropped.' },
    FIRST: { description: 'All get the one of them that comes first in the order of the rows.' },
  },
});

@InputType('ResolveLabelConflictsInput', { description: 'Resolves equal texts with different labels.' })
@ObjectType('ResolveLabelConflicts', {
  description: 'Equal texts with different labels are resolved.',
  simpleResolvers: true,
})
export class ResolveLabelConflictsType implements Omit<ResolveLabelConflicts, 'kind'> {
  @Field(() => [String], { description: comparedColumns })
  columns!: string[];

  @Field(() => TextEqualityEnum, { defaultValue: 'exact', description: 'Which texts are equal.' })
  match!: ResolveLabelConflicts['match'];

  @Field(() => String, { description: 'The column of the label, or of a list of labels in any order.' })
  label!: string;

  @Field(() => LabelConflictActionEnum, { description: 'What happens to them.' })
  action!: ResolveLabelConflicts['action'];

  @Field(() => LabelTieEnum, { defaultValue: 'drop', description: 'Of MAJORITY: what happens where there is none.' })
  ties!: ResolveLabelConflicts['ties'];

  @Field(() => String, { nullable: true, description: 'Of MARK: the name of the new column.' })
  markColumn!: string | null;
}
