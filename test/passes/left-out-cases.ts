// Cases of the ONNX project that are not converted, by the words in which they are refused.

export const LEFT_OUT_CASES: Readonly<Record<string, readonly string[]>> = {
  'expected a declared tensor type and shape, the file gives none': ['node/test_identity_opt'],
  'Clip expects floating point operands of one type, found int8': ['node/test_clip_default_int8_inbounds'],
  // Of int8 too, their bounds put in with the image.
  'Clip expects its max (input 2, "max") to be constant': ['node/test_clip_default_int8_max'],
  'Clip expects its min (input 1, "min") to be constant': ['node/test_clip_default_int8_min'],
  'expected a constant scale of x, found it computed from the data': ['node/test_qlinearconv'],
  'statistics are only updated in training': ['node/test_batchnorm_epsilon_training_mode'],
  'the indices of the maxima are not computed': ['node/test_maxpool_with_argmax_2d_precomputed_strides'],
  'axis 0 is the batch': [
    'node/test_dynamicquantizelinear_max_adjusted_expanded',
    'node/test_dynamicquantizelinear_min_adjusted_expanded',
    'node/test_logsoftmax_axis_0_expanded',
    'node/test_softmax_axis_0_expanded',
  ],
};
