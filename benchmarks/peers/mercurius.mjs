// Mercurius on Fastify with jit. Its own `loaders` were slower here than dataloaders in ordinary resolvers, so it has
// those. RESPONSE_CACHE=1 keeps whole answers as text, in two Fastify hooks: mercurius-cache keeps single
// fields, which the entity cache does already.
import Fastify from 'fastify'
import { LRUCache } from 'lru-cache'
import mercurius from 'mercurius'
import { newLoaders } from './catalogue.mjs'
import { resolvers, typeDefs } from './schema.mjs'

const app = Fastify()

if (process.env.RESPONSE_CACHE) {
  const kept = new LRUCache({ maxSize: 64 * 2 ** 20, ttl: 600_000 })
  app.decorateRequest('key', null)
  app.addHook('preHandler', async (request, reply) => {
    const key = JSON.stringify(request.body)
    const text = kept.get(key)
    if (text !== undefined) return reply.type('application/json; charset=utf-8').send(text)
    request.key = key
  })
  app.addHook('onSend', async ({ key }, reply, text) => {
    if (key && reply.statusCode === 200 && !text.includes('"errors":')) kept.set(key, text, { size: text.length })
  })
}
app.register(mercurius, { schema: typeDefs, resolvers, context: () => ({ loaders: newLoaders() }), jit: 1 })
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
