// The embedded model and its data: small, and part of every checkout.
import { fileURLToPath } from 'node:url';

const embedded = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const MODEL = embedded('models/digits.onnx');
export const CALIBRATION_SET = embedded('calibration/digits-calibration.npz');
export const TEST_SET = embedded('calibration/digits-test.npz');

/** Pixels of the digits run from 0 to 16. */
export const SCALE = 16;

/** The smallest job that makes a network of the digits: `convert` straight from a few images. */
export const CONVERT_DIGITS = ['convert', MODEL, '--calibration', CALIBRATION_SET, '--scale', '16'];
