import { setUp } from './setup.mjs';
import { atelier, elapsed, npm } from './shell.mjs';

const HELP = `npm run quickstart [-- options]

From a fresh clone to a trained, recorded, inspectable CNN: installs, gets Fashion-MNIST, trains the recipe
fashion-cnn, reports, records, and serves the dashboard.

Options
  --no-serve          end after training instead of serving the dashboard
  --port=N            the dashboard's port
  --no-tensorflow     where the native engine cannot be built, do not try tensorflow (a 270 MB download)
  any other flag      goes to train:run, for example --epochs=1 --engine=wasm --set optimizer.learningRate=0.002

Examples
  npm run quickstart
  npm run quickstart -- --no-serve --epochs=1
  npm run quickstart -- --engine=wasm --seed=7
`;

/** What the notebook gave; README.md says on what machine. Not trained again: it would double the time. */
const NOTEBOOK = `The same net by the notebook's recipe: 89.8 % after 5 epochs (mean of 8 seeds, 88.5 to 90.3 %), recorded earlier.
Train it yourself: npx atelier run --recipe=seed-cnn`;

/** Takes `flag` out of `args`; the value of `--flag=value`, true for the bare flag, undefined without it. */
function take(args, flag) {
  const i = args.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  if (i < 0) return undefined;
  const [found] = args.splice(i, 1);
  return found.includes('=') ? found.slice(flag.length + 1) : true;
}

function valueOf(args, flag) {
  const i = args.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  if (i < 0) return undefined;
  return args[i].includes('=') ? args[i].slice(flag.length + 1) : args[i + 1];
}

function step(title) {
  console.log(`\n== ${title}`);
}

async function installEngine(name) {
  const code = await atelier('engine', `install-${name}`);
  if (code === 130) process.exit(code);
  return code === 0;
}

/** Our native engine where a compiler is there, else TensorFlow's; without either, training goes on with what always works. */
async function getEngine(args) {
  const engine = valueOf(args, '--engine') ?? 'auto';
  const noTensorflow = take(args, '--no-tensorflow');
  if (!['auto', 'onednn', 'tensorflow'].includes(engine)) return;
  step('The fastest engine');
  if (engine !== 'tensorflow' && (await installEngine('onednn'))) return;
  if (engine === 'onednn' || noTensorflow) return;
  if (await installEngine('tensorflow')) return;
  console.log('Going on without it: training picks the fastest engine that opens.');
}

async function main() {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) return console.log(HELP);
  const noServe = take(args, '--no-serve');
  const port = take(args, '--port');
  const start = performance.now();

  step('Packages');
  await setUp();
  step('Data');
  const dataset = valueOf(args, '--dataset');
  const fetched = await atelier('data', 'fetch', ...(dataset ? [`--dataset=${dataset}`] : []));
  if (fetched !== 0) process.exit(fetched);
  await getEngine(args);
  const setUpTime = elapsed(start);

  step('Training');
  const trainStart = performance.now();
  const trained = await atelier('run', ...args);
  if (trained !== 0) process.exit(trained);
  console.log(`\nSet-up took ${setUpTime}, training and evaluation ${elapsed(trainStart)}.`);
  if (!valueOf(args, '--recipe') && !dataset) console.log(NOTEBOOK);

  if (noServe) {
    console.log('See the run: npx nx run dashboard:serve');
    return;
  }
  step('Dashboard');
  const built = await npm(['exec', '--', 'nx', 'run', 'dashboard:build', '--output-style=static']);
  if (built !== 0) process.exit(built);
  process.exitCode = await atelier('serve', ...(port ? [`--port=${port}`] : []));
}

main().catch((error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
