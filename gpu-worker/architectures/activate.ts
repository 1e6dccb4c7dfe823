import { relu, type Tensor } from '@tensorflow/tfjs-core';
import { gelu } from '../nn/gelu.js';
import { geluTanh } from '../nn/gelu-tanh.js';

/** The activations of feed-forward networks, by transformers' names. */
export type Activation = 'gelu' | 'gelu_new' | 'relu';

export function activate(x: Tensor, activation: Activation): Tensor {
  switch (activation) {
    case 'gelu':
      return gelu(x);
    case 'gelu_new':
      return geluTanh(x);
    case 'relu':
      return relu(x);
    default:
      return activation satisfies never;
  }
}
