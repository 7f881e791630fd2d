export {
  AugmentedBatches,
  augmentSource,
  type AugmentedBatch,
  type AugmentOptions,
} from './augment/augmented-batches.ts';
export { augmentedSheet, type AugmentedSheetOptions } from './augment/augmented-sheet.ts';
export { Augmenter, sharedBuffers, type AugmentSource, type BatchBuffers } from './augment/augmenter.ts';
export { AugmentSpec, checkAugment, isIdle, mixesLabels, parseAugment } from './augment/spec.ts';
export { batches, type Batch, type BatchOptions } from './batches.ts';
export { contactSheet, type ContactSheetOptions } from './contact-sheet.ts';
export { loadDataset, loadNamedDataset, type Dataset } from './dataset.ts';
export { datasetNotes } from './dataset-notes.ts';
export { DatasetDescriptor } from './descriptor.ts';
export {
  AugmentError,
  BatchSizeError,
  DataChecksumError,
  DataFormatError,
  DataMissingError,
  DataUnavailableError,
  DescriptorError,
  FilesMissingError,
  ImageError,
  SplitError,
  UnknownDatasetError,
} from './errors.ts';
export { fetchDataset, type FetchEvent, type FetchOptions, type FetchReport } from './fetch.ts';
export { imageSize, type ImageSet } from './image-set.ts';
export { DatasetName, DisplayName } from './names.ts';
export { inverted, resized, withChannels } from './picture-size.ts';
export { encodePng, type Picture } from './png.ts';
export { readPng } from './png-reader.ts';
export { randomBits, randomStream, type RandomStream } from './random.ts';
export { DATASETS, resolveDescriptor } from './registry.ts';
export { splitDataset, type Split, type SplitName, type SplitOptions, type Splits } from './split.ts';
export { describeDataset, type DatasetStatistics } from './statistics.ts';
export { meanOf, viewed, viewsOf, ViewsSpec, type View } from './views.ts';
