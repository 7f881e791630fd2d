import { DatasetDescriptor } from './descriptor.ts';

/** Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017): 70,000 grey 28 x 28 images of clothing. */
export const FASHION_MNIST = DatasetDescriptor.parse({
  name: 'fashion-mnist',
  title: 'Fashion-MNIST',
  format: 'idx',
  classes: [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ],
  image: { height: 28, width: 28, channels: 1 },
  files: {
    train: { images: 'train-images-idx3-ubyte', labels: 'train-labels-idx1-ubyte' },
    test: { images: 't10k-images-idx3-ubyte', labels: 't10k-labels-idx1-ubyte' },
  },
  // the files since 2017-08-31, when duplicates were removed
  sha256: {
    'train-images-idx3-ubyte': 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    'train-labels-idx1-ubyte': 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    't10k-images-idx3-ubyte': '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    't10k-labels-idx1-ubyte': '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
  },
  sources: {
    urls: [
      'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
      'https://storage.googleapis.com/tensorflow/tf-keras-datasets/',
    ],
    debianPackage: { name: 'dataset-fashion-mnist', folder: '/usr/share/datasets/fashion-mnist' },
  },
});
