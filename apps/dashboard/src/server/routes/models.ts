import { Hono } from 'hono';
import { HeldQuery, JudgeBody, ModelPath, PromoteBody, RollbackBody } from '../../api/models.ts';
import {
  heldOn,
  judgeVersion,
  listModels,
  modelDetail,
  promoteVersion,
  rollBackAlias,
  verify,
  type RegistryAccess,
} from '../registry.ts';
import { parsed } from '../request.ts';

/** Everything under /api/models. */
export function modelRoutes(access: RegistryAccess) {
  return new Hono()
    .get('/', (context) => context.json(listModels(access)))
    .get('/:name', parsed('param', ModelPath), (context) =>
      context.json(modelDetail(access, context.req.valid('param').name)),
    )
    .post('/:name/judge', parsed('param', ModelPath), parsed('json', JudgeBody), async (context) =>
      context.json(await judgeVersion(access, context.req.valid('param').name, context.req.valid('json'))),
    )
    .post('/:name/promote', parsed('param', ModelPath), parsed('json', PromoteBody), async (context) =>
      context.json(await promoteVersion(access, context.req.valid('param').name, context.req.valid('json'))),
    )
    .post('/:name/rollback', parsed('param', ModelPath), parsed('json', RollbackBody), async (context) =>
      context.json(await rollBackAlias(access, context.req.valid('param').name, context.req.valid('json'))),
    );
}

/** Everything under /api/registry: the history of all models. */
export function registryRoutes(access: RegistryAccess) {
  return new Hono()
    .get('/verify', async (context) => context.json(await verify(access)))
    .get('/held', parsed('query', HeldQuery), (context) => {
      const { model, on } = context.req.valid('query');
      return context.json(heldOn(access, model, on));
    });
}
