// Apollo Server as its guide sets it up; RESPONSE_CACHE=1 adds Apollo's own response cache plugin.
import { ApolloServer } from '@apollo/server'
import responseCache from '@apollo/server-plugin-response-cache'
import { ApolloServerPluginCacheControl } from '@apollo/server/plugin/cacheControl'
import { startStandaloneServer } from '@apollo/server/standalone'
import { newLoaders } from './catalogue.mjs'
import { resolvers, typeDefs } from './schema.mjs'

const plugins = process.env.RESPONSE_CACHE
  ? [ApolloServerPluginCacheControl({ defaultMaxAge: 600 }), responseCache()]
  : []
const server = new ApolloServer({ typeDefs, resolvers, plugins, cache: 'bounded', introspection: false })
await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: Number(process.env.PORT) },
  context: async () => ({ loaders: newLoaders() }),
})
