// The operators that mean today what they meant in opset 1: files of opset 1 to 5 are read if they have no others. What they
// had besides was consumed_inputs, which said where a result may lie in memory.

export const UNCHANGED_OPERATORS: ReadonlySet<string> = new Set([
  ...['Add', 'AveragePool', 'BatchNormalization', 'Clip', 'Concat', 'Constant', 'Conv', 'ConvTranspose'],
  ...['DepthToSpace', 'Div', 'Dropout', 'Flatten', 'Gemm', 'GlobalAveragePool', 'GlobalMaxPool', 'Identity'],
  ...[
    'LRN',
    'LogSoftmax',
    'MatMul',
    'MaxPool',
    'Mul',
    'ReduceMax',
    'ReduceMean',
    'ReduceSum',
    'Relu',
    'Softmax',
  ],
  ...['SpaceToDepth', 'Squeeze', 'Sub', 'Sum', 'Transpose', 'Unsqueeze'],
]);
