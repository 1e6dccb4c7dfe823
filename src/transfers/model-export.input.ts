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
  description: 'What an export writes.',
  valuesConfig: {
    HUGGING_FACE: {
      description:
        "config.json, model.safetensors, tokenizer.json …: what transformers' `from_pretrained` loads; an adapter merged.",
    },
    PEFT: { description: "The adapter alone, as PEFT's `from_pretrained` loads it. Only for a model with an adapter." },
    ONNX: {
      description: 'One graph from token ids to the logits of every head, for any ONNX runtime; an adapter merged.',
    },
  },
});

@InputType({ description: 'A model to write in a format that others read.' })
export class ExportModelInput {
  @Field(() => ID, { description: 'The model.' })
  modelId!: string;

  @Field(() => ExportFormatEnum, { description: 'What to write.' })
  format!: ExportFormat;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey!: string | null;
}

@InputType({ description: 'An export to act on.' })
export class ModelExportActionInput {
  @Field(() => ID, { description: 'The export.' })
  exportId!: string;
}
