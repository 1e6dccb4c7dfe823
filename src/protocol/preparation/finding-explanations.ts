import type { ReportFindingCode } from './report-finding.js';

/** Why a finding matters to somebody who trains a model. */
export const explanations: Readonly<Record<ReportFindingCode, string>> = {
  MISSING_VALUES:
    'A row without a value that a training needs is left out of it, so that fewer examples are learnt than there are rows.',
  EMPTY_TEXTS: 'A text without a word says nothing about its label. A model learns from it to guess.',
  CONSTANT_COLUMN: 'A column with one value tells nothing apart, and can be left out.',
  ID_LIKE_COLUMN:
    'A value that occurs once can not be learnt from. As a label it has no second example; as an input it invites a model to memorize.',
  SINGLE_CLASS: 'Where all examples have one label, there is nothing to learn, and every model is right.',
  FEW_EXAMPLES: 'A class with few examples is hardly learnt, and what is measured of it says little.',
  CLASS_MISSING_IN_SPLIT:
    'A class that is measured and not learnt is always wrong; one that is learnt and not measured is never checked.',
  IMBALANCED_LABELS:
    'A model that always predicts the most frequent class looks good by accuracy. Rare classes need weights or more examples, and F1 as the measure.',
  LABEL_VARIANTS:
    'Labels that differ in case or white space alone are classes of their own for a model: it has to tell apart what is the same.',
  EXACT_DUPLICATES:
    'A row that occurs several times weighs as much as several rows, and is memorized sooner than others.',
  NORMALIZED_DUPLICATES:
    'Texts that differ in case, white space or the composition of characters alone are the same to most models, and weigh as much as copies.',
  NEAR_DUPLICATES: 'Texts that are nearly equal add little to one another, and weigh as much as several rows.',
  DUPLICATES_ACROSS_SPLITS:
    'What a model has seen in training it knows by heart. Scores on a split with such rows are better than the model is.',
  NEAR_DUPLICATES_ACROSS_SPLITS:
    'Rows that are nearly those of the training are nearly known by heart. Scores on a split with such rows are better than the model is.',
  LABEL_CONFLICTS:
    'Where equal texts have different labels, at most one of them is right, and no model can satisfy both.',
  GROUP_IN_SEVERAL_SPLITS:
    'Rows of one author, conversation or patient resemble one another. Scores on a split with groups that were learnt are better than the model is with new ones.',
  COLUMN_GIVES_LABEL_AWAY:
    'A column that tells the label was often made from it, or after it. A model that reads it looks perfect and fails where the column is not known yet.',
  WORD_GIVES_LABEL_AWAY:
    'A word that only one class has may be what the question is about, or a mark that was left in the texts. By a mark a model learns nothing else.',
  MOST_TEXTS_TRUNCATED: 'A model does not see what is cut off. The label may stand there.',
  UNKNOWN_TOKENS: 'What a vocabulary has no token for looks the same to a model, whatever it is.',
  DAMAGED_ENCODING:
    'Texts that were read in the wrong encoding have rows of odd characters in place of letters. A model splits them into many meaningless tokens.',
  PERSONAL_DATA:
    'Models can give back what they were trained on, and laws restrict what personal data may be used for.',
  MIXED_LANGUAGES:
    'A model that reads one language well may not read the other at all. Scores hide that behind the mean.',
  LENGTH_OUTLIERS:
    'Texts of an unusual length are often broken: several rows in one, a page of markup, a rest of a text.',
  NUMBER_OUTLIERS:
    'A regression minimizes squares, so that a few extreme numbers outweigh all others. They are often typing errors.',
  NON_FINITE_NUMBERS: 'A loss of a number that is infinite or not a number is not a number, either.',
  EMBEDDING_OUTLIERS: 'Texts that are far from most others are often in the wrong dataset or have the wrong label.',
  UNREADABLE_CONVERSATIONS: 'A row that can not be read as a list of turns is left out of a training.',
  TURNS_DO_NOT_ALTERNATE:
    'Many chat templates refuse two turns of one speaker in a row, and models were not trained on such conversations.',
  CONVERSATION_BEGINS_WITH_ASSISTANT:
    'An answer without a question teaches a model to speak unasked; many chat templates refuse it.',
  CONVERSATION_ENDS_WITH_USER:
    'A last question without an answer is not learnt: there is nothing to compare a model with.',
  EMPTY_TURNS: 'A model that learns empty answers gives empty answers.',
  UNKNOWN_ROLES: 'A chat template can not write a turn whose speaker it does not know, so that the row is left out.',
  CHOSEN_EQUALS_REJECTED: 'A pair of equal answers states no preference, and its gradient is zero.',
  LIKELY_LABEL_ERRORS:
    'A model that did not see a row is confident that it has another label. How many of such rows have wrong labels depends on the features: most by a model that knows the language, fewer than half by words alone. People should look at them.',
};
