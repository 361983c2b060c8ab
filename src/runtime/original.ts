// The user's file in ONNX Runtime.
import { exposeValues } from '../onnx/expose.ts';
import type { LoadedModel } from '../onnx/load.ts';
import { FIRST_RUNNABLE_OPSET, upgradeLegacy } from '../onnx/upgrade-legacy.ts';
import { writeOnnx } from '../onnx/write.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';

/**
 * The file itself in ONNX Runtime, with more of its values put out.
 * @param optimization 'disabled' runs the nodes as the file has them: the default for quantized files, in which ONNX Runtime's
 * fusion rounds floating point biases as well
 */
export function openOriginal(
  model: LoadedModel,
  expose: readonly string[] = [],
  optimization: SessionOptions['optimization'] = faithful(model),
): Promise<Session> {
  const runs = model.model.opset >= FIRST_RUNNABLE_OPSET;
  const bytes = runs ? model.bytes : writeOnnx(upgradeLegacy(model.model));
  return openSession(exposeValues(bytes, expose), {
    where: model.path,
    optimization,
    ...(model.externalData.size === 0 ? {} : { externalData: model.externalData }),
  });
}

function faithful({ model }: LoadedModel): 'disabled' | 'all' {
  return model.nodes.some((node) => node.opType === 'QuantizeLinear') ? 'disabled' : 'all';
}
