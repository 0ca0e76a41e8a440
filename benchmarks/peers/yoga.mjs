// GraphQL Yoga on Node's own server, as its guide sets it up; RESPONSE_CACHE=1 adds Yoga's response cache plugin.
import { createServer } from 'node:http'
import { useResponseCache } from '@graphql-yoga/plugin-response-cache'
import { createSchema, createYoga } from 'graphql-yoga'
import { newLoaders } from './catalogue.mjs'
import { resolvers, typeDefs } from './schema.mjs'

const plugins = process.env.RESPONSE_CACHE ? [useResponseCache({ session: () => null, ttl: 600_000 })] : []
const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context: () => ({ loaders: newLoaders() }),
  graphiql: false,
  logging: 'error',
  plugins,
})
createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1')
