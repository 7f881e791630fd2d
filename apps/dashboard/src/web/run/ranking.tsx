import './quality.css';
import type { Quality } from '../../api/quality.ts';
import { decimal } from '../shell/format.ts';
import { param, setParams } from '../shell/url.ts';
import { Choice } from '../shell/choice.tsx';
import { pathOf, UnitSquare } from './unit-square.tsx';

interface RankingProps {
  readonly quality: Quality;
  readonly classNames: readonly string[];
}

function ClassRow({
  name,
  at,
  quality,
  chosen,
}: {
  name: string;
  at: number;
  quality: Quality;
  chosen: boolean;
}) {
  const { rocArea, averagePrecision } = quality.perClass[at]!;
  return (
    <tr class={chosen ? 'marked' : ''}>
      <th scope="row">
        <button
          type="button"
          class="link"
          aria-pressed={chosen}
          onClick={() => setParams({ class: chosen ? null : String(at) })}
        >
          {name}
        </button>
      </th>
      <td class="number">{decimal(rocArea)}</td>
      <td class="number">{decimal(averagePrecision)}</td>
    </tr>
  );
}

function Averages({ quality: { macro, micro } }: { quality: Quality }) {
  return (
    <tfoot>
      {([['macro', macro], ['micro', micro]] as const).map(([name, areas]) => (
        <tr key={name}>
          <th scope="row">{name}</th>
          <td class="number">{decimal(areas.rocArea)}</td>
          <td class="number">{decimal(areas.averagePrecision)}</td>
        </tr>
      ))}
    </tfoot>
  ); // prettier-ignore
}

/** Each class against the rest: ROC or precision over recall, and the areas. */
export function RankingPanel({ quality, classNames }: RankingProps) {
  const isRoc = param('rank', 'pr') === 'roc';
  const typed = param('class');
  const chosen = typed === null ? null : Number(typed);
  const curves = quality.perClass.map((of) => (isRoc ? of.roc : of.precisionRecall));
  return (
    <section aria-labelledby="ranking">
      <header>
        <h2 id="ranking">Ranking</h2>
        <Choice
          name="rank"
          label="Curve"
          fallback="pr"
          options={[
            ['pr', 'precision–recall'],
            ['roc', 'ROC'],
          ]}
        />
      </header>
      {chosen !== null && quality.perClass[chosen] === undefined && (
        <p class="notice">There is no class {typed}.</p>
      )}
      <div class="square-with-text">
        <UnitSquare
          label={`${isRoc ? 'ROC' : 'Precision–recall'} curves of ${classNames.length} classes`}
          x={isRoc ? 'false positive rate' : 'recall'}
          y={isRoc ? 'true positive rate' : 'precision'}
          diagonal={isRoc}
        >
          {curves.map((points, at) => (
            <path
              key={at}
              class={`curve ${at === chosen ? 'chosen' : chosen === null ? '' : 'faint'}`}
              d={pathOf(points)}
            >
              <title>{classNames[at]}</title>
            </path>
          ))}
        </UnitSquare>
        <table class="ranking">
          <thead>
            <tr>
              <th scope="col">class</th>
              <th scope="col" class="number">
                ROC area
              </th>
              <th scope="col" class="number">
                avg. precision
              </th>
            </tr>
          </thead>
          <tbody>
            {classNames.map((name, at) => (
              <ClassRow key={name} name={name} at={at} quality={quality} chosen={at === chosen} />
            ))}
          </tbody>
          <Averages quality={quality} />
        </table>
      </div>
    </section>
  );
}
