import { Field, ID, InputType, registerEnumType } from 'type-graphql';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import type { ExportFormat } from '../protocol/job.js';

export const ExportFormatEnum = {
  HUGGING_FACE: 'huggingFace',
  PEFT: 'peft',
  ONNX: 'onnx',
} as const satisfies Record<string, ExportFormat>;

registerEnumType(ExportFormatEnum, {
  name: 'ExportFormat',
  description: 'The format of an export.',
  valuesConfig: {
    HUGGING_FACE: {
      description:
        "config.json, model.safetensors, tokenizer.json …: the files that transformers' `from_pretrained` loads; an adapter is merged. Heads that no class of transformers has, over the mean or several, go out in the layout of sentence-transformers.",
    },
    PEFT: { description: "The adapter alone, as PEFT's `from_pretrained` loads it. Only for a model with an adapter." },
    ONNX: {
      description: 'One graph from token ids to the logits of every head, for any ONNX runtime; an adapter is merged.',
    },
  },
});

@InputType({ description: 'A model, and the format to export it in.' })
export class ExportModelInput {
  @Field(() => ID, { description: 'The model.' })
  modelId!: string;

  @Field(() => ExportFormatEnum, { description: 'The format to write.' })
  format!: ExportFormat;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey!: string | null;
}

@InputType({ description: 'An export to act on.' })
export class ModelExportActionInput {
  @Field(() => ID, { description: 'The export.' })
  exportId!: string;
}
