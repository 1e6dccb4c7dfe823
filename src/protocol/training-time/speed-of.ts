import type { ModelManifest } from '../model-manifest.js';
import { layersPass, secondsOf } from './arithmetic.js';
import { costs } from './costs.js';
import type { MachineSpeed } from './machine-speed.js';

/** What a machine took for known work. */
export interface MeasuredWork {
  readonly model: Pick<ModelManifest, 'config' | 'layers'>;
  /** The batch of a step that trains all layers. */
  readonly rows: number;
  readonly length: number;
  readonly stepSeconds: number;
  /** For the making of a graph that computes the layers forward. */
  readonly graphSeconds: number;
}

/** The speed of a machine, by what it took. */
export function speedOf({ model, rows, length, stepSeconds, graphSeconds }: MeasuredWork): MachineSpeed {
  const { layers } = model.config;
  const pass = { rows, length, from: 0, to: layers, backFrom: 0, trainsWeights: true };
  return {
    engine: (secondsOf(layersPass(model, pass)) + costs.run) / stepSeconds,
    script: (costs.forwardGraph + costs.layerOfForwardGraph * layers) / graphSeconds,
  };
}
