import { Field, ID, InputType, registerEnumType } from 'type-graphql';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { type ExportFormat, GgufType, type OnnxVariant } from '../protocol/job.js';

export const ExportFormatEnum = {
  HUGGING_FACE: 'huggingFace',
  PEFT: 'peft',
  ONNX: 'onnx',
  TRANSFORMERS_JS: 'transformersJs',
  GGUF: 'gguf',
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
    TRANSFORMERS_JS: {
      description:
        'onnx/model.onnx and its variants, config.json, tokenizer.json …: the folder that `@huggingface/transformers` loads in JavaScript, in Node and in browsers. A language model has the inputs and outputs by which `generate` keeps keys and values; an adapter is merged.',
    },
    GGUF: {
      description:
        'One file for llama.cpp, Ollama and their like, with tokenizer and chat template; an adapter is merged. Only for a model that predicts the next token, of a family that llama.cpp has.',
    },
  },
});

const OnnxVariantEnum = {
  FP32: 'float32',
  FP16: 'float16',
  INT8: 'int8',
} as const satisfies Record<string, OnnxVariant>;

registerEnumType(OnnxVariantEnum, {
  name: 'OnnxVariant',
  description: "What a graph's matrices are stored as, and their products are computed in.",
  valuesConfig: {
    FP32: { description: 'float32, as Attune computes: onnx/model.onnx, the `dtype` fp32 of transformers.js.' },
    FP16: {
      description:
        'float16, and the rest of the graph in float32: half the size, onnx/model_fp16.onnx, the `dtype` fp16. For WebGPU.',
    },
    INT8: {
      description:
        'Integers of 8 bits with a scale for each row: a quarter of the size, onnx/model_quantized.onnx, the `dtype` q8. For WebAssembly and Node.',
    },
  },
});

const GgufTypeEnum = GgufType.enum;

registerEnumType(GgufTypeEnum, {
  name: 'GgufType',
  description: "How a GGUF file has the numbers of a model's matrices. Norms and biases are float32 in any case.",
  valuesConfig: {
    F32: { description: '4 bytes each: as they are.' },
    F16: { description: '2 bytes each: half precision.' },
    Q8_0: { description: '34 bytes for each 32 numbers of a row: 8 bits, and a scale in half precision.' },
  },
});

@InputType({ description: 'A model, and the format to export it in.' })
export class ExportModelInput {
  @Field(() => ID, { description: 'The model.' })
  modelId!: string;

  @Field(() => ExportFormatEnum, { description: 'The format to write.' })
  format!: ExportFormat;

  @Field(() => [OnnxVariantEnum], {
    nullable: true,
    description: 'The graphs that an export as TRANSFORMERS_JS has. Default: all. Other formats have no variants.',
  })
  variants!: OnnxVariant[] | null;

  @Field(() => GgufTypeEnum, {
    nullable: true,
    description: 'How the file has its numbers, for the format GGUF alone; F16 if nothing is said.',
  })
  ggufType!: GgufType | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether the export fails where the worker has too little memory to run what it wrote: see `ModelExport.certificate`. Default: false.',
  })
  requireCertificate?: boolean | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey!: string | null;
}

@InputType({ description: 'An export to act on.' })
export class ModelExportActionInput {
  @Field(() => ID, { description: 'The export.' })
  exportId!: string;
}
