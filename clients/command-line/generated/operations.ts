// Written by `npm run client` from the .graphql files beside it.
import type { MutationDocument, QueryDocument, SubscriptionDocument } from '../../typescript/typed-document.js';

/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
export type AdapterInput =
  {   readonly lora: LoraInput; };

export type AdaptiveKlInput = {
  readonly horizon?: number;
  readonly target: number;
};

export type AddDatasetVersionInput = {
  readonly datasetId: string;
  readonly fileOptions?: FileOptionsInput | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly split?: SplitInput | null | undefined;
  readonly splitColumn?: string | null | undefined;
  readonly uploadId: string;
};

export type AddFromTemplatesInput = {
  readonly column: string;
  readonly perRow?: number | null | undefined;
  readonly seed?: number;
  readonly split?: string;
  readonly templates: ReadonlyArray<string>;
};

export type AlpacaInput = {
  readonly inputColumn?: string | null | undefined;
  readonly instructionColumn?: string;
  readonly outputColumn?: string;
};

export type AnswerTargetInput = {
  readonly generationId: string;
  readonly prompt?: number;
  readonly sample?: number;
};

export type AppendedRowsInput = {
  readonly datasetId: string;
  readonly split?: string | null | undefined;
};

export type Architecture =
  | 'BERT'
  | 'DEBERTA_V2'
  | 'DISTILBERT'
  | 'ELECTRA'
  | 'GEMMA3_TEXT'
  | 'GPT2'
  | 'LLAMA'
  | 'MISTRAL'
  | 'MODERNBERT'
  | 'MPNET'
  | 'QWEN2'
  | 'QWEN3'
  | 'ROBERTA'
  | 'USE_LITE'
  | 'XLM_ROBERTA';

export type AssignFoldsInput = {
  readonly column?: string;
  readonly folds?: number;
  readonly groupBy?: ReadonlyArray<string>;
  readonly keepTogether?: ReadonlyArray<string> | null | undefined;
  readonly nearDuplicates?: KeptNearDuplicatesInput | null | undefined;
  readonly ofSplits?: ReadonlyArray<string> | null | undefined;
  readonly seed?: number;
  readonly stratifyBy?: string | null | undefined;
  readonly stratifyPairs?: boolean;
};

export type AssignedRoleInput = {
  readonly column: string;
  readonly role: ColumnRole;
};

export type AugmentTextInput = {
  readonly amount?: CopyAmountInput | null | undefined;
  readonly column: string;
  readonly methods: ReadonlyArray<AugmentationMethodInput>;
  readonly seed?: number;
  readonly split?: string;
};

export type AugmentationKind =
  | 'CASING'
  | 'CHARACTER_NOISE'
  | 'MASKED_MODEL'
  | 'PUNCTUATION'
  | 'RANDOM_DELETION'
  | 'RANDOM_INSERTION'
  | 'RANDOM_SWAP'
  | 'SYNONYMS';

export type AugmentationMethodInput = {
  readonly casings?: ReadonlyArray<Casing> | null | undefined;
  readonly faults?: ReadonlyArray<PunctuationFault> | null | undefined;
  readonly keepsEnds?: boolean | null | undefined;
  readonly keyboard?: Keyboard | null | undefined;
  readonly kind: AugmentationKind;
  readonly leastShareOfMeaning?: number | null | undefined;
  readonly modelDigest?: string | null | undefined;
  readonly phrases?: boolean | null | undefined;
  readonly share?: number | null | undefined;
  readonly temperature?: number | null | undefined;
  readonly topK?: number | null | undefined;
  readonly typos?: ReadonlyArray<Typo> | null | undefined;
};

export type BalanceDirection =
  | 'BOTH'
  | 'OVER'
  | 'UNDER';

export type BalanceLabelsInput = {
  readonly change?: ChangedCopiesInput | null | undefined;
  readonly column: string;
  readonly seed?: number;
  readonly split?: string;
  readonly target: BalanceTargetInput;
};

export type BalanceTargetInput = {
  readonly by?: BalanceDirection | null | undefined;
  readonly count?: number | null | undefined;
  readonly kind: BalanceTargetKind;
  readonly ratio?: number | null | undefined;
};

export type BalanceTargetKind =
  | 'COUNT'
  | 'LARGEST'
  | 'MEAN'
  | 'RATIO'
  | 'SMALLEST';

export type BaseModelFilter = {
  readonly adapter?: boolean | null | undefined;
  readonly architecture?: ReadonlyArray<Architecture> | null | undefined;
  readonly author?: ReadonlyArray<string> | null | undefined;
  readonly baseModelId?: ReadonlyArray<string> | null | undefined;
  readonly createdAfter?: string | null | undefined;
  readonly createdBefore?: string | null | undefined;
  readonly datasetId?: ReadonlyArray<string> | null | undefined;
  readonly datasetVersionId?: ReadonlyArray<string> | null | undefined;
  readonly label?: string | null | undefined;
  readonly method?: ReadonlyArray<TrainingMethodKind> | null | undefined;
  readonly metrics?: ReadonlyArray<MetricRangeInput> | null | undefined;
  readonly origin?: ReadonlyArray<ModelOrigin> | null | undefined;
  readonly parameterCount?: BigIntRangeInput | null | undefined;
  readonly tags?: ReadonlyArray<string> | null | undefined;
  readonly task?: string | null | undefined;
  readonly text?: string | null | undefined;
};

export type BigIntRangeInput = {
  readonly max?: number | string | null | undefined;
  readonly min?: number | string | null | undefined;
};

export type Casing =
  | 'LOWER'
  | 'SHOUT'
  | 'TITLE'
  | 'UPPER';

export type CastColumnInput = {
  readonly column: string;
  readonly epoch?: EpochUnit | null | undefined;
  readonly others?: UncastValues;
  readonly to: CastType;
};

export type CastType =
  | 'BOOLEAN'
  | 'FLOAT'
  | 'INTEGER'
  | 'TEXT'
  | 'TIMESTAMP';

export type ChangeCaseInput = {
  readonly columns?: ReadonlyArray<string> | null | undefined;
  readonly language?: string | null | undefined;
  readonly to: LetterCase;
};

export type ChangedCopiesInput = {
  readonly column: string;
  readonly methods: ReadonlyArray<AugmentationMethodInput>;
};

export type ChoiceRewardInput = {
  readonly answerPattern?: string | null | undefined;
  readonly choices: ReadonlyArray<string>;
  readonly ignoreCase?: boolean;
};

export type ClassWeightInput = {
  readonly label: string;
  readonly weight: number;
};

export type ClassWeightsInput = {
  readonly kind: ClassWeightsKind;
  readonly weights?: ReadonlyArray<ClassWeightInput> | null | undefined;
};

export type ClassWeightsKind =
  | 'BALANCED'
  | 'EXPLICIT'
  | 'NONE';

export type ClassificationHeadInput = {
  readonly classWeights?: ClassWeightsInput | null | undefined;
  readonly labelColumn?: string | null | undefined;
};

export type CloneExperimentInput = {
  readonly baseModelId?: string | null | undefined;
  readonly datasetVersionId?: string | null | undefined;
  readonly experimentId: string;
  readonly hyperparameters?: HyperparametersInput | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly method?: TrainingMethodInput | null | undefined;
  readonly name?: string | null | undefined;
  readonly notes?: string | null | undefined;
  readonly priority?: number | null | undefined;
  readonly tags?: ReadonlyArray<string> | null | undefined;
  readonly trainSplit?: string | null | undefined;
  readonly unknownLabels?: UnknownLabels | null | undefined;
  readonly validationSplit?: string | null | undefined;
};

export type CollapseWhiteSpaceInput = {
  readonly columns?: ReadonlyArray<string> | null | undefined;
  readonly keepLineBreaks?: boolean;
  readonly trim?: boolean;
};

export type ColumnRenamingInput = {
  readonly from: string;
  readonly to: string;
};

export type ColumnRole =
  | 'CHOSEN'
  | 'COMPLETION'
  | 'GROUP'
  | 'IGNORE'
  | 'LABEL'
  | 'LABELS'
  | 'MESSAGES'
  | 'NUMBER'
  | 'PROMPT'
  | 'REJECTED'
  | 'SECOND_TEXT'
  | 'SLICE'
  | 'TAGS'
  | 'TEXT'
  | 'TIME'
  | 'TOKENS'
  | 'WEIGHT';

export type ColumnType =
  | 'BOOLEAN'
  | 'FLOAT'
  | 'FLOAT_LIST'
  | 'INTEGER'
  | 'INTEGER_LIST'
  | 'JSON'
  | 'TEXT'
  | 'TEXT_LIST'
  | 'TIMESTAMP';

export type ComparedVersionInput = {
  readonly columns?: ReadonlyArray<string> | null | undefined;
  readonly datasetVersionId: string;
  readonly splits?: ReadonlyArray<string> | null | undefined;
};

export type ComparisonWeighting =
  | 'PAIRS'
  | 'PROMPTS';

export type ConfigurationSourceInput = {
  readonly architecture: Architecture;
  readonly attentionHeads?: number | null | undefined;
  readonly beginToken?: string | null | undefined;
  readonly contextLength?: number;
  readonly dropout?: number | null | undefined;
  readonly endToken?: string | null | undefined;
  readonly hiddenSize: number;
  readonly initializerRange?: number;
  readonly intermediateSize?: number | null | undefined;
  readonly keyValueHeads?: number | null | undefined;
  readonly layers: number;
  readonly normEpsilon?: number | null | undefined;
  readonly padToken?: string | null | undefined;
  readonly rotaryBase?: number | null | undefined;
  readonly seed?: number;
  readonly slidingWindow?: number | null | undefined;
  readonly tieEmbeddings?: boolean | null | undefined;
  readonly tokenizer: TokenizerSourceInput;
  readonly vocabularySize?: number | null | undefined;
};

export type ConllColumnInput = {
  readonly name: string;
  readonly number: number;
};

export type ConllOptionsInput = {
  readonly columns: ReadonlyArray<ConllColumnInput>;
  readonly separator?: ConllSeparator;
};

export type ConllSeparator =
  | 'TAB'
  | 'WHITESPACE';

export type ControlPreferencesInput = {
  readonly datasetVersionId: string;
  readonly pairs?: number;
  readonly preference?: PreferenceFormInput | null | undefined;
  readonly split?: string;
};

export type ControlTextsInput = {
  readonly datasetVersionId: string;
  readonly split?: string;
  readonly textColumn?: string | null | undefined;
};

export type ConversationFormInput =
  {   readonly alpaca: AlpacaInput; readonly messages?: never; readonly promptCompletion?: never; readonly shareGpt?: never; }
  |  { readonly alpaca?: never;   readonly messages: MessagesInput; readonly promptCompletion?: never; readonly shareGpt?: never; }
  |  { readonly alpaca?: never; readonly messages?: never;   readonly promptCompletion: PromptCompletionInput; readonly shareGpt?: never; }
  |  { readonly alpaca?: never; readonly messages?: never; readonly promptCompletion?: never;   readonly shareGpt: MessagesInput; };

export type CopyAmountInput = {
  readonly copies?: number | null | undefined;
  readonly kind: CopyAmountKind;
  readonly share?: number | null | undefined;
};

export type CopyAmountKind =
  | 'OF_EACH_ROW'
  | 'OF_SHARE';

export type CopyMatch =
  | 'EXACT'
  | 'NEAR'
  | 'NORMALIZED';

export type CopyScope =
  | 'ROWS'
  | 'SPLITS'
  | 'VERSIONS';

export type CpoInput = {
  readonly beta?: number | null | undefined;
  readonly labelSmoothing?: number | null | undefined;
  readonly sftWeight?: number | null | undefined;
};

export type CreateDatasetInput = {
  readonly description?: string | null | undefined;
  readonly fileOptions?: FileOptionsInput | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly name: string;
  readonly projectSlug?: string | null | undefined;
  readonly split?: SplitInput | null | undefined;
  readonly splitColumn?: string | null | undefined;
  readonly uploadId: string;
};

export type CreateExperimentInput = {
  readonly baseModelId: string;
  readonly datasetVersionId: string;
  readonly hyperparameters?: HyperparametersInput | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly method: TrainingMethodInput;
  readonly name: string;
  readonly notes?: string | null | undefined;
  readonly priority?: number | null | undefined;
  readonly projectSlug?: string | null | undefined;
  readonly tags?: ReadonlyArray<string> | null | undefined;
  readonly trainSplit?: string;
  readonly unknownLabels?: UnknownLabels | null | undefined;
  readonly validationSplit?: string | null | undefined;
};

export type CredentialKind =
  | 'API_KEY'
  | 'LOCAL'
  | 'SESSION';

export type DatasetExportStatus =
  | 'CANCELED'
  | 'FAILED'
  | 'QUEUED'
  | 'RUNNING'
  | 'SUCCEEDED';

export type DatasetFilter = {
  readonly author?: ReadonlyArray<string> | null | undefined;
  readonly column?: string | null | undefined;
  readonly createdAfter?: string | null | undefined;
  readonly createdBefore?: string | null | undefined;
  readonly exampleCount?: BigIntRangeInput | null | undefined;
  readonly format?: ReadonlyArray<FileFormat> | null | undefined;
  readonly label?: string | null | undefined;
  readonly tags?: ReadonlyArray<string> | null | undefined;
  readonly text?: string | null | undefined;
};

export type DatasetReportStage =
  | 'COLUMNS'
  | 'COMPARING'
  | 'DUPLICATES'
  | 'FINDINGS'
  | 'LABELS'
  | 'LABEL_ERRORS'
  | 'TEXTS';

export type DatasetReportStatus =
  | 'CANCELED'
  | 'FAILED'
  | 'QUEUED'
  | 'RUNNING'
  | 'SUCCEEDED';

export type DelimitedOptionsInput = {
  readonly comment?: string | null | undefined;
  readonly delimiter?: string | null | undefined;
  readonly header?: boolean | null | undefined;
  readonly names?: ReadonlyArray<string> | null | undefined;
  readonly quote?: string | null | undefined;
  readonly quoteEscape?: QuoteEscape | null | undefined;
};

export type DpoInput = {
  readonly beta?: number | null | undefined;
  readonly labelSmoothing?: number | null | undefined;
  readonly loss?: DpoLoss | null | undefined;
  readonly sftWeight?: number | null | undefined;
  readonly strengthMargin?: number | null | undefined;
  readonly tailWeight?: number | null | undefined;
};

export type DpoLoss =
  | 'APO_DOWN'
  | 'APO_ZERO'
  | 'HINGE'
  | 'IPO'
  | 'ROBUST'
  | 'SIGMOID'
  | 'SIGMOID_PER_TOKEN';

export type DrawSplitsInput = {
  readonly coverLabels?: boolean;
  readonly fractions?: ReadonlyArray<SplitShareInput>;
  readonly fromSplits?: ReadonlyArray<string> | null | undefined;
  readonly groupBy?: ReadonlyArray<string>;
  readonly keepTogether?: ReadonlyArray<string> | null | undefined;
  readonly nearDuplicates?: KeptNearDuplicatesInput | null | undefined;
  readonly onlyUnassigned?: boolean;
  readonly refuseMissingLabels?: boolean;
  readonly seed?: number;
  readonly stratifyBy?: string | null | undefined;
  readonly stratifyPairs?: boolean;
};

export type DropColumnsInput = {
  readonly columns: ReadonlyArray<string>;
};

export type DropDuplicatesInput = {
  readonly columns: ReadonlyArray<string>;
  readonly keep?: KeptCopy;
  readonly match?: CopyMatch;
  readonly near?: NearMatchInput | null | undefined;
  readonly scope?: CopyScope;
  readonly splitOrder?: ReadonlyArray<string>;
  readonly versions?: ReadonlyArray<ComparedVersionInput>;
};

export type DropMissingInput = {
  readonly blankIsMissing?: boolean;
  readonly columns: ReadonlyArray<string>;
  readonly when?: MissingIn;
};

export type EarlyStoppingInput = {
  readonly metric?: string | null | undefined;
  readonly minDelta?: number;
  readonly patience?: number;
};

export type EpochUnit =
  | 'MILLISECONDS'
  | 'SECONDS';

export type EqualsRewardInput = {
  readonly answerPattern?: string | null | undefined;
  readonly column: string;
  readonly ignoreCase?: boolean;
};

export type EvaluateInput = {
  readonly alias?: string | null | undefined;
  readonly datasetVersionId: string;
  readonly idempotencyKey?: string | null | undefined;
  readonly modelId?: string | null | undefined;
  readonly preference?: PreferenceFormInput | null | undefined;
  readonly preferenceReading?: PreferenceReadingInput | null | undefined;
  readonly projectSlug?: string | null | undefined;
  readonly split?: string;
  readonly tasks?: ReadonlyArray<EvaluationTaskInput> | null | undefined;
  readonly textColumn?: string | null | undefined;
  readonly textPairColumn?: string | null | undefined;
  readonly tokens?: TokenEvaluationInput | null | undefined;
  readonly unknownLabels?: UnknownLabels | null | undefined;
};

export type EvaluationStatus =
  | 'CANCELED'
  | 'FAILED'
  | 'QUEUED'
  | 'RUNNING'
  | 'SUCCEEDED';

export type EvaluationTaskInput = {
  readonly labelColumn?: string | null | undefined;
  readonly targetColumns?: ReadonlyArray<string> | null | undefined;
  readonly task: string;
};

export type ExperimentActionInput = {
  readonly experimentId: string;
};

export type ExperimentFilter = {
  readonly archived?: boolean | null | undefined;
  readonly author?: ReadonlyArray<string> | null | undefined;
  readonly baseModelId?: ReadonlyArray<string> | null | undefined;
  readonly createdAfter?: string | null | undefined;
  readonly createdBefore?: string | null | undefined;
  readonly datasetId?: ReadonlyArray<string> | null | undefined;
  readonly datasetVersionId?: ReadonlyArray<string> | null | undefined;
  readonly finishedAfter?: string | null | undefined;
  readonly finishedBefore?: string | null | undefined;
  readonly includeArchived?: boolean | null | undefined;
  readonly label?: string | null | undefined;
  readonly method?: ReadonlyArray<TrainingMethodKind> | null | undefined;
  readonly metrics?: ReadonlyArray<MetricRangeInput> | null | undefined;
  readonly status?: ReadonlyArray<RunStatus> | null | undefined;
  readonly tags?: ReadonlyArray<string> | null | undefined;
  readonly text?: string | null | undefined;
};

export type ExperimentOrder = {
  readonly direction?: OrderDirection;
  readonly field?: ExperimentOrderField | null | undefined;
  readonly metric?: string | null | undefined;
  readonly of?: MeasuredValue;
};

export type ExperimentOrderField =
  | 'CREATED'
  | 'DURATION'
  | 'FINISHED'
  | 'NAME'
  | 'PRIORITY'
  | 'STARTED';

export type ExportFeedbackInput = {
  readonly format?: FeedbackExportFormat;
  readonly guardFormulas?: boolean | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly taskId: string;
};

export type ExportFormat =
  | 'GGUF'
  | 'HUGGING_FACE'
  | 'ONNX'
  | 'PEFT'
  | 'TRANSFORMERS_JS';

export type ExportModelInput = {
  readonly format: ExportFormat;
  readonly ggufType?: GgufType | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly modelId: string;
  readonly requireCertificate?: boolean | null | undefined;
  readonly variants?: ReadonlyArray<OnnxVariant> | null | undefined;
};

export type FeedbackExportFormat =
  | 'CSV'
  | 'JSONL'
  | 'PARQUET';

export type FeedbackKind =
  | 'CORRECTION'
  | 'DEMONSTRATION'
  | 'LABELS'
  | 'PAIRWISE'
  | 'RANKING'
  | 'RATING'
  | 'SPANS'
  | 'THUMBS';

export type FeedbackTargetInput =
  {   readonly answer: AnswerTargetInput; readonly predicted?: never; readonly prediction?: never; }
  |  { readonly answer?: never;   readonly predicted: PredictedTargetInput; readonly prediction?: never; }
  |  { readonly answer?: never; readonly predicted?: never;   readonly prediction: PredictionTargetInput; };

export type FeedbackTaskStatus =
  | 'CLOSED'
  | 'FAILED'
  | 'OPEN'
  | 'PAUSED'
  | 'PREPARING';

export type FileFormat =
  | 'AUTO'
  | 'CONLL'
  | 'CSV'
  | 'EXCEL'
  | 'JSON'
  | 'JSONL'
  | 'PARQUET'
  | 'TSV';

export type FileOptionsInput = {
  readonly archivedFiles?: ReadonlyArray<string> | null | undefined;
  readonly conll?: ConllOptionsInput | null | undefined;
  readonly delimited?: DelimitedOptionsInput | null | undefined;
  readonly encoding?: string | null | undefined;
  readonly format?: FileFormat | null | undefined;
  readonly json?: JsonOptionsInput | null | undefined;
  readonly listColumns?: ReadonlyArray<ListColumnInput>;
  readonly maxRejectedShare?: number | null | undefined;
  readonly otherLinesEncoding?: string | null | undefined;
  readonly workbook?: WorkbookOptionsInput | null | undefined;
};

export type FillMissingInput = {
  readonly blankIsMissing?: boolean;
  readonly by: Filling;
  readonly columns: ReadonlyArray<string>;
  readonly groupBy?: string | null | undefined;
  readonly learnFrom?: ReadonlyArray<string> | null | undefined;
  readonly value?: string | null | undefined;
};

export type Filling =
  | 'CONSTANT'
  | 'MEAN'
  | 'MEDIAN'
  | 'MODE';

export type FilterLanguageInput = {
  readonly action?: LanguageAction;
  readonly as?: string | null | undefined;
  readonly column: string;
  readonly keepUnknown?: boolean;
  readonly languages?: ReadonlyArray<string>;
  readonly minConfidence?: number;
};

export type FilterLengthInput = {
  readonly atLeast?: number | null | undefined;
  readonly atMost?: number | null | undefined;
  readonly column: string;
  readonly keepMissing?: boolean;
  readonly model?: string | null | undefined;
  readonly unit?: LengthUnit;
};

export type FilterRowsInput = {
  readonly where: RowConditionInput;
};

export type FindingCode =
  | 'CHOSEN_LESS_LIKELY'
  | 'COMPLETIONS_GROW'
  | 'COMPLETIONS_REPEAT'
  | 'DUPLICATES_ACROSS_SPLITS'
  | 'FAR_FROM_REFERENCE'
  | 'FEW_EXAMPLES'
  | 'GENERATOR_DIFFERS'
  | 'LICENCE_WARNING'
  | 'LOSS_NEVER_FELL'
  | 'MOST_TEXTS_TRUNCATED'
  | 'NOT_BETTER_THAN_BASELINE'
  | 'POLICY_FAR_FROM_REFERENCE'
  | 'PREDICTS_ONE_CLASS'
  | 'PREFERENCES_FOLLOW_LENGTH'
  | 'PREFERENCES_UNLEARNED'
  | 'REWARDS_RARELY_DIFFER'
  | 'REWARD_FOLLOWS_LENGTH'
  | 'REWARD_NOT_ABOVE_CHANCE'
  | 'REWARD_OVEROPTIMIZED'
  | 'UNBALANCED_THUMBS'
  | 'VALIDATION_HELD_OUT';

export type FindingSeverity =
  | 'INFO'
  | 'WARNING';

export type FinishReason =
  | 'CONSTRAINT'
  | 'END_OF_TEXT'
  | 'LENGTH'
  | 'STOP';

export type FolderSourceInput = {
  readonly path: string;
};

export type ForbiddenWordsRewardInput = {
  readonly columns?: ReadonlyArray<string> | null | undefined;
  readonly ignoreCase?: boolean;
  readonly words?: ReadonlyArray<string> | null | undefined;
};

export type FreezeInput = {
  readonly kind: FreezeKind;
  readonly layers?: number | null | undefined;
};

export type FreezeKind =
  | 'ENCODER'
  | 'NONE'
  | 'PREFIX';

export type FrozenWeights =
  | 'FLOAT16'
  | 'FLOAT32'
  | 'INT4'
  | 'INT8';

export type GenerateInput = {
  readonly alias?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly keepWithoutListeners?: boolean;
  readonly maxTokens?: number;
  readonly modelId?: string | null | undefined;
  readonly output?: OutputConstraintInput | null | undefined;
  readonly projectSlug?: string | null | undefined;
  readonly prompts: ReadonlyArray<PromptInput>;
  readonly rerank?: RerankInput | null | undefined;
  readonly samples?: number;
  readonly sampling?: SamplingInput | null | undefined;
  readonly stop?: ReadonlyArray<string> | null | undefined;
  readonly topLogProbabilities?: number | null | undefined;
  readonly wait?: boolean;
  readonly weights?: GenerationWeights;
};

export type GenerationActionInput = {
  readonly generationId: string;
};

export type GenerationStatus =
  | 'CANCELED'
  | 'FAILED'
  | 'QUEUED'
  | 'RUNNING'
  | 'SUCCEEDED';

export type GenerationWeights =
  | 'FLOAT32'
  | 'INT8';

export type GgufType =
  | 'F16'
  | 'F32'
  | 'Q8_0';

export type GrpoInput = {
  readonly aggregation?: PolicyAggregation;
  readonly clipHigh?: number | null | undefined;
  readonly clipLow?: number;
  readonly klWeight?: number;
  readonly mostRatio?: number | null | undefined;
  readonly ratioOf?: PolicyRatio;
  readonly replacementRounds?: number | null | undefined;
  readonly scaling?: RewardScaling;
  readonly separatesRewards?: boolean;
};

export type HeadInput =
  {   readonly classification: ClassificationHeadInput; readonly multiLabel?: never; readonly regression?: never; readonly tokenClassification?: never; }
  |  { readonly classification?: never;   readonly multiLabel: MultiLabelHeadInput; readonly regression?: never; readonly tokenClassification?: never; }
  |  { readonly classification?: never; readonly multiLabel?: never;   readonly regression: RegressionHeadInput; readonly tokenClassification?: never; }
  |  { readonly classification?: never; readonly multiLabel?: never; readonly regression?: never;   readonly tokenClassification: TokenClassificationHeadInput; };

export type HeadKind =
  | 'CLASSIFICATION'
  | 'MULTI_LABEL'
  | 'PREFERENCES'
  | 'REGRESSION'
  | 'REWARD'
  | 'TOKENS'
  | 'TOKEN_CLASSIFICATION';

export type HtmlToTextInput = {
  readonly columns?: ReadonlyArray<string> | null | undefined;
};

export type HubSourceInput = {
  readonly repository: string;
  readonly revision?: string;
};

export type HyperparametersInput = {
  readonly adapter?: AdapterInput | null | undefined;
  readonly batchSize?: number | null | undefined;
  readonly beta1?: number | null | undefined;
  readonly beta2?: number | null | undefined;
  readonly checkpointEverySteps?: number | null | undefined;
  readonly dropout?: number | null | undefined;
  readonly earlyStopping?: EarlyStoppingInput | null | undefined;
  readonly epochs?: number | null | undefined;
  readonly epsilon?: number | null | undefined;
  readonly evaluateEverySteps?: number | null | undefined;
  readonly freeze?: FreezeInput | null | undefined;
  readonly gradientAccumulationSteps?: number | null | undefined;
  readonly learningRate?: number | null | undefined;
  readonly maxGradientNorm?: number | null | undefined;
  readonly maxLength?: number | null | undefined;
  readonly pooling?: Pooling | null | undefined;
  readonly schedule?: LearningRateSchedule | null | undefined;
  readonly seed?: number | null | undefined;
  readonly truncationSide?: TruncationSide | null | undefined;
  readonly warmupRatio?: number | null | undefined;
  readonly weightDecay?: number | null | undefined;
};

export type ImportBaseModelInput = {
  readonly adapterBaseModelId?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly isRewardModel?: boolean | null | undefined;
  readonly licence?: string | null | undefined;
  readonly name: string;
  readonly projectSlug?: string | null | undefined;
  readonly source: ModelSourceInput;
};

export type InstructionTuningInput = {
  readonly chatTemplate?: string | null | undefined;
  readonly conversation?: ConversationFormInput | null | undefined;
  readonly learned?: LearnedTurns;
  readonly packing?: Packing;
  readonly templateTime?: string | null | undefined;
  readonly unlearnable?: UnlearnableRows;
};

export type JsonLayout =
  | 'COLUMNS'
  | 'RECORDS'
  | 'ROWS';

export type JsonOptionsInput = {
  readonly flatten?: boolean;
  readonly layout?: JsonLayout | null | undefined;
  readonly path?: string | null | undefined;
};

export type JsonSchemaRewardInput = {
  readonly inCodeBlock?: boolean;
  readonly schema: unknown;
};

export type KeepSplitsInput = {
  readonly splits: ReadonlyArray<string>;
};

export type KeptCopy =
  | 'FIRST'
  | 'LAST'
  | 'LONGEST';

export type KeptNearDuplicatesInput = {
  readonly columns: ReadonlyArray<string>;
  readonly threshold?: number;
};

export type Keyboard =
  | 'AZERTY'
  | 'QWERTY'
  | 'QWERTZ';

export type KlEstimator =
  | 'K1'
  | 'K3';

export type KtoInput = {
  readonly beta?: number | null | undefined;
  readonly desirableWeight?: number | null | undefined;
  readonly loss?: KtoLoss | null | undefined;
  readonly undesirableWeight?: number | null | undefined;
};

export type KtoLoss =
  | 'APO_ZERO'
  | 'MISMATCHED';

export type LabelConflictAction =
  | 'DROP'
  | 'MAJORITY'
  | 'MARK';

export type LabelMappingInput = {
  readonly from: string;
  readonly to?: string | null | undefined;
};

export type LabelRewardInput = {
  readonly alias?: string | null | undefined;
  readonly label: string;
  readonly modelId?: string | null | undefined;
  readonly task?: string | null | undefined;
  readonly withPrompt?: boolean;
};

export type LabelTie =
  | 'DROP'
  | 'FIRST';

export type LanguageAction =
  | 'DROP'
  | 'KEEP'
  | 'MARK';

export type LanguageModellingInput = {
  readonly control?: ControlTextsInput | null | undefined;
  readonly masking?: MaskingInput | null | undefined;
  readonly objective?: LanguageObjective | null | undefined;
  readonly packing?: Packing | null | undefined;
  readonly textColumn?: string | null | undefined;
};

export type LanguageObjective =
  | 'CAUSAL'
  | 'MASKED';

export type LearnedTurns =
  | 'ASSISTANT_TURNS'
  | 'COMPLETIONS'
  | 'EVERYTHING';

export type LearningRateSchedule =
  | 'CONSTANT'
  | 'COSINE'
  | 'LINEAR';

export type LengthCostRewardInput = {
  readonly cost: number;
  readonly unit?: RewardLengthUnit;
};

export type LengthRangeRewardInput = {
  readonly least?: number;
  readonly most?: number | null | undefined;
  readonly unit?: RewardLengthUnit;
};

export type LengthTargetRewardInput = {
  readonly target: number;
  readonly tolerance: number;
  readonly unit?: RewardLengthUnit;
};

export type LengthUnit =
  | 'CHARACTERS'
  | 'TOKENS'
  | 'WORDS';

export type LetterCase =
  | 'LOWER'
  | 'SENTENCE'
  | 'TITLE'
  | 'UPPER';

export type ListColumnInput = {
  readonly column: string;
  readonly emptyList?: boolean;
  readonly items?: ListItems | null | undefined;
  readonly separator?: string | null | undefined;
};

export type ListItems =
  | 'NUMBER'
  | 'TEXT';

export type LogLevel =
  | 'ERROR'
  | 'INFO'
  | 'WARNING';

export type LoraInput = {
  readonly alpha?: number | null | undefined;
  readonly dropout?: number | null | undefined;
  readonly frozenWeights?: FrozenWeights | null | undefined;
  readonly rank?: number | null | undefined;
  readonly rankStabilized?: boolean | null | undefined;
  readonly targetModules?: ReadonlyArray<string> | null | undefined;
};

export type LossWeighting =
  | 'FIXED'
  | 'UNCERTAINTY';

export type MapLabelsInput = {
  readonly column: string;
  readonly ignoreCase?: boolean;
  readonly ignoreWhiteSpace?: boolean;
  readonly labels: ReadonlyArray<LabelMappingInput>;
  readonly others?: OtherLabels;
};

export type MarkMissingInput = {
  readonly as: string;
  readonly blankIsMissing?: boolean;
  readonly column: string;
};

export type MaskPersonalDataInput = {
  readonly columns?: ReadonlyArray<string> | null | undefined;
  readonly kinds?: ReadonlyArray<PersonalDataKind>;
  readonly leastConfidence?: number;
  readonly mask?: PersonalDataMask;
  readonly phoneRegions?: ReadonlyArray<string>;
  readonly seed?: number;
};

export type MaskingInput = {
  readonly share?: number;
  readonly wholeWords?: boolean;
};

export type MeasuredValue =
  | 'BEST'
  | 'NEWEST';

export type MergeColumnsInput = {
  readonly as: string;
  readonly columns: ReadonlyArray<string>;
  readonly dropMerged?: boolean;
  readonly separator?: string | null | undefined;
  readonly template?: string | null | undefined;
};

export type MessagesInput = {
  readonly column: string;
};

export type MetricDirection =
  | 'HIGHER_IS_BETTER'
  | 'LOWER_IS_BETTER'
  | 'NEITHER';

export type MetricRangeInput = {
  readonly key: string;
  readonly max?: number | null | undefined;
  readonly min?: number | null | undefined;
  readonly of?: MeasuredValue;
};

export type MissingIn =
  | 'ALL'
  | 'ANY';

export type ModelOrigin =
  | 'BUNDLED'
  | 'CONFIGURATION'
  | 'EXPERIMENT'
  | 'FOLDER'
  | 'HUB';

export type ModelSourceInput =
  {   readonly configuration: ConfigurationSourceInput; readonly folder?: never; readonly hub?: never; }
  |  { readonly configuration?: never;   readonly folder: FolderSourceInput; readonly hub?: never; }
  |  { readonly configuration?: never; readonly folder?: never;   readonly hub: HubSourceInput; };

export type MultiLabelHeadInput = {
  readonly classWeights?: ClassWeightsInput | null | undefined;
  readonly labelColumn?: string | null | undefined;
  readonly thresholds?: ThresholdsInput | null | undefined;
};

export type MultiTaskInput = {
  readonly lossWeighting?: LossWeighting;
  readonly tasks?: ReadonlyArray<TaskInput> | null | undefined;
  readonly textColumn?: string | null | undefined;
  readonly textPairColumn?: string | null | undefined;
};

export type NearMatchInput = {
  readonly permutations?: number;
  readonly seed?: number;
  readonly shingleSize?: number;
  readonly shingleUnit?: ShingleUnit;
  readonly threshold?: number;
  readonly verify?: boolean;
};

export type NormalizeUnicodeInput = {
  readonly columns?: ReadonlyArray<string> | null | undefined;
  readonly form?: UnicodeForm;
};

export type NumberRewardInput = {
  readonly absolute?: number;
  readonly answerPattern?: string | null | undefined;
  readonly column: string;
  readonly relative?: number;
};

export type OnlineDpoInput = {
  readonly betas?: ReadonlyArray<number>;
  readonly loss?: OnlineDpoLoss;
  readonly missingEndPenalty?: number | null | undefined;
};

export type OnlineDpoLoss =
  | 'IPO'
  | 'SIGMOID';

export type OnnxVariant =
  | 'FP16'
  | 'FP32'
  | 'INT8';

export type OrderDirection =
  | 'ASC'
  | 'DESC';

export type OrpoInput = {
  readonly beta?: number | null | undefined;
  readonly learnsPrompts?: boolean | null | undefined;
};

export type OtherLabels =
  | 'KEEP'
  | 'REMOVE';

export type OutputConstraintInput =
  {   readonly choices: ReadonlyArray<string>; readonly jsonSchema?: never; }
  |  { readonly choices?: never;   readonly jsonSchema: unknown; };

export type OverlongRewardInput = {
  readonly buffer: number;
  readonly most: number;
  readonly unit?: RewardLengthUnit;
};

export type Packing =
  | 'PACKED'
  | 'SEPARATE';

export type PatternRewardInput = {
  readonly ignoreCase?: boolean;
  readonly pattern: string;
  readonly whole?: boolean;
};

export type PersonalDataKind =
  | 'EMAIL'
  | 'IBAN'
  | 'IP_ADDRESS'
  | 'NATIONAL_ID'
  | 'PAYMENT_CARD'
  | 'PERSON_NAME'
  | 'PHONE'
  | 'SECRET'
  | 'URL_CREDENTIALS';

export type PersonalDataMask =
  | 'HASH'
  | 'LABEL'
  | 'LAST_FOUR'
  | 'MARK'
  | 'PSEUDONYM';

export type PersonalDataSearchInput = {
  readonly kinds?: ReadonlyArray<PersonalDataKind>;
  readonly leastConfidence?: number;
  readonly phoneRegions?: ReadonlyArray<string>;
};

export type PolicyAggregation =
  | 'BATCH'
  | 'CONSTANT'
  | 'SEQUENCE'
  | 'TOKEN';

export type PolicyAlgorithmInput =
  {   readonly grpo: GrpoInput; readonly onlineDpo?: never; readonly ppo?: never; readonly rloo?: never; }
  |  { readonly grpo?: never;   readonly onlineDpo: OnlineDpoInput; readonly ppo?: never; readonly rloo?: never; }
  |  { readonly grpo?: never; readonly onlineDpo?: never;   readonly ppo: PpoInput; readonly rloo?: never; }
  |  { readonly grpo?: never; readonly onlineDpo?: never; readonly ppo?: never;   readonly rloo: RlooInput; };

export type PolicyGuardsInput = {
  readonly klBudget?: number | null | undefined;
  readonly lengthGrowth?: number | null | undefined;
  readonly repetition?: number | null | undefined;
  readonly stops?: boolean;
};

export type PolicyOptimizationInput = {
  readonly algorithm?: PolicyAlgorithmInput | null | undefined;
  readonly controlPreferences?: ControlPreferencesInput | null | undefined;
  readonly controlRewards?: ReadonlyArray<RewardInput> | null | undefined;
  readonly guards?: PolicyGuardsInput | null | undefined;
  readonly heldOutPrompts?: number;
  readonly iterations?: number | null | undefined;
  readonly masksTruncated?: boolean;
  readonly maxTokens?: number;
  readonly promptColumn?: string | null | undefined;
  readonly referenceModelId?: string | null | undefined;
  readonly rewards: ReadonlyArray<RewardInput>;
  readonly samples?: number | null | undefined;
  readonly systemColumn?: string | null | undefined;
  readonly temperature?: number;
};

export type PolicyRatio =
  | 'COMPLETION'
  | 'TOKEN';

export type Pooling =
  | 'FIRST_TOKEN'
  | 'LAST_TOKEN'
  | 'MEAN';

export type PpoInput = {
  readonly adaptiveKl?: AdaptiveKlInput | null | undefined;
  readonly clipHigh?: number | null | undefined;
  readonly clipLow?: number;
  readonly discount?: number;
  readonly klEstimator?: KlEstimator;
  readonly klWeight?: number;
  readonly lambda?: number;
  readonly miniBatches?: number;
  readonly missingEndPenalty?: number | null | undefined;
  readonly mostRatio?: number | null | undefined;
  readonly valueClip?: number | null | undefined;
  readonly valueLearningRate?: number | null | undefined;
  readonly valueModelId?: string | null | undefined;
  readonly valueWarmupSteps?: number;
  readonly whitensRewards?: boolean;
};

export type PredictInput = {
  readonly alias?: string | null | undefined;
  readonly modelId?: string | null | undefined;
  readonly pairs?: ReadonlyArray<string> | null | undefined;
  readonly projectSlug?: string | null | undefined;
  readonly texts: ReadonlyArray<string>;
};

export type PredictedTargetInput = {
  readonly feedbackId: string;
  readonly task?: string | null | undefined;
  readonly text?: number;
};

export type PredictionTargetInput = {
  readonly alias?: string | null | undefined;
  readonly labels?: ReadonlyArray<string> | null | undefined;
  readonly modelId?: string | null | undefined;
  readonly pair?: string | null | undefined;
  readonly probability?: number | null | undefined;
  readonly shown?: string | null | undefined;
  readonly task?: string | null | undefined;
  readonly text: string;
};

export type PreferenceFormInput =
  {   readonly pairs: PreferencePairsInput; readonly rated?: never; readonly thumbs?: never; }
  |  { readonly pairs?: never;   readonly rated: RatedAnswersInput; readonly thumbs?: never; }
  |  { readonly pairs?: never; readonly rated?: never;   readonly thumbs: ThumbedAnswersInput; };

export type PreferenceObjectiveInput =
  {   readonly cpo: CpoInput; readonly dpo?: never; readonly kto?: never; readonly orpo?: never; readonly simpo?: never; }
  |  { readonly cpo?: never;   readonly dpo: DpoInput; readonly kto?: never; readonly orpo?: never; readonly simpo?: never; }
  |  { readonly cpo?: never; readonly dpo?: never;   readonly kto: KtoInput; readonly orpo?: never; readonly simpo?: never; }
  |  { readonly cpo?: never; readonly dpo?: never; readonly kto?: never;   readonly orpo: OrpoInput; readonly simpo?: never; }
  |  { readonly cpo?: never; readonly dpo?: never; readonly kto?: never; readonly orpo?: never;   readonly simpo: SimpoInput; };

export type PreferenceOptimizationInput = {
  readonly chatTemplate?: string | null | undefined;
  readonly objective?: PreferenceObjectiveInput | null | undefined;
  readonly preference?: PreferenceFormInput | null | undefined;
  readonly referenceModelId?: string | null | undefined;
  readonly templateTime?: string | null | undefined;
  readonly unlearnable?: UnlearnableRows;
};

export type PreferencePairsInput = {
  readonly chosenColumn: string;
  readonly probabilityColumn?: string | null | undefined;
  readonly promptColumn?: string | null | undefined;
  readonly rejectedColumn: string;
  readonly strengthColumn?: string | null | undefined;
};

export type PreferenceReadingInput = {
  readonly beta?: number | null | undefined;
  readonly chatTemplate?: string | null | undefined;
  readonly maxLength?: number | null | undefined;
  readonly referenceId?: string | null | undefined;
  readonly templateTime?: string | null | undefined;
  readonly truncationSide?: TruncationSide | null | undefined;
  readonly withoutReference?: boolean;
};

export type PreparationStage =
  | 'DESCRIBING'
  | 'READING'
  | 'SPLITTING'
  | 'STEPS'
  | 'WRITING';

export type PreparationStatus =
  | 'CANCELED'
  | 'FAILED'
  | 'QUEUED'
  | 'RUNNING'
  | 'SUCCEEDED';

export type PreparationStepInput =
  {   readonly addFromTemplates: AddFromTemplatesInput; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never;   readonly assignFolds: AssignFoldsInput; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never;   readonly augmentText: AugmentTextInput; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never;   readonly balanceLabels: BalanceLabelsInput; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never;   readonly castColumn: CastColumnInput; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never;   readonly changeCase: ChangeCaseInput; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never;   readonly collapseWhiteSpace: CollapseWhiteSpaceInput; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never;   readonly drawSplits: DrawSplitsInput; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never;   readonly dropColumns: DropColumnsInput; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never;   readonly dropDuplicates: DropDuplicatesInput; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never;   readonly dropMissing: DropMissingInput; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never;   readonly fillMissing: FillMissingInput; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never;   readonly filterLanguage: FilterLanguageInput; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never;   readonly filterLength: FilterLengthInput; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never;   readonly filterRows: FilterRowsInput; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never;   readonly htmlToText: HtmlToTextInput; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never;   readonly keepSplits: KeepSplitsInput; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never;   readonly mapLabels: MapLabelsInput; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never;   readonly markMissing: MarkMissingInput; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never;   readonly maskPersonalData: MaskPersonalDataInput; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never;   readonly mergeColumns: MergeColumnsInput; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never;   readonly normalizeUnicode: NormalizeUnicodeInput; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never;   readonly removeControlCharacters: RemoveControlCharactersInput; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never;   readonly renameColumns: RenameColumnsInput; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never;   readonly renameSplits: RenameSplitsInput; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never;   readonly repairMojibake: RepairMojibakeInput; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never;   readonly replacePattern: ReplacePatternInput; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never;   readonly resolveLabelConflicts: ResolveLabelConflictsInput; readonly sampleRows?: never; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never;   readonly sampleRows: SampleRowsInput; readonly splitByTime?: never; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never;   readonly splitByTime: SplitByTimeInput; readonly splitFromColumn?: never; }
  |  { readonly addFromTemplates?: never; readonly assignFolds?: never; readonly augmentText?: never; readonly balanceLabels?: never; readonly castColumn?: never; readonly changeCase?: never; readonly collapseWhiteSpace?: never; readonly drawSplits?: never; readonly dropColumns?: never; readonly dropDuplicates?: never; readonly dropMissing?: never; readonly fillMissing?: never; readonly filterLanguage?: never; readonly filterLength?: never; readonly filterRows?: never; readonly htmlToText?: never; readonly keepSplits?: never; readonly mapLabels?: never; readonly markMissing?: never; readonly maskPersonalData?: never; readonly mergeColumns?: never; readonly normalizeUnicode?: never; readonly removeControlCharacters?: never; readonly renameColumns?: never; readonly renameSplits?: never; readonly repairMojibake?: never; readonly replacePattern?: never; readonly resolveLabelConflicts?: never; readonly sampleRows?: never; readonly splitByTime?: never;   readonly splitFromColumn: SplitFromColumnInput; };

export type PrepareDatasetInput = {
  readonly datasetId?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly projectSlug?: string | null | undefined;
  readonly recipe?: ReadonlyArray<PreparationStepInput>;
  readonly roles?: ReadonlyArray<AssignedRoleInput>;
  readonly sources: ReadonlyArray<RowSourceInput>;
  readonly split?: SplitInput | null | undefined;
  readonly splitColumn?: string | null | undefined;
};

export type ProblemCode =
  | 'ACCESS_DENIED'
  | 'ALREADY_EXISTS'
  | 'CHECKSUM_MISMATCH'
  | 'CONFLICT'
  | 'DISK_FULL'
  | 'EMPTY_FILE'
  | 'EMPTY_PROMPT'
  | 'EMPTY_SPLIT'
  | 'EMPTY_TEXT'
  | 'FORBIDDEN'
  | 'HUB_UNAVAILABLE'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'INVALID_CHECKPOINT'
  | 'INVALID_COLUMN_NAME'
  | 'INVALID_FILE'
  | 'INVALID_MODEL'
  | 'INVALID_SCHEMA'
  | 'INVALID_VALUE'
  | 'IN_USE'
  | 'JOB_FAILED'
  | 'LICENCE_DENIED'
  | 'MISSING_ARTIFACT'
  | 'NON_FINITE_LOGITS'
  | 'NON_FINITE_LOSS'
  | 'NOT_FOUND'
  | 'NO_ADAPTER'
  | 'NO_CHAT_TEMPLATE'
  | 'NO_EXAMPLES_WAITING'
  | 'NO_HEAD'
  | 'NO_ROWS_LEFT'
  | 'NO_VALID_ROWS'
  | 'OUT_OF_MEMORY'
  | 'PARITY_FAILED'
  | 'PROMPT_TOO_LONG'
  | 'QUOTA_EXCEEDED'
  | 'REQUIRED'
  | 'REWARD_MODEL_UNPROVEN'
  | 'REWARD_SERVICE_FAILED'
  | 'TARGET_UNAVAILABLE'
  | 'TIMEOUT'
  | 'TOO_FEW_LABELS'
  | 'TOO_LARGE'
  | 'TOO_LONG'
  | 'TOO_MANY_LABELS'
  | 'TOO_MANY_REJECTED'
  | 'TOO_MANY_WAITING'
  | 'UNCLEAR_COLUMN'
  | 'UNCLEAR_HEADER'
  | 'UNEQUAL_LENGTHS'
  | 'UNKNOWN_COLUMN'
  | 'UNKNOWN_LABEL'
  | 'UNKNOWN_METRIC'
  | 'UNKNOWN_MODULE'
  | 'UNKNOWN_SPLIT'
  | 'UNKNOWN_TASK'
  | 'UNLEARNABLE_ROWS'
  | 'UNSUPPORTED_EXPORT'
  | 'UNSUPPORTED_MODEL'
  | 'UPLOAD_NOT_READY'
  | 'WORKER_LOST'
  | 'WORKER_UNAVAILABLE'
  | 'WRONG_COLUMN_TYPE'
  | 'WRONG_FORMAT';

export type PromptCompletionInput = {
  readonly completionColumn: string;
  readonly promptColumn: string;
  readonly systemColumn?: string | null | undefined;
};

export type PromptInput =
  {   readonly messages: ReadonlyArray<PromptMessageInput>; readonly text?: never; }
  |  { readonly messages?: never;   readonly text: string; };

export type PromptMessageInput = {
  readonly content: string;
  readonly role: string;
};

export type PunctuationFault =
  | 'EXCHANGE'
  | 'INSERT_COMMA'
  | 'REMOVE_ALL'
  | 'REMOVE_LAST'
  | 'REPEAT';

export type QuoteEscape =
  | 'BACKSLASH'
  | 'DOUBLED';

export type RatedAnswersInput = {
  readonly completionColumn: string;
  readonly promptColumn: string;
  readonly ratingColumn: string;
};

export type RecordFeedbackInput = {
  readonly comment?: string | null | undefined;
  readonly feedback: RecordedValueInput;
  readonly idempotencyKey?: string | null | undefined;
  readonly projectSlug?: string | null | undefined;
  readonly subject?: string | null | undefined;
  readonly target: FeedbackTargetInput;
};

export type RecordedScoreInput = {
  readonly from?: number;
  readonly score: number;
  readonly to?: number;
};

export type RecordedValueInput =
  {   readonly betterAnswer: string; readonly labels?: never; readonly score?: never; readonly thumb?: never; }
  |  { readonly betterAnswer?: never;   readonly labels: ReadonlyArray<string>; readonly score?: never; readonly thumb?: never; }
  |  { readonly betterAnswer?: never; readonly labels?: never;   readonly score: RecordedScoreInput; readonly thumb?: never; }
  |  { readonly betterAnswer?: never; readonly labels?: never; readonly score?: never;   readonly thumb: ThumbsValueInput; };

export type RegressionHeadInput = {
  readonly targetColumns?: ReadonlyArray<string> | null | undefined;
};

export type RemoveControlCharactersInput = {
  readonly columns?: ReadonlyArray<string> | null | undefined;
};

export type RenameColumnsInput = {
  readonly names: ReadonlyArray<ColumnRenamingInput>;
};

export type RenameSplitsInput = {
  readonly names: ReadonlyArray<RenamedSplitInput>;
};

export type RenamedSplitInput = {
  readonly from: string;
  readonly to: string;
};

export type RepairMojibakeInput = {
  readonly columns?: ReadonlyArray<string> | null | undefined;
};

export type RepetitionRewardInput = {
  readonly n?: number;
};

export type ReplacePatternInput = {
  readonly columns?: ReadonlyArray<string> | null | undefined;
  readonly firstOnly?: boolean;
  readonly ignoreCase?: boolean;
  readonly pattern: string;
  readonly replacement?: string;
};

export type ReportDatasetInput = {
  readonly datasetVersionId: string;
  readonly featureModelId?: string | null | undefined;
  readonly fewExamples?: number;
  readonly idempotencyKey?: string | null | undefined;
  readonly maxLength?: number | null | undefined;
  readonly modelId?: string | null | undefined;
  readonly personalData?: PersonalDataSearchInput | null | undefined;
  readonly roles?: ReadonlyArray<AssignedRoleInput>;
};

export type ReportFindingCode =
  | 'CHOSEN_EQUALS_REJECTED'
  | 'CLASS_MISSING_IN_SPLIT'
  | 'COLUMN_GIVES_LABEL_AWAY'
  | 'CONSTANT_COLUMN'
  | 'CONVERSATION_BEGINS_WITH_ASSISTANT'
  | 'CONVERSATION_ENDS_WITH_USER'
  | 'DAMAGED_ENCODING'
  | 'DUPLICATES_ACROSS_SPLITS'
  | 'EMBEDDING_OUTLIERS'
  | 'EMPTY_TEXTS'
  | 'EMPTY_TURNS'
  | 'EXACT_DUPLICATES'
  | 'FEW_EXAMPLES'
  | 'GROUP_IN_SEVERAL_SPLITS'
  | 'ID_LIKE_COLUMN'
  | 'IMBALANCED_LABELS'
  | 'LABEL_CONFLICTS'
  | 'LABEL_VARIANTS'
  | 'LENGTH_OUTLIERS'
  | 'LIKELY_LABEL_ERRORS'
  | 'MISSING_VALUES'
  | 'MIXED_LANGUAGES'
  | 'MOST_TEXTS_TRUNCATED'
  | 'NEAR_DUPLICATES'
  | 'NEAR_DUPLICATES_ACROSS_SPLITS'
  | 'NON_FINITE_NUMBERS'
  | 'NORMALIZED_DUPLICATES'
  | 'NUMBER_OUTLIERS'
  | 'PERSONAL_DATA'
  | 'SINGLE_CLASS'
  | 'TURNS_DO_NOT_ALTERNATE'
  | 'UNKNOWN_ROLES'
  | 'UNKNOWN_TOKENS'
  | 'UNREADABLE_CONVERSATIONS'
  | 'WORD_GIVES_LABEL_AWAY';

export type ReportFindingSeverity =
  | 'ERROR'
  | 'NOTICE'
  | 'WARNING';

export type RerankInput = {
  readonly keep?: number | null | undefined;
  readonly rewards: ReadonlyArray<RewardInput>;
};

export type ResolveLabelConflictsInput = {
  readonly action: LabelConflictAction;
  readonly columns: ReadonlyArray<string>;
  readonly label: string;
  readonly markColumn?: string | null | undefined;
  readonly match?: TextEquality;
  readonly ties?: LabelTie;
};

export type RewardInput = {
  readonly by: RewardSourceInput;
  readonly name: string;
  readonly weight?: number;
};

export type RewardLengthUnit =
  | 'CHARACTERS'
  | 'TOKENS'
  | 'WORDS';

export type RewardModelRewardInput = {
  readonly alias?: string | null | undefined;
  readonly modelId?: string | null | undefined;
};

export type RewardModellingInput = {
  readonly centring?: number | null | undefined;
  readonly chatTemplate?: string | null | undefined;
  readonly margin?: number | null | undefined;
  readonly preference?: PreferenceFormInput | null | undefined;
  readonly templateTime?: string | null | undefined;
  readonly unlearnable?: UnlearnableRows;
  readonly weighting?: ComparisonWeighting | null | undefined;
};

export type RewardScaling =
  | 'BATCH'
  | 'GROUP'
  | 'NONE';

export type RewardSourceInput =
  {   readonly choice: ChoiceRewardInput; readonly equals?: never; readonly forbiddenWords?: never; readonly jsonSchema?: never; readonly label?: never; readonly lengthCost?: never; readonly lengthRange?: never; readonly lengthTarget?: never; readonly number?: never; readonly overlong?: never; readonly pattern?: never; readonly repetition?: never; readonly rewardModel?: never; readonly service?: never; }
  |  { readonly choice?: never;   readonly equals: EqualsRewardInput; readonly forbiddenWords?: never; readonly jsonSchema?: never; readonly label?: never; readonly lengthCost?: never; readonly lengthRange?: never; readonly lengthTarget?: never; readonly number?: never; readonly overlong?: never; readonly pattern?: never; readonly repetition?: never; readonly rewardModel?: never; readonly service?: never; }
  |  { readonly choice?: never; readonly equals?: never;   readonly forbiddenWords: ForbiddenWordsRewardInput; readonly jsonSchema?: never; readonly label?: never; readonly lengthCost?: never; readonly lengthRange?: never; readonly lengthTarget?: never; readonly number?: never; readonly overlong?: never; readonly pattern?: never; readonly repetition?: never; readonly rewardModel?: never; readonly service?: never; }
  |  { readonly choice?: never; readonly equals?: never; readonly forbiddenWords?: never;   readonly jsonSchema: JsonSchemaRewardInput; readonly label?: never; readonly lengthCost?: never; readonly lengthRange?: never; readonly lengthTarget?: never; readonly number?: never; readonly overlong?: never; readonly pattern?: never; readonly repetition?: never; readonly rewardModel?: never; readonly service?: never; }
  |  { readonly choice?: never; readonly equals?: never; readonly forbiddenWords?: never; readonly jsonSchema?: never;   readonly label: LabelRewardInput; readonly lengthCost?: never; readonly lengthRange?: never; readonly lengthTarget?: never; readonly number?: never; readonly overlong?: never; readonly pattern?: never; readonly repetition?: never; readonly rewardModel?: never; readonly service?: never; }
  |  { readonly choice?: never; readonly equals?: never; readonly forbiddenWords?: never; readonly jsonSchema?: never; readonly label?: never;   readonly lengthCost: LengthCostRewardInput; readonly lengthRange?: never; readonly lengthTarget?: never; readonly number?: never; readonly overlong?: never; readonly pattern?: never; readonly repetition?: never; readonly rewardModel?: never; readonly service?: never; }
  |  { readonly choice?: never; readonly equals?: never; readonly forbiddenWords?: never; readonly jsonSchema?: never; readonly label?: never; readonly lengthCost?: never;   readonly lengthRange: LengthRangeRewardInput; readonly lengthTarget?: never; readonly number?: never; readonly overlong?: never; readonly pattern?: never; readonly repetition?: never; readonly rewardModel?: never; readonly service?: never; }
  |  { readonly choice?: never; readonly equals?: never; readonly forbiddenWords?: never; readonly jsonSchema?: never; readonly label?: never; readonly lengthCost?: never; readonly lengthRange?: never;   readonly lengthTarget: LengthTargetRewardInput; readonly number?: never; readonly overlong?: never; readonly pattern?: never; readonly repetition?: never; readonly rewardModel?: never; readonly service?: never; }
  |  { readonly choice?: never; readonly equals?: never; readonly forbiddenWords?: never; readonly jsonSchema?: never; readonly label?: never; readonly lengthCost?: never; readonly lengthRange?: never; readonly lengthTarget?: never;   readonly number: NumberRewardInput; readonly overlong?: never; readonly pattern?: never; readonly repetition?: never; readonly rewardModel?: never; readonly service?: never; }
  |  { readonly choice?: never; readonly equals?: never; readonly forbiddenWords?: never; readonly jsonSchema?: never; readonly label?: never; readonly lengthCost?: never; readonly lengthRange?: never; readonly lengthTarget?: never; readonly number?: never;   readonly overlong: OverlongRewardInput; readonly pattern?: never; readonly repetition?: never; readonly rewardModel?: never; readonly service?: never; }
  |  { readonly choice?: never; readonly equals?: never; readonly forbiddenWords?: never; readonly jsonSchema?: never; readonly label?: never; readonly lengthCost?: never; readonly lengthRange?: never; readonly lengthTarget?: never; readonly number?: never; readonly overlong?: never;   readonly pattern: PatternRewardInput; readonly repetition?: never; readonly rewardModel?: never; readonly service?: never; }
  |  { readonly choice?: never; readonly equals?: never; readonly forbiddenWords?: never; readonly jsonSchema?: never; readonly label?: never; readonly lengthCost?: never; readonly lengthRange?: never; readonly lengthTarget?: never; readonly number?: never; readonly overlong?: never; readonly pattern?: never;   readonly repetition: RepetitionRewardInput; readonly rewardModel?: never; readonly service?: never; }
  |  { readonly choice?: never; readonly equals?: never; readonly forbiddenWords?: never; readonly jsonSchema?: never; readonly label?: never; readonly lengthCost?: never; readonly lengthRange?: never; readonly lengthTarget?: never; readonly number?: never; readonly overlong?: never; readonly pattern?: never; readonly repetition?: never;   readonly rewardModel: RewardModelRewardInput; readonly service?: never; }
  |  { readonly choice?: never; readonly equals?: never; readonly forbiddenWords?: never; readonly jsonSchema?: never; readonly label?: never; readonly lengthCost?: never; readonly lengthRange?: never; readonly lengthTarget?: never; readonly number?: never; readonly overlong?: never; readonly pattern?: never; readonly repetition?: never; readonly rewardModel?: never;   readonly service: ServiceRewardInput; };

export type RlooInput = {
  readonly clipHigh?: number | null | undefined;
  readonly clipLow?: number;
  readonly klWeight?: number;
  readonly normalizesAdvantages?: boolean;
};

export type Role =
  | 'ANNOTATOR'
  | 'MAINTAINER'
  | 'OWNER'
  | 'VIEWER';

export type RoleSource =
  | 'GUESSED'
  | 'SAID';

export type RowConditionInput = {
  readonly column?: string | null | undefined;
  readonly condition?: RowConditionInput | null | undefined;
  readonly conditions?: ReadonlyArray<RowConditionInput> | null | undefined;
  readonly ignoreCase?: boolean | null | undefined;
  readonly operator: RowOperator;
  readonly pattern?: string | null | undefined;
  readonly splits?: ReadonlyArray<string> | null | undefined;
  readonly value?: string | number | boolean | null | undefined;
  readonly values?: ReadonlyArray<string | number | boolean> | null | undefined;
};

export type RowOperator =
  | 'AND'
  | 'CONTAINS'
  | 'ENDS_WITH'
  | 'EQUALS'
  | 'GREATER'
  | 'GREATER_OR_EQUAL'
  | 'IN'
  | 'IN_SPLIT'
  | 'IS_MISSING'
  | 'IS_PRESENT'
  | 'LESS'
  | 'LESS_OR_EQUAL'
  | 'MATCHES'
  | 'NOT'
  | 'NOT_EQUALS'
  | 'NOT_IN'
  | 'OR'
  | 'STARTS_WITH';

export type RowSourceInput =
  {   readonly appended: AppendedRowsInput; readonly upload?: never; readonly version?: never; }
  |  { readonly appended?: never;   readonly upload: UploadRowsInput; readonly version?: never; }
  |  { readonly appended?: never; readonly upload?: never;   readonly version: VersionRowsInput; };

export type RunStatus =
  | 'CANCELED'
  | 'CANCELING'
  | 'EVALUATING'
  | 'FAILED'
  | 'PAUSED'
  | 'PREPARING'
  | 'QUEUED'
  | 'SUCCEEDED'
  | 'TRAINING';

export type SampleGroupKind =
  | 'COLUMN'
  | 'SPLIT';

export type SampleGroupsInput = {
  readonly column?: string | null | undefined;
  readonly kind: SampleGroupKind;
};

export type SampleRowsInput = {
  readonly count?: number | null | undefined;
  readonly seed?: number;
  readonly share?: number | null | undefined;
  readonly within?: SampleGroupsInput | null | undefined;
};

export type SamplingInput = {
  readonly frequencyPenalty?: number;
  readonly minP?: number;
  readonly presencePenalty?: number;
  readonly repetitionPenalty?: number;
  readonly seed?: number | null | undefined;
  readonly temperature?: number;
  readonly topK?: number | null | undefined;
  readonly topP?: number;
};

export type Scope =
  | 'ADMINISTER'
  | 'ANNOTATE'
  | 'READ'
  | 'TRAIN';

export type ServiceRewardInput = {
  readonly batchSize?: number;
  readonly retries?: number;
  readonly secretNumber?: number;
  readonly timeoutMs?: number;
  readonly url: string;
};

export type ShingleUnit =
  | 'CHARACTERS'
  | 'WORDS';

export type SimpoInput = {
  readonly beta?: number | null | undefined;
  readonly gamma?: number | null | undefined;
  readonly labelSmoothing?: number | null | undefined;
  readonly sftWeight?: number | null | undefined;
};

export type SplitByTimeInput = {
  readonly column: string;
  readonly cuts?: ReadonlyArray<string> | null | undefined;
  readonly fractions?: ReadonlyArray<number> | null | undefined;
  readonly splitOfMissing?: string | null | undefined;
  readonly splits: ReadonlyArray<string>;
};

export type SplitFractionInput = {
  readonly fraction: number;
  readonly name: string;
};

export type SplitFromColumnInput = {
  readonly column: string;
  readonly splitOfMissing?: string | null | undefined;
};

export type SplitInput = {
  readonly fractions?: ReadonlyArray<SplitFractionInput>;
  readonly keepTogether?: ReadonlyArray<string>;
  readonly seed?: number;
  readonly stratifyBy?: string | null | undefined;
};

export type SplitShareInput = {
  readonly fraction: number;
  readonly name: string;
};

export type SupervisedInput = {
  readonly classWeights?: ClassWeightsInput | null | undefined;
  readonly head?: HeadInput | null | undefined;
  readonly labelColumn?: string | null | undefined;
  readonly textColumn?: string | null | undefined;
  readonly textPairColumn?: string | null | undefined;
};

export type TagScheme =
  | 'IOB2'
  | 'PLAIN';

export type TaskInput = {
  readonly classWeights?: ClassWeightsInput | null | undefined;
  readonly head?: HeadInput | null | undefined;
  readonly labelColumn?: string | null | undefined;
  readonly name: string;
  readonly weight?: number;
};

export type TextEquality =
  | 'EXACT'
  | 'NORMALIZED';

export type ThresholdOfLabelInput = {
  readonly label: string;
  readonly threshold: number;
};

export type ThresholdsInput = {
  readonly kind?: ThresholdsKind;
  readonly thresholds?: ReadonlyArray<ThresholdOfLabelInput> | null | undefined;
};

export type ThresholdsKind =
  | 'CHOSEN'
  | 'GIVEN';

export type ThumbedAnswersInput = {
  readonly completionColumn: string;
  readonly promptColumn?: string | null | undefined;
  readonly thumbColumn: string;
};

export type ThumbsValueInput = {
  readonly reason?: string | null | undefined;
  readonly up: boolean;
};

export type TokenClassificationHeadInput = {
  readonly classWeights?: ClassWeightsInput | null | undefined;
  readonly scheme?: TagScheme | null | undefined;
  readonly tagColumn?: string | null | undefined;
};

export type TokenEvaluationInput = {
  readonly baselineId?: string | null | undefined;
  readonly chatTemplate?: string | null | undefined;
  readonly conversation?: ConversationFormInput | null | undefined;
  readonly learned?: LearnedTurns | null | undefined;
  readonly masking?: MaskingInput | null | undefined;
  readonly maxLength?: number | null | undefined;
  readonly objective?: LanguageObjective | null | undefined;
  readonly seed?: number | string | null | undefined;
  readonly templateTime?: string | null | undefined;
  readonly truncationSide?: TruncationSide | null | undefined;
  readonly unlearnable?: UnlearnableRows | null | undefined;
  readonly withoutBaseline?: boolean;
};

export type TokenizerSourceInput =
  {   readonly baseModelId: string; readonly folder?: never; readonly hub?: never; readonly uploadId?: never; }
  |  { readonly baseModelId?: never;   readonly folder: FolderSourceInput; readonly hub?: never; readonly uploadId?: never; }
  |  { readonly baseModelId?: never; readonly folder?: never;   readonly hub: HubSourceInput; readonly uploadId?: never; }
  |  { readonly baseModelId?: never; readonly folder?: never; readonly hub?: never;   readonly uploadId: string; };

export type TrainingMethodInput =
  {   readonly instructionTuning: InstructionTuningInput; readonly languageModelling?: never; readonly multiTask?: never; readonly policyOptimization?: never; readonly preferenceOptimization?: never; readonly rewardModelling?: never; readonly supervised?: never; }
  |  { readonly instructionTuning?: never;   readonly languageModelling: LanguageModellingInput; readonly multiTask?: never; readonly policyOptimization?: never; readonly preferenceOptimization?: never; readonly rewardModelling?: never; readonly supervised?: never; }
  |  { readonly instructionTuning?: never; readonly languageModelling?: never;   readonly multiTask: MultiTaskInput; readonly policyOptimization?: never; readonly preferenceOptimization?: never; readonly rewardModelling?: never; readonly supervised?: never; }
  |  { readonly instructionTuning?: never; readonly languageModelling?: never; readonly multiTask?: never;   readonly policyOptimization: PolicyOptimizationInput; readonly preferenceOptimization?: never; readonly rewardModelling?: never; readonly supervised?: never; }
  |  { readonly instructionTuning?: never; readonly languageModelling?: never; readonly multiTask?: never; readonly policyOptimization?: never;   readonly preferenceOptimization: PreferenceOptimizationInput; readonly rewardModelling?: never; readonly supervised?: never; }
  |  { readonly instructionTuning?: never; readonly languageModelling?: never; readonly multiTask?: never; readonly policyOptimization?: never; readonly preferenceOptimization?: never;   readonly rewardModelling: RewardModellingInput; readonly supervised?: never; }
  |  { readonly instructionTuning?: never; readonly languageModelling?: never; readonly multiTask?: never; readonly policyOptimization?: never; readonly preferenceOptimization?: never; readonly rewardModelling?: never;   readonly supervised: SupervisedInput; };

export type TrainingMethodKind =
  | 'INSTRUCTION_TUNING'
  | 'LANGUAGE_MODELLING'
  | 'MULTI_TASK'
  | 'POLICY_OPTIMIZATION'
  | 'PREFERENCE_OPTIMIZATION'
  | 'REWARD_MODELLING'
  | 'SUPERVISED';

export type TransferStatus =
  | 'CANCELED'
  | 'FAILED'
  | 'QUEUED'
  | 'RUNNING'
  | 'SUCCEEDED';

export type TruncationSide =
  | 'LEFT'
  | 'RIGHT';

export type Typo =
  | 'DELETE'
  | 'INSERT'
  | 'NEIGHBOUR'
  | 'TRANSPOSE';

export type UncastValues =
  | 'DROP'
  | 'REFUSE'
  | 'REMOVE';

export type UnicodeForm =
  | 'NFC'
  | 'NFD'
  | 'NFKC'
  | 'NFKD';

export type UnknownLabels =
  | 'COUNT'
  | 'REFUSE';

export type UnlearnableRows =
  | 'LEAVE_OUT'
  | 'REFUSE';

export type UploadRowsInput = {
  readonly fileOptions?: FileOptionsInput | null | undefined;
  readonly split?: string | null | undefined;
  readonly uploadId: string;
};

export type UserKind =
  | 'PERSON'
  | 'SERVICE';

export type VersionRowsInput = {
  readonly datasetVersionId: string;
  readonly split?: string | null | undefined;
};

export type WorkbookOptionsInput = {
  readonly sheet?: string | null | undefined;
  readonly sheetNumber?: number | null | undefined;
};

export type ListDatasetsQueryVariables = Exact<{
  projectSlug?: string | null | undefined;
  first: number;
  after?: string | null | undefined;
  filter?: DatasetFilter | null | undefined;
}>;


export type ListDatasetsQuery = { readonly project: { readonly datasets: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly createdAt: string, readonly tags: ReadonlyArray<string>, readonly latest: { readonly id: string, readonly number: number, readonly exampleCount: number | string, readonly rejectedCount: number | string } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null };

export type VersionSummaryFragment = { readonly id: string, readonly number: number, readonly digest: string, readonly exampleCount: number | string, readonly rejectedCount: number | string, readonly notices: ReadonlyArray<{ readonly message: string }>, readonly columns: ReadonlyArray<{ readonly name: string, readonly type: ColumnType, readonly missing: number | string, readonly distinct: number | string }>, readonly roles: ReadonlyArray<{ readonly column: string, readonly role: ColumnRole, readonly source: RoleSource }>, readonly splits: ReadonlyArray<{ readonly name: string, readonly exampleCount: number | string }>, readonly dataset: { readonly id: string, readonly name: string } };

export type ShowVersionQueryVariables = Exact<{
  id: string;
}>;


export type ShowVersionQuery = { readonly node:
    | { readonly __typename: 'ApiKey' }
    | { readonly __typename: 'BaseModel' }
    | { readonly __typename: 'BatchPrediction' }
    | { readonly __typename: 'Checkpoint' }
    | { readonly __typename: 'Dataset' }
    | { readonly __typename: 'DatasetExport' }
    | { readonly __typename: 'DatasetReport' }
    | { readonly __typename: 'DatasetVersion', readonly id: string, readonly number: number, readonly digest: string, readonly exampleCount: number | string, readonly rejectedCount: number | string, readonly notices: ReadonlyArray<{ readonly message: string }>, readonly columns: ReadonlyArray<{ readonly name: string, readonly type: ColumnType, readonly missing: number | string, readonly distinct: number | string }>, readonly roles: ReadonlyArray<{ readonly column: string, readonly role: ColumnRole, readonly source: RoleSource }>, readonly splits: ReadonlyArray<{ readonly name: string, readonly exampleCount: number | string }>, readonly dataset: { readonly id: string, readonly name: string } }
    | { readonly __typename: 'Evaluation' }
    | { readonly __typename: 'Experiment' }
    | { readonly __typename: 'FeedbackAnswer' }
    | { readonly __typename: 'FeedbackClaim' }
    | { readonly __typename: 'FeedbackItem' }
    | { readonly __typename: 'FeedbackLoop' }
    | { readonly __typename: 'FeedbackTask' }
    | { readonly __typename: 'Generation' }
    | { readonly __typename: 'Member' }
    | { readonly __typename: 'ModelAlias' }
    | { readonly __typename: 'ModelExport' }
    | { readonly __typename: 'ModelImport' }
    | { readonly __typename: 'ModelRecommendation' }
    | { readonly __typename: 'Preparation' }
    | { readonly __typename: 'Project' }
    | { readonly __typename: 'RecordedFeedback' }
    | { readonly __typename: 'ScoredSamples' }
    | { readonly __typename: 'Session' }
    | { readonly __typename: 'User' }
    | { readonly __typename: 'Viewer' }
    | { readonly __typename: 'Webhook' }
    | { readonly __typename: 'WebhookDelivery' }
    | { readonly __typename: 'Worker' }
   | null };

export type PrepareDatasetMutationVariables = Exact<{
  input: PrepareDatasetInput;
}>;


export type PrepareDatasetMutation = { readonly prepareDataset:
    | { readonly __typename: 'Preparation', readonly id: string, readonly status: PreparationStatus }
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
   };

export type FollowPreparationSubscriptionVariables = Exact<{
  id: string;
}>;


export type FollowPreparationSubscription = { readonly preparationChanged: { readonly id: string, readonly status: PreparationStatus, readonly progress: { readonly stage: PreparationStage, readonly step: number | null, readonly rows: number | string | null } | null, readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }>, readonly datasetVersion: { readonly id: string, readonly number: number, readonly digest: string, readonly exampleCount: number | string, readonly rejectedCount: number | string, readonly notices: ReadonlyArray<{ readonly message: string }>, readonly columns: ReadonlyArray<{ readonly name: string, readonly type: ColumnType, readonly missing: number | string, readonly distinct: number | string }>, readonly roles: ReadonlyArray<{ readonly column: string, readonly role: ColumnRole, readonly source: RoleSource }>, readonly splits: ReadonlyArray<{ readonly name: string, readonly exampleCount: number | string }>, readonly dataset: { readonly id: string, readonly name: string } } | null } };

export type PreparedStepsQueryVariables = Exact<{
  id: string;
}>;


export type PreparedStepsQuery = { readonly node:
    | { readonly __typename: 'ApiKey' }
    | { readonly __typename: 'BaseModel' }
    | { readonly __typename: 'BatchPrediction' }
    | { readonly __typename: 'Checkpoint' }
    | { readonly __typename: 'Dataset' }
    | { readonly __typename: 'DatasetExport' }
    | { readonly __typename: 'DatasetReport' }
    | { readonly __typename: 'DatasetVersion', readonly steps: ReadonlyArray<{ readonly rowsBefore: number | string, readonly rowsAfter: number | string, readonly changed: number | string, readonly dropped: number | string, readonly added: number | string, readonly step: { readonly kind: string } }> }
    | { readonly __typename: 'Evaluation' }
    | { readonly __typename: 'Experiment' }
    | { readonly __typename: 'FeedbackAnswer' }
    | { readonly __typename: 'FeedbackClaim' }
    | { readonly __typename: 'FeedbackItem' }
    | { readonly __typename: 'FeedbackLoop' }
    | { readonly __typename: 'FeedbackTask' }
    | { readonly __typename: 'Generation' }
    | { readonly __typename: 'Member' }
    | { readonly __typename: 'ModelAlias' }
    | { readonly __typename: 'ModelExport' }
    | { readonly __typename: 'ModelImport' }
    | { readonly __typename: 'ModelRecommendation' }
    | { readonly __typename: 'Preparation' }
    | { readonly __typename: 'Project' }
    | { readonly __typename: 'RecordedFeedback' }
    | { readonly __typename: 'ScoredSamples' }
    | { readonly __typename: 'Session' }
    | { readonly __typename: 'User' }
    | { readonly __typename: 'Viewer' }
    | { readonly __typename: 'Webhook' }
    | { readonly __typename: 'WebhookDelivery' }
    | { readonly __typename: 'Worker' }
   | null };

export type ReportDatasetMutationVariables = Exact<{
  input: ReportDatasetInput;
}>;


export type ReportDatasetMutation = { readonly reportDataset:
    | { readonly __typename: 'DatasetReport', readonly id: string, readonly status: DatasetReportStatus }
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
   };

export type FollowReportSubscriptionVariables = Exact<{
  id: string;
}>;


export type FollowReportSubscription = { readonly datasetReportChanged: { readonly id: string, readonly status: DatasetReportStatus, readonly stage: DatasetReportStage | null, readonly problem: { readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null } | null, readonly facts: { readonly rows: number | string, readonly findings: ReadonlyArray<{ readonly code: ReportFindingCode, readonly severity: ReportFindingSeverity, readonly message: string, readonly explanation: string, readonly columns: ReadonlyArray<string>, readonly count: number | string, readonly share: number | null, readonly examples: ReadonlyArray<{ readonly row: number | string, readonly otherRow: number | string | null, readonly excerpt: string, readonly detail: string | null }>, readonly suggestedStep: { readonly kind: string } | null }> } | null } };

export type CreateDatasetMutationVariables = Exact<{
  input: CreateDatasetInput;
}>;


export type CreateDatasetMutation = { readonly createDataset:
    | { readonly __typename: 'Dataset', readonly id: string, readonly name: string, readonly latest: { readonly id: string, readonly number: number, readonly digest: string, readonly exampleCount: number | string, readonly rejectedCount: number | string, readonly notices: ReadonlyArray<{ readonly message: string }>, readonly columns: ReadonlyArray<{ readonly name: string, readonly type: ColumnType, readonly missing: number | string, readonly distinct: number | string }>, readonly roles: ReadonlyArray<{ readonly column: string, readonly role: ColumnRole, readonly source: RoleSource }>, readonly splits: ReadonlyArray<{ readonly name: string, readonly exampleCount: number | string }>, readonly dataset: { readonly id: string, readonly name: string } } | null }
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
   };

export type AddDatasetVersionMutationVariables = Exact<{
  input: AddDatasetVersionInput;
}>;


export type AddDatasetVersionMutation = { readonly addDatasetVersion:
    | { readonly __typename: 'DatasetVersion', readonly id: string, readonly number: number, readonly digest: string, readonly exampleCount: number | string, readonly rejectedCount: number | string, readonly notices: ReadonlyArray<{ readonly message: string }>, readonly columns: ReadonlyArray<{ readonly name: string, readonly type: ColumnType, readonly missing: number | string, readonly distinct: number | string }>, readonly roles: ReadonlyArray<{ readonly column: string, readonly role: ColumnRole, readonly source: RoleSource }>, readonly splits: ReadonlyArray<{ readonly name: string, readonly exampleCount: number | string }>, readonly dataset: { readonly id: string, readonly name: string } }
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
   };

export type ExperimentLineFragment = { readonly id: string, readonly name: string, readonly status: RunStatus, readonly tags: ReadonlyArray<string>, readonly createdAt: string, readonly finishedAt: string | null, readonly progress: { readonly step: number, readonly totalSteps: number, readonly epoch: number, readonly etaSeconds: number | null } | null, readonly problem: { readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null } | null, readonly baseModel: { readonly id: string, readonly name: string }, readonly model: { readonly id: string, readonly name: string } | null };

export type ListExperimentsQueryVariables = Exact<{
  projectSlug?: string | null | undefined;
  first: number;
  after?: string | null | undefined;
  filter?: ExperimentFilter | null | undefined;
  orderBy?: ExperimentOrder | null | undefined;
  metrics: ReadonlyArray<string> | string;
}>;


export type ListExperimentsQuery = { readonly project: { readonly experiments: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly status: RunStatus, readonly tags: ReadonlyArray<string>, readonly createdAt: string, readonly finishedAt: string | null, readonly summary: ReadonlyArray<{ readonly value: number | null, readonly definition: { readonly key: string }, readonly best: { readonly value: number | null, readonly step: number } | null }>, readonly progress: { readonly step: number, readonly totalSteps: number, readonly epoch: number, readonly etaSeconds: number | null } | null, readonly problem: { readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null } | null, readonly baseModel: { readonly id: string, readonly name: string }, readonly model: { readonly id: string, readonly name: string } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null };

export type ShowExperimentQueryVariables = Exact<{
  id: string;
}>;


export type ShowExperimentQuery = { readonly experiment: { readonly id: string, readonly name: string, readonly status: RunStatus, readonly tags: ReadonlyArray<string>, readonly createdAt: string, readonly finishedAt: string | null, readonly summary: ReadonlyArray<{ readonly value: number | null, readonly definition: { readonly key: string }, readonly best: { readonly value: number | null, readonly step: number } | null }>, readonly findings: ReadonlyArray<
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
    >, readonly progress: { readonly step: number, readonly totalSteps: number, readonly epoch: number, readonly etaSeconds: number | null } | null, readonly problem: { readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null } | null, readonly baseModel: { readonly id: string, readonly name: string }, readonly model: { readonly id: string, readonly name: string } | null } | null };

export type PlanExperimentQueryVariables = Exact<{
  input: CreateExperimentInput;
}>;


export type PlanExperimentQuery = { readonly planExperiment:
    | { readonly __typename: 'ExperimentPlan', readonly totalSteps: number, readonly stepsPerEpoch: number, readonly trainExamples: number | string, readonly validationExamples: number | string, readonly trainableParameters: number | string, readonly frozenParameters: number | string, readonly estimatedSeconds: number, readonly estimatedMemoryBytes: number | string, readonly estimatedCheckpointBytes: number | string, readonly chosenColumns: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly column: string, readonly role: ColumnRole }>, readonly defaults: ReadonlyArray<{ readonly hyperparameter: string, readonly value: string, readonly reason: string }>, readonly findings: ReadonlyArray<
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
        | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      > }
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
   };

export type CreateExperimentMutationVariables = Exact<{
  input: CreateExperimentInput;
}>;


export type CreateExperimentMutation = { readonly createExperiment:
    | { readonly __typename: 'Experiment', readonly id: string, readonly name: string, readonly status: RunStatus, readonly tags: ReadonlyArray<string>, readonly createdAt: string, readonly finishedAt: string | null, readonly progress: { readonly step: number, readonly totalSteps: number, readonly epoch: number, readonly etaSeconds: number | null } | null, readonly problem: { readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null } | null, readonly baseModel: { readonly id: string, readonly name: string }, readonly model: { readonly id: string, readonly name: string } | null }
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
   };

export type CloneExperimentMutationVariables = Exact<{
  input: CloneExperimentInput;
}>;


export type CloneExperimentMutation = { readonly cloneExperiment:
    | { readonly __typename: 'Experiment', readonly id: string, readonly name: string, readonly status: RunStatus, readonly tags: ReadonlyArray<string>, readonly createdAt: string, readonly finishedAt: string | null, readonly progress: { readonly step: number, readonly totalSteps: number, readonly epoch: number, readonly etaSeconds: number | null } | null, readonly problem: { readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null } | null, readonly baseModel: { readonly id: string, readonly name: string }, readonly model: { readonly id: string, readonly name: string } | null }
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
   };

export type CancelExperimentMutationVariables = Exact<{
  input: ExperimentActionInput;
}>;


export type CancelExperimentMutation = { readonly cancelExperiment:
    | { readonly __typename: 'Experiment', readonly id: string, readonly name: string, readonly status: RunStatus, readonly tags: ReadonlyArray<string>, readonly createdAt: string, readonly finishedAt: string | null, readonly progress: { readonly step: number, readonly totalSteps: number, readonly epoch: number, readonly etaSeconds: number | null } | null, readonly problem: { readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null } | null, readonly baseModel: { readonly id: string, readonly name: string }, readonly model: { readonly id: string, readonly name: string } | null }
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
   };

export type FollowExperimentSubscriptionVariables = Exact<{
  id: string;
  afterSeq: number;
}>;


export type FollowExperimentSubscription = { readonly experimentEvents:
    | { readonly __typename: 'CheckpointSaved', readonly seq: number, readonly at: string, readonly step: number, readonly best: boolean, readonly sizeBytes: number | string }
    | { readonly __typename: 'LogLine', readonly seq: number, readonly at: string, readonly level: LogLevel, readonly message: string }
    | { readonly __typename: 'MetricsRecorded', readonly seq: number, readonly at: string, readonly step: number, readonly epoch: number, readonly samples: ReadonlyArray<{ readonly key: string, readonly value: number | null }> }
    | { readonly __typename: 'ProgressMade', readonly seq: number, readonly at: string, readonly step: number, readonly totalSteps: number, readonly epoch: number, readonly examplesPerSecond: number | null, readonly etaSeconds: number | null }
    | { readonly __typename: 'StatusChanged', readonly seq: number, readonly at: string, readonly from: RunStatus | null, readonly to: RunStatus, readonly reason: string | null, readonly problem: { readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null } | null }
    | { readonly __typename: 'TextsGenerated', readonly seq: number, readonly at: string, readonly step: number, readonly texts: ReadonlyArray<{ readonly prompt: string, readonly text: string }> }
   };

export type CompareExperimentsQueryVariables = Exact<{
  ids: ReadonlyArray<string> | string;
  metrics?: ReadonlyArray<string> | string | null | undefined;
  onlyDifferences: boolean;
}>;


export type CompareExperimentsQuery = { readonly compareExperiments:
    | { readonly __typename: 'ExperimentComparison', readonly experiments: ReadonlyArray<{ readonly id: string, readonly name: string, readonly status: RunStatus }>, readonly configuration: ReadonlyArray<{ readonly path: string, readonly label: string, readonly differs: boolean, readonly values: ReadonlyArray<
          | { readonly text: string }
          | { readonly text: string }
          | { readonly text: string }
          | { readonly text: string }
          | { readonly text: string }
          | { readonly text: string }
         | null> }>, readonly summary: ReadonlyArray<{ readonly definition: { readonly key: string, readonly direction: MetricDirection }, readonly best: { readonly id: string } | null, readonly values: ReadonlyArray<{ readonly newest: { readonly value: number | null, readonly step: number } | null, readonly best: { readonly value: number | null, readonly step: number } | null }> }> }
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
   };

export type ListFeedbackTasksQueryVariables = Exact<{
  projectSlug?: string | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type ListFeedbackTasksQuery = { readonly project: { readonly feedbackTasks: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly kind: FeedbackKind, readonly status: FeedbackTaskStatus, readonly createdAt: string, readonly lastSeq: number | string, readonly counts: { readonly items: number | string, readonly settled: number | string | null, readonly answers: number | string | null, readonly skipped: number | string, readonly flagged: number | string, readonly held: number } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null };

export type TaskLineFragment = { readonly id: string, readonly name: string, readonly kind: FeedbackKind, readonly status: FeedbackTaskStatus, readonly createdAt: string, readonly lastSeq: number | string, readonly counts: { readonly items: number | string, readonly settled: number | string | null, readonly answers: number | string | null, readonly skipped: number | string, readonly flagged: number | string, readonly held: number } };

export type ShowFeedbackTaskQueryVariables = Exact<{
  id: string;
}>;


export type ShowFeedbackTaskQuery = { readonly node:
    | { readonly __typename: 'ApiKey' }
    | { readonly __typename: 'BaseModel' }
    | { readonly __typename: 'BatchPrediction' }
    | { readonly __typename: 'Checkpoint' }
    | { readonly __typename: 'Dataset' }
    | { readonly __typename: 'DatasetExport' }
    | { readonly __typename: 'DatasetReport' }
    | { readonly __typename: 'DatasetVersion' }
    | { readonly __typename: 'Evaluation' }
    | { readonly __typename: 'Experiment' }
    | { readonly __typename: 'FeedbackAnswer' }
    | { readonly __typename: 'FeedbackClaim' }
    | { readonly __typename: 'FeedbackItem' }
    | { readonly __typename: 'FeedbackLoop' }
    | { readonly __typename: 'FeedbackTask', readonly id: string, readonly name: string, readonly kind: FeedbackKind, readonly status: FeedbackTaskStatus, readonly createdAt: string, readonly lastSeq: number | string, readonly counts: { readonly items: number | string, readonly settled: number | string | null, readonly answers: number | string | null, readonly skipped: number | string, readonly flagged: number | string, readonly held: number } }
    | { readonly __typename: 'Generation' }
    | { readonly __typename: 'Member' }
    | { readonly __typename: 'ModelAlias' }
    | { readonly __typename: 'ModelExport' }
    | { readonly __typename: 'ModelImport' }
    | { readonly __typename: 'ModelRecommendation' }
    | { readonly __typename: 'Preparation' }
    | { readonly __typename: 'Project' }
    | { readonly __typename: 'RecordedFeedback' }
    | { readonly __typename: 'ScoredSamples' }
    | { readonly __typename: 'Session' }
    | { readonly __typename: 'User' }
    | { readonly __typename: 'Viewer' }
    | { readonly __typename: 'Webhook' }
    | { readonly __typename: 'WebhookDelivery' }
    | { readonly __typename: 'Worker' }
   | null };

export type FollowFeedbackSubscriptionVariables = Exact<{
  id: string;
  afterSeq: number | string;
}>;


export type FollowFeedbackSubscription = { readonly feedbackActivity:
    | { readonly __typename: 'FeedbackAnswerChanged', readonly seq: number | string, readonly at: string }
    | { readonly __typename: 'FeedbackAnswerSubmitted', readonly seq: number | string, readonly at: string }
    | { readonly __typename: 'FeedbackItemAdjudicated', readonly seq: number | string, readonly at: string }
    | { readonly __typename: 'FeedbackItemFlagged', readonly seq: number | string, readonly at: string }
    | { readonly __typename: 'FeedbackItemReopened', readonly seq: number | string, readonly at: string }
    | { readonly __typename: 'FeedbackItemSettled', readonly seq: number | string, readonly at: string }
    | { readonly __typename: 'FeedbackItemSkipped', readonly seq: number | string, readonly at: string }
    | { readonly __typename: 'FeedbackItemsAdded', readonly seq: number | string, readonly at: string }
    | { readonly __typename: 'FeedbackStatusChanged', readonly seq: number | string, readonly at: string, readonly from: FeedbackTaskStatus | null, readonly to: FeedbackTaskStatus }
   };

export type ExportFeedbackMutationVariables = Exact<{
  input: ExportFeedbackInput;
}>;


export type ExportFeedbackMutation = { readonly exportFeedback:
    | { readonly __typename: 'DatasetExport', readonly id: string, readonly status: DatasetExportStatus }
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
   };

export type FollowDatasetExportSubscriptionVariables = Exact<{
  id: string;
}>;


export type FollowDatasetExportSubscription = { readonly datasetExportChanged: { readonly id: string, readonly status: DatasetExportStatus, readonly rowCount: number | string | null, readonly progress: { readonly rowsDone: number | string, readonly rowsTotal: number | string } | null, readonly problem: { readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null } | null, readonly files: ReadonlyArray<{ readonly name: string, readonly sizeBytes: number | string, readonly sha256: string, readonly url: string }> } };

export type RecordFeedbackMutationVariables = Exact<{
  input: RecordFeedbackInput;
}>;


export type RecordFeedbackMutation = { readonly recordFeedback:
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
    | { readonly __typename: 'RecordedFeedback', readonly id: string, readonly modelName: string, readonly createdAt: string }
   };

export type ListModelsQueryVariables = Exact<{
  projectSlug?: string | null | undefined;
  first: number;
  after?: string | null | undefined;
  filter?: BaseModelFilter | null | undefined;
}>;


export type ListModelsQuery = { readonly project: { readonly baseModels: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly architecture: Architecture, readonly parameterCount: number | string, readonly contextLength: number, readonly licence: string, readonly source: string, readonly createdAt: string, readonly producedBy: { readonly id: string, readonly name: string } | null, readonly allHeads: ReadonlyArray<
          | { readonly task: string, readonly kind: HeadKind }
          | { readonly task: string, readonly kind: HeadKind }
          | { readonly task: string, readonly kind: HeadKind }
          | { readonly task: string, readonly kind: HeadKind }
          | { readonly task: string, readonly kind: HeadKind }
        >, readonly aliases: { readonly nodes: ReadonlyArray<{ readonly name: string }> } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null };

export type ImportModelMutationVariables = Exact<{
  input: ImportBaseModelInput;
}>;


export type ImportModelMutation = { readonly importBaseModel:
    | { readonly __typename: 'ModelImport', readonly id: string, readonly status: TransferStatus }
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
   };

export type FollowImportSubscriptionVariables = Exact<{
  id: string;
}>;


export type FollowImportSubscription = { readonly modelImportChanged: { readonly id: string, readonly status: TransferStatus, readonly problem: { readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null } | null, readonly progress: { readonly bytesDone: number | string, readonly bytesTotal: number | string | null, readonly currentFile: string | null } | null, readonly model: { readonly id: string, readonly name: string, readonly architecture: Architecture, readonly parameterCount: number | string, readonly licence: string } | null } };

export type ExportModelMutationVariables = Exact<{
  input: ExportModelInput;
}>;


export type ExportModelMutation = { readonly exportModel:
    | { readonly __typename: 'ModelExport', readonly id: string, readonly status: TransferStatus }
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
   };

export type FollowExportSubscriptionVariables = Exact<{
  id: string;
}>;


export type FollowExportSubscription = { readonly modelExportChanged: { readonly id: string, readonly status: TransferStatus, readonly format: ExportFormat, readonly archiveUrl: string | null, readonly problem: { readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null } | null, readonly progress: { readonly bytesDone: number | string, readonly bytesTotal: number | string | null, readonly currentFile: string | null } | null, readonly files: ReadonlyArray<{ readonly name: string, readonly sizeBytes: number | string, readonly sha256: string, readonly url: string }> } };

export type FindDatasetQueryVariables = Exact<{
  projectSlug?: string | null | undefined;
  reference: string;
}>;


export type FindDatasetQuery = { readonly project: { readonly dataset: { readonly id: string, readonly name: string, readonly latest: { readonly id: string, readonly number: number, readonly dataset: { readonly id: string, readonly name: string } } | null } | null } | null };

export type DatasetByIdQueryVariables = Exact<{
  id: string;
}>;


export type DatasetByIdQuery = { readonly node:
    | { readonly __typename: 'ApiKey' }
    | { readonly __typename: 'BaseModel' }
    | { readonly __typename: 'BatchPrediction' }
    | { readonly __typename: 'Checkpoint' }
    | { readonly __typename: 'Dataset', readonly id: string, readonly name: string, readonly latest: { readonly id: string, readonly number: number, readonly dataset: { readonly id: string, readonly name: string } } | null }
    | { readonly __typename: 'DatasetExport' }
    | { readonly __typename: 'DatasetReport' }
    | { readonly __typename: 'DatasetVersion', readonly id: string, readonly number: number, readonly dataset: { readonly id: string, readonly name: string } }
    | { readonly __typename: 'Evaluation' }
    | { readonly __typename: 'Experiment' }
    | { readonly __typename: 'FeedbackAnswer' }
    | { readonly __typename: 'FeedbackClaim' }
    | { readonly __typename: 'FeedbackItem' }
    | { readonly __typename: 'FeedbackLoop' }
    | { readonly __typename: 'FeedbackTask' }
    | { readonly __typename: 'Generation' }
    | { readonly __typename: 'Member' }
    | { readonly __typename: 'ModelAlias' }
    | { readonly __typename: 'ModelExport' }
    | { readonly __typename: 'ModelImport' }
    | { readonly __typename: 'ModelRecommendation' }
    | { readonly __typename: 'Preparation' }
    | { readonly __typename: 'Project' }
    | { readonly __typename: 'RecordedFeedback' }
    | { readonly __typename: 'ScoredSamples' }
    | { readonly __typename: 'Session' }
    | { readonly __typename: 'User' }
    | { readonly __typename: 'Viewer' }
    | { readonly __typename: 'Webhook' }
    | { readonly __typename: 'WebhookDelivery' }
    | { readonly __typename: 'Worker' }
   | null };

export type DatasetReferenceFragment = { readonly id: string, readonly name: string, readonly latest: { readonly id: string, readonly number: number, readonly dataset: { readonly id: string, readonly name: string } } | null };

export type VersionReferenceFragment = { readonly id: string, readonly number: number, readonly dataset: { readonly id: string, readonly name: string } };

export type VersionsOfDatasetQueryVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type VersionsOfDatasetQuery = { readonly node:
    | { readonly __typename: 'ApiKey' }
    | { readonly __typename: 'BaseModel' }
    | { readonly __typename: 'BatchPrediction' }
    | { readonly __typename: 'Checkpoint' }
    | { readonly __typename: 'Dataset', readonly versions: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly number: number, readonly dataset: { readonly id: string, readonly name: string } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } }
    | { readonly __typename: 'DatasetExport' }
    | { readonly __typename: 'DatasetReport' }
    | { readonly __typename: 'DatasetVersion' }
    | { readonly __typename: 'Evaluation' }
    | { readonly __typename: 'Experiment' }
    | { readonly __typename: 'FeedbackAnswer' }
    | { readonly __typename: 'FeedbackClaim' }
    | { readonly __typename: 'FeedbackItem' }
    | { readonly __typename: 'FeedbackLoop' }
    | { readonly __typename: 'FeedbackTask' }
    | { readonly __typename: 'Generation' }
    | { readonly __typename: 'Member' }
    | { readonly __typename: 'ModelAlias' }
    | { readonly __typename: 'ModelExport' }
    | { readonly __typename: 'ModelImport' }
    | { readonly __typename: 'ModelRecommendation' }
    | { readonly __typename: 'Preparation' }
    | { readonly __typename: 'Project' }
    | { readonly __typename: 'RecordedFeedback' }
    | { readonly __typename: 'ScoredSamples' }
    | { readonly __typename: 'Session' }
    | { readonly __typename: 'User' }
    | { readonly __typename: 'Viewer' }
    | { readonly __typename: 'Webhook' }
    | { readonly __typename: 'WebhookDelivery' }
    | { readonly __typename: 'Worker' }
   | null };

export type FindModelQueryVariables = Exact<{
  projectSlug?: string | null | undefined;
  reference: string;
}>;


export type FindModelQuery = { readonly project: { readonly baseModel: { readonly id: string, readonly name: string } | null, readonly modelAlias: { readonly model: { readonly id: string, readonly name: string } } | null } | null };

export type ModelByIdQueryVariables = Exact<{
  id: string;
}>;


export type ModelByIdQuery = { readonly node:
    | { readonly __typename: 'ApiKey' }
    | { readonly __typename: 'BaseModel', readonly id: string, readonly name: string }
    | { readonly __typename: 'BatchPrediction' }
    | { readonly __typename: 'Checkpoint' }
    | { readonly __typename: 'Dataset' }
    | { readonly __typename: 'DatasetExport' }
    | { readonly __typename: 'DatasetReport' }
    | { readonly __typename: 'DatasetVersion' }
    | { readonly __typename: 'Evaluation' }
    | { readonly __typename: 'Experiment' }
    | { readonly __typename: 'FeedbackAnswer' }
    | { readonly __typename: 'FeedbackClaim' }
    | { readonly __typename: 'FeedbackItem' }
    | { readonly __typename: 'FeedbackLoop' }
    | { readonly __typename: 'FeedbackTask' }
    | { readonly __typename: 'Generation' }
    | { readonly __typename: 'Member' }
    | { readonly __typename: 'ModelAlias' }
    | { readonly __typename: 'ModelExport' }
    | { readonly __typename: 'ModelImport' }
    | { readonly __typename: 'ModelRecommendation' }
    | { readonly __typename: 'Preparation' }
    | { readonly __typename: 'Project' }
    | { readonly __typename: 'RecordedFeedback' }
    | { readonly __typename: 'ScoredSamples' }
    | { readonly __typename: 'Session' }
    | { readonly __typename: 'User' }
    | { readonly __typename: 'Viewer' }
    | { readonly __typename: 'Webhook' }
    | { readonly __typename: 'WebhookDelivery' }
    | { readonly __typename: 'Worker' }
   | null };

export type FindExperimentQueryVariables = Exact<{
  projectSlug?: string | null | undefined;
  reference: string;
  after?: string | null | undefined;
}>;


export type FindExperimentQuery = { readonly project: { readonly experiments: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly status: RunStatus, readonly createdAt: string }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null };

export type ExperimentByIdQueryVariables = Exact<{
  id: string;
}>;


export type ExperimentByIdQuery = { readonly experiment: { readonly id: string, readonly name: string } | null };

export type EvaluateMutationVariables = Exact<{
  input: EvaluateInput;
}>;


export type EvaluateMutation = { readonly evaluate:
    | { readonly __typename: 'Evaluation', readonly id: string, readonly status: EvaluationStatus }
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
   };

export type FollowEvaluationSubscriptionVariables = Exact<{
  id: string;
}>;


export type FollowEvaluationSubscription = { readonly evaluationChanged: { readonly id: string, readonly status: EvaluationStatus, readonly split: string, readonly progress: { readonly examplesDone: number | string, readonly examplesTotal: number | string } | null, readonly problem: { readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null } | null, readonly findings: ReadonlyArray<
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
      | { readonly code: FindingCode, readonly severity: FindingSeverity, readonly message: string, readonly hint: string }
    >, readonly scores: ReadonlyArray<
      | { readonly __typename: 'MultiLabelScores', readonly subsetAccuracy: number, readonly hammingLoss: number, readonly task: string, readonly kind: HeadKind, readonly exampleCount: number | string, readonly loss: number, readonly macro: { readonly precision: number, readonly recall: number, readonly f1: number } }
      | { readonly __typename: 'PreferenceScores', readonly accuracy: number, readonly margin: number, readonly low: number, readonly high: number, readonly task: string, readonly kind: HeadKind, readonly exampleCount: number | string, readonly loss: number }
      | { readonly __typename: 'RegressionScores', readonly task: string, readonly kind: HeadKind, readonly exampleCount: number | string, readonly loss: number, readonly average: { readonly mae: number, readonly rmse: number, readonly r2: number | null, readonly pearson: number | null, readonly spearman: number | null } }
      | { readonly __typename: 'RewardScores', readonly accuracy: number, readonly margin: number, readonly low: number, readonly high: number, readonly task: string, readonly kind: HeadKind, readonly exampleCount: number | string, readonly loss: number }
      | { readonly __typename: 'TaskScores', readonly accuracy: number, readonly task: string, readonly kind: HeadKind, readonly exampleCount: number | string, readonly loss: number, readonly macro: { readonly precision: number, readonly recall: number, readonly f1: number }, readonly perClass: ReadonlyArray<{ readonly label: string, readonly precision: number, readonly recall: number, readonly f1: number, readonly support: number | string }>, readonly confusionMatrix: { readonly labels: ReadonlyArray<string>, readonly counts: ReadonlyArray<ReadonlyArray<number | string>> } }
      | { readonly __typename: 'TokenClassificationScores', readonly accuracy: number, readonly task: string, readonly kind: HeadKind, readonly exampleCount: number | string, readonly loss: number, readonly macro: { readonly precision: number, readonly recall: number, readonly f1: number } }
      | { readonly __typename: 'TokenScores', readonly perplexity: number, readonly tokenAccuracy: number, readonly tokenCount: number | string, readonly task: string, readonly kind: HeadKind, readonly exampleCount: number | string, readonly loss: number }
    > } };

export type PredictLimitsQueryVariables = Exact<{ [key: string]: never; }>;


export type PredictLimitsQuery = { readonly serverInfo: { readonly limits: { readonly maxPredictTexts: number } } };

export type PredictMutationVariables = Exact<{
  input: PredictInput;
}>;


export type PredictMutation = { readonly predict:
    | { readonly __typename: 'Prediction', readonly feedbackId: string, readonly texts: ReadonlyArray<{ readonly truncated: boolean, readonly predictions: ReadonlyArray<
          | { readonly __typename: 'MultiLabelPrediction', readonly predictedLabels: ReadonlyArray<string>, readonly task: string, readonly kind: HeadKind }
          | { readonly __typename: 'RegressionPrediction', readonly value: number | null, readonly task: string, readonly kind: HeadKind }
          | { readonly __typename: 'RewardPrediction', readonly reward: number | null, readonly task: string, readonly kind: HeadKind }
          | { readonly __typename: 'TaskPrediction', readonly label: string, readonly probability: number, readonly task: string, readonly kind: HeadKind, readonly labels: ReadonlyArray<{ readonly label: string, readonly probability: number }> }
          | { readonly __typename: 'TokenClassificationPrediction', readonly task: string, readonly kind: HeadKind, readonly spans: ReadonlyArray<{ readonly label: string, readonly start: number, readonly end: number, readonly probability: number }> }
        > }> }
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
   };

export type GenerateMutationVariables = Exact<{
  input: GenerateInput;
}>;


export type GenerateMutation = { readonly generate:
    | { readonly __typename: 'Generation', readonly id: string, readonly status: GenerationStatus }
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
   };

export type FollowGenerationSubscriptionVariables = Exact<{
  id: string;
  afterSeq: number;
}>;


export type FollowGenerationSubscription = { readonly generationEvents:
    | { readonly __typename: 'AnswerFinished', readonly seq: number, readonly at: string, readonly prompt: number, readonly sample: number, readonly finishReason: FinishReason, readonly tokenCount: number }
    | { readonly __typename: 'AnswersRanked', readonly seq: number, readonly at: string }
    | { readonly __typename: 'GenerationEnded', readonly seq: number, readonly at: string, readonly status: GenerationStatus, readonly problem: { readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null } | null }
    | { readonly __typename: 'GenerationStarted', readonly seq: number, readonly at: string }
    | { readonly __typename: 'TokensGenerated', readonly seq: number, readonly at: string, readonly prompt: number, readonly sample: number, readonly position: number, readonly text: string }
   };

export type CancelGenerationMutationVariables = Exact<{
  input: GenerationActionInput;
}>;


export type CancelGenerationMutation = { readonly cancelGeneration:
    | { readonly __typename: 'Generation', readonly id: string, readonly status: GenerationStatus }
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
   };

export type WhoAmIQueryVariables = Exact<{
  projectSlug?: string | null | undefined;
}>;


export type WhoAmIQuery = { readonly viewer: { readonly name: string, readonly email: string | null, readonly kind: UserKind, readonly credential: CredentialKind, readonly administrator: boolean }, readonly project: { readonly slug: string, readonly name: string, readonly viewerRole: Role, readonly viewerScopes: ReadonlyArray<Scope> } | null, readonly serverInfo: { readonly version: string, readonly workers: ReadonlyArray<{ readonly id: string }> } };

export const ListDatasets: QueryDocument<ListDatasetsQuery, ListDatasetsQueryVariables> = {
  kind: 'query',
  name: 'ListDatasets',
  text: "query ListDatasets($projectSlug:String$first:Int!$after:String$filter:DatasetFilter){project(slug:$projectSlug){datasets(first:$first after:$after filter:$filter){nodes{id name createdAt tags latest{id number exampleCount rejectedCount}}pageInfo{hasNextPage endCursor}}}}",
};

export const ShowVersion: QueryDocument<ShowVersionQuery, ShowVersionQueryVariables> = {
  kind: 'query',
  name: 'ShowVersion',
  text: "query ShowVersion($id:ID!){node(id:$id){__typename ...on DatasetVersion{...VersionSummary}}}fragment VersionSummary on DatasetVersion{id number digest exampleCount rejectedCount notices{message}columns{name type missing distinct}roles{column role source}splits{name exampleCount}dataset{id name}}",
};

export const PrepareDataset: MutationDocument<PrepareDatasetMutation, PrepareDatasetMutationVariables> = {
  kind: 'mutation',
  name: 'PrepareDataset',
  isKeyed: true,
  text: "mutation PrepareDataset($input:PrepareDatasetInput!){prepareDataset(input:$input){__typename ...on Preparation{id status}...on Problems{problems{path code message hint}}}}",
};

export const FollowPreparation: SubscriptionDocument<FollowPreparationSubscription, FollowPreparationSubscriptionVariables> = {
  kind: 'subscription',
  name: 'FollowPreparation',
  resumes: 'STATE',
  text: "subscription FollowPreparation($id:ID!){preparationChanged(preparationId:$id){id status progress{stage step rows}problems{path code message hint}datasetVersion{...VersionSummary}}}fragment VersionSummary on DatasetVersion{id number digest exampleCount rejectedCount notices{message}columns{name type missing distinct}roles{column role source}splits{name exampleCount}dataset{id name}}",
};

export const PreparedSteps: QueryDocument<PreparedStepsQuery, PreparedStepsQueryVariables> = {
  kind: 'query',
  name: 'PreparedSteps',
  text: "query PreparedSteps($id:ID!){node(id:$id){__typename ...on DatasetVersion{steps{step{kind}rowsBefore rowsAfter changed dropped added}}}}",
};

export const ReportDataset: MutationDocument<ReportDatasetMutation, ReportDatasetMutationVariables> = {
  kind: 'mutation',
  name: 'ReportDataset',
  isKeyed: true,
  text: "mutation ReportDataset($input:ReportDatasetInput!){reportDataset(input:$input){__typename ...on DatasetReport{id status}...on Problems{problems{path code message hint}}}}",
};

export const FollowReport: SubscriptionDocument<FollowReportSubscription, FollowReportSubscriptionVariables> = {
  kind: 'subscription',
  name: 'FollowReport',
  resumes: 'STATE',
  text: "subscription FollowReport($id:ID!){datasetReportChanged(reportId:$id){id status stage problem{path code message hint}facts{rows findings{code severity message explanation columns count share examples{row otherRow excerpt detail}suggestedStep{kind}}}}}",
};

export const CreateDataset: MutationDocument<CreateDatasetMutation, CreateDatasetMutationVariables> = {
  kind: 'mutation',
  name: 'CreateDataset',
  isKeyed: true,
  text: "mutation CreateDataset($input:CreateDatasetInput!){createDataset(input:$input){__typename ...on Dataset{id name latest{...VersionSummary}}...on Problems{problems{path code message hint}}}}fragment VersionSummary on DatasetVersion{id number digest exampleCount rejectedCount notices{message}columns{name type missing distinct}roles{column role source}splits{name exampleCount}dataset{id name}}",
};

export const AddDatasetVersion: MutationDocument<AddDatasetVersionMutation, AddDatasetVersionMutationVariables> = {
  kind: 'mutation',
  name: 'AddDatasetVersion',
  isKeyed: true,
  text: "mutation AddDatasetVersion($input:AddDatasetVersionInput!){addDatasetVersion(input:$input){__typename ...on DatasetVersion{...VersionSummary}...on Problems{problems{path code message hint}}}}fragment VersionSummary on DatasetVersion{id number digest exampleCount rejectedCount notices{message}columns{name type missing distinct}roles{column role source}splits{name exampleCount}dataset{id name}}",
};

export const ListExperiments: QueryDocument<ListExperimentsQuery, ListExperimentsQueryVariables> = {
  kind: 'query',
  name: 'ListExperiments',
  text: "query ListExperiments($projectSlug:String$first:Int!$after:String$filter:ExperimentFilter$orderBy:ExperimentOrder$metrics:[String!]!){project(slug:$projectSlug){experiments(first:$first after:$after filter:$filter orderBy:$orderBy){nodes{...ExperimentLine summary(keys:$metrics){definition{key}value best{value step}}}pageInfo{hasNextPage endCursor}}}}fragment ExperimentLine on Experiment{id name status tags createdAt finishedAt progress{step totalSteps epoch etaSeconds}problem{path code message hint}baseModel{id name}model{id name}}",
};

export const ShowExperiment: QueryDocument<ShowExperimentQuery, ShowExperimentQueryVariables> = {
  kind: 'query',
  name: 'ShowExperiment',
  text: "query ShowExperiment($id:ID!){experiment(id:$id){...ExperimentLine summary{definition{key}value best{value step}}findings{code severity message hint}}}fragment ExperimentLine on Experiment{id name status tags createdAt finishedAt progress{step totalSteps epoch etaSeconds}problem{path code message hint}baseModel{id name}model{id name}}",
};

export const PlanExperiment: QueryDocument<PlanExperimentQuery, PlanExperimentQueryVariables> = {
  kind: 'query',
  name: 'PlanExperiment',
  text: "query PlanExperiment($input:CreateExperimentInput!){planExperiment(input:$input){__typename ...on ExperimentPlan{totalSteps stepsPerEpoch trainExamples validationExamples trainableParameters frozenParameters estimatedSeconds estimatedMemoryBytes estimatedCheckpointBytes chosenColumns{path column role}defaults{hyperparameter value reason}findings{code severity message hint}}...on Problems{problems{path code message hint}}}}",
};

export const CreateExperiment: MutationDocument<CreateExperimentMutation, CreateExperimentMutationVariables> = {
  kind: 'mutation',
  name: 'CreateExperiment',
  isKeyed: true,
  text: "mutation CreateExperiment($input:CreateExperimentInput!){createExperiment(input:$input){__typename ...on Experiment{...ExperimentLine}...on Problems{problems{path code message hint}}}}fragment ExperimentLine on Experiment{id name status tags createdAt finishedAt progress{step totalSteps epoch etaSeconds}problem{path code message hint}baseModel{id name}model{id name}}",
};

export const CloneExperiment: MutationDocument<CloneExperimentMutation, CloneExperimentMutationVariables> = {
  kind: 'mutation',
  name: 'CloneExperiment',
  isKeyed: true,
  text: "mutation CloneExperiment($input:CloneExperimentInput!){cloneExperiment(input:$input){__typename ...on Experiment{...ExperimentLine}...on Problems{problems{path code message hint}}}}fragment ExperimentLine on Experiment{id name status tags createdAt finishedAt progress{step totalSteps epoch etaSeconds}problem{path code message hint}baseModel{id name}model{id name}}",
};

export const CancelExperiment: MutationDocument<CancelExperimentMutation, CancelExperimentMutationVariables> = {
  kind: 'mutation',
  name: 'CancelExperiment',
  isKeyed: false,
  text: "mutation CancelExperiment($input:ExperimentActionInput!){cancelExperiment(input:$input){__typename ...on Experiment{...ExperimentLine}...on Problems{problems{path code message hint}}}}fragment ExperimentLine on Experiment{id name status tags createdAt finishedAt progress{step totalSteps epoch etaSeconds}problem{path code message hint}baseModel{id name}model{id name}}",
};

export const FollowExperiment: SubscriptionDocument<FollowExperimentSubscription, FollowExperimentSubscriptionVariables> = {
  kind: 'subscription',
  name: 'FollowExperiment',
  resumes: 'SEQ',
  text: "subscription FollowExperiment($id:ID!$afterSeq:Int!){experimentEvents(experimentId:$id afterSeq:$afterSeq){__typename ...on SequencedEvent{seq at}...on StatusChanged{from to reason problem{path code message hint}}...on ProgressMade{step totalSteps epoch examplesPerSecond etaSeconds}...on MetricsRecorded{step epoch samples{key value}}...on CheckpointSaved{step best sizeBytes}...on LogLine{level message}...on TextsGenerated{step texts{prompt text}}}}",
};

export const CompareExperiments: QueryDocument<CompareExperimentsQuery, CompareExperimentsQueryVariables> = {
  kind: 'query',
  name: 'CompareExperiments',
  text: "query CompareExperiments($ids:[ID!]!$metrics:[String!]$onlyDifferences:Boolean!){compareExperiments(ids:$ids){__typename ...on ExperimentComparison{experiments{id name status}configuration(onlyDifferences:$onlyDifferences){path label differs values{text}}summary(keys:$metrics){definition{key direction}best{id}values{newest{value step}best{value step}}}}...on Problems{problems{path code message hint}}}}",
};

export const ListFeedbackTasks: QueryDocument<ListFeedbackTasksQuery, ListFeedbackTasksQueryVariables> = {
  kind: 'query',
  name: 'ListFeedbackTasks',
  text: "query ListFeedbackTasks($projectSlug:String$first:Int!$after:String){project(slug:$projectSlug){feedbackTasks(first:$first after:$after){nodes{...TaskLine}pageInfo{hasNextPage endCursor}}}}fragment TaskLine on FeedbackTask{id name kind status createdAt lastSeq counts{items settled answers skipped flagged held}}",
};

export const ShowFeedbackTask: QueryDocument<ShowFeedbackTaskQuery, ShowFeedbackTaskQueryVariables> = {
  kind: 'query',
  name: 'ShowFeedbackTask',
  text: "query ShowFeedbackTask($id:ID!){node(id:$id){__typename ...on FeedbackTask{...TaskLine}}}fragment TaskLine on FeedbackTask{id name kind status createdAt lastSeq counts{items settled answers skipped flagged held}}",
};

export const FollowFeedback: SubscriptionDocument<FollowFeedbackSubscription, FollowFeedbackSubscriptionVariables> = {
  kind: 'subscription',
  name: 'FollowFeedback',
  resumes: 'SEQ',
  text: "subscription FollowFeedback($id:ID!$afterSeq:BigInt!){feedbackActivity(taskId:$id afterSeq:$afterSeq){__typename ...on SequencedFeedbackEvent{seq at}...on FeedbackStatusChanged{from to}}}",
};

export const ExportFeedback: MutationDocument<ExportFeedbackMutation, ExportFeedbackMutationVariables> = {
  kind: 'mutation',
  name: 'ExportFeedback',
  isKeyed: true,
  text: "mutation ExportFeedback($input:ExportFeedbackInput!){exportFeedback(input:$input){__typename ...on DatasetExport{id status}...on Problems{problems{path code message hint}}}}",
};

export const FollowDatasetExport: SubscriptionDocument<FollowDatasetExportSubscription, FollowDatasetExportSubscriptionVariables> = {
  kind: 'subscription',
  name: 'FollowDatasetExport',
  resumes: 'STATE',
  text: "subscription FollowDatasetExport($id:ID!){datasetExportChanged(datasetExportId:$id){id status rowCount progress{rowsDone rowsTotal}problem{path code message hint}files{name sizeBytes sha256 url}}}",
};

export const RecordFeedback: MutationDocument<RecordFeedbackMutation, RecordFeedbackMutationVariables> = {
  kind: 'mutation',
  name: 'RecordFeedback',
  isKeyed: true,
  text: "mutation RecordFeedback($input:RecordFeedbackInput!){recordFeedback(input:$input){__typename ...on RecordedFeedback{id modelName createdAt}...on Problems{problems{path code message hint}}}}",
};

export const ListModels: QueryDocument<ListModelsQuery, ListModelsQueryVariables> = {
  kind: 'query',
  name: 'ListModels',
  text: "query ListModels($projectSlug:String$first:Int!$after:String$filter:BaseModelFilter){project(slug:$projectSlug){baseModels(first:$first after:$after filter:$filter){nodes{id name architecture parameterCount contextLength licence source createdAt producedBy{id name}allHeads{task kind}aliases(first:20){nodes{name}}}pageInfo{hasNextPage endCursor}}}}",
};

export const ImportModel: MutationDocument<ImportModelMutation, ImportModelMutationVariables> = {
  kind: 'mutation',
  name: 'ImportModel',
  isKeyed: true,
  text: "mutation ImportModel($input:ImportBaseModelInput!){importBaseModel(input:$input){__typename ...on ModelImport{id status}...on Problems{problems{path code message hint}}}}",
};

export const FollowImport: SubscriptionDocument<FollowImportSubscription, FollowImportSubscriptionVariables> = {
  kind: 'subscription',
  name: 'FollowImport',
  resumes: 'STATE',
  text: "subscription FollowImport($id:ID!){modelImportChanged(importId:$id){id status problem{path code message hint}progress{bytesDone bytesTotal currentFile}model{id name architecture parameterCount licence}}}",
};

export const ExportModel: MutationDocument<ExportModelMutation, ExportModelMutationVariables> = {
  kind: 'mutation',
  name: 'ExportModel',
  isKeyed: true,
  text: "mutation ExportModel($input:ExportModelInput!){exportModel(input:$input){__typename ...on ModelExport{id status}...on Problems{problems{path code message hint}}}}",
};

export const FollowExport: SubscriptionDocument<FollowExportSubscription, FollowExportSubscriptionVariables> = {
  kind: 'subscription',
  name: 'FollowExport',
  resumes: 'STATE',
  text: "subscription FollowExport($id:ID!){modelExportChanged(exportId:$id){id status format problem{path code message hint}progress{bytesDone bytesTotal currentFile}archiveUrl files{name sizeBytes sha256 url}}}",
};

export const FindDataset: QueryDocument<FindDatasetQuery, FindDatasetQueryVariables> = {
  kind: 'query',
  name: 'FindDataset',
  text: "query FindDataset($projectSlug:String$reference:String!){project(slug:$projectSlug){dataset(name:$reference){...DatasetReference}}}fragment DatasetReference on Dataset{id name latest{...VersionReference}}fragment VersionReference on DatasetVersion{id number dataset{id name}}",
};

export const DatasetById: QueryDocument<DatasetByIdQuery, DatasetByIdQueryVariables> = {
  kind: 'query',
  name: 'DatasetById',
  text: "query DatasetById($id:ID!){node(id:$id){__typename ...on Dataset{...DatasetReference}...on DatasetVersion{...VersionReference}}}fragment DatasetReference on Dataset{id name latest{...VersionReference}}fragment VersionReference on DatasetVersion{id number dataset{id name}}",
};

export const VersionsOfDataset: QueryDocument<VersionsOfDatasetQuery, VersionsOfDatasetQueryVariables> = {
  kind: 'query',
  name: 'VersionsOfDataset',
  text: "query VersionsOfDataset($id:ID!$after:String){node(id:$id){__typename ...on Dataset{versions(first:100 after:$after){nodes{...VersionReference}pageInfo{hasNextPage endCursor}}}}}fragment VersionReference on DatasetVersion{id number dataset{id name}}",
};

export const FindModel: QueryDocument<FindModelQuery, FindModelQueryVariables> = {
  kind: 'query',
  name: 'FindModel',
  text: "query FindModel($projectSlug:String$reference:String!){project(slug:$projectSlug){baseModel(name:$reference){id name}modelAlias(name:$reference){model{id name}}}}",
};

export const ModelById: QueryDocument<ModelByIdQuery, ModelByIdQueryVariables> = {
  kind: 'query',
  name: 'ModelById',
  text: "query ModelById($id:ID!){node(id:$id){__typename ...on BaseModel{id name}}}",
};

export const FindExperiment: QueryDocument<FindExperimentQuery, FindExperimentQueryVariables> = {
  kind: 'query',
  name: 'FindExperiment',
  text: "query FindExperiment($projectSlug:String$reference:String!$after:String){project(slug:$projectSlug){experiments(first:100 after:$after filter:{text:$reference includeArchived:true}){nodes{id name status createdAt}pageInfo{hasNextPage endCursor}}}}",
};

export const ExperimentById: QueryDocument<ExperimentByIdQuery, ExperimentByIdQueryVariables> = {
  kind: 'query',
  name: 'ExperimentById',
  text: "query ExperimentById($id:ID!){experiment(id:$id){id name}}",
};

export const Evaluate: MutationDocument<EvaluateMutation, EvaluateMutationVariables> = {
  kind: 'mutation',
  name: 'Evaluate',
  isKeyed: true,
  text: "mutation Evaluate($input:EvaluateInput!){evaluate(input:$input){__typename ...on Evaluation{id status}...on Problems{problems{path code message hint}}}}",
};

export const FollowEvaluation: SubscriptionDocument<FollowEvaluationSubscription, FollowEvaluationSubscriptionVariables> = {
  kind: 'subscription',
  name: 'FollowEvaluation',
  resumes: 'STATE',
  text: "subscription FollowEvaluation($id:ID!){evaluationChanged(evaluationId:$id){id status split progress{examplesDone examplesTotal}problem{path code message hint}findings{code severity message hint}scores{__typename task kind exampleCount loss ...on TaskScores{accuracy macro{precision recall f1}perClass{label precision recall f1 support}confusionMatrix{labels counts}}...on MultiLabelScores{subsetAccuracy hammingLoss macro{precision recall f1}}...on RegressionScores{average{mae rmse r2 pearson spearman}}...on TokenClassificationScores{accuracy macro{precision recall f1}}...on TokenScores{perplexity tokenAccuracy tokenCount}...on RewardScores{accuracy margin low high}...on PreferenceScores{accuracy margin low high}}}}",
};

export const PredictLimits: QueryDocument<PredictLimitsQuery, PredictLimitsQueryVariables> = {
  kind: 'query',
  name: 'PredictLimits',
  text: "query PredictLimits{serverInfo{limits{maxPredictTexts}}}",
};

export const Predict: MutationDocument<PredictMutation, PredictMutationVariables> = {
  kind: 'mutation',
  name: 'Predict',
  isKeyed: false,
  text: "mutation Predict($input:PredictInput!){predict(input:$input){__typename ...on Prediction{feedbackId texts{truncated predictions{__typename task kind ...on TaskPrediction{label probability labels(first:5){label probability}}...on MultiLabelPrediction{predictedLabels}...on RegressionPrediction{value}...on TokenClassificationPrediction{spans{label start end probability}}...on RewardPrediction{reward}}}}...on Problems{problems{path code message hint}}}}",
};

export const Generate: MutationDocument<GenerateMutation, GenerateMutationVariables> = {
  kind: 'mutation',
  name: 'Generate',
  isKeyed: true,
  text: "mutation Generate($input:GenerateInput!){generate(input:$input){__typename ...on Generation{id status}...on Problems{problems{path code message hint}}}}",
};

export const FollowGeneration: SubscriptionDocument<FollowGenerationSubscription, FollowGenerationSubscriptionVariables> = {
  kind: 'subscription',
  name: 'FollowGeneration',
  resumes: 'SEQ',
  text: "subscription FollowGeneration($id:ID!$afterSeq:Int!){generationEvents(generationId:$id afterSeq:$afterSeq){__typename ...on SequencedGenerationEvent{seq at}...on TokensGenerated{prompt sample position text}...on AnswerFinished{prompt sample finishReason tokenCount}...on GenerationEnded{status problem{path code message hint}}}}",
};

export const CancelGeneration: MutationDocument<CancelGenerationMutation, CancelGenerationMutationVariables> = {
  kind: 'mutation',
  name: 'CancelGeneration',
  isKeyed: false,
  text: "mutation CancelGeneration($input:GenerationActionInput!){cancelGeneration(input:$input){__typename ...on Generation{id status}...on Problems{problems{path code message hint}}}}",
};

export const WhoAmI: QueryDocument<WhoAmIQuery, WhoAmIQueryVariables> = {
  kind: 'query',
  name: 'WhoAmI',
  text: "query WhoAmI($projectSlug:String){viewer{name email kind credential administrator}project(slug:$projectSlug){slug name viewerRole viewerScopes}serverInfo{version workers{id}}}",
};
