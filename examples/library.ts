import {
  calibrate, codingOf, convertModel, engineNamed, evaluate, openDataset, prepare, preprocessingFor, verify,
} from 'ann2snn';

const model = await prepare('models/digits.onnx');
const images = await openDataset('calibration/digits-calibration.npz');
const preprocessing = preprocessingFor(images, { scale: 16 });
await verify(model, images, preprocessing);
const calibration = await calibrate(model, images, preprocessing);
const network = convertModel(model, calibration, codingOf('canonical'), { percentile: 99.99 });
const test = await openDataset('calibration/digits-test.npz');
const report = await evaluate(network, test, { engine: engineNamed('auto'), ann: model.file });
console.log(report.snn.accuracy, report.spikes.perNeuron, report.energy.ratio);
