// Cases of the ONNX project that are not converted, by the words in which they are refused.

export const LEFT_OUT_CASES: Readonly<Record<string, readonly string[]>> = {
  'expected a declared tensor type and shape, the file gives none': ['node/test_identity_opt'],
  'expected standard opset 6 to 21, found opset 1': [
    'node/test_globalaveragepool_precomputed',
    'node/test_globalmaxpool',
    'node/test_globalmaxpool_precomputed',
  ],
  'Clip expects floating point operands of one type, found int8': ['node/test_clip_default_int8_inbounds'],
  // Of int8 too, their bounds put in with the image.
  'Clip expects its max (input 2, "max") to be constant': ['node/test_clip_default_int8_max'],
  'Clip expects its min (input 1, "min") to be constant': ['node/test_clip_default_int8_min'],
  'no neuron of this version tracks this activation': [
    'node/test_hardsigmoid_example',
    'node/test_leakyrelu',
    'node/test_leakyrelu_default',
    'node/test_leakyrelu_example',
    'node/test_sigmoid',
    'node/test_sigmoid_example',
  ],
  'expected a constant scale of x, found it computed from the data': ['node/test_qlinearconv'],
  'statistics are only updated in training': ['node/test_batchnorm_epsilon_training_mode'],
  'the indices of the maxima are not computed': ['node/test_maxpool_with_argmax_2d_precomputed_strides'],
  'this operator is not supported': [
    'node/test_dynamicquantizelinear_max_adjusted_expanded',
    'node/test_dynamicquantizelinear_min_adjusted_expanded',
    'node/test_gather_elements_0',
    'node/test_logsoftmax_axis_0_expanded',
    'node/test_logsoftmax_default_axis_expanded',
    'node/test_logsoftmax_negative_axis_expanded',
    'node/test_reduce_sum_default_axes_keepdims_random',
    'node/test_softmax_axis_0_expanded',
    'node/test_softmax_axis_1_expanded',
    'node/test_softmax_axis_2_expanded',
    'node/test_softmax_default_axis_expanded',
    'pytorch-operator/test_operator_convtranspose',
  ],
};
