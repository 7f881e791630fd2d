import { openRegistry, parseSpan, smokeCheckOf, type Registry, type Tracker } from '@atelier/tracker';
import { Hono } from 'hono';
import {
  HoldingsQuery,
  ModelName,
  PromoteRequest,
  RegisterRequest,
  RollBackRequest,
  type Holdings,
  type Models,
  type Verified,
} from '../../api/models.ts';
import { gatesOf, historyOf, modelOf, promoteVersion, toModel } from '../models.ts';
import { parsed } from '../request.ts';
import { writer } from '../writing.ts';

/** Everything under /api/models. @param gates folder of gate files, offered by their names. */
export function modelRoutes(tracker: Tracker, write: Tracker | undefined, gates: string | undefined) {
  // opened for each request: the registry is asked seldom, and a reader's connection sees what others wrote
  const reading = (): Registry => openRegistry({ home: tracker.home, readonly: true });
  const writing = (): Registry => openRegistry({ home: writer(write).home });
  return new Hono()
    .get('/', (context) => {
      using registry = reading();
      const models = registry.models().map((model) => toModel(registry, model));
      return context.json({ models } satisfies Models);
    })
    .get('/gates', (context) => {
      using registry = reading();
      return context.json(gatesOf(registry, gates));
    })
    .get('/verify', (context) => {
      using registry = reading();
      const { problems } = registry.verify();
      return context.json({
        events: registry.events().length,
        problems: problems.map(({ where, seq, what }) => ({ where, seq: seq ?? null, what })),
      } satisfies Verified);
    })
    .get('/:name', parsed('param', ModelName), (context) => {
      using registry = reading();
      return context.json(modelOf(registry, context.req.valid('param').name));
    })
    .get('/:name/history', parsed('param', ModelName), (context) => {
      using registry = reading();
      const { name } = modelOf(registry, context.req.valid('param').name);
      return context.json(historyOf(registry, name));
    })
    .get('/:name/holdings', parsed('param', ModelName), parsed('query', HoldingsQuery), (context) => {
      using registry = reading();
      const { name } = context.req.valid('param');
      const holdings = registry.holdings(parseSpan(context.req.valid('query').at), { model: name });
      return context.json({
        holdings: holdings.map(({ alias, atBeginning, atEnd }) => ({
          alias,
          atBeginning: atBeginning ?? null,
          atEnd: atEnd ?? null,
        })),
      } satisfies Holdings);
    })
    .post('/:name/versions', parsed('param', ModelName), parsed('json', RegisterRequest), (context) => {
      using registry = writing();
      const { run, by } = context.req.valid('json');
      const { version, created } = registry.register(run, { model: context.req.valid('param').name, by });
      return context.json({ version: version.version, created }, created ? 201 : 200);
    })
    .post('/:name/promote', parsed('param', ModelName), parsed('json', PromoteRequest), async (context) => {
      using registry = writing();
      const { name } = context.req.valid('param');
      return context.json(await promoteVersion(registry, gates, name, context.req.valid('json')));
    })
    .post('/:name/rollback', parsed('param', ModelName), parsed('json', RollBackRequest), async (context) => {
      using registry = writing();
      const { event, from } = await registry.rollBack({
        ...context.req.valid('json'),
        model: context.req.valid('param').name,
        smokeCheck: smokeCheckOf(registry.tracker),
      });
      return context.json({ version: event.version, from });
    });
}
